"""One purchase again and again, in turn as the suite's scenario in a browser, as a bare script, and through the API.

A pytest plugin, so that the scenario costs what it costs in a run: its fixtures, books and journal are included.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator
from functools import cached_property
from time import perf_counter
from typing import Any

import httpx
import pytest

from fixtures.targets import Target
from fixtures.targets.reference.bare import BareScript

SCENARIO_ID = "tests/acceptance/test_checkout.py::test_a_shopper_buys_with_provider"
ARGUMENTS = [SCENARIO_ID, "-k", "Alipay", "-p", "no:randomly", "-x", "-q"]

SCENARIO, BARE, WHEN_WEB, WHEN_API = "scenario", "bare", "when by web", "when by api"


class Checkout:
    """`times` has the seconds of every round, the first one, which warms up, included.

    SCENARIO and BARE are whole, from what is given to what is found; WHEN_… are the When-steps alone.
    """

    def __init__(self, rounds: int, tick: Callable[[], None]) -> None:
        """`tick` is called after each round."""
        self.times: dict[str, list[float]] = defaultdict(list)
        self._rounds = rounds
        self._tick = tick
        self._fixtures: dict[str, Any] = {}
        self._when = 0.0

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """The same scenario in turn by both channels."""
        rounds = [(via, f"{via} {number}") for number in range(self._rounds) for via in ("web", "api")]
        metafunc.fixturenames.append("via")
        metafunc.parametrize("via", [via for via, _ in rounds], ids=[id for _, id in rounds])

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        value = yield
        self._fixtures[fixturedef.argname] = value
        return value

    def pytest_bdd_before_step(self) -> None:
        self._began = perf_counter()

    def pytest_bdd_after_step(self, step: Any) -> None:
        if step.type == "when":
            self._when += perf_counter() - self._began

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Function) -> Generator[None, object, object]:
        self._when = 0.0
        began = perf_counter()
        result = yield
        seconds = perf_counter() - began
        if item.callspec.params["via"] == "api":
            self.times[WHEN_API].append(self._when)
            self._tick()
        else:
            self.times[SCENARIO].append(seconds)
            self.times[WHEN_WEB].append(self._when)
            self.times[BARE].append(self._buys_bare())
        return result

    @cached_property
    def _bare(self) -> BareScript:
        """In the browser that the scenario has just used, with contexts of the same kind."""
        known = self._fixtures
        target: Target = known["target"]
        where = target.addresses
        doors = ((where.api, known["administrator_session"].token), (where.control or "", where.control_token))
        api, control = (
            httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, verify=target.trust)
            for url, token in doors
        )
        return BareScript(known["browser"], known["browser_context_args"], where.web, api, control)

    def _buys_bare(self) -> float:
        began = perf_counter()
        self._bare.buys()
        return perf_counter() - began
