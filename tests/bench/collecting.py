"""What collecting costs beside importing: each side in fresh processes, in turn."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from time import perf_counter

COLLECTING = ["-m", "pytest", "--collect-only", "-q"]

NEEDED = (
    "pytest",
    "pytest_bdd",
    "pytest_playwright",
    "pytest_randomly",
    "xdist.plugin",
    "hypothesis.stateful",
    "schemathesis.openapi",
    "schemathesis.pytest.plugin",
    "playwright.sync_api",
    "httpx",
    "pydantic",
    "rich.progress",
    "trustme",
    "PIL.Image",
    "zxingcpp",
    "iso4217",
)
"""The packages that the plugins and the tests name in their imports."""

IMPORTING = ["-c", f"import {', '.join(NEEDED)}"]


def measure(rounds: int, tick: Callable[[], None]) -> tuple[list[float], list[float]]:
    """Seconds of collecting and of importing, by round. One round goes before, to warm the caches up."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for side, arguments in zip(times, (COLLECTING, IMPORTING), strict=True):
            began = perf_counter()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            side.append(perf_counter() - began)
        tick()
    return times[0][1:], times[1][1:]
