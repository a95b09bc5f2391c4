"""The verdict: may this payment system go live? Computed from the journal, and written to `verdict.json`.

`verdict.json` is the dump of `Verdict` below; its fields are the schema. Exit status: 0 *go* or *selection passed*,
1 *no-go* or *selection failed*, 10 *incomplete*. A failed oracle is no-go, whatever else happened; a fault of the
environment or the driver, a planned check that never ended, a required gate that was not run, are *incomplete*.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from reports.balances import BooksRow, balances
from reports.findings import Finding, Unsettled, findings_of, unsettled
from reports.gates import Gate, State, judged
from reports.outcome import ERROR, FAILED, FAULT, NOT_COVERED, PASSED
from reports.run import Run, Session, load
from reports.words import checks

EXITS = {"go": 0, "selection passed": 0, "no-go": 1, "selection failed": 1, "incomplete": 10}
NOTHING_SELECTED = 5
SESSION_EXITS = {
    2: "was interrupted",
    3: "had an internal error",
    4: "was started wrongly",
    NOTHING_SELECTED: "found no check to make",
}


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
    books = balances(run)
    gates = judged(run, books)
    findings = findings_of(run, books)
    reasons = list(_reasons(run, gates, findings))
    counts = Counter(test["outcome"] for test in run.tests)
    word = _word(run.narrowed, findings, reasons)
    return Verdict(
        verdict=word,
        exit_status=EXITS[word],
        sentence=_sentence(word, findings, reasons, counts, _lacking(run)),
        narrowed=run.narrowed,
        gates=gates,
        findings=findings,
        faults=[unsettled(test) for test in run.tests if test["outcome"] in (FAULT, ERROR)],
        not_covered=[unsettled(test) for test in run.tests if test["outcome"] == NOT_COVERED],
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


def _sentence(word: str, findings: list[Finding], reasons: list[str], counts: Counter[str], lacking: list[str]) -> str:
    passed = f"{checks(counts[PASSED])} passed"
    if findings:
        rules = len({finding.rule for finding in findings})
        return f"{rules} {'rule is' if rules == 1 else 'rules are'} broken, first of all: “{findings[0].rule}”"
    if reasons:
        more = f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else ""
        return f"It cannot be told yet: {reasons[0]}{more}"
    if word == "go":
        uncovered = f"; {counts[NOT_COVERED]} not covered" if counts[NOT_COVERED] else ""
        without = f" Not judged, for the target says that it cannot: {_listed(lacking)}." if lacking else ""
        return f"Every gate holds: {passed}{uncovered}, and the books balance.{without}"
    return f"{passed}, of a selection. Only a full run can say go."


NAMED = 6
"""So many capabilities are told by name in one sentence; the report lists all."""


def _lacking(run: Run) -> list[str]:
    """The capabilities that the targets of the run do not claim: whoever reads *go* has to know of what."""
    return sorted({name for record in run.targets for name in record.get("lacks") or ()})


def _listed(names: list[str]) -> str:
    told = [name.replace("_", " ") for name in names[:NAMED]]
    return ", ".join(told) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def _reasons(run: Run, gates: list[Gate], findings: list[Finding]) -> Iterator[str]:
    """Why the run cannot be judged in full."""
    yield from dict.fromkeys(str(fault.get("message", "a fault without words")) for fault in run.faults)
    for name in run.missing_sessions:
        yield f"the session {name} never began"
    if (defect := _option(run, "defect")) and not run.narrowed:
        yield f"the target carried the defect {defect}: such a run is never a go"
    for session in run.sessions.values():
        if session.exit is None:
            yield f"the session {session.name} did not end"
        elif session.exit not in (0, 1) and not (session.exit == NOTHING_SELECTED and run.narrowed):
            yield f"the session {session.name} {SESSION_EXITS.get(session.exit, f'ended with status {session.exit}')}"
        elif session.exit == 1 and not _explained(run, session, findings):
            yield f"the session {session.name} failed, and the journal does not tell by which check"
    for gate in gates:
        if gate.state is not State.NOT_RUN or (gate.required and not run.narrowed):
            yield from (f"{gate.name}: {reason}" for reason in gate.open)
    if not run.narrowed:
        yield from _unseen_features(run)
    if run.narrowed and run.sessions and all(session.exit == NOTHING_SELECTED for session in run.sessions.values()):
        yield "the selection matches no check: look at the words after -k and -m, and at the paths"
    elif not any(test["outcome"] in (PASSED, FAILED) for test in run.tests):
        yield "no check was made"


def _unseen_features(run: Run) -> Iterator[str]:
    """A part of the business of which scenarios were there, and not one of them could be judged."""
    seen: dict[str, bool] = {}
    for test in run.tests:
        if scenario := test.get("scenario"):
            part = Path(scenario["feature"]["file"]).parent.name
            seen[part] = seen.get(part, False) or test["outcome"] != NOT_COVERED
    for part in sorted(part for part, any_of_it in seen.items() if not any_of_it):
        yield f"flows: nothing of {part} is covered"


def _explained(run: Run, session: Session, findings: list[Finding]) -> bool:
    """Whether something that the journal tells made the session fail: a check of its own, or the books."""
    broken = any(test["outcome"] in (FAILED, FAULT, ERROR) for test in run.tests_of(session))
    return broken or any(finding.gate == "books" for finding in findings)


def _metadata(run: Run) -> dict[str, Any]:
    first = run.runs[0] if run.runs else {}
    return {
        "id": run.id,
        "started": run.started.isoformat() if run.started else None,
        "seconds": round(run.seconds, 1),
        "command": first.get("command", []),
        "host": first.get("host", ""),
        "versions": first.get("versions", {}),
        "defect": _option(run, "defect"),
        "target": {"name": _option(run, "target")}
        | {
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


def _option(run: Run, name: str) -> str:
    """What the sessions were told with this option, or nothing."""
    told = ((session.record.get("options") or {}).get(name) for session in run.sessions.values())
    return next((str(value) for value in told if value), "")
