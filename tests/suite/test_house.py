"""The rules of the house that a machine can check in the syntax tree: selectors and endpoints stand in drivers only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SELECTING = {"locator", "get_by_role", "get_by_label", "get_by_text", "get_by_test_id", "query_selector"}
"""Methods of a page by which something on it is found."""

ENDPOINT = re.compile(r"^/(api|orders|cart|staff|notify|rpc|v[123])(/|$)")
"""The beginning of an address within a target or a provider."""


def judged() -> list[Path]:
    """The files that judge or act, but are no driver, no cashier page, no simulator, no shop, and no test of those."""
    folders = ("fixtures/actors", "fixtures/targets", "tests")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    files += list((ROOT / "fixtures").glob("*.py"))
    return [path for path in files if not path.is_relative_to(ROOT / "tests/suite") and not _is_driver(path)]


def _is_driver(path: Path) -> bool:
    relative = path.relative_to(ROOT)
    return relative.parts[:2] == ("fixtures", "targets") and len(relative.parts) > 3


def offences(source: str) -> Iterator[str]:
    """Each selector and each endpoint in this source, with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SELECTING:
            yield f"{node.lineno}: the selector .{node.func.attr}()"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and ENDPOINT.match(node.value):
            yield f"{node.lineno}: the endpoint {node.value!r}"


@pytest.mark.parametrize("path", judged(), ids=lambda path: str(path.relative_to(ROOT)))
def test_selectors_and_endpoints_stand_in_drivers_only(path: Path) -> None:
    found = list(offences(path.read_text("utf-8")))
    assert not found, f"{path.relative_to(ROOT)}: these belong in a target's driver: {'; '.join(found)}"


def test_the_rule_finds_what_it_looks_for() -> None:
    assert list(offences("page.get_by_role('button')"))
    assert list(offences("wire.send('/api/orders')"))
    assert list(offences("x = f'/orders/{n}'"))
    assert not list(offences("shopper.pays(provider)"))


def test_no_check_sleeps_retries_or_skips_without_a_reason() -> None:
    forbidden = re.compile(r"time\.sleep\(|wait_for_timeout\(|networkidle|pytest\.mark\.(skip|xfail)\b|--reruns")
    mine = Path(__file__)
    every = [path for folder in ("tests", "fixtures", "reports") for path in (ROOT / folder).rglob("*.py")]
    files = [path for path in every if path != mine and not path.is_relative_to(ROOT / "fixtures/shop")]
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if forbidden.search(line)
    ]
    assert not found, "\n".join(found)
