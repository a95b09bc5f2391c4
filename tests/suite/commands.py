"""The suite's commands as a person at a terminal gives them: what they say, how they end, what they leave running."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TAG = "ASHORE_SUITE_TAG"

PYTEST = (sys.executable, "-m", "pytest")
RUNNER = (sys.executable, "-m", "tests")
TARGETS = (sys.executable, "-u", "-m", "fixtures.targets")
REPORTS = (sys.executable, "-m", "reports")


def clean_environment(**own: str) -> dict[str, str]:
    """The environment without what this process and its workers were told, and with `own`."""
    inherited = ("ASHORE_", "PYTEST_", "COV_")
    return {name: value for name, value in os.environ.items() if not name.startswith(inherited)} | own


class Command:
    """One command at work, in a process group of its own as a shell would start it."""

    def __init__(self, folder: Path, *words: str, **environment: str) -> None:
        """`folder` takes its runs, in `runs`, and its output."""
        self.runs = folder / "runs"
        self.tag = secrets.token_hex(8)
        self._output = folder / f"output-{self.tag}"
        own = {"ASHORE_RUNS": str(self.runs), TAG: self.tag, "PYTHONUNBUFFERED": "1"}
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                words,
                cwd=ROOT,
                env=clean_environment(**own, **environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._output.read_text("utf-8", "replace")

    def ends(self, seconds: float = 60) -> int:
        """Its exit status."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise AssertionError(f"it did not end in {seconds} s; it said:\n{self.output}") from None

    def reaches(self, condition: Callable[[], object], seconds: float = 60) -> None:
        """Wait until the condition holds while it is at work."""
        deadline = time.monotonic() + seconds
        while not condition():
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = self.process.wait(0.05)
                raise AssertionError(f"it ended with {status} before that; it said:\n{self.output}")
            assert time.monotonic() < deadline, f"not reached in {seconds} s; it said:\n{self.output}"

    def interrupt(self, *, group: bool) -> None:
        """Ctrl-C, as a terminal sends it to the whole group, or SIGINT for this process alone."""
        (os.killpg if group else os.kill)(self.process.pid, signal.SIGINT)

    def kill(self, *, group: bool) -> None:
        (os.killpg if group else os.kill)(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def family(self) -> dict[int, str]:
        """Everything that runs because of it, by process id: its descendants carry its environment."""
        mark = f"{TAG}={self.tag}".encode()
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                if mark in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return {number: line for number, line in found.items() if line}  # a zombie has no command line

    def runs_a(self, *names: str) -> bool:
        """Whether its family has a process of each name."""
        lines = self.family().values()
        return all(any(name in line for line in lines) for name in names)

    def leaves_nothing(self, seconds: float = 30) -> None:
        """Wait until its family is gone."""
        deadline = time.monotonic() + seconds
        while left := self.family():
            assert time.monotonic() < deadline, f"left running after {seconds} s: {left}"
            with contextlib.suppress(ProcessLookupError), os.fdopen(os.pidfd_open(min(left)), "rb") as process:
                select.select([process], [], [], 1)

    def has_judged(self) -> bool:
        """Whether a check has ended."""
        return any(b'"kind":"test"' in part.read_bytes() for part in self.runs.glob("*/journal/*.ndjson"))

    @property
    def verdict(self) -> dict[str, Any]:
        """The verdict of its only run."""
        [folder] = self.runs.iterdir()
        found: dict[str, Any] = json.loads((folder / "verdict.json").read_text())
        return found
