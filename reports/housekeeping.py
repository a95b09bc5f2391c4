"""Which old runs stay: the last 20, every *no-go* of the last 30 days, and folders that a person named.

A run that is still being written is never touched.
"""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reports.journal import alive, all_runs

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


def _began(folder: Path) -> datetime:
    return datetime.strptime(folder.name[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)


def _is_no_go(folder: Path) -> bool:
    try:
        return bool(json.loads((folder / "verdict.json").read_text())["verdict"] == "no-go")
    except (OSError, ValueError, KeyError):
        return False  # it never came to a verdict
