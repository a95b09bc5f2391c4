"""Forms that another site makes the user's browser send: without what only the target's own page holds, nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.stage import Stage
from fixtures.actors.waiting import eventually
from fixtures.targets import require
from fixtures.targets.contract import Checkout, Form, Forms, History, Orders, Provider, Refunds, Role, Submission
from tests.security.conftest import Buy
from tests.steps.world import Hire

FORGERIES = ("left out", "empty", "another user's")
OF_AN_ACCOUNT = (Form.CHANGE_EMAIL, Form.CLOSE_ACCOUNT)


@pytest.mark.check(
    rule="a form that another site sends does nothing",
    standards=["CWE-352", "WSTG-SESS-05", "ASVS-v5.0.0-3.5.1"],
    severity="critical",
)
@pytest.mark.parametrize("proof", FORGERIES)
@pytest.mark.parametrize("form", Form, ids=str)
def test_a_form_sent_by_another_site_does_nothing(
    by_api: Stage, shopper_with_order: Buy, hire: Hire, form: Form, proof: str
) -> None:
    victim, order = _victim(shopper_with_order, form)
    session = hire(Role.CLERK) if form is Form.REFUND else victim.session
    honest = require(by_api.target.api(session), Forms).submission(form, order)
    others = _of_somebody_else(by_api, shopper_with_order, hire, form) if proof == "another user's" else honest
    seen = _seen(by_api, victim, form)
    before = seen()
    response = by_api.target.wire.send(_forged(honest, proof, others))
    assert 400 <= response.status_code < 500, f"the form to {form}, its proof {proof}: answered {response.status_code}"
    assert seen() == before, f"the form to {form} was sent with its proof {proof}, and did it"
    by_api.target.wire.send(honest.request)  # the control
    eventually(seen, lambda now: now != before, f"the honest form to {form} to do it")
    by_api.books.balanced()


@pytest.mark.check(
    rule="what a browser sends by itself opens no operation of the interface",
    standards=["CWE-352", "WSTG-SESS-05", "ASVS-v5.0.0-3.5.1"],
    severity="critical",
)
def test_the_cookies_of_the_pages_open_no_operation(by_api: Stage, shopper_with_order: Buy) -> None:
    victim = shopper_with_order(Provider.ALIPAY)
    page = require(victim.channel, Forms).submission(Form.PAY, victim.order.number)
    anonymous = require(by_api.target.api(), Checkout)
    attack = anonymous.pay.prepare(victim.order.number, Provider.ALIPAY)  # type: ignore[attr-defined]
    attack.request.headers["Cookie"] = page.request.headers["Cookie"]
    response = by_api.target.wire.send(attack.request)
    assert response.status_code == 401, f"with cookies alone: {response.status_code}"


def _victim(shopper_with_order: Buy, form: Form) -> tuple[Shopper, str]:
    """The form's owner, or the buyer whom the clerk's form is about, and the order that it is about."""
    buyer = shopper_with_order(Provider.ALIPAY)
    if form is Form.REFUND:
        done(buyer.pays(Provider.ALIPAY), "paying")
    if form is Form.CLOSE_ACCOUNT:
        done(buyer.cancels(buyer.order.number), "cancelling")
    return buyer, buyer.order.number


def _of_somebody_else(stage: Stage, shopper_with_order: Buy, hire: Hire, form: Form) -> Submission:
    """The attacker's own form, from the attacker's own page."""
    attacker, order = _victim(shopper_with_order, form)
    session = hire(Role.APPROVER) if form is Form.REFUND else attacker.session
    return require(stage.target.api(session), Forms).submission(form, order)


def _seen(stage: Stage, victim: Shopper, form: Form) -> Callable[[], Any]:
    """What would be another if the form were taken."""
    if form is Form.CHANGE_EMAIL:
        return lambda: stage.target.mailbox.letters(victim.email)
    if form is Form.CLOSE_ACCOUNT:
        return victim.greeting
    channel, number = victim.channel, victim.order.number

    def order() -> Any:
        told = require(channel, Orders).order(number), require(channel, History).history(number)
        return *told, require(channel, Refunds).refunds(number)

    return order


def _forged(honest: Submission, proof: str, other: Submission) -> httpx.Request:
    """The same form, cookies and all, as a page of another site could have made it."""
    fields = _fields(honest)
    given = {"left out": {}, "empty": {honest.proof: ""}, "another user's": {honest.proof: _fields(other)[other.proof]}}
    forged = {name: value for name, value in fields.items() if name != honest.proof} | given[proof]
    headers = {name: honest.request.headers[name] for name in ("Cookie", "Content-Type")}
    headers["Origin"] = "https://attacker.example"
    return httpx.Request("POST", honest.request.url, headers=headers, content=urlencode(forged))


def _fields(form: Submission) -> dict[str, str]:
    return dict(parse_qsl(form.request.content.decode(), keep_blank_values=True))
