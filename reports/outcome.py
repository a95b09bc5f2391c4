"""What became of a check: a finding, a fault, or not covered; and the words that tell it.

*failed* is a failed oracle and the only outcome that makes a *no-go*. *fault* (in the check) and *error* (in what it
stands on) say that the environment, the driver or the suite broke, so the check was not made.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

PASSED, FAILED, ERROR, SKIPPED, NOT_COVERED, FAULT = "passed", "failed", "error", "skipped", "not_covered", "fault"

ORDER = (FAILED, FAULT, ERROR, NOT_COVERED, SKIPPED, PASSED)
"""The gravest first: a test's outcome is the gravest of its phases and subtests."""

FINDINGS = {"AssertionError", "Failed", "FailureGroup"}  # Failed: pytest.fail; FailureGroup: schemathesis
FINDINGS_OF_A_DRIVER = {"OutOfReach"}
"""What only whoever operates a page comes upon, and is the page's own fault."""
SKIPS = {"Skipped", "SkipTest"}

OPERATORS = ("fixtures.targets", "fixtures.providers", "ashore_driver")
"""The modules that operate the target and never judge it: whatever breaks in them is a fault, an assertion too."""

MESSAGE_CHARACTERS = 6_000
TRACE_LINES = 24


def classify(error: BaseException, phase: str) -> str:
    """What `error` means in `phase` ("setup", "call", "teardown"). Classes are told by name, so none is imported."""
    names = {cls.__name__ for cls in type(error).__mro__}
    if names & FINDINGS_OF_A_DRIVER or (names & FINDINGS and not _in_an_operator(error)):
        return FAILED
    if isinstance(error, BaseExceptionGroup):
        return gravest(classify(inner, phase) for inner in error.exceptions)
    if "NotCovered" in names:
        return NOT_COVERED
    if names & SKIPS:
        return SKIPPED
    return FAULT if phase == "call" else ERROR


def _in_an_operator(error: BaseException) -> bool:
    """Whether it was raised in a driver, or in what a driver called. Drivers call no oracle, so one frame tells."""
    frames = (str(frame.f_globals.get("__name__", "")) for frame, _ in traceback.walk_tb(error.__traceback__))
    return any(name.startswith(OPERATORS) for name in frames)


def gravest(outcomes: Iterator[str] | list[str]) -> str:
    return min(outcomes, key=ORDER.index, default=PASSED)


def message(error: BaseException) -> str:
    """What the error says, its own words first; of a group, every member's."""
    if isinstance(error, BaseExceptionGroup):
        parts = [str(error.message), *(message(inner) for inner in error.exceptions)]
        return _bounded("\n".join(parts), MESSAGE_CHARACTERS)
    text = str(error)
    if not {cls.__name__ for cls in type(error).__mro__} & (
        FINDINGS | FINDINGS_OF_A_DRIVER | SKIPS | {"NotCovered", "TargetFault"}
    ):
        text = f"{type(error).__name__}: {text}" if text else repr(error)
    return _bounded(text or type(error).__name__, MESSAGE_CHARACTERS)


def example(error: BaseException) -> str:
    """The falsifying example that Hypothesis noted on the error, if any."""
    notes = [str(note) for note in getattr(error, "__notes__", ())]
    notes += [example(inner) for inner in getattr(error, "exceptions", ())]
    return _bounded("\n".join(filter(None, notes)), MESSAGE_CHARACTERS)


def trace(info: pytest.ExceptionInfo[BaseException], root: Path) -> str:
    """The short traceback: the lines of the project's own files, outermost first."""
    lines = []
    for entry in info.traceback:
        path = Path(entry.path)
        if path.is_relative_to(root) and ".venv" not in path.parts:
            statement = str(entry.statement).strip().splitlines() or [""]
            lines += [f"{path.relative_to(root)}:{entry.lineno + 1} in {entry.name}", f"    {statement[0]}"]
    return "\n".join(lines[-TRACE_LINES:])


def _bounded(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}\n… cut: {len(text)} characters in all"
