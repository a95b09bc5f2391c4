"""The end of a run: its verdict, and everything people and machines read of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from reports import cucumber, html, junit
from reports.housekeeping import KEPT_NO_GO, KEPT_RUNS, clean
from reports.run import load
from reports.verdict import Verdict, conclude


def publish(folder: Path) -> Verdict:
    """Judge the run and write `verdict.json`, `index.html`, `junit.xml` and `cucumber.json` into its folder."""
    verdict = conclude(folder)
    html.render(folder)
    run = load(folder)
    junit.write(run)
    cucumber.write(run)
    return verdict


def finish(folder: Path) -> tuple[Verdict, str]:
    """Publish the run, remove old ones, and return the lines that people see at the end of it."""
    verdict = publish(folder)
    return verdict, words(verdict, folder, clean())


def words(verdict: Verdict, folder: Path, removed: Sequence[Path] = ()) -> str:
    """The verdict, why, and where the report is."""
    lines = [f"{verdict.verdict.upper()}  {verdict.sentence}", f"report: {_short(folder / 'index.html')}"]
    if removed:
        rule = f"the last {KEPT_RUNS} stay, and every no-go of {KEPT_NO_GO.days} days"
        lines.append(f"removed {len(removed)} old runs: {', '.join(path.name for path in removed)} ({rule})")
    return "\n".join(lines)


def _short(path: Path) -> str:
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
