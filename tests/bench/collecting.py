"""What collecting costs beside importing: each side in fresh processes, in turn.

Both sides keep their byte code, as Python does unless it is told otherwise. They are compared by processor time, which
is the whole of theirs on an idle machine and disturbed least on a busy one.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable

COLLECTING = ["-m", "pytest", "--collect-only", "-q"]

NEEDED = (
    "pytest",
    "pytest_bdd.plugin",
    "pytest_playwright.pytest_playwright",
    "pytest_randomly",
    "xdist.plugin",
    "_hypothesis_pytestplugin",
    "hypothesis.stateful",
    "schemathesis.pytest.plugin",
    "schemathesis.pytest.lazy",
    "schemathesis.specs.openapi.schemas",
    "playwright.sync_api",
    "httpx",
    "pydantic",
    "cryptography.x509",
    "jsonpointer",
    "rich.progress",
    "trustme",
    "PIL.Image",
    "zxingcpp",
    "iso4217",
)
"""What pytest, its plugins and the tests cannot do without to know every test; what these import comes along."""

IMPORTING = ["-c", f"import {', '.join(NEEDED)}"]


def measure(rounds: int, tick: Callable[[], None]) -> tuple[list[float], list[float]]:
    """Seconds of collecting and of importing, by round. One round goes before, to warm the caches up."""
    times: tuple[list[float], list[float]] = ([], [])
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}
        for _ in range(rounds + 1):
            for side, arguments in zip(times, (COLLECTING, IMPORTING), strict=True):
                began = _processor_seconds()
                subprocess.run([sys.executable, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL)
                side.append(_processor_seconds() - began)
            tick()
    return times[0][1:], times[1][1:]


def _processor_seconds() -> float:
    """Of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
