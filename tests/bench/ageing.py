"""One scenario again and again in a browser, on one environment: what it leaves must not slow the next one down."""

from __future__ import annotations

from collections.abc import Callable, Generator
from time import perf_counter

import pytest

ARGUMENTS = [
    "tests/acceptance/test_order.py::test_a_cancelled_order_gives_its_stock_back",
    "-p",
    "no:randomly",
    "-x",
    "-q",
]
TENTH, LAST, AROUND = 10, 160, 5
"""The rounds that are compared; the medians are of as many rounds before and after each."""


class Ageing:
    """`times` has the seconds of every round."""

    def __init__(self, tick: Callable[[], None]) -> None:
        """`tick` is called after each round."""
        self.times: list[float] = []
        self._tick = tick

    @property
    def early(self) -> list[float]:
        return self.times[TENTH - AROUND : TENTH + AROUND]

    @property
    def late(self) -> list[float]:
        return self.times[LAST - AROUND : LAST + AROUND]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        metafunc.fixturenames.append("via")
        metafunc.parametrize("via", ["web"] * (LAST + AROUND), ids=map(str, range(LAST + AROUND)))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self) -> Generator[None, object, object]:
        began = perf_counter()
        result = yield
        self.times.append(perf_counter() - began)
        self._tick()
        return result
