"""Forms that another site makes the user's browser send: without what only the target's own page holds, nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest

from fixtures.actors.outcomes import done
from fixtures.actors.person import Person
from fixtures.actors.postman import Postman
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator
from fixtures.actors.stage import Stage, unique
from fixtures.actors.waiting import eventually
from fixtures.money import Money
from fixtures.targets import require
from fixtures.targets.contract import (
    Approvals,
    Checkout,
    Done,
    Form,
    Forms,
    History,
    Orders,
    Provider,
    Reconciliation,
    Refunds,
    Role,
    Submission,
)
from tests.security.conftest import Buy
from tests.steps.world import Hire

FORGERIES = ("left out", "empty", "another user's")

STAFF = {
    Form.REFUND: Role.CLERK,
    Form.CAPTURE: Role.CLERK,
    Form.APPROVE: Role.APPROVER,
    Form.BOOK: Role.APPROVER,
    Form.HIRE: Role.ADMINISTRATOR,
}
"""Whose forms they are; the others are a shopper's."""

BILLS = 1000
"""More than a check asks for."""

LARGE = Money(60000, "CNY")
"""What a clerk does not give back alone."""


@pytest.mark.check(
    rule="a form that another site sends does nothing",
    standards=["CWE-352", "WSTG-SESS-05", "ASVS-v5.0.0-3.5.1"],
    severity="critical",
)
@pytest.mark.parametrize("proof", FORGERIES)
@pytest.mark.parametrize("form", Form, ids=str)
def test_a_form_sent_by_another_site_does_nothing(scene: Scene, form: Form, proof: str) -> None:
    stage, owner, subject = scene.stage, *scene.of(form)
    honest = require(stage.target.api(owner.session), Forms).submission(form, subject)
    others = scene.submission(form) if proof == "another user's" else honest
    seen = scene.seen(form, owner, subject)
    before = seen()
    response = stage.target.wire.send(_forged(honest, proof, others))
    assert 400 <= response.status_code < 500, f"the form to {form}, its proof {proof}: answered {response.status_code}"
    scene.lets_mail_come(form)
    assert seen() == before, f"the form to {form} was sent with its proof {proof}, and did it"
    _accepts(stage, honest)
    eventually(seen, lambda now: now != before, f"the honest form to {form} to do it")
    scene.meanwhile.close()
    stage.books.balanced()


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
    _accepts(by_api, page)  # the cookies are good
    done(victim.chooses(Provider.ALIPAY), "the same operation with the buyer's token")


def _accepts(stage: Stage, honest: Submission) -> None:
    """The control: the form as its own page sends it is taken."""
    response = stage.target.wire.send(honest.request)
    assert response.status_code < 400, f"the honest form is answered {response.status_code}: nothing was attacked"


@pytest.fixture
def scene(by_api: Stage, administrator: Administrator, shopper_with_order: Buy, hire: Hire) -> Iterator[Scene]:
    with ExitStack() as meanwhile:
        yield Scene(by_api, administrator, shopper_with_order, hire, meanwhile)


@dataclass(frozen=True)
class Scene:
    """Whoever has a form, and what would be another if it were taken."""

    stage: Stage
    administrator: Administrator
    buy: Buy
    hire: Hire
    meanwhile: ExitStack  # what its providers do until the forms have been sent

    def of(self, form: Form, new: bool = False) -> tuple[Person, str]:
        """The form's owner, and the order that it is about or the e-mail of whom it hires."""
        if form is Form.HIRE:
            return self._staff(form, new), unique("clerk") + "@example.com"
        buyer = self._buyer(form)
        return (self._staff(form, new) if form in STAFF else buyer), buyer.order.number

    def submission(self, form: Form) -> Submission:
        """The attacker's own form, from the attacker's own page."""
        attacker, subject = self.of(form, new=True)
        return require(self.stage.target.api(attacker.session), Forms).submission(form, subject)

    def lets_mail_come(self, form: Form) -> None:
        """What a form has mailed comes after its answer: wait for the mail that another user has asked for later."""
        if form is Form.CHANGE_EMAIL:
            other, subject = self.of(form, new=True)
            _accepts(self.stage, require(self.stage.target.api(other.session), Forms).submission(form, subject))
            eventually(self.seen(form, other, subject), bool, "the mail of a later form to come")

    def seen(self, form: Form, owner: Person, subject: str) -> Callable[[], Any]:
        match form:
            case Form.CHANGE_EMAIL:
                return lambda: self.stage.target.mailbox.letters(owner.email)
            case Form.CLOSE_ACCOUNT:
                return owner.greeting
            case Form.HIRE:
                assert owner.session
                return partial(self._opens, subject, owner.session.password)
        return partial(self._order, require(owner.channel, Orders), subject)

    def _staff(self, form: Form, new: bool) -> Person:
        role = STAFF[form]
        return Person(self.stage, self.administrator.hires(role) if new else self.hire(role))

    def _buyer(self, form: Form) -> Shopper:
        """Somebody whose order is as the form needs it."""
        match form:
            case Form.CAPTURE:
                buyer = self.buy(Provider.PAYPAL)
                done(buyer.authorizes(Provider.PAYPAL), "authorizing")
            case Form.APPROVE:
                buyer = self.buy(Provider.ALIPAY, LARGE)
                done(buyer.pays(Provider.ALIPAY), "paying")
                require(buyer.channel, Approvals)
                done(
                    Person(self.stage, self.hire(Role.CLERK)).refunds(buyer.order.number, LARGE), "asking for a refund"
                )
            case Form.BOOK:
                buyer = self.buy(Provider.ALIPAY)
                require(buyer.channel, Reconciliation)
                self._pays_unnoticed(buyer)
            case _:
                buyer = self.buy(Provider.ALIPAY)
        if form is Form.REFUND:
            done(buyer.pays(Provider.ALIPAY), "paying")
        if form is Form.CLOSE_ACCOUNT:
            done(buyer.cancels(buyer.order.number), "cancelling")
        return buyer

    def _pays_unnoticed(self, buyer: Shopper) -> None:
        """Alipay's bill of today can be had already, and has what the target was not told of."""
        done(buyer.chooses(Provider.ALIPAY), "choosing Alipay")
        postman = Postman(self.stage.providers, self.stage.target.wire)
        self.meanwhile.enter_context(self.stage.providers.fault(Provider.ALIPAY, "bill", "early", times=BILLS))
        self.meanwhile.enter_context(postman.holds(buyer.payment))
        buyer.at_provider().approve()
        self.meanwhile.callback(postman.delivers_held, buyer.payment)

    def _opens(self, email: str, password: str) -> bool:
        """Whether somebody of this e-mail is let in."""
        return isinstance(Person(self.stage).signs_in(email, password), Done)

    def _order(self, channel: Any, number: str) -> Any:
        told = channel.order(number), require(channel, History).history(number)
        return *told, require(channel, Refunds).refunds(number)


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
