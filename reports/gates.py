"""The gates: the conditions of going live, each judged from its checks."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from pydantic import BaseModel

from reports.balances import BooksRow
from reports.outcome import ERROR, FAILED, FAULT, NOT_COVERED, PASSED, SKIPPED
from reports.run import Run
from reports.words import checks, money

GATES = ("flows", "contract", "money", "security", "source", "books")
"""In the order they are told."""


class State(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    INCOMPLETE = "incomplete"
    NOT_RUN = "not run"


class Gate(BaseModel):
    """One condition of going live. `reasons`: what fails; `open`: what keeps it from being judged in full.
    `counts`: checks by outcome; `planned`: those that were to run."""

    name: str
    state: State
    required: bool
    reasons: list[str]
    open: list[str]
    counts: dict[str, int]
    planned: int
    seconds: float


def judged(run: Run, books: list[BooksRow]) -> list[Gate]:
    """Every gate of the run: the six, and any other that checks were made for. Required are those the run names."""
    required = {gate for record in run.runs for gate in record.get("gates") or GATES} or set(GATES)
    return [
        _books_gate(run, books, required) if name == "books" else _gate(run, name, required) for name in _names(run)
    ]


def _names(run: Run) -> list[str]:
    """The six gates, and any other that checks were made for."""
    seen = {test["gate"] for test in run.tests} | {gate for s in run.sessions.values() for gate in s.planned.values()}
    return [*GATES, *sorted(seen - set(GATES))]


def _gate(run: Run, name: str, required: set[str]) -> Gate:
    tests = [test for test in run.tests if test["gate"] == name]
    counts = Counter(test["outcome"] for test in tests)
    unended = sum(gate == name for _, _, gate in run.unended)
    planned, broken = len(tests) + unended, counts[FAULT] + counts[ERROR]
    reasons = [f"{counts[FAILED]} of {checks(planned)} failed"] if counts[FAILED] else []
    left = [f"{checks(broken)} broke before the end"] if broken else []
    left += [f"{checks(counts[SKIPPED])} skipped"] if counts[SKIPPED] else []
    left += [f"{checks(unended)} planned and never ended"] if unended else []
    if reasons:
        state = State.FAILED
    elif left:
        state = State.INCOMPLETE
    elif counts[PASSED]:
        state = State.PASSED
    else:
        state, left = State.NOT_RUN, ["nothing of it is covered" if counts[NOT_COVERED] else "no check of it ran"]
    return Gate(
        name=name,
        state=state,
        required=name in required,
        reasons=reasons,
        open=left,
        counts=dict(counts),
        planned=planned,
        seconds=round(sum(sum(test["seconds"].values()) for test in tests), 3),
    )


def _books_gate(run: Run, rows: list[BooksRow], required: set[str]) -> Gate:
    """The last word on money: the run's own books, and any test that counts for this gate."""
    gate = _gate(run, "books", required)
    off = [row for row in rows if row.unbalanced]
    gate.reasons += [f"{row.provider}: {money(row.difference, row.currency)} apart" for row in off]
    if gate.state is State.NOT_RUN:
        gate.state, gate.open = State.PASSED, []
    if not rows and run.narrowed:
        gate.state = State.NOT_RUN  # a selection that moves no money proves what it selects
    elif not rows:
        gate.state = State.INCOMPLETE if run.books else State.NOT_RUN
        gate.open.append(_why_no_rows(run))
    elif missing := _without_books(run):
        gate.state = State.INCOMPLETE
        gate.open += [f"those of the session {name} were not drawn up" for name in missing]
    if gate.reasons:
        gate.state = State.FAILED
    return gate


def _without_books(run: Run) -> list[str]:
    """The sessions that made checks, and whose books nobody drew up: each may have had a target of its own."""
    drawn = {record.get("session") for record in run.books if record.get("scope") == "run"}
    return (
        [] if run.narrowed else [each.name for each in run.sessions.values() if each.planned and each.id not in drawn]
    )


def _why_no_rows(run: Run) -> str:
    uncovered = next((str(record["not_covered"]) for record in run.books if record.get("not_covered")), "")
    return uncovered or ("no money moved, so they prove nothing" if run.books else "they were not drawn up")
