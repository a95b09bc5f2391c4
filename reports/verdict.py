"""The verdict: may this payment system go live? Computed from the journal, and written to `verdict.json`.

`verdict.json` is the dump of `Verdict` below; its fields are the schema. Exit status: 0 *go* or *selection passed*,
1 *no-go* or *selection failed*, 10 *incomplete*. A failed oracle is no-go, whatever else happened; a fault of the
environment or the driver, a planned check that never ended, a required gate that was not run, are *incomplete*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from reports.journal import Record
from reports.outcome import ERROR, FAILED, FAULT, NOT_COVERED, PASSED
from reports.record import SEVERITIES
from reports.run import Run, load
from reports.words import money

GATES = ("flows", "contract", "money", "security", "source", "books")
"""The conditions of going live, in the order they are told."""

BOOKS_RULE = "The target's statement equals the providers' ledger"
EXITS = {"go": 0, "selection passed": 0, "no-go": 1, "selection failed": 1, "incomplete": 10}
SESSION_EXITS = {
    2: "was interrupted",
    3: "had an internal error",
    4: "was started wrongly",
    5: "found no check to make",
}


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


class BooksRow(BaseModel):
    """The books of one provider and currency, in minor units; `orders` are the references that do not agree."""

    provider: str
    currency: str
    ledger_payments: int
    ledger_refunds: int
    statement_payments: int
    statement_refunds: int
    difference: int
    orders: list[dict[str, Any]]


class Verdict(BaseModel):
    """What `verdict.json` holds. `verdict` is a key of EXITS; `counts` are checks by outcome, over all gates."""

    verdict: str
    exit_status: int
    sentence: str
    narrowed: bool
    gates: list[Gate]
    findings: list[Finding]
    faults: list[Unsettled]
    not_covered: list[Unsettled]
    reasons: list[str]
    counts: dict[str, int]
    books: list[BooksRow]
    foreign: list[dict[str, Any]]
    run: dict[str, Any]


def conclude(folder: Path) -> Verdict:
    """Judge the run in `folder` and write its `verdict.json`."""
    verdict = judge(load(folder))
    (folder / "verdict.json").write_text(verdict.model_dump_json(indent=2) + "\n")
    return verdict


def judge(run: Run) -> Verdict:
    """The verdict of a run, as far as its journal tells."""
    books = _books(run)
    required = {gate for record in run.runs for gate in record.get("gates") or GATES} or set(GATES)
    gates = [
        _books_gate(run, books, required) if name == "books" else _gate(run, name, required) for name in _names(run)
    ]
    findings = _findings(run, books)
    reasons = list(_reasons(run, gates))
    counts = Counter(test["outcome"] for test in run.tests)
    word = _word(run.narrowed, findings, reasons)
    return Verdict(
        verdict=word,
        exit_status=EXITS[word],
        sentence=_sentence(word, findings, reasons, counts),
        narrowed=run.narrowed,
        gates=gates,
        findings=findings,
        faults=[_unsettled(test) for test in run.tests if test["outcome"] in (FAULT, ERROR)],
        not_covered=[_unsettled(test) for test in run.tests if test["outcome"] == NOT_COVERED],
        reasons=reasons,
        counts=dict(counts),
        books=books,
        foreign=[entry for record in run.books for entry in record.get("foreign") or ()],
        run=_metadata(run),
    )


def _word(narrowed: bool, findings: list[Finding], reasons: list[str]) -> str:
    if findings:
        return "selection failed" if narrowed else "no-go"
    if reasons:
        return "incomplete"
    return "selection passed" if narrowed else "go"


def _sentence(word: str, findings: list[Finding], reasons: list[str], counts: Counter[str]) -> str:
    passed = f"{_checks(counts[PASSED])} passed"
    if findings:
        broken = "rule is" if len({finding.rule for finding in findings}) == 1 else "rules are"
        return f"{len({finding.rule for finding in findings})} {broken} violated, first of all: {findings[0].rule}"
    if reasons:
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        return f"It cannot be told yet: {reasons[0]}{more}"
    if word == "go":
        uncovered = f"; {counts[NOT_COVERED]} not covered" if counts[NOT_COVERED] else ""
        return f"Every gate holds: {passed}{uncovered}, and the books balance."
    return f"{passed}, of a selection. Only a full run can say go."


def _names(run: Run) -> list[str]:
    """The six gates, and any other that checks were made for."""
    seen = {test["gate"] for test in run.tests} | {gate for s in run.sessions.values() for gate in s.planned.values()}
    return [*GATES, *sorted(seen - set(GATES))]


def _gate(run: Run, name: str, required: set[str]) -> Gate:
    tests = [test for test in run.tests if test["gate"] == name]
    counts = Counter(test["outcome"] for test in tests)
    unended = sum(gate == name for _, _, gate in run.unended)
    planned, broken = len(tests) + unended, counts[FAULT] + counts[ERROR]
    reasons = [f"{counts[FAILED]} of {_checks(planned)} failed"] if counts[FAILED] else []
    left = [f"{_checks(broken)} broke before the end"] if broken else []
    left += [f"{_checks(unended)} planned and never ended"] if unended else []
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
    off = [row for row in rows if _unbalanced(row)]
    gate.reasons += [f"{row.provider}: {money(row.difference, row.currency)} apart" for row in off]
    if gate.state is State.NOT_RUN:
        gate.state, gate.open = State.PASSED, []
    if not rows:
        gate.state = State.INCOMPLETE if run.books else State.NOT_RUN
        gate.open.append(_why_no_rows(run))
    if gate.reasons:
        gate.state = State.FAILED
    return gate


def _why_no_rows(run: Run) -> str:
    uncovered = next((str(record["not_covered"]) for record in run.books if record.get("not_covered")), "")
    return uncovered or ("no money moved, so they prove nothing" if run.books else "they were not drawn up")


def _reasons(run: Run, gates: list[Gate]) -> Iterator[str]:
    """Why the run cannot be judged in full."""
    for fault in run.faults:
        yield str(fault.get("message", "a fault without words"))
    for name in run.missing_sessions:
        yield f"the session {name} never began"
    for session in run.sessions.values():
        if session.exit is None:
            yield f"the session {session.name} was ended before its end"
        elif session.exit in SESSION_EXITS and not (session.exit == 5 and run.narrowed):
            yield f"the session {session.name} {SESSION_EXITS[session.exit]}"
    for gate in gates:
        if gate.state is not State.NOT_RUN or (gate.required and not run.narrowed):
            yield from (f"{gate.name}: {reason}" for reason in gate.open)
    if not any(test["outcome"] in (PASSED, FAILED) for test in run.tests):
        yield "no check was made"


def _findings(run: Run, books: list[BooksRow]) -> list[Finding]:
    """What is wrong, the gravest first."""
    found = [_finding(test) for test in run.tests if test["outcome"] == FAILED]
    found += [_books_finding(row) for row in books if _unbalanced(row)]
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


def _books_finding(row: BooksRow) -> Finding:
    return Finding(
        number=0,
        id=f"books:{row.provider}:{row.currency}",
        session="",
        gate="books",
        rule=BOOKS_RULE,
        message="\n".join([_difference(row), *(str(order.get("why", order)) for order in row.orders)]),
        standards=["CWE-840", "WSTG-BUSL-10"],
        severity="critical",
        where="",
        repeat="",
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


def _unsettled(test: Record) -> Unsettled:
    return Unsettled(
        id=test["id"],
        session=test["session"],
        gate=test["gate"],
        rule=_rule(test),
        reason=test.get("message", ""),
        repeat=test.get("repeat", ""),
    )


def _books(run: Run) -> list[BooksRow]:
    """The rows of all environments, added up by provider and currency."""
    sums: dict[tuple[str, str], BooksRow] = {}
    for record in run.books:
        for row in map(BooksRow.model_validate, record.get("rows") or ()):
            total = sums.setdefault((row.provider, row.currency), row)
            if total is not row:
                for name in (
                    "ledger_payments",
                    "ledger_refunds",
                    "statement_payments",
                    "statement_refunds",
                    "difference",
                ):
                    setattr(total, name, getattr(total, name) + getattr(row, name))
                total.orders += row.orders
    return [sums[key] for key in sorted(sums)]


def _unbalanced(row: BooksRow) -> bool:
    return bool(row.difference or row.orders)


def _difference(row: BooksRow) -> str:
    """`alipay: ledger CNY 88.80, statement CNY 50.00, difference CNY 38.80`."""
    ledger = money(row.ledger_payments - row.ledger_refunds, row.currency)
    statement = money(row.statement_payments - row.statement_refunds, row.currency)
    difference = money(row.difference, row.currency)
    return f"{row.provider}: ledger {ledger}, statement {statement}, difference {difference}"


def _checks(number: int) -> str:
    return f"{number} check" if number == 1 else f"{number} checks"


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _metadata(run: Run) -> dict[str, Any]:
    first = run.runs[0] if run.runs else {}
    return {
        "id": run.id,
        "started": run.started.isoformat() if run.started else None,
        "seconds": round(run.seconds, 1),
        "command": first.get("command", []),
        "host": first.get("host", ""),
        "versions": first.get("versions", {}),
        "target": {
            key: value
            for record in run.targets
            for key, value in record.items()
            if key not in ("kind", "at", "session")
        },
        "sessions": [
            {key: session.record.get(key) for key in ("name", "seed", "options", "command")} | {"exit": session.exit}
            for session in run.sessions.values()
        ],
    }
