"""Two at the same moment: buyers, refunds, a return and its notification."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from pytest_bdd import given, then, when

from fixtures.actors.bank import Bank
from fixtures.actors.guest import Guest
from fixtures.actors.outcomes import done, refused
from fixtures.actors.postman import Postman
from fixtures.actors.race import at_once, ready
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Clerk
from fixtures.actors.stage import unique
from fixtures.actors.waiting import eventually
from fixtures.money import Money
from fixtures.targets.contract import (
    AccountDeletion,
    Checkout,
    Done,
    Guests,
    Order,
    Orders,
    OrderState,
    Outcome,
    Payment,
    Provider,
    Reason,
    Refund,
    Refunds,
    RefundState,
)
from tests.steps.words import phrase

People = Callable[[str], Shopper]
Refunded = list[Outcome[Refund]]


@when("both shoppers place their orders at once", target_fixture="attempts")
def _(shopper: Shopper, another_shopper: Shopper) -> list[Outcome[object]]:
    both = (shopper, another_shopper)
    outcomes = at_once(*(ready(each, Checkout, "place_order") for each in both))
    for each, outcome in zip(both, outcomes, strict=True):
        each.remembers_placing(outcome)
    return outcomes


@when("both guests place their orders at once", target_fixture="attempts")
def _(shopper: Guest, guest: Guest) -> list[Outcome[Order]]:
    outcomes = at_once(*(ready(each, Guests, "order_as_guest", each.contact) for each in (shopper, guest)))
    return [each.remembers_placing(outcome) for each, outcome in zip((shopper, guest), outcomes, strict=True)]


@when(phrase("the shopper presses Pay twice at once to pay with {provider:Provider}"), target_fixture="attempts")
def _(shopper: Shopper, provider: Provider) -> list[Outcome[Payment]]:
    outcomes = at_once(*(ready(shopper, Checkout, "pay", shopper.order.number, provider) for _ in range(2)))
    for outcome in outcomes:
        shopper.remembers_choosing(outcome)
    return outcomes


@when("the shopper approves whatever was begun, and returns")
def _(shopper: Shopper, postman: Postman) -> None:
    """The shop is told of none of it before all of it is approved."""
    with ExitStack() as held:
        for payment in shopper.payments:
            held.enter_context(postman.holds(payment))
        shopper.quietly.approves_everything()


@given("the shopper has approved the payment")
def _(shopper: Shopper) -> None:
    shopper.quietly.at_provider().approve()


@when("the shopper's return and the held notifications arrive at once")
def _(shopper: Shopper, postman: Postman) -> None:
    back = ready(shopper, Checkout, "come_back", shopper.order.number)
    at_once(back, *postman.readies_held(shopper.payment))


@when("the shopper cancels the order and comes back at once")
def _(shopper: Shopper) -> None:
    number = shopper.order.number
    at_once(ready(shopper, Orders, "cancel", number), ready(shopper, Checkout, "come_back", number))


@then(phrase("{provider:Provider} has taken the total of an order that was paid, or nothing of a cancelled one"))
def _(shopper: Shopper, bank: Bank, provider: Provider) -> None:
    """Who comes back first and cancels then has cancelled a paid order, which is paid back."""
    ended = (OrderState.PAID, OrderState.CANCELLED, OrderState.REFUNDED)
    order = eventually(
        lambda: done(shopper.quietly.looks_at(shopper.order.number), "looking at the order"),
        lambda order: order.state in ended,
        "the order to be paid, cancelled or paid back",
    )
    nothing = Money.zero(order.total.currency)
    bank.has_taken(provider, nothing if order.state is OrderState.CANCELLED else order.total, shopper.payments)
    if order.state is OrderState.REFUNDED:
        bank.has_kept(nothing, shopper.payments)


@when("the shopper orders and closes the account at once", target_fixture="attempts")
def _(shopper: Shopper) -> list[Outcome[object]]:
    orders = ready(shopper, Checkout, "place_order")
    closes = ready(shopper, AccountDeletion, "close_account", shopper.password)
    ordered, closed = at_once(orders, closes)
    return [shopper.remembers_placing(ordered), closed]


@then("one of the two is done and the other is refused")
def _(attempts: list[Outcome[object]]) -> None:
    assert [isinstance(attempt, Done) for attempt in attempts].count(True) == 1, f"it came to {attempts}"


@when(phrase("the clerk sends two refund requests of {amount:Money} at once"), target_fixture="attempts")
def _(clerk: Clerk, shopper: Shopper, amount: Money) -> Refunded:
    return at_once(*(ready(clerk, Refunds, "refund", shopper.order.number, amount) for _ in range(2)))


@when(phrase("the clerk sends the same refund request of {amount:Money} twice at once"), target_fixture="attempts")
def _(clerk: Clerk, shopper: Shopper, amount: Money) -> Refunded:
    key = unique("refund")
    return at_once(*(ready(clerk, Refunds, "refund", shopper.order.number, amount, key=key) for _ in range(2)))


@then(phrase("one of the two is refused because {reason:Reason}"))
def _(attempts: list[Outcome[object]], reason: Reason) -> None:
    declined = [attempt for attempt in attempts if not isinstance(attempt, Done)]
    assert len(declined) == 1, f"expected one of the two to be refused; it came to {attempts}"
    refused(declined[0], reason, "second of the two")


@then("both times it is the same refund")
def _(attempts: Refunded) -> None:
    made = {done(attempt, "refunding").id for attempt in attempts}
    assert len(made) == 1, f"expected one refund; the target made {sorted(made)}"


@then("one of the two is awaiting approval")
def _(attempts: Refunded) -> None:
    states = [done(attempt, "refunding").state for attempt in attempts]
    assert states.count(RefundState.AWAITING_APPROVAL) == 1, f"expected one of the two to wait; they are {states}"
