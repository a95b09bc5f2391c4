"""A run as its journal tells it: the records of all processes, put in order."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from reports import journal
from reports.journal import Record
from reports.outcome import ORDER


@dataclass(slots=True)
class Session:
    """One pytest session: what it planned, and how it ended (`exit` None: it never did)."""

    id: str
    record: Record
    planned: dict[str, str] = field(default_factory=dict)  # node id: gate
    exit: int | None = None

    @property
    def name(self) -> str:
        return str(self.record.get("name", self.id))


@dataclass(slots=True)
class Run:
    """All that a report says is computed from this. Several `run` records: merged from several machines."""

    folder: Path
    runs: list[Record]
    sessions: dict[str, Session]
    tests: list[Record]
    faults: list[Record]
    targets: list[Record]
    books: list[Record]
    started: datetime | None
    ended: datetime | None

    @property
    def id(self) -> str:
        return self.folder.resolve().name

    @property
    def command(self) -> str:
        """The command that began the run; of several merged, the first's."""
        return shlex.join(self.runs[0].get("command", ())) if self.runs else ""

    @property
    def narrowed(self) -> bool:
        return any(run.get("narrowed") for run in self.runs)

    @property
    def seconds(self) -> float:
        return (self.ended - self.started).total_seconds() if self.started and self.ended else 0.0

    def tests_of(self, session: Session) -> list[Record]:
        return [test for test in self.tests if test["session"] == session.id]

    @property
    def missing_sessions(self) -> list[str]:
        """The names of sessions that were planned and never began."""
        planned = Counter(name for run in self.runs for name in run.get("sessions", ()))
        return sorted((planned - Counter(session.name for session in self.sessions.values())).elements())

    @property
    def unended(self) -> list[tuple[Session, str, str]]:
        """Planned tests that have no end: session, node id, gate."""
        ended = {(test["session"], test["id"]) for test in self.tests}
        return [
            (session, id, gate)
            for session in self.sessions.values()
            for id, gate in session.planned.items()
            if (session.id, id) not in ended
        ]


def load(folder: Path) -> Run:
    """Read the journal of the run in `folder`."""
    kinds: dict[str, list[Record]] = {}
    times = []
    for record in journal.read(folder):
        kinds.setdefault(record["kind"], []).append(record)
        times.append(record["at"])
    sessions = {record["id"]: Session(record["id"], record) for record in kinds.get("session", ())}
    for record in kinds.get("collected", ()):
        if record["session"] in sessions:
            sessions[record["session"]].planned.update(record["tests"])
    for record in kinds.get("finish", ()):
        if record["session"] in sessions:
            sessions[record["session"]].exit = record["exit"]
    return Run(
        folder=folder,
        runs=kinds.get("run", []),
        sessions=sessions,
        tests=_tests(kinds.get("test", [])),
        faults=kinds.get("fault", []),
        targets=kinds.get("target", []),
        books=_books(kinds.get("books", [])),
        started=datetime.fromisoformat(min(times)) if times else None,
        ended=datetime.fromisoformat(max(times)) if times else None,
    )


def _tests(records: Iterable[Record]) -> list[Record]:
    """One record a test and session, the gravest if a crashed worker made it run twice; in the order they ended."""
    found: dict[tuple[str, str], Record] = {}
    for record in sorted(records, key=lambda record: record["at"]):
        key = (record["session"], record["id"])
        if key not in found or ORDER.index(record["outcome"]) < ORDER.index(found[key]["outcome"]):
            found[key] = record
    return list(found.values())


def _books(records: Iterable[Record]) -> list[Record]:
    """The last books of each environment; those of single scenarios are evidence of their tests."""
    whole = [record for record in sorted(records, key=lambda record: record["at"]) if record.get("scope") == "run"]
    return list({record.get("environment") or record["session"]: record for record in whole}.values())
