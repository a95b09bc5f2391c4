"""What moves: one currency all the way, never twice for one request, never back more than came."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.waiting import eventually
from fixtures.money import Money
from fixtures.targets import require
from fixtures.targets.contract import Checkout, Done, Order, Orders, Outcome, Provider, Reason, Refund, Refunds, Refused
from fixtures.targets.halves import BoundVerb
from tests.money.conftest import Market

TAKES = {
    Provider.ALIPAY: ["CNY"],
    Provider.WECHATPAY: ["CNY"],
    Provider.PAYPAL: ["USD", "EUR", "JPY"],
}
"""Currencies to try at each provider: with two decimals and with none."""

MOST = 9_999_999
"""Minor units that every provider takes in each of these currencies: PayPal's limit in yen is the lowest."""

ways = st.sampled_from([(provider, currency) for provider, currencies in TAKES.items() for currency in currencies])


@pytest.mark.check(
    rule="order, payment and money moved are one amount in one currency",
    standards=["CWE-681", "WSTG-BUSL-10"],
    severity="critical",
)
@given(way=ways, minor=st.integers(1, MOST))
def test_the_provider_moves_exactly_what_was_ordered(
    market: Market, shopper: Shopper, way: tuple[Provider, str], minor: int
) -> None:
    provider, total = way[0], Money(minor, way[1])
    assume(market.stage.target.pays_with(provider))
    order = market.paid(shopper, total, provider)
    moved = [entry.amount for entry in market.stage.providers.ledger(provider, shopper.payment.reference)]
    assert order.total == order.captured == total, (
        f"expected {total} paid; the order says {order.captured} of {order.total}"
    )
    assert moved == [total], f"expected the provider to move {total} once; it moved {moved}"


@pytest.mark.check(
    rule="an amount that is not one is refused and changes nothing",
    standards=["CWE-20", "CWE-1284", "WSTG-BUSL-10"],
    severity="critical",
)
@given(
    amount=st.sampled_from(
        ["0", "0.00", "-1.00", "-0.01", "1.001", "1e1", "NaN", "Infinity", "", " ", "1,00", "0x10", 1.5, None, []]
    )
    | st.integers(max_value=0)
    | st.text(max_size=6).filter(lambda text: not text.strip().replace(".", "").isdigit())
)
def test_a_refund_of_what_is_no_amount_is_refused(market: Market, staff: Refunds, paid: Order, amount: Any) -> None:
    honest = _verb(staff.refund).prepare(paid.number, Money(1, "CNY"))
    attack = honest.changed(amount={"amount": amount, "currency": "CNY"})
    outcome = attack.read(market.stage.target.wire.send(attack.request))
    assert isinstance(outcome, Refused), f"a refund of {amount!r} was accepted: {outcome}"
    after = done(require(market.administrator.channel, Orders).order(paid.number), "reading the order")
    assert after.refundable == paid.total, (
        f"a refund of {amount!r} was refused, and yet only {after.refundable} is left"
    )


@pytest.mark.check(
    rule="refunds never exceed what was captured, also in parallel",
    standards=["CWE-362", "CWE-682"],
    severity="critical",
)
@given(parts=st.lists(st.integers(1, 6000), min_size=2, max_size=5))
def test_parallel_refunds_never_exceed_the_capture(
    market: Market, shopper: Shopper, staff: Refunds, parts: list[int]
) -> None:
    order = market.paid(shopper, Money(8880, "CNY"))
    with ThreadPoolExecutor(len(parts)) as pool:
        outcomes = list(pool.map(lambda part: staff.refund(order.number, Money(part, "CNY"), "parallel"), parts))
    agreed = Money.sum((outcome.value.amount for outcome in outcomes if isinstance(outcome, Done)), "CNY")
    assert agreed <= order.total, f"refunds of {agreed} were agreed to on an order of {order.total}"
    moved = _refunded(market, shopper)
    assert moved <= order.total, f"{moved} went back on an order of {order.total}"
    market.stage.books.balanced()


