"""JUnit XML from the journal: a suite for each session and gate.

A finding is a failure; a fault, or a check that never ended, is an error; what is not covered is skipped, and says why.
"""

from __future__ import annotations

import re
from pathlib import Path

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from reports.journal import Record
from reports.outcome import ERROR, FAILED, FAULT, NOT_COVERED, SKIPPED
from reports.run import Run, Session

RESULTS = {FAILED: Failure, FAULT: Error, ERROR: Error, SKIPPED: Skipped, NOT_COVERED: Skipped}
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2


def write(run: Run) -> Path:
    """Write `junit.xml` into the run's folder."""
    path = run.folder / "junit.xml"
    xml = JUnitXml("ashore")
    for session in run.sessions.values():
        for gate in dict.fromkeys([*session.planned.values(), *(t["gate"] for t in run.tests_of(session))]):
            xml.add_testsuite(_suite(run, session, gate))
    xml.update_statistics()  # type: ignore[no-untyped-call]
    xml.write(str(path), pretty=True)
    return path


def _suite(run: Run, session: Session, gate: str) -> TestSuite:
    suite = TestSuite(f"{session.name}.{gate}")
    suite.timestamp = str(session.record["at"])[:19]
    for test in run.tests_of(session):
        if test["gate"] == gate:
            suite.add_testcase(_case(test))
    for owner, id, its_gate in run.unended:
        if owner is session and its_gate == gate:
            case = TestCase(_legal(id.rpartition("::")[2]), _class(id))
            case.result = [Error("it was planned and never ended", "killed")]
            suite.add_testcase(case)
    suite.add_property("seed", str(session.record.get("seed")))
    return suite


def _case(test: Record) -> TestCase:
    case = TestCase(_legal(test["id"].rpartition("::")[2]), _class(test["id"]), round(sum(test["seconds"].values()), 4))
    if test["outcome"] in RESULTS:
        message = _legal(test.get("message", ""))
        result = RESULTS[test["outcome"]](message.partition("\n")[0], test.get("error") or test["outcome"])
        parts = (message, test.get("example"), test.get("trace"), test.get("repeat") and f"repeat: {test['repeat']}")
        result.text = _legal("\n\n".join(part for part in parts if part))
        case.result = [result]
    return case


def _class(id: str) -> str:
    return _legal(id.partition("::")[0].removesuffix(".py").replace("/", "."))


def _legal(text: str) -> str:
    """`text` without the characters that XML cannot hold."""
    return _ILLEGAL.sub("�", text)
