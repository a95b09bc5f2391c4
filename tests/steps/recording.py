"""The life of an order and what is remembered of it: cancelling, expiry, history, statement, search."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pytest_bdd import given, then, when

from fixtures.actors.outcomes import done
from fixtures.actors.person import Person
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator, Auditor, Clerk
from fixtures.money import Money
from fixtures.targets.contract import Done, HistoryEntry, Order, OrderState, Outcome, Provider, StatementEntry
from tests.steps.words import phrase

People = Callable[[str], Person]
Orders = Outcome[tuple[Order, ...]]


@given("the shopper has cancelled the order")
def _(shopper: Shopper) -> None:
    done(shopper.quietly.cancels(shopper.order.number), "cancelling")


@when(phrase("{who:Who} cancels the order"), target_fixture="attempt")
def _(people: People, who: str, shopper: Shopper) -> Outcome[Order]:
    return people(who).cancels(shopper.order.number)


@given("the time to pay has run out")
@when("the time to pay runs out")
def _(administrator: Administrator, shopper: Shopper) -> None:
    administrator.quietly.lets_time_run_out(shopper.order.number)


@when(phrase("{who:Who} looks at the order"), target_fixture="attempt")
def _(people: People, who: str, shopper: Shopper) -> Outcome[Order]:
    return people(who).looks_at(shopper.order.number)


@then(phrase("{who:Who} sees {amount:Money} captured"))
def _(attempt: Outcome[Order], amount: Money) -> None:
    seen = done(attempt, "looking at the order").captured
    assert seen == amount, f"expected the order to show {amount} captured; it shows {seen}"


@when("the shopper looks at the list of orders", target_fixture="attempt")
def _(shopper: Shopper) -> Orders:
    return shopper.looks_at_orders()


@when(phrase("{who:Who} searches by the order's number"), target_fixture="attempt")
def _(people: People, who: str, shopper: Shopper) -> Orders:
    return people(who).searches(shopper.order.number)


@when(phrase("{who:Who} searches by the order's e-mail"), target_fixture="attempt")
def _(people: People, who: str, shopper: Shopper) -> Orders:
    return people(who).searches(shopper.email)


@when(phrase("{who:Who} searches by the state {state:State}"), target_fixture="attempt")
def _(people: People, who: str, state: OrderState) -> Orders:
    return people(who).searches(state)


@then("the order is in the list")
def _(attempt: Orders, shopper: Shopper) -> None:
    seen = [order.number for order in done(attempt, "listing orders")]
    assert shopper.order.number in seen, f"expected the order {shopper.order.number} in the list; it has {seen}"


@then("the order is not found")
def _(attempt: Orders, shopper: Shopper) -> None:
    """A search that is refused finds nothing either."""
    seen = [order.number for order in attempt.value] if isinstance(attempt, Done) else []
    assert shopper.order.number not in seen, f"the search leads to another shopper's order: {seen}"


@then("the other shopper's order is not in the list")
def _(attempt: Orders, another_shopper: Shopper) -> None:
    seen = [order.number for order in done(attempt, "listing orders")]
    assert another_shopper.order.number not in seen, f"the list has the other shopper's order: {seen}"


@then(phrase("every order in the list is {state:State}"))
def _(attempt: Orders, state: OrderState) -> None:
    seen = {order.state for order in done(attempt, "listing orders")}
    assert seen == {state}, f"expected orders that are {state}; the list has orders that are {', '.join(sorted(seen))}"


@when(phrase("{who:Who} reads the order's history"), target_fixture="history")
def _(people: People, who: str, shopper: Shopper) -> Sequence[HistoryEntry]:
    return people(who).reads_history(shopper.order.number)


@then(phrase("the history adds up to {amount:Money} kept"))
def _(history: Sequence[HistoryEntry], amount: Money) -> None:
    moved = [entry.amount for entry in history if entry.amount is not None]
    kept = Money.sum(moved, amount.currency)
    assert kept == amount, f"expected the history to add up to {amount}; it adds up to {kept}: {list(map(str, moved))}"


@then("the history names the shopper and the clerk")
def _(history: Sequence[HistoryEntry], shopper: Shopper, clerk: Clerk) -> None:
    named = {entry.actor for entry in history}
    assert {shopper.email, clerk.email} <= named, f"the history names {sorted(named)}"


@then("the history does not name the clerk")
def _(history: Sequence[HistoryEntry], clerk: Clerk) -> None:
    assert clerk.email not in str(history), f"the history tells the buyer the clerk's e-mail: {history}"


@when("the auditor reads the statement", target_fixture="statement")
def _(auditor: Auditor, shopper: Shopper) -> Sequence[StatementEntry]:
    return auditor.reads_statement([order.number for order in shopper.memory.placed])


@then(phrase("it tells of {amount:Money} paid with {provider:Provider}"))
def _(statement: Sequence[StatementEntry], amount: Money, provider: Provider) -> None:
    assert _total(statement, provider, "payment", amount.currency) == amount, f"the statement says {statement}"


@then(phrase("it tells of {amount:Money} paid back with {provider:Provider}"))
def _(statement: Sequence[StatementEntry], amount: Money, provider: Provider) -> None:
    assert _total(statement, provider, "refund", amount.currency) == amount, f"the statement says {statement}"


def _total(statement: Sequence[StatementEntry], provider: Provider, kind: str, currency: str) -> Money:
    lines = (line.amount for line in statement if (line.provider, line.kind) == (provider, kind))
    return Money.sum(lines, currency)
