"""Notifications: held back, late, repeated, and forged."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
from pytest_bdd import given, then, when

from fixtures.actors.bank import Bank
from fixtures.actors.postman import Postman, acknowledges
from fixtures.actors.shopper import Shopper
from fixtures.actors.stage import unique
from fixtures.money import Money
from fixtures.providers.client import Signing
from tests.steps.words import phrase


@given("the notifications of the payment are held back")
def _(postman: Postman, shopper: Shopper) -> Iterator[None]:
    with postman.holds(shopper.payment):
        yield


@when("the held notifications arrive")
def _(postman: Postman, shopper: Shopper) -> None:
    postman.delivers_held(shopper.payment)


@when("the notifications of the first payment arrive")
def _(postman: Postman, shopper: Shopper) -> None:
    postman.delivers_held(shopper.payments[0])


@when(phrase("the payment's notification is sent {times:Count} more times"))
def _(postman: Postman, shopper: Shopper, times: int) -> None:
    postman.sends_again(shopper.payment, times)


@when("the other order's notification is sent again")
def _(postman: Postman, another_shopper: Shopper) -> None:
    postman.sends_again(another_shopper.payment, 1)


@then("every notification of the payment is acknowledged")
def _(postman: Postman, shopper: Shopper) -> None:
    postman.finds_acknowledged(shopper.payment)


@when(phrase("a notification {forgery:Forgery} says that the order is paid"), target_fixture="answer")
def _(postman: Postman, shopper: Shopper, forgery: Signing) -> httpx.Response:
    return postman.sends_forged(shopper.payment, forgery)


@when(phrase("a genuine notification says that {amount:Money} was paid"), target_fixture="answer")
def _(postman: Postman, shopper: Shopper, amount: Money) -> httpx.Response:
    return postman.says_paid(shopper.payment, amount)


@when("a genuine notification speaks of an order nobody placed", target_fixture="answer")
def _(postman: Postman, shopper: Shopper) -> httpx.Response:
    return postman.says_paid(shopper.payment, shopper.order.total, reference=unique("nobody"))


@then("the notification is turned away")
def _(answer: httpx.Response, shopper: Shopper) -> None:
    assert answer.status_code < 500, f"a refusal is no failure of the shop, but it answered {answer.status_code}"
    believed = acknowledges(shopper.payment.provider, answer.status_code, answer.text)
    assert not believed, f"expected the notification to be turned away; answered: {answer.status_code} {answer.text!r}"


@then("the money that came too late is paid back")
def _(bank: Bank, shopper: Shopper) -> None:
    payment = shopper.payment
    bank.has_taken(payment.provider, payment.amount, [payment])
    bank.has_paid_back(payment.provider, payment.amount, [payment])


@then("one of the two payments is paid back")
def _(bank: Bank, shopper: Shopper) -> None:
    bank.has_kept(shopper.order.total, shopper.payments)
