"""What a cart and an order cost: exact, whatever the way there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.money import Money
from fixtures.targets import require
from fixtures.targets.contract import Checkout, Done
from tests.money.conftest import Market

prices = st.sampled_from([1, 3, 1990, 8880, 12345, 99999]).map(lambda minor: Money(minor, "CNY"))
lines = st.lists(st.tuples(prices, st.integers(1, 40)), min_size=1, max_size=4)


@pytest.mark.check(
    rule="total = sum of price x quantity, exact in minor units", standards=["CWE-682"], severity="critical"
)
@given(lines=lines)
def test_a_total_is_the_exact_sum_of_its_lines(
    market: Market, shopper: Shopper, lines: list[tuple[Money, int]]
) -> None:
    cart = market.fill(shopper, *((market.product(price, i), n) for i, (price, n) in enumerate(lines)))
    expected = Money.sum((price * n for price, n in lines), "CNY")
    assert cart.total == expected, f"expected a total of {expected}, the cart says {cart.total}"
    order = done(shopper.places_order(), "placing the order")
    assert order.total == expected, f"expected an order of {expected}, it is one of {order.total}"


@pytest.mark.check(rule="a total does not depend on the order of the lines", standards=["CWE-682"], severity="high")
@given(lines=lines, data=st.data())
def test_the_order_of_the_lines_does_not_matter(
    market: Market, shopper: Shopper, lines: list[tuple[Money, int]], data: st.DataObject
) -> None:
    chosen = [(market.product(price, i), n) for i, (price, n) in enumerate(lines)]
    first = market.fill(shopper, *chosen).total
    second = market.fill(shopper, *data.draw(st.permutations(chosen))).total
    assert first == second, f"the same lines cost {first} in one order and {second} in another"


@pytest.mark.check(rule="splitting a line keeps the total", standards=["CWE-1339"], severity="high")
@given(price=prices, one=st.integers(1, 20), two=st.integers(1, 20))
def test_splitting_a_line_keeps_the_total(market: Market, shopper: Shopper, price: Money, one: int, two: int) -> None:
    whole = market.fill(shopper, (market.product(price), one + two)).total
    split = market.fill(shopper, (market.product(price), one), (market.product(price, number=1), two)).total
    assert whole == split == price * (one + two), f"{one + two} cost {whole}, {one} and {two} cost {split}"


@pytest.mark.check(rule="adding and removing a line is the identity", standards=["CWE-682"], severity="medium")
@given(lines=lines, price=prices, quantity=st.integers(1, 40))
def test_adding_then_removing_changes_nothing(
    market: Market, shopper: Shopper, lines: list[tuple[Money, int]], price: Money, quantity: int
) -> None:
    before = market.fill(shopper, *((market.product(p, i), n) for i, (p, n) in enumerate(lines)))
    extra = market.product(price, number=99)
    checkout = require(shopper.channel, Checkout)
    done(checkout.put_in_cart(extra.id, quantity), "adding a line")
    after = done(checkout.set_quantity(extra.id, 0), "removing it")
    assert after == before, f"expected the cart as it was, {before}; it is {after}"


@pytest.mark.check(rule="more of a product never lowers the total", standards=["CWE-1284"], severity="high")
@given(price=prices, few=st.integers(1, 50), more=st.integers(1, 50))
def test_more_never_costs_less(market: Market, shopper: Shopper, price: Money, few: int, more: int) -> None:
    product = market.product(price)
    less, full = market.fill(shopper, (product, few)).total, market.fill(shopper, (product, few + more)).total
    assert full > less, f"{few} cost {less}, {few + more} cost {full}"


wrong_quantities = st.one_of(
    st.integers(max_value=-1),
    st.integers(min_value=2**31),
    st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: not x.is_integer()),
    st.sampled_from(["2", "1e2", "", None, True, [1], {"$gt": 0}]),
)


@pytest.mark.check(
    rule="a quantity is a positive whole number",
    standards=["CWE-1284", "WSTG-BUSL-10", "ASVS-v5.0.0-2.2.1"],
    severity="critical",
)
@given(quantity=wrong_quantities)
def test_a_quantity_that_is_none_is_refused_and_the_cart_stays(
    market: Market, shopper: Shopper, quantity: object
) -> None:
    product = market.product(Money(8880, "CNY"))
    before = market.fill(shopper, (product, 1))
    checkout = require(shopper.channel, Checkout)
    attack = checkout.set_quantity.prepare(product.id, 2).changed(quantity=quantity)  # type: ignore[attr-defined]
    outcome = attack.read(market.stage.target.wire.send(attack.request))
    after = done(checkout.cart(), "reading the cart")
    assert not isinstance(outcome, Done), f"a quantity of {quantity!r} was accepted: the cart costs {after.total}"
    assert after == before, f"a quantity of {quantity!r} was refused, and yet the cart went from {before} to {after}"
