"""Only what the provider signed, for this order, may count: anybody can post to the notification address."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.stage import Stage
from fixtures.actors.waiting import eventually
from fixtures.money import Money
from fixtures.providers.client import Crafted
from fixtures.targets import require
from fixtures.targets.contract import NotCovered, Order, Orders, OrderState, Payment, Provider
from tests.security.conftest import Buy

AUTHENTIC = pytest.mark.check(
    rule="only a notification that the provider signed changes an order",
    standards=["CWE-347", "CWE-345", "WSTG-BUSL-02", "ASVS-v5.0.0-4.1.5", "API10:2023"],
    severity="critical",
)
BOUND = pytest.mark.check(
    rule="a notification pays only the order, the amount, the currency and the merchant it names",
    standards=["CWE-345", "CWE-639", "WSTG-BUSL-03"],
    severity="critical",
)

NO_NOTIFICATION = {
    "empty": b"",
    "half an object": b"{",
    "no text": b"\xff\xfe",
    "XML": b"<xml/>",
    "a form with nothing in it": b"a=1&sign=%%%",
    "another object": b'{"id": 1}',
    "a megabyte": b"x" * 1_000_000,
    "ten megabytes": b"x" * 10_000_000,
}

WEEK = 7 * 24 * 3600


@AUTHENTIC
def test_the_honest_notification_pays(by_api: Stage, shopper_at_cashier: Buy, provider: Provider) -> None:
    """The control of every attack below: what the provider itself would post, posted by hand, pays the order."""
    shopper = shopper_at_cashier(provider)
    where = (provider, shopper.payment.reference)
    with by_api.providers.fault(provider, "notify", "hold", shopper.payment.reference, times=99):
        shopper.at_provider().approve()
        held = eventually(
            lambda: by_api.providers.deliveries(*where, state="pending"), bool, "a notification held back"
        )
        response = send(by_api, Crafted.of(held[0]))
    assert response.is_success, f"the provider's own notification was answered {response.status_code}: {response.text}"
    shopper.finds_order(state=OrderState.PAID)
    by_api.books.balanced()


@AUTHENTIC
@pytest.mark.parametrize("sign", ["none", "other_key", "altered", "probe"])
def test_a_notification_that_is_not_signed_by_the_provider_is_refused(
    by_api: Stage, shopper_at_cashier: Buy, provider: Provider, sign: Any
) -> None:
    if sign == "probe" and provider is not Provider.WECHATPAY:
        raise NotCovered(f"signature probes: {provider} sends none")
    shopper = shopper_at_cashier(provider)
    response = send(by_api, by_api.providers.craft(provider, shopper.payment.reference, sign=sign))
    refused(response, f"a notification signed {sign!r}")
    unpaid(shopper)


@AUTHENTIC
@pytest.mark.parametrize("kind", NO_NOTIFICATION)
def test_what_is_no_notification_is_refused_without_a_fault(
    by_api: Stage, shopper_at_cashier: Buy, provider: Provider, kind: str
) -> None:
    shopper = shopper_at_cashier(provider)
    crafted = by_api.providers.craft(provider, shopper.payment.reference)
    refused(by_api.target.wire.send(crafted.request(content=NO_NOTIFICATION[kind])), f"a notification that is {kind}")
    unpaid(shopper)


@AUTHENTIC
@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data; boundary=x"])
def test_another_content_type_is_refused_without_a_fault(
    by_api: Stage, shopper_at_cashier: Buy, provider: Provider, content_type: str
) -> None:
    shopper = shopper_at_cashier(provider)
    crafted = by_api.providers.craft(provider, shopper.payment.reference)
    headers = {
        **httpx.Headers(crafted.headers),
        "content-type": content_type,
    }  # names of one case: one replaces the other
    refused(by_api.target.wire.send(crafted.request(headers=headers)), f"a notification sent as {content_type}")
    unpaid(shopper)


@pytest.mark.check(
    rule="a notification signed long ago is refused", standards=["CWE-294", "WSTG-BUSL-02"], severity="high"
)
def test_a_notification_signed_a_week_ago_is_refused(by_api: Stage, shopper_at_cashier: Buy) -> None:
    """WeChat Pay asks merchants to refuse timestamps older than five minutes; the others sign none, or not for that."""
    shopper = shopper_at_cashier(Provider.WECHATPAY)
    crafted = by_api.providers.craft(Provider.WECHATPAY, shopper.payment.reference, age_seconds=WEEK)
    refused(send(by_api, crafted), "a notification signed a week ago")
    unpaid(shopper)


LESS: dict[Provider, dict[str, Any]] = {
    Provider.ALIPAY: {"total_amount": "0.01", "receipt_amount": "0.01", "buyer_pay_amount": "0.01"},
    Provider.WECHATPAY: {"amount.total": 1, "amount.payer_total": 1},
    Provider.PAYPAL: {"resource.amount.value": "0.01"},
}
ELSEWHERE: dict[Provider, dict[str, Any]] = {
    Provider.ALIPAY: {"seller_id": "2088000000000000"},
    Provider.WECHATPAY: {"mchid": "1900000001"},
    Provider.PAYPAL: {"resource.payee.merchant_id": "ANOTHERMERCH1"},
}
OTHER_APPLICATION: dict[Provider, dict[str, Any]] = {
    Provider.ALIPAY: {"app_id": "2021000000000000"},
    Provider.WECHATPAY: {"appid": "wx0000000000000000"},
}
CURRENCY: dict[Provider, dict[str, Any]] = {
    Provider.WECHATPAY: {"amount.currency": "JPY", "amount.payer_currency": "JPY"},
    Provider.PAYPAL: {"resource.amount.currency_code": "HUF"},
}


@BOUND
@pytest.mark.parametrize(
    "lie",
    [LESS, ELSEWHERE, OTHER_APPLICATION, CURRENCY],
    ids=["another amount", "another merchant", "another application", "another currency"],
)
def test_a_genuine_notification_of_something_else_pays_nothing(
    by_api: Stage, shopper_at_cashier: Buy, provider: Provider, lie: dict[Provider, dict[str, Any]]
) -> None:
    """Rightly signed, but about less money, other money, or somebody else's. The answer may be an acknowledgement."""
    if provider not in lie:
        raise NotCovered(f"this field: a notification of {provider} has it not")
    shopper = shopper_at_cashier(provider)
    response = send(by_api, by_api.providers.craft(provider, shopper.payment.reference, overrides=lie[provider]))
    no_fault(response)
    unpaid(shopper)


