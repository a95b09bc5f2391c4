"""The end of a run: its verdict, and everything people and machines read of it."""

from __future__ import annotations

from pathlib import Path

from reports import html
from reports.verdict import Verdict, conclude


def publish(folder: Path) -> Verdict:
    """Judge the run and write `verdict.json`, `index.html`, `junit.xml` and `cucumber.json` into its folder."""
    verdict = conclude(folder)
    html.render(folder)
    return verdict


def words(verdict: Verdict, folder: Path) -> str:
    """The two or three lines a person sees at the end of a run."""
    report = folder / "index.html"
    shown = report.relative_to(Path.cwd()) if report.is_relative_to(Path.cwd()) else report
    return f"{verdict.verdict.upper()}  {verdict.sentence}\nreport: {shown}"
