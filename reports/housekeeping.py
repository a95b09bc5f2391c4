"""Earlier runs: which ones stay, and which one never came to a verdict.

The last 20 stay, every *no-go* of the last 30 days, and folders that a person named. A run that is still being
written is never touched.
"""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reports.journal import alive, all_runs, unfinished

KEPT_RUNS = 20
KEPT_NO_GO = timedelta(days=30)

_RUN_ID = re.compile(r"(\d{8}-\d{6})-[0-9a-f]{6}")


def clean(now: datetime | None = None) -> list[Path]:
    """Remove the runs that the rule does not keep, and return their folders."""
    earliest = (now or datetime.now(UTC)) - KEPT_NO_GO
    own = [folder for folder in all_runs() if _RUN_ID.fullmatch(folder.name)]
    removed = [
        folder
        for folder in own[:-KEPT_RUNS]
        if not (_is_no_go(folder) and _began(folder) >= earliest) and not alive(folder)
    ]
    for folder in removed:
        shutil.rmtree(folder)
    return removed


def unfinished_words() -> str:
    """What to tell of earlier runs that ended without a verdict: SIGKILL prints nothing. Empty when there are none."""
    names = [folder.name for folder in unfinished()]
    if not names:
        return ""
    return (
        f"{len(names)} earlier run(s) ended without a verdict (killed?): {', '.join(names)}. "
        f"`python -m reports render {names[-1]}` renders what it saw, as incomplete."
    )


def _began(folder: Path) -> datetime:
    return datetime.strptime(folder.name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)


def _is_no_go(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / "verdict.json").read_text())["verdict"] == "no-go")
    except (OSError, ValueError, KeyError):
        return False  # it never came to a verdict
