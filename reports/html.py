"""The report for people."""

from __future__ import annotations

from pathlib import Path


def render(folder: Path) -> Path:
    return folder / "index.html"
