"""The record of one test, put together while it runs."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from reports.outcome import FAILED, NOT_COVERED, PASSED, SKIPPED, classify, example, gravest, message, trace

GATE_OF_FOLDER = {"acceptance": "flows"}
"""The gate of a folder below tests/, where it is not called as the folder is."""

SEVERITIES = ("critical", "high", "medium", "low")
STANDARD = re.compile(r"[A-Z][A-Z0-9]+[-.: _]?.*\d")
"""What a tag looks like that is the id of a standard: CWE-345, WSTG-BUSL-10, API5:2023, PCI 6.2.4."""

OUTPUT_CHARACTERS = 6_000
OPERAND_CHARACTERS = 600


def gate_of(item: pytest.Item) -> str:
    """The gate that the test counts for: as its check declares, else by its folder below tests/."""
    mark = item.get_closest_marker("check")
    if mark is not None and mark.kwargs.get("gate"):
        return str(mark.kwargs["gate"])
    folder = folder_below_tests(item.path)
    return GATE_OF_FOLDER.get(folder, folder) or "other"


def folder_below_tests(path: Path) -> str:
    """`security` of tests/security/test_access.py: what decides a test's gate, and the stage the guard judges by."""
    folders = path.parts[:-1]
    below = folders[folders.index("tests") + 1 :] if "tests" in folders else ()
    return below[0] if below else ""


def declared(item: pytest.Item) -> dict[str, Any]:
    """What the test says it proves: its `check` marker, else its tags and its name."""
    names = [mark.name for mark in item.iter_markers()]
    fields: dict[str, Any] = {}
    for mark in item.iter_markers("check"):  # the closest first
        fields = {**mark.kwargs, **fields}
    words = (getattr(getattr(item, "obj", None), "__doc__", None) or "").strip().splitlines()
    name = getattr(item, "originalname", None) or item.name
    severity = next((name for name in names if name in SEVERITIES), "high")
    return {
        "rule": fields.get("rule") or (words[0] if words else name.removeprefix("test_").replace("_", " ")),
        "standards": list(fields.get("standards") or [name for name in names if STANDARD.fullmatch(name)]),
        "severity": fields.get("severity") or severity,
    }


class Running:
    """A test that is running; `phase` is told each report of it, subtests included."""

    def __init__(self, item: pytest.Item) -> None:
        self._item = item
        self._outcomes: list[str] = []
        self._seconds: dict[str, float] = {}
        self._output = ""
        self._comparison: tuple[str, str, str] | None = None
        self._failure: dict[str, Any] = {}
        self.messages: list[str] = []

    def phase(self, report: pytest.TestReport, call: pytest.CallInfo[None]) -> str:
        """Take in the report of a phase, and return its outcome."""
        self._seconds[call.when] = round(call.duration, 4)
        if call.excinfo is not None and not hasattr(report, "wasxfail"):
            outcome = classify(call.excinfo.value, call.when)
            self._tell(outcome, call.excinfo)
        elif report.failed:  # a strict xfail that passed
            outcome = FAILED
            self.messages.append(report.longreprtext)
        else:
            outcome = SKIPPED if report.skipped else PASSED
        self._outcomes.append(outcome)
        if outcome not in (PASSED, SKIPPED, NOT_COVERED):
            self._output = "\n".join(f"{title}\n{text}" for title, text in report.sections)[-OUTPUT_CHARACTERS:]
        return outcome

    def compared(self, op: str, left: object, right: object) -> None:
        """Remember the last comparison that an `assert` saw fail: what was seen, and what was expected."""
        self._comparison = (op, _shown(left), _shown(right))

    def record(self, scenario: dict[str, Any] | None, evidence: dict[str, Any], command: str) -> dict[str, Any]:
        """The fields of the test's record. A test that passed keeps its steps and counts only."""
        outcome = gravest(self._outcomes)
        file = os.path.relpath(self._item.path, self._item.config.rootpath)
        path, line, _ = self._item.location
        check = declared(self._item)
        if scenario:
            check["rule"] = scenario["name"]
        fields = {
            "id": self._item.nodeid,
            "name": self._item.name,
            "gate": gate_of(self._item),
            "file": file,
            "line": (line or 0) + 1 if path == file else 1,  # a scenario's function is pytest-bdd's own
            "outcome": outcome,
            "seconds": self._seconds,
            "check": check,
            "tags": sorted({mark.name for mark in self._item.iter_markers()} - {"check", "parametrize", "usefixtures"}),
            "scenario": scenario,
            "exchanges_sent": evidence["exchanges_sent"],
        }
        if outcome == PASSED:
            return fields
        fields["message"] = "\n".join(dict.fromkeys(self.messages))
        if outcome in (SKIPPED, NOT_COVERED):
            return fields
        return {**fields, **self._failure, **evidence, "output": self._output, "repeat": command}

    def _tell(self, outcome: str, info: pytest.ExceptionInfo[BaseException]) -> None:
        error = info.value
        self.messages.append(message(error))
        if self._failure or outcome in (SKIPPED, NOT_COVERED):
            return  # the first failure is the one to look at
        self._failure = {
            "trace": trace(info, self._item.config.rootpath),
            "example": example(error),
            "error": type(error).__name__,
        }
        if self._comparison and f" {self._comparison[0]} " in self.messages[-1]:
            op, seen, expected = self._comparison
            self._failure["comparison"] = {"op": op, "seen": seen, "expected": expected}


def _shown(value: object) -> str:
    """A value as a person reads it: `CNY 38.81`, `paid, refunded`, `nothing`; a string in its quotes."""
    return _words(value)[:OPERAND_CHARACTERS]


def _words(value: object) -> str:
    if value is None or value in ((), [], {}, set(), frozenset()):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{_words(key)}: {_words(item)}" for key, item in value.items())
    if isinstance(value, list | tuple | set | frozenset) and type(value).__str__ is object.__str__:
        return ", ".join(map(_words, value))
    own = isinstance(value, Enum) or type(value).__str__ not in (object.__str__, str.__str__)
    return str(value) if own else repr(value)
