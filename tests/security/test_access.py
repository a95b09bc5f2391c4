"""Who may do what: other people's orders do not exist, and every deed of the staff needs the role."""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator
from fixtures.actors.stage import Stage
from fixtures.money import Money
from fixtures.targets import require
from fixtures.targets.contract import CAPABILITIES, Orders, Provider, Reason, Refused, Role, Session
from tests.security.conftest import Buy

CLOSED = (Reason.NOT_FOUND, Reason.NOT_ALLOWED, Reason.NOT_SIGNED_IN)

ON_AN_ORDER: dict[str, tuple[str, tuple[Any, ...]]] = {
    "order": ("orders", ()),
    "cancel": ("orders", ()),
    "history": ("history", ()),
    "pay": ("checkout", (Provider.ALIPAY,)),
    "come_back": ("checkout", ()),
    "refunds": ("refunds", ()),
    "refund": ("refunds", (Money(1, "CNY"),)),
}
"""Every verb on somebody's order: its capability, and its arguments after the order's number."""

OF_THE_STAFF: dict[str, tuple[str, tuple[Any, ...]]] = {
    "create_product": ("selling", ("Tea", Money(1, "CNY"), 1)),
    "create_coupon": ("backoffice", ("FREE", Money(100, "CNY"), 1)),
    "create_staff": ("backoffice", ("mallory@example.com", "correct horse battery", Role.ADMINISTRATOR)),
    "find_orders": ("search", ("",)),
    "whole_statement": ("statement", ()),
}

MAY: dict[str, set[Role]] = {
    "find_orders": {Role.SHOPPER, Role.CLERK, Role.APPROVER, Role.AUDITOR},
    "whole_statement": {Role.APPROVER, Role.AUDITOR},
}
"""Deeds that some roles may well do, a shopper among their own orders; the others are the administrator's alone."""


@pytest.mark.check(
    rule="another shopper's order is not there for anybody else",
    standards=["CWE-639", "WSTG-ATHZ-04", "API1:2023", "ASVS-v5.0.0-8.2.2"],
    severity="critical",
)
@pytest.mark.parametrize("verb", ON_AN_ORDER)
@pytest.mark.parametrize("who", ["another shopper", "nobody"])
def test_somebody_elses_order_is_closed(by_api: Stage, shopper_with_order: Buy, verb: str, who: str) -> None:
    victim = shopper_with_order(Provider.ALIPAY)
    capability, arguments = ON_AN_ORDER[verb]
    stranger = by_api.target.api(Shopper.registered(by_api).session if who != "nobody" else None)
    before = _look(victim)
    outcome = getattr(require(stranger, CAPABILITIES[capability]), verb)(victim.order.number, *arguments)
    assert isinstance(outcome, Refused), f"{who} could {verb} an order of {victim.order.total}: {outcome}"
    assert outcome.reason in CLOSED, f"{verb} was refused because {outcome.reason}, which tells {who} that it is there"
    assert _look(victim) == before


@pytest.mark.check(
    rule="a deed of the staff needs the role",
    standards=["CWE-862", "CWE-863", "WSTG-ATHZ-02", "API5:2023", "ASVS-v5.0.0-8.2.1"],
    severity="critical",
)
@pytest.mark.parametrize("verb", OF_THE_STAFF)
@pytest.mark.parametrize("role", [None, Role.SHOPPER, Role.CLERK, Role.APPROVER, Role.AUDITOR], ids=str)
def test_a_deed_of_the_staff_needs_its_role(
    by_api: Stage, administrator: Administrator, role: Role | None, verb: str
) -> None:
    capability, arguments = OF_THE_STAFF[verb]
    who = by_api.target.api(_of_role(by_api, administrator, role))
    outcome = getattr(require(who, CAPABILITIES[capability]), verb)(*arguments)
    if role in MAY.get(verb, set()):
        done(outcome, f"{verb} by a {role}")
        return
    assert isinstance(outcome, Refused), f"{role or 'nobody'} could {verb}"
    assert outcome.reason in CLOSED, f"{verb} by {role or 'nobody'} was refused because {outcome.reason}"
    assert outcome.status in (401, 403, 404), f"refused with {outcome.status}"


@pytest.mark.check(
    rule="a refund needs the role", standards=["CWE-862", "API5:2023", "WSTG-ATHZ-02"], severity="critical"
)
@pytest.mark.parametrize("role", [None, Role.SHOPPER, Role.AUDITOR], ids=str)
def test_who_may_not_refund_cannot(
    by_api: Stage, administrator: Administrator, shopper_with_order: Buy, role: Role | None
) -> None:
    buyer = shopper_with_order(Provider.ALIPAY)
    order = done(buyer.pays(Provider.ALIPAY), "paying")
    who = by_api.target.api(_of_role(by_api, administrator, role))
    outcome = who.refund(order.number, Money(1, "CNY"))
    assert isinstance(outcome, Refused), f"{role or 'nobody'} refunded CNY 0.01 of {order.total}"
    assert outcome.status in (401, 403, 404), f"refused with {outcome.status}"
    assert _look(buyer).refundable == order.total
    by_api.books.balanced()


@pytest.mark.check(
    rule="an altered or dead token is nobody", standards=["CWE-287", "API2:2023", "WSTG-ATHN-04"], severity="critical"
)
@pytest.mark.parametrize("change", ["cut", "turned", "made up", "signed out"])
def test_a_token_that_is_not_one_is_nobody(by_api: Stage, shopper_with_order: Buy, change: str) -> None:
    victim = shopper_with_order(Provider.ALIPAY)
    assert victim.session is not None
    token = victim.session.token
    forged = {"cut": token[:-1], "turned": token[::-1], "made up": secrets.token_urlsafe(32), "signed out": token}[
        change
    ]
    if change == "signed out":
        done(victim.channel.sign_out(), "signing out")
    channel = by_api.target.api(Session(victim.email, forged))
    outcome = require(channel, Orders).order(victim.order.number)
    assert isinstance(outcome, Refused), f"a token that was {change} still shows the order"
    assert outcome.status == 401, f"refused with {outcome.status}, not 401"


def _look(shopper: Shopper) -> Any:
    fresh = shopper.stage.target.api(shopper.session)
    return done(require(fresh, Orders).order(shopper.order.number), "reading the order")


def _of_role(stage: Stage, administrator: Administrator, role: Role | None) -> Session | None:
    if role is None:
        return None
    return Shopper.registered(stage).session if role is Role.SHOPPER else administrator.hires(role)
