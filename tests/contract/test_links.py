"""The description's links followed from a placed order, in any order, with any body; no step makes or loses money."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import schemathesis
from hypothesis import example, given
from hypothesis import strategies as st
from schemathesis import Case, Response

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator
from fixtures.actors.stage import Stage
from fixtures.money import Money
from fixtures.providers.client import ProvidersFault
from fixtures.targets import require
from fixtures.targets.contract import Checkout, NotCovered, Provider, Role, Session
from tests.contract import description
from tests.contract.conftest import identity
from tests.contract.description import Link

LINKED = description.linked()

bodies = st.fixed_dictionaries({name: operation.as_strategy() for name, operation in LINKED.items()})
"""One case for each operation that a link leads to, drawn beforehand: no answer may steer the drawing."""

steps = st.lists(st.tuples(st.integers(0, 999), st.sampled_from([Role.SHOPPER, Role.CLERK])), min_size=4, max_size=10)
"""Which of the links known so far to follow, and as whom."""


@schemathesis.check
def no_order_shows_money_from_nowhere(ctx: schemathesis.CheckContext, response: Response, case: Case) -> None:
    """Every order an answer shows has total >= captured >= refunded >= 0 and says what may be refunded."""
    for order in _orders(_json(response)):
        total, captured, refunded, refundable = (
            Money.of(order[name]["amount"], order[name]["currency"])
            for name in ("total", "captured", "refunded", "refundable")
        )
        nothing = Money.zero(total.currency)
        assert total >= captured >= refunded >= nothing, (
            f"{case.method} {case.path}: an order of {total} shows {captured} captured and {refunded} refunded"
        )
        assert nothing <= refundable <= captured - refunded, (
            f"{case.method} {case.path}: {captured} captured, {refunded} refunded, and yet {refundable} refundable"
        )


@pytest.mark.check(
    rule="no sequence of documented calls makes or loses money",
    standards=["CWE-682", "CWE-841", "WSTG-BUSL-06"],
    severity="critical",
)
@given(cases=bodies, way=steps, paid=st.booleans())
@example(cases={}, way=[], paid=True)
def test_following_the_links_makes_and_loses_no_money(
    walk: Walk, cases: dict[str, Case], way: list[tuple[int, Role]], paid: bool
) -> None:
    links = walk.places_order()
    if paid:
        walk.pays()
    for number, role in way:
        link = links[number % len(links)]
        case = cases[link.operation]
        case.path_parameters = dict(link.parameters)
        response = walk.call(case, role)
        links += description.links(case, response)
        walk.lets_money_move(_json(response))
    walk.stage.books.balanced()


class Walk:
    """The one who follows links: as a shopper who orders, and as a clerk."""

    def __init__(self, stage: Stage, administrator: Session, call: dict[str, Any]) -> None:
        self.stage = stage
        self._call = call
        staff = Administrator(stage, administrator)
        self._product = staff.sells(Money(8880, "CNY"), stock=10**6)
        self._shopper = Shopper.registered(stage)
        self._sessions = {Role.SHOPPER: self._shopper.session, Role.CLERK: staff.hires(Role.CLERK)}

    def places_order(self) -> list[Link]:
        """Place an order; returns the links that the answer leads to."""
        self._shopper.fills_cart(self._product)
        honest = require(self._shopper.channel, Checkout).place_order.prepare()  # type: ignore[attr-defined]
        response = self.stage.target.wire.send(honest.request)
        self._shopper.has_placed(done(honest.read(response), "placing the order"))
        found = description.links_of_answer(honest.request, response)
        assert found, "the description has no link from a placed order"
        return found

    def pays(self) -> None:
        """Pay the order, with a provider that the target has for this currency."""
        provider = next(p for p in (Provider.ALIPAY, Provider.WECHATPAY) if self.stage.target.pays_with(p))
        done(self._shopper.pays(provider), f"paying with {provider}")

    def call(self, case: Case, role: Role) -> Response:
        session = self._sessions[role]
        assert session is not None
        checks = [no_order_shows_money_from_nowhere]
        headers = identity(self.stage.target, session)
        return case.call_and_validate(headers=headers, additional_checks=checks, **self._call)

    def lets_money_move(self, answer: Any) -> None:
        """Every payment that was begun is approved, so that money really moves."""
        if isinstance(answer, dict) and {"provider", "reference"} <= answer.keys():
            provider, reference = answer["provider"], answer["reference"]
            self.stage.books.watch_payment(provider, reference)
            if answer.get("cashier_url"):
                self.stage.visit(answer["cashier_url"])
            with contextlib.suppress(ProvidersFault):  # already paid, or closed meanwhile
                self.stage.providers.approve(provider, reference)


@pytest.fixture
def walk(by_api: Stage, administrator_session: Session, call: dict[str, Any]) -> Walk:
    if not LINKED:
        raise NotCovered("links between operations: the description names none")
    return Walk(by_api, administrator_session, call)


def _json(response: Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _orders(body: Any) -> list[dict[str, Any]]:
    """The orders in an answer: the answer itself, or the items of a page of them."""
    found = body.get("items", [body]) if isinstance(body, dict) else body if isinstance(body, list) else []
    return [
        each for each in found if isinstance(each, dict) and {"number", "total", "captured", "refunded"} <= each.keys()
    ]
