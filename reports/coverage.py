"""What the run touched: providers by flow, and the ids of standards. Counted from the tests' own declarations."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from reports.journal import Record
from reports.outcome import FAILED, NOT_COVERED, PASSED, SKIPPED

PROVIDERS = {"alipay": "Alipay", "wechatpay": "WeChat Pay", "paypal": "PayPal"}
TAGS = Path(__file__).parents[1] / "tests" / "tags.toml"
"""The catalogue of tags: it knows the standards' titles."""


@dataclass(slots=True)
class Cell:
    """The checks of one provider and flow, or of one standard."""

    counts: Counter[str] = field(default_factory=Counter)

    @property
    def checked(self) -> int:
        return sum(self.counts.values()) - self.counts[NOT_COVERED] - self.counts[SKIPPED]

    @property
    def state(self) -> str:
        if self.counts[FAILED]:
            return "failed"
        if not self.checked:
            return "none"
        return "passed" if self.counts[PASSED] == self.checked else "incomplete"


@dataclass(slots=True)
class Standard:
    id: str
    title: str
    cell: Cell


def flow_of(test: Record) -> str:
    """The folder of a scenario's feature (checkout, refund, …), else the gate."""
    scenario = test.get("scenario")
    return Path(scenario["feature"]["file"]).parent.name if scenario else str(test["gate"])


def providers(tests: list[Record]) -> tuple[list[str], dict[str, dict[str, Cell]]]:
    """The flows, and for each provider the cell of each flow. A test counts for each provider it names."""
    matrix: dict[str, dict[str, Cell]] = {name: defaultdict(Cell) for name in PROVIDERS.values()}
    flows: dict[str, None] = {}
    for test in tests:
        for provider in _named(test):
            flows.setdefault(flow_of(test))
            matrix[provider][flow_of(test)].counts[test["outcome"]] += 1
    return list(flows), {name: {flow: row[flow] for flow in flows} for name, row in matrix.items()}


def standards(tests: list[Record]) -> list[Standard]:
    """Every standard's id that a test declares or the catalogue knows, with what became of its checks."""
    titles = _titles()
    cells: dict[str, Cell] = defaultdict(Cell, {id: Cell() for id in titles})
    for test in tests:
        for id in test["check"]["standards"]:
            cells[id].counts[test["outcome"]] += 1
    return [Standard(id, titles.get(id, ""), cells[id]) for id in sorted(cells, key=_natural)]


def _named(test: Record) -> list[str]:
    scenario = test.get("scenario") or {}
    words = " ".join(
        [test["id"], *test["tags"], scenario.get("name", ""), *(s["text"] for s in scenario.get("steps", ()))]
    )
    squeezed = words.lower().replace("wechat pay", "wechatpay")
    return [name for id, name in PROVIDERS.items() if id in squeezed]


def _titles() -> dict[str, str]:
    try:
        return dict(tomllib.loads(TAGS.read_text()).get("standard", {}))
    except OSError:
        return {}


def _natural(id: str) -> tuple[str, int]:
    digits = "".join(c for c in id.rpartition("-")[2] if c.isdigit())
    return id.rpartition("-")[0], int(digits or 0)
