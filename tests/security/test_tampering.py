"""The client decides what it buys, never what it costs."""

from __future__ import annotations

from typing import Any

import pytest

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator
from fixtures.actors.stage import Stage
from fixtures.money import Money
from fixtures.targets import require
from fixtures.targets.contract import Checkout, Done, Orders, OrderState, Provider
from tests.security.conftest import PRICE, Buy

CHEAP = {"amount": "0.01", "currency": "CNY"}

LIES: list[dict[str, Any]] = [
    {"price": CHEAP},
    {"price": "0.01"},
    {"unit_price": 1},
    {"total": CHEAP},
    {"amount": "0.01"},
    {"amount": CHEAP},
    {"discount": {"amount": "88.79", "currency": "CNY"}},
    {"currency": "JPY"},
    {"state": "paid"},
    {"status": "paid", "paid": True},
    {"pay_amount": 1},
]


@pytest.mark.check(
    rule="the server, not the client, sets the price",
    standards=["CWE-472", "CWE-602", "CWE-915", "WSTG-BUSL-10", "ASVS-v5.0.0-2.2.2", "API3:2023"],
    severity="critical",
)
@pytest.mark.parametrize("lie", LIES, ids="+".join)
@pytest.mark.parametrize("verb", ["put_in_cart", "place_order", "pay"])
def test_a_price_sent_along_has_no_effect(
    by_api: Stage, administrator: Administrator, verb: str, lie: dict[str, Any]
) -> None:
    price = PRICE[Provider.ALIPAY]
    shopper = Shopper.registered(by_api)
    product = administrator.sells(price, stock=5)
    checkout: Any = require(shopper.channel, Checkout)
    arguments: dict[str, tuple[Any, ...]] = {"put_in_cart": (product.id, 1), "place_order": ()}
    if verb != "put_in_cart":
        done(checkout.put_in_cart(product.id, 1), "putting it in the cart")
    if verb == "pay":
        done(shopper.places_order(), "placing the order")
        arguments["pay"] = (shopper.order.number, Provider.ALIPAY)
    attack = getattr(checkout, verb).prepare(*arguments[verb]).changed(**lie)
    outcome = attack.read(by_api.target.wire.send(attack.request))
    if verb == "put_in_cart":
        costs = done(checkout.cart(), "reading the cart").total
        assert costs in (price, Money.zero("CNY")), f"a cart of one at {price} costs {costs}"
        assert costs == price or not isinstance(outcome, Done), "it was accepted, and yet is not in the cart"
        return
    if verb == "place_order" and isinstance(outcome, Done):
        assert (outcome.value.total, outcome.value.state) == (price, OrderState.UNPAID), (
            f"one at {price}: {outcome.value}"
        )
    if verb == "pay":
        if isinstance(outcome, Done):
            asked = by_api.providers.trade(Provider.ALIPAY, outcome.value.reference).amount
            assert asked == price, f"an order of {price} asks the provider for {asked}"
        order = done(require(shopper.channel, Orders).order(shopper.order.number), "reading the order")
        assert (order.total, order.captured) == (price, Money.zero(price.currency)), f"one at {price}: {order}"


@pytest.mark.check(
    rule="an order is paid in its own currency", standards=["CWE-472", "WSTG-BUSL-10"], severity="critical"
)
def test_the_provider_is_asked_for_the_orders_currency(
    by_api: Stage, shopper_at_cashier: Buy, provider: Provider
) -> None:
    shopper = shopper_at_cashier(provider)
    asked = by_api.providers.trade(provider, shopper.payment.reference).amount
    assert asked == shopper.order.total, f"an order of {shopper.order.total} asks {provider} for {asked}"


@pytest.mark.check(
    rule="what is added after the payment began is not paid for", standards=["CWE-345", "WSTG-BUSL-10"], severity="high"
)
def test_a_cart_filled_after_the_payment_began_changes_no_order(
    by_api: Stage, administrator: Administrator, shopper_at_cashier: Buy, provider: Provider
) -> None:
    shopper = shopper_at_cashier(provider)
    extra = administrator.sells(shopper.order.total, stock=5)
    shopper.puts_in_cart(extra, 1)
    shopper.at_provider().approve()
    shopper.finds_order(state=OrderState.PAID, total=shopper.order.total, captured=shopper.order.total)
    shopper.quietly.finds_in_stock(extra, 5)
    by_api.books.balanced()


@pytest.mark.check(
    rule="the return address proves nothing", standards=["CWE-345", "CWE-425", "WSTG-BUSL-10"], severity="critical"
)
def test_coming_back_without_having_paid_pays_nothing(
    by_api: Stage, shopper_at_cashier: Buy, provider: Provider
) -> None:
    shopper = shopper_at_cashier(provider)
    honest = require(shopper.channel, Checkout).come_back.prepare(shopper.order.number)  # type: ignore[attr-defined]
    claims = {
        "status": "ok",
        "trade_status": "TRADE_SUCCESS",
        "PayerID": "A1B2C3D4",
        "total_amount": shopper.order.total.text,
    }
    honest.request.url = honest.request.url.copy_merge_params(claims)
    response = by_api.target.wire.send(honest.request)
    assert response.status_code < 500, f"answered {response.status_code}: a fault"
    order = done(require(shopper.channel, Orders).order(shopper.order.number), "reading the order")
    assert (order.state, order.captured) == (OrderState.UNPAID, Money.zero(order.total.currency)), (
        f"nothing was paid, and yet it is {order.state}"
    )
