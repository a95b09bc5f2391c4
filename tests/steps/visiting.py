"""Buying without an account, and what an account takes over from a guest."""

from __future__ import annotations

from collections.abc import Callable

from pytest_bdd import given, then, when

from fixtures.actors.guest import Guest, looks_for
from fixtures.actors.outcomes import done, refused
from fixtures.actors.person import Person
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator
from fixtures.actors.stage import Stage, unique
from fixtures.money import Money
from fixtures.targets.contract import Done, Guests, NotCovered, Order, Outcome, Product, Reason, Session
from tests.steps.words import phrase

ANOTHER_EMAIL = "nobody@example.com"
ANOTHER_CODE = "0" * 20
MOST_TRIED = 100
"""A cart that takes as many different products as this is taken for one without a limit."""

KEYS: dict[str, Callable[[Guest], tuple[str, str]]] = {
    "its code and e-mail": lambda guest: (guest.order.code, guest.contact),
    "its code and another e-mail": lambda guest: (guest.order.code, ANOTHER_EMAIL),
    "another code and its e-mail": lambda guest: (ANOTHER_CODE, guest.contact),
}


@given("a shopper without an account", target_fixture="shopper")
def _(stage: Stage) -> Guest:
    return Guest.arrived(stage)


@given(phrase("a guest whose cart holds {quantity:Count} of it"), target_fixture="guest")
def _(stage: Stage, product: Product, quantity: int) -> Guest:
    guest = Guest.arrived(stage)
    guest.quietly.fills_cart(product, quantity)
    return guest


@when(phrase("a stranger looks for the order with {key}"), target_fixture="attempt")
def _(stranger: Person, shopper: Guest, key: str) -> Outcome[Order]:
    return looks_for(stranger, *KEYS[key](shopper))


@then("the stranger sees the order")
def _(attempt: Outcome[Order], shopper: Guest) -> None:
    seen = done(attempt, "looking for the order")
    shown, placed = ((one.number, one.state, one.total, one.lines) for one in (seen, shopper.order))
    assert shown == placed, f"expected the order as it was placed, {placed}; it is shown as {shown}"


@when("the shopper makes an account with the order's e-mail", target_fixture="attempt")
def _(shopper: Guest) -> Outcome[Session]:
    return shopper.registers(shopper.contact)


@when("a visitor makes an account with the order's e-mail", target_fixture="visitor")
def _(stage: Stage, shopper: Guest) -> Shopper:
    visitor = Shopper(stage)
    done(visitor.registers(shopper.contact), "registering")
    return visitor


@then("the order is among the shopper's orders")
def _(shopper: Shopper) -> None:
    shopper.finds(
        lambda own: (
            shopper.order.number in [order.number for order in done(own.looks_at_orders(), "reading the orders")]
        ),
        True,
        f"the order {shopper.order.number} in the list",
    )


@then("the visitor does not see the order")
def _(visitor: Shopper, shopper: Guest) -> None:
    for view in visitor.views.values():
        refused(view.looks_at(shopper.order.number), Reason.NOT_FOUND, "looking at the order")


@when("the guest signs in as the shopper")
def _(guest: Guest, shopper: Shopper) -> None:
    done(guest.signs_in(shopper.email, shopper.password), "signing in")


@when("the shopper goes on as a guest")
def _(shopper: Shopper) -> None:
    done(shopper.does(Guests).arrive(), "going on as a guest")


@given("the shopper's cart is full", target_fixture="most")
def _(shopper: Shopper, administrator: Administrator) -> int:
    """How many products it holds."""
    for held in range(MOST_TRIED):
        product = administrator.quietly.sells(Money(1, "CNY"), stock=1)
        if not isinstance(shopper.quietly.puts_in_cart(product, 1), Done):
            return held
    raise NotCovered(f"the target's cart takes {MOST_TRIED} products and more")


@then("the cart is as full as before, and the product is in it")
def _(shopper: Shopper, product: Product, most: int) -> None:
    shopper.finds(
        lambda own: (len(held := own.products_in_cart()), product.id in held), (most, True), f"{most} products, it too"
    )


@when("another shopper signs in where the shopper is signed in")
def _(shopper: Shopper, another_shopper: Shopper) -> None:
    done(shopper.on_second_device().signs_in(another_shopper.email, another_shopper.password), "signing in")


@when("another shopper signs in with the shopper's browser")
def _(shopper: Shopper, another_shopper: Shopper) -> None:
    done(shopper.signs_in(another_shopper.email, another_shopper.password), "signing in")


@then(phrase("another shopper's cart is empty"))
def _(another_shopper: Shopper) -> None:
    another_shopper.finds_cart_total(Money.zero("CNY"))


@when("the shopper makes an account", target_fixture="attempt")
def _(shopper: Guest) -> Outcome[Session]:
    return shopper.registers(unique("ada") + "@example.com")


@given("another shopper without an account has used the coupon with the same e-mail")
def _(stage: Stage, shopper: Guest, product: Product, coupon: str) -> None:
    done(_twin(stage, shopper, product, coupon).quietly.places_order(), "placing the order")


@given("the cart of a guest with the same e-mail holds 1 of it with the coupon", target_fixture="guest")
def _twin(stage: Stage, shopper: Guest, product: Product, coupon: str) -> Guest:
    twin = Guest.arrived(stage)
    twin.contact = shopper.contact
    twin.quietly.fills_cart(product, coupon=coupon)
    return twin
