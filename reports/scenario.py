"""What pytest-bdd tells of a scenario while it runs: its words, and what became of each step.

A pytest plugin of optional hooks: without pytest-bdd nothing calls them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import pytest

from reports.outcome import PASSED, classify

optional = pytest.hookimpl(optionalhook=True)


class ScenarioRecorder:
    """Holds the running scenario's record; `take` gives it and forgets it."""

    def __init__(self) -> None:
        self._record: dict[str, Any] | None = None
        self._steps: dict[int, dict[str, Any]] = {}
        self._began = 0.0

    def take(self) -> dict[str, Any] | None:
        """The scenario that ran since the last call, or None. A step that was not reached is "skipped"."""
        record, self._record = self._record, None
        return record

    @optional
    def pytest_bdd_before_scenario(self, request: pytest.FixtureRequest, feature: Any, scenario: Any) -> None:
        steps = [
            {
                "keyword": step.keyword,
                "text": step.name,
                "line": step.line_number,
                "table": _table(step.datatable),
                "docstring": step.docstring,
                "status": "skipped",
                "seconds": 0.0,
            }
            for step in scenario.steps
        ]
        self._steps = {id(step): shown for step, shown in zip(scenario.steps, steps, strict=True)}
        file = os.path.relpath(feature.filename, request.config.rootpath)
        self._record = {
            "feature": _words(feature) | {"file": file, "line": feature.line_number},
            "rule": _words(scenario.rule) if scenario.rule else None,
            **_words(scenario),
            "line": scenario.line_number,
            "steps": steps,
        }

    @optional
    def pytest_bdd_before_step(self) -> None:
        self._began = perf_counter()

    @optional
    def pytest_bdd_after_step(self, step: Any) -> None:
        self._ended(step, PASSED)

    @optional
    def pytest_bdd_step_error(self, step: Any, exception: BaseException) -> None:
        self._ended(step, classify(exception, "call"))

    @optional
    def pytest_bdd_step_func_lookup_error(self, step: Any) -> None:
        self._began = perf_counter()
        self._ended(step, "undefined")

    def _ended(self, step: Any, status: str) -> None:
        self._steps[id(step)].update(status=status, seconds=round(perf_counter() - self._began, 4))


def _words(part: Any) -> dict[str, Any]:
    return {
        "keyword": part.keyword,
        "name": part.name,
        "description": part.description or "",
        "tags": sorted(part.tags),
    }


def _table(table: Any) -> Sequence[Sequence[str]] | None:
    return [[cell.value for cell in row.cells] for row in table.rows] if table else None
