"""The journal: what a run saw, written as it happens, so that a killed run still reports.

    reports/runs/<run id>/journal/<process>.ndjson     one JSON object a line, each with `kind` and `at` (UTC, ISO 8601)
    reports/runs/<run id>/evidence/                    screenshots, traces

A process that finds ASHORE_RUN in its environment joins that run and appends to a part of its own. A line is one
`os.write`, so a finished line survives SIGKILL; a torn last line is skipped on reading. Everything is redacted on the
way in (`reports.redaction`), but node ids, which a person needs to repeat a test.

Kinds of record and their fields:

run        id, command, narrowed, sessions (the names planned), gates (the required ones), versions, host
session    id, name, target, via, seed, options
collected  tests {node id: gate}
test       id, name, gate, outcome, durations, check, tags, scenario, message, trace, evidence… (`reports.plugin`)
fault      message: something outside any test broke; the verdict becomes *incomplete*
target     free: name, version, address, …; shown in the report
books      scope ("run"|"scenario"), rows, foreign, environment (books of one environment replace each other)
finish     the session's exit status
"""

from __future__ import annotations

import fcntl
import json
import os
import platform
import secrets
import shutil
import threading
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from reports.evidence import evidence
from reports.redaction import redact

__all__ = ["Journal", "JournalError", "Record", "current", "evidence", "join", "merge", "read", "start", "unfinished"]

Record = dict[str, Any]

RUN_VARIABLE = "ASHORE_RUN"
SESSION_VARIABLE = "ASHORE_SESSION"
"""Environment: the name of this session in a run that a runner sequences."""

RUNS_VARIABLE = "ASHORE_RUNS"
"""Environment: the folder that holds the runs, when it is not `reports/runs`."""

_NEVER_REDACTED = ("id", "tests")


class JournalError(Exception):
    """The run's folder cannot be written or is not a run; the message says which and what to do."""


class Journal:
    """This process's part of a run's journal. Its file stays locked for as long as the process lives."""

    def __init__(self, folder: Path) -> None:
        """Join the run in `folder`. Raises JournalError when it cannot be written."""
        self.folder = folder
        self.session: str | None = None
        parts = folder / "journal"
        try:
            parts.mkdir(parents=True, exist_ok=True)
            path = parts / f"{os.getpid()}-{secrets.token_hex(3)}.ndjson"
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise JournalError(_unwritable(folder, error)) from None
        fcntl.flock(self._file, fcntl.LOCK_SH)
        self._lock = threading.Lock()
        self._process = os.getpid()

    def write(self, kind: str, **fields: Any) -> None:
        """Append one record, redacted."""
        shown = {name: value if name in _NEVER_REDACTED else redact(value, name) for name, value in fields.items()}
        record = {"kind": kind, "at": now(), "session": self.session, **shown}
        line = json.dumps(record, ensure_ascii=False, default=str, separators=(",", ":")) + "\n"
        data = line.encode(errors="replace")
        with self._lock:
            while data:  # a full disk or a signal may split a write
                data = data[os.write(self._file, data) :]

    def evidence_file(self, suffix: str) -> Path:
        """A fresh path for a file of evidence; `suffix` as in ".png"."""
        folder = self.folder / "evidence"
        folder.mkdir(exist_ok=True)
        return folder / f"{secrets.token_hex(6)}{suffix}"

    def close(self) -> None:
        os.close(self._file)


_current: Journal | None = None


def start(
    *,
    command: Sequence[str],
    narrowed: bool = False,
    sessions: Sequence[str] = (),
    gates: Sequence[str] = (),
) -> Journal:
    """Begin a run and make it the one that this process and its children write to.

    `narrowed`: only a selection of the checks will run, so the verdict is never *go*. `sessions`: the names of the
    pytest sessions that are to follow (ASHORE_SESSION names each). `gates`: the required ones, when not all are.
    Raises JournalError when the folder cannot be written.
    """
    run = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
    journal = join(runs() / run)
    os.environ[RUN_VARIABLE] = str(journal.folder)
    journal.write(
        "run",
        id=run,
        command=list(command),
        narrowed=narrowed,
        sessions=list(sessions),
        gates=list(gates),
        versions=_versions(),
        host=platform.platform(),
    )
    return journal


