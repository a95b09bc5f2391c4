"""What is wrong, and what could not be told: the failed checks, the broken ones, and those not covered."""

from __future__ import annotations

from pydantic import BaseModel

from reports.balances import BooksRow
from reports.gates import GATES
from reports.journal import Record
from reports.outcome import FAILED
from reports.record import SEVERITIES
from reports.run import Run

BOOKS_RULE = "The target's statement equals the providers' ledger"


class Finding(BaseModel):
    """A failed check. `number` is its anchor in the report (`index.html#finding-1`); `evidence`: files of the run."""

    number: int
    id: str
    session: str
    gate: str
    rule: str
    message: str
    standards: list[str]
    severity: str
    where: str
    repeat: str
    evidence: list[str]


class Unsettled(BaseModel):
    """A check that was not made (`not_covered`), or that broke (`faults`), and why."""

    id: str
    session: str
    gate: str
    rule: str
    reason: str
    repeat: str = ""


def findings_of(run: Run, books: list[BooksRow]) -> list[Finding]:
    """What is wrong, the gravest first."""
    found = [_finding(test) for test in run.tests if test["outcome"] == FAILED]
    found += [_books_finding(run, row) for row in books if row.unbalanced]
    found.sort(key=lambda finding: (_rank(finding.severity), GATES.index(finding.gate) if finding.gate in GATES else 9))
    for number, finding in enumerate(found, 1):
        finding.number = number
    return found


def _finding(test: Record) -> Finding:
    return Finding(
        number=0,
        id=test["id"],
        session=test["session"],
        gate=test["gate"],
        rule=_rule(test),
        message=test.get("message", ""),
        standards=test["check"]["standards"],
        severity=test["check"]["severity"],
        where=where(test),
        repeat=test.get("repeat", ""),
        evidence=[picture["path"] for picture in test.get("screenshots", ())],
    )


def _books_finding(run: Run, row: BooksRow) -> Finding:
    return Finding(
        number=0,
        id=f"books:{row.provider}:{row.currency}",
        session="",
        gate="books",
        rule=BOOKS_RULE,
        message="\n".join([str(row), *(str(order.get("why", order)) for order in row.orders)]),
        standards=["CWE-682", "WSTG-BUSL-10"],
        severity="critical",
        where="",
        repeat=f".venv/bin/{run.command}" if run.command else "",
        evidence=[],
    )


def where(test: Record) -> str:
    """The feature's line for a scenario, else the test's."""
    scenario = test.get("scenario")
    return f"{scenario['feature']['file']}:{scenario['line']}" if scenario else f"{test['file']}:{test['line']}"


def _rule(test: Record) -> str:
    """The rule in words: the Gherkin Rule and scenario, else what the check declares."""
    scenario = test.get("scenario")
    if not scenario:
        return str(test["check"]["rule"])
    return ": ".join(part["name"] for part in (scenario.get("rule"), scenario) if part and part["name"])


def unsettled(test: Record) -> Unsettled:
    return Unsettled(
        id=test["id"],
        session=test["session"],
        gate=test["gate"],
        rule=_rule(test),
        reason=test.get("message", ""),
        repeat=test.get("repeat", ""),
    )


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
