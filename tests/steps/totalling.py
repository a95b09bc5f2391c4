"""What a purchase costs in all: tax and shipping, and one total from the cart to the provider."""

from __future__ import annotations

from pytest_bdd import given, then, when

from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator
from fixtures.money import Money
from fixtures.targets.contract import Product, Provider
from tests.steps.words import phrase


@given(phrase("it carries {percent} % tax, and {shipping:Money} for shipping"))
def _(administrator: Administrator, product: Product, percent: str, shipping: Money) -> None:
    administrator.quietly.charges(product, percent, shipping)


@given(phrase("the shopper's cart holds 1 of a product at {price:Money} with {percent} % tax"))
def _(administrator: Administrator, shopper: Shopper, price: Money, percent: str) -> None:
    product = administrator.quietly.sells(price, stock=10)
    administrator.quietly.charges(product, percent, Money.zero(price.currency))
    shopper.quietly.fills_cart(product)


@given("the shopper has looked the order over")
def _(shopper: Shopper) -> None:
    shopper.looks_order_over()


@when(phrase("the shopper checks out with {provider:Provider}"), target_fixture="told")
def _(shopper: Shopper, provider: Provider) -> dict[str, Money]:
    return shopper.checks_out_with(provider)


@then(phrase("everything on the way there asks for {total:Money}"))
def _(told: dict[str, Money], total: Money) -> None:
    wrong = {where: seen for where, seen in told.items() if seen != total}
    assert not wrong, f"expected {total} everywhere; " + ", ".join(
        f"{where} says {seen}" for where, seen in wrong.items()
    )


@then(phrase("the order tells of {discount:Money} off, {tax:Money} tax and {shipping:Money} for shipping"))
def _(shopper: Shopper, discount: Money, tax: Money, shipping: Money) -> None:
    shopper.finds_order(discount=discount, tax=tax, shipping=shipping)


@then(phrase("the order's total is {total:Money}"))
def _(shopper: Shopper, total: Money) -> None:
    shopper.finds_order(total=total)
