"""What the templates show, computed from the run and its verdict."""

from __future__ import annotations

import base64
import io
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

from reports import charts, coverage
from reports.balances import BooksRow
from reports.findings import Finding, Unsettled
from reports.journal import Record
from reports.run import Run
from reports.verdict import Verdict
from reports.words import seconds, title

QUESTIONS = {
    "flows": "Can it be bought, paid and refunded?",
    "contract": "Does the interface keep its description?",
    "money": "Is every amount right?",
    "security": "Does it withstand an attacker?",
    "source": "Is its source free of known weaknesses?",
    "books": "Does its statement equal the ledger?",
}
SLOWEST = 15
PICTURE_WIDTH = 1280
PICTURES_BYTES = 12_000_000
"""All pictures of a report together; further ones are named, not shown."""


@dataclass(slots=True)
class FindingView:
    finding: Finding
    test: Record
    via: str
    pictures: list[tuple[str, str]]  # data URI or "", caption


def context(run: Run, verdict: Verdict) -> dict[str, Any]:
    """Everything the page shows, by the names its templates use."""
    records = {(test["session"], test["id"]): test for test in run.tests}
    budget = Album(run.folder)
    flows, matrix = coverage.providers(run.tests)
    slowest = sorted(((title(test), seconds(test)) for test in run.tests), key=lambda pair: -pair[1])[:SLOWEST]
    return {
        "verdict": verdict,
        "run": run,
        "questions": QUESTIONS,
        "findings": [
            FindingView(finding, test, via(run, test), budget.pictures(test))
            for finding in verdict.findings
            for test in [records.get((finding.session, finding.id), {})]
        ],
        "faults": [
            FindingView(_as_finding(fault), test, via(run, test), budget.pictures(test))
            for fault in verdict.faults
            for test in [records[(fault.session, fault.id)]]
        ],
        "features": features(run),
        "checks": checks(run),
        "uncovered": by_reason(verdict.not_covered),
        "balances": [list(rows) for _, rows in groupby(sorted(verdict.books, key=_currency), key=_currency)],
        "books_charts": [
            charts.books(list(rows)) for _, rows in groupby(sorted(verdict.books, key=_currency), key=_currency)
        ],
        "flows": flows,
        "matrix": matrix,
        "standards": coverage.standards(run.tests),
        "durations": charts.durations(slowest) if slowest else "",
        "unended": run.unended,
    }


def features(run: Run) -> list[dict[str, Any]]:
    """Scenarios by feature and rule, in the order of the files."""
    tests = [test for test in run.tests if test.get("scenario")]
    tests.sort(
        key=lambda test: (test["scenario"]["feature"]["file"], test["scenario"]["line"], test["id"], via(run, test))
    )
    found = []
    for _, group in groupby(tests, key=lambda test: test["scenario"]["feature"]["file"]):
        scenarios = list(group)
        found.append(
            {
                **scenarios[0]["scenario"]["feature"],
                "counts": Counter(test["outcome"] for test in scenarios),
                "rules": [
                    {"rule": next_[0]["scenario"]["rule"], "scenarios": [(test, via(run, test)) for test in next_]}
                    for _, rules in groupby(scenarios, key=lambda test: (test["scenario"]["rule"] or {}).get("name"))
                    for next_ in [list(rules)]
                ],
            }
        )
    return found


def checks(run: Run) -> dict[str, list[Record]]:
    """The checks that are not scenarios, by gate."""
    found: dict[str, list[Record]] = defaultdict(list)
    for test in sorted(run.tests, key=lambda test: (test["gate"], test["id"])):
        if not test.get("scenario"):
            found[test["gate"]].append(test)
    return dict(found)


def by_reason(unsettled: list[Unsettled]) -> dict[str, list[Unsettled]]:
    found: dict[str, list[Unsettled]] = defaultdict(list)
    for check in unsettled:
        found[check.reason].append(check)
    return dict(sorted(found.items()))


def via(run: Run, test: Record) -> str:
    """The channel a scenario was judged through, as its session was told: "web", "api" or ""; others have their own."""
    session = run.sessions.get(test.get("session", "")) if test.get("scenario") else None
    return str(session.record.get("options", {}).get("via") or "") if session is not None else ""


class Album:
    """Turns screenshots into data URIs, small ones, until the report's budget is spent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._left = PICTURES_BYTES

    def pictures(self, test: Record) -> list[tuple[str, str]]:
        return [(self._uri(self._folder / shot["path"]), shot["caption"]) for shot in test.get("screenshots", ())]

    def _uri(self, path: Path) -> str:
        """A WebP data URI; empty when the file is gone, is no picture, or the budget is spent."""
        try:
            with Image.open(path) as image:
                image.thumbnail((PICTURE_WIDTH, PICTURE_WIDTH * 3))
                small = io.BytesIO()
                image.convert("RGB").save(small, "WEBP", quality=82)
        except (OSError, UnidentifiedImageError, Image.DecompressionBombError):
            return ""
        data = base64.b64encode(small.getvalue()).decode()
        if len(data) > self._left:
            return ""
        self._left -= len(data)
        return f"data:image/webp;base64,{data}"


def _currency(row: BooksRow) -> str:
    return row.currency


def _as_finding(fault: Unsettled) -> Finding:
    return Finding(
        number=0,
        message=fault.reason,
        standards=[],
        severity="",
        where="",
        evidence=[],
        **fault.model_dump(exclude={"reason"}),
    )
