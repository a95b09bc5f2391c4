"""From the shelf to the placed order: products, coupons, the cart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from pytest_bdd import given, then, when

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator
from fixtures.actors.stage import unique
from fixtures.money import Money
from fixtures.targets.contract import Cart, Order, Outcome, Product
from tests.steps.words import phrase

People = Callable[[str], Shopper]


@given(phrase("a product at {price:Money} with {stock:Count} in stock"), target_fixture="product")
def _(administrator: Administrator, price: Money, stock: int) -> Product:
    return administrator.quietly.sells(price, stock)


@given(phrase("the administrator has changed the price to {price:Money}"))
def _(administrator: Administrator, product: Product, price: Money) -> None:
    administrator.quietly.changes_price(product, price)


@given("the administrator has withdrawn the product")
def _(administrator: Administrator, product: Product) -> None:
    administrator.quietly.withdraws(product)


@given(phrase("the administrator has counted the stock as {stock:Count}"))
def _(administrator: Administrator, product: Product, stock: int) -> None:
    administrator.quietly.counts_stock(product, stock)


@given(phrase("a coupon of {amount:Money}"), target_fixture="coupon")
def _(administrator: Administrator, amount: Money) -> str:
    return administrator.quietly.issues_coupon(amount)


@given(phrase("a coupon of {amount:Money} that has expired"), target_fixture="coupon")
def _(administrator: Administrator, amount: Money) -> str:
    return administrator.quietly.issues_coupon(amount, valid_until=datetime.now(UTC) - timedelta(days=1))


@given(phrase("a coupon of {amount:Money} that is used up"), target_fixture="coupon")
def _(administrator: Administrator, another_shopper: Shopper, product: Product, amount: Money) -> str:
    code = administrator.quietly.issues_coupon(amount, uses=1)
    another_shopper.quietly.fills_cart(product, coupon=code)
    done(another_shopper.quietly.places_order(), "using the coupon up")
    return code


@given(phrase("a coupon of {amount:Money} that was never issued"), target_fixture="coupon")
def _() -> str:
    return unique("TEA").upper()


@given(phrase("{who:Who}'s cart holds {quantity:Count} of it"))
def _(people: People, who: str, product: Product, quantity: int) -> None:
    people(who).quietly.fills_cart(product, quantity)


@given(phrase("{who:Who}'s cart holds {quantity:Count} of it with the coupon"))
def _(people: People, who: str, product: Product, quantity: int, coupon: str) -> None:
    people(who).quietly.fills_cart(product, quantity, coupon)


@when(phrase("the shopper puts {quantity:Count} of it in the cart"), target_fixture="attempt")
def _(shopper: Shopper, product: Product, quantity: int) -> Outcome[Cart]:
    return shopper.puts_in_cart(product, quantity)


@when(phrase("the shopper changes the quantity to {quantity:Count}"), target_fixture="attempt")
def _(shopper: Shopper, product: Product, quantity: int) -> Outcome[Cart]:
    return shopper.changes_quantity(product, quantity)


@when("the shopper uses the coupon", target_fixture="attempt")
def _(shopper: Shopper, coupon: str) -> Outcome[Cart]:
    return shopper.uses_coupon(coupon)


@then(phrase("the cart's total is {total:Money}"))
def _(shopper: Shopper, total: Money) -> None:
    shopper.finds_cart_total(total)


@when("the shopper places the order", target_fixture="attempt")
def _(shopper: Shopper) -> Outcome[Order]:
    return shopper.places_order()


@given(phrase("{who:Who} has ordered {quantity:Count} of it"))
def _(people: People, who: str, product: Product, quantity: int) -> None:
    people(who).quietly.fills_cart(product, quantity)
    done(people(who).quietly.places_order(), "placing the order")


@given(phrase("{who:Who} has ordered {quantity:Count} of it with the coupon"))
def _(people: People, who: str, product: Product, quantity: int, coupon: str) -> None:
    people(who).quietly.fills_cart(product, quantity, coupon)
    done(people(who).quietly.places_order(), "placing the order")


@given(phrase("{who:Who} has placed an order of {total:Money}"), target_fixture="product")
def _(people: People, administrator: Administrator, who: str, total: Money) -> Product:
    product = administrator.quietly.sells(total, stock=10)
    people(who).quietly.fills_cart(product)
    done(people(who).quietly.places_order(), "placing the order")
    return product
