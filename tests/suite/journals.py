"""Journals made by hand, for the tests of what is computed from them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reports.journal import Journal

GATES = ("flows", "contract", "money", "security", "source")


class Sample:
    """A run's folder with one session, written as the plugin writes it."""

    def __init__(self, folder: Path, *, session: str = "main", **run: Any) -> None:
        self.folder = folder
        self.journal = Journal(folder)
        about = {"command": ["make", "accept"], "narrowed": False, "sessions": [session], "gates": [], "versions": {}}
        self.journal.write("run", id=folder.name, **{**about, **run})
        self.begin(session)

    def begin(self, session: str, **options: Any) -> None:
        self.journal.session = f"{session}-1"
        self.journal.write("session", id=f"{session}-1", name=session, seed=7, options=options)

    def test(self, outcome: str = "passed", *, gate: str = "flows", id: str = "", **fields: Any) -> str:
        """Plan a test and record its end; returns its node id."""
        id = id or f"tests/{gate}/test_it.py::test_{outcome}_{gate}"
        self.planned(id, gate)
        record = {
            "id": id,
            "name": id.rpartition("::")[2],
            "gate": gate,
            "file": id.partition("::")[0],
            "line": 12,
            "outcome": outcome,
            "seconds": {"setup": 0.01, "call": 0.2, "teardown": 0.01},
            "check": {"rule": f"The rule of {gate}", "standards": ["CWE-345"], "severity": "high"},
            "tags": [],
            "scenario": None,
            "exchanges_sent": 0,
        }
        if outcome != "passed":
            record["message"] = f"why it {outcome}"
        self.journal.write("test", **{**record, **fields})
        return id

    def planned(self, id: str, gate: str = "flows") -> None:
        self.journal.write("collected", tests={id: gate})

    def balanced(self, *rows: dict[str, Any], **fields: Any) -> None:
        self.journal.write("books", scope="run", rows=list(rows or [row()]), foreign=[], **fields)

    def finish(self, exit: int = 0) -> Path:
        self.journal.write("finish", exit=exit)
        self.journal.close()
        return self.folder

    def complete(self, *, except_for: Sequence[str] = ()) -> None:
        """A passed check for each gate, and balanced books."""
        for gate in GATES:
            if gate not in except_for:
                self.test(gate=gate)
        self.balanced()


def row(provider: str = "alipay", currency: str = "CNY", ledger: int = 8880, statement: int = 8880) -> dict[str, Any]:
    """A row of books: one payment; a difference names its order."""
    orders = [{"reference": "R1", "order": "1001", "why": "the provider moved it, the target does not tell"}]
    return {
        "provider": provider,
        "currency": currency,
        "ledger_payments": ledger,
        "ledger_refunds": 0,
        "statement_payments": statement,
        "statement_refunds": 0,
        "difference": ledger - statement,
        "orders": orders if ledger != statement else [],
    }


def scenario(*statuses: str, name: str = "A second refund may not exceed what is left") -> dict[str, Any]:
    """A scenario of three steps with these outcomes, with a table and a doc string."""
    words = (
        ("Given", "a shopper has paid an order of CNY 88.80 with Alipay"),
        ("When", "the clerk refunds CNY 38.81"),
        ("Then", "the refund is refused because it exceeds the captured amount"),
    )
    steps: list[dict[str, Any]] = [
        {"keyword": k, "text": t, "line": 9 + i, "table": None, "docstring": None, "status": s, "seconds": 0.3}
        for i, ((k, t), s) in enumerate(zip(words, statuses or ("passed",) * 3, strict=True))
    ]
    steps[0]["table"] = [["product", "quantity"], ["tea", "2"]]
    steps[1]["docstring"] = "because it was broken"
    return {
        "feature": {
            "keyword": "Feature",
            "name": "Refunds",
            "description": "What was paid can be given back, and never more.",
            "tags": ["refunds"],
            "file": "features/refund/refunding.feature",
            "line": 2,
        },
        "rule": {"keyword": "Rule", "name": "A refund never exceeds what is left", "description": "", "tags": []},
        "keyword": "Scenario",
        "name": name,
        "description": "",
        "tags": ["alipay"],
        "line": 8,
        "steps": steps,
    }