@pytest.mark.check(
    rule="one idempotency key, one effect, the same answer", standards=["CWE-837", "CWE-362"], severity="critical"
)
@given(minor=st.integers(1, 4000), together=st.integers(2, 5), parallel=st.booleans())
def test_the_same_request_again_is_one_refund(
    market: Market, shopper: Shopper, staff: Refunds, minor: int, together: int, parallel: bool
) -> None:
    order, amount, key = market.paid(shopper, Money(8880, "CNY")), Money(minor, "CNY"), secrets.token_hex(16)
    with ThreadPoolExecutor(together if parallel else 1) as pool:
        calls = [pool.submit(staff.refund, order.number, amount, "again", key) for _ in range(together)]
    outcomes = [call.result() for call in calls]
    found = {outcome.value.id for outcome in outcomes if isinstance(outcome, Done)}
    assert len(found) == 1, f"one key asked for {together} times gave the refunds {sorted(found)}"
    eventually(lambda: _refunded(market, shopper), lambda moved: moved >= amount, f"{amount} to go back")
    assert _refunded(market, shopper) == amount, f"expected {amount} to go back once; {_refunded(market, shopper)} did"


@pytest.mark.check(rule="an idempotency key is good for one request only", standards=["CWE-837"], severity="high")
@given(first=st.integers(1, 4000), second=st.integers(1, 4000))
def test_the_same_key_with_another_amount_is_refused(
    market: Market, shopper: Shopper, staff: Refunds, first: int, second: int
) -> None:
    order, key = market.paid(shopper, Money(8880, "CNY")), secrets.token_hex(16)
    done(staff.refund(order.number, Money(first, "CNY"), "first", key), "a first refund")
    again: Outcome[Refund] = staff.refund(order.number, Money(second, "CNY"), "first", key)
    if first == second:
        done(again, "the same refund again")
        return
    assert isinstance(again, Refused), f"the key of a refund of {first} fen was taken for one of {second} fen: {again}"
    assert again.reason is Reason.KEY_REUSED
    left = done(require(market.administrator.channel, Orders).order(order.number), "reading").refundable
    assert left == order.total - Money(first, "CNY"), f"{left} is refundable"


@pytest.mark.check(
    rule="what is sold never exceeds what was in stock", standards=["CWE-362", "ASVS-v5.0.0-2.3.4"], severity="critical"
)
@given(stock=st.integers(1, 3), buyers=st.integers(2, 4))
def test_parallel_buyers_never_get_more_than_there_is(market: Market, stock: int, buyers: int) -> None:
    product = market.administrator.sells(Money(100, "CNY"), stock)
    crowd = [market.shopper() for _ in range(buyers)]
    for each in crowd:
        done(require(each.channel, Checkout).put_in_cart(product.id, 1), "putting it in the cart")
    with ThreadPoolExecutor(buyers) as pool:
        outcomes = list(pool.map(lambda each: each.places_order(), crowd))
    sold = sum(isinstance(outcome, Done) for outcome in outcomes)
    left = market.stock_of(product)
    assert sold == min(stock, buyers), f"{stock} in stock, {buyers} buyers at once, {sold} got one"
    assert left == stock - sold, f"{stock} in stock, {sold} sold, {left} left"


@pytest.fixture
def staff(market: Market) -> Refunds:
    """A clerk, who may refund these amounts without asking."""
    return market.clerk()


@pytest.fixture
def paid(market: Market) -> Order:
    return market.paid(market.shopper(), Money(8880, "CNY"))


def _refunded(market: Market, shopper: Shopper) -> Money:
    entries = market.stage.providers.ledger(shopper.payment.provider, shopper.payment.reference)
    return Money.sum((entry.amount for entry in entries if entry.kind == "refund"), shopper.payment.amount.currency)


def _verb(bound: Any) -> BoundVerb[..., Outcome[Refund]]:
    assert isinstance(bound, BoundVerb)
    return bound