@BOUND
def test_a_notification_of_one_order_does_not_pay_another(
    by_api: Stage, shopper_at_cashier: Buy, provider: Provider
) -> None:
    """What the provider rightly says of one order arrives where it would speak of another of the same amount."""
    paid, victim = shopper_at_cashier(provider), shopper_at_cashier(provider)
    paid.at_provider().approve()
    paid.finds_order(state=OrderState.PAID)
    genuine = by_api.providers.craft(provider, paid.payment.reference)
    address = by_api.providers.craft(provider, victim.payment.reference).url
    no_fault(by_api.target.wire.send(genuine.request(url=address)))
    unpaid(victim)
    by_api.books.balanced()


@pytest.mark.check(
    rule="the same notification twice has one effect", standards=["CWE-837", "CWE-294"], severity="critical"
)
def test_a_replayed_notification_has_one_effect(by_api: Stage, shopper_at_cashier: Buy, provider: Provider) -> None:
    shopper = shopper_at_cashier(provider)
    shopper.at_provider().approve()
    shopper.finds_order(state=OrderState.PAID)
    before = look(shopper)
    again = by_api.providers.craft(provider, shopper.payment.reference)
    for _ in range(3):
        no_fault(send(by_api, again))
    after = look(shopper)
    assert after == before, f"expected the order as it was, {before}; after three replays it is {after}"
    by_api.books.balanced()


@BOUND
def test_an_unknown_order_is_refused_without_a_fault(
    by_api: Stage, shopper_at_cashier: Buy, provider: Provider
) -> None:
    shopper = shopper_at_cashier(provider)
    number = "NOSUCHORDER0001"
    field = {
        Provider.ALIPAY: "out_trade_no",
        Provider.WECHATPAY: "out_trade_no",
        Provider.PAYPAL: "resource.invoice_id",
    }
    crafted = by_api.providers.craft(provider, shopper.payment.reference, overrides={field[provider]: number})
    refused(send(by_api, crafted), "a notification of an order that nobody placed")
    unpaid(shopper)


def send(stage: Stage, crafted: Crafted) -> httpx.Response:
    return stage.target.wire.send(crafted.request())


def no_fault(response: httpx.Response) -> None:
    assert response.status_code < 500, f"answered {response.status_code}: a fault, where a refusal was due"


def refused(response: httpx.Response, what: str) -> None:
    """A 4xx: neither an acknowledgement, which ends the provider's retries, nor a fault."""
    assert 400 <= response.status_code < 500, f"expected {what} to be refused with 4xx; answered {response.status_code}"


def look(shopper: Shopper) -> Order:
    return done(require(shopper.channel, Orders).order(shopper.order.number), "reading the order")


def unpaid(shopper: Shopper) -> None:
    """Nothing came of it: the order is as unpaid as it was."""
    order, payment = look(shopper), shopper.payment
    assert (order.state, order.captured) == (OrderState.UNPAID, Money.zero(order.total.currency)), told(order, payment)


def told(order: Order, payment: Payment) -> str:
    return f"nothing was paid for {payment.reference}, and yet order {order.number} of {order.total} is {order.state}"