def _versions() -> dict[str, str]:
    """The versions that a reader of a report may ask for."""
    names = ("ashore", "pytest", "pytest-bdd", "playwright", "hypothesis", "schemathesis")
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except ModuleNotFoundError:
            continue
    return found


def join(folder: Path) -> Journal:
    """Make the run in `folder` the one that this process writes to."""
    global _current  # noqa: PLW0603 - one process, one journal
    _current = Journal(folder.absolute())
    return _current


def current() -> Journal | None:
    """The journal of this process: joined already, or named by ASHORE_RUN, or None."""
    if _current is not None and _current._process == os.getpid():
        return _current
    named = os.environ.get(RUN_VARIABLE)
    return join(Path(named)) if named else None


def write(kind: str, **fields: Any) -> None:
    """Append a record to this process's journal; without a run, nothing happens."""
    journal = current()
    if journal is not None:
        journal.write(kind, **fields)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def runs() -> Path:
    """The folder that holds the runs."""
    return Path(os.environ.get(RUNS_VARIABLE) or Path(__file__).parent / "runs")


def find(run: str | None = None) -> Path:
    """The folder of a run: by path, by id, or the latest. Raises JournalError when there is none."""
    if run is None:
        found = all_runs()
        if not found:
            raise JournalError(f"there is no run in {runs()}; `make accept` makes one")
        return found[-1]
    for folder in (Path(run), runs() / run):
        if (folder / "journal").is_dir():
            return folder
    known = ", ".join(folder.name for folder in all_runs()[-3:]) or "none"
    raise JournalError(f"{run} is not a run (no journal folder in it); the latest in {runs()}: {known}")


def all_runs() -> list[Path]:
    """The folders of all runs, oldest first."""
    return sorted(journal.parent for journal in runs().glob("*/journal"))


def read(folder: Path) -> Iterator[Record]:
    """Every record of the run, part by part, each part in its order. Lines that are torn are skipped."""
    for part in sorted((folder / "journal").glob("*.ndjson")):
        for line in part.read_bytes().splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue  # the last line of a killed process
            if isinstance(record, dict) and "kind" in record and "at" in record:
                yield record


def merge(folders: Iterable[Path], into: Path) -> Path:
    """Bring runs of several machines together in the new folder `into`; their verdict and report are made afresh."""
    if into.exists() and any(into.iterdir()):
        raise JournalError(f"{into} is not empty; name a new folder for the merged run")
    try:
        for number, folder in enumerate(folders):
            for part in (folder / "journal").glob("*.ndjson"):
                (into / "journal").mkdir(parents=True, exist_ok=True)
                shutil.copyfile(part, into / "journal" / f"{number}-{part.name}")
            if (folder / "evidence").is_dir():
                shutil.copytree(folder / "evidence", into / "evidence", dirs_exist_ok=True)
    except OSError as error:
        raise JournalError(_unwritable(into, error)) from None
    return into


def alive(folder: Path) -> bool:
    """Whether a process that writes to the run still lives: it holds a lock on its part."""
    for part in (folder / "journal").glob("*.ndjson"):
        with part.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
    return False


def unfinished() -> list[Path]:
    """Runs that ended without a verdict, as after SIGKILL; oldest first. `python -m reports render` gives them one."""
    return [folder for folder in all_runs() if not (folder / "verdict.json").exists() and not alive(folder)]


def _unwritable(folder: Path, error: OSError) -> str:
    return (
        f"cannot write the run's folder {folder}: {error.strerror or error}. "
        f"Make it writable, or name another place with {RUNS_VARIABLE}=FOLDER"
    )
