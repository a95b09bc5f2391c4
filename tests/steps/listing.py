"""Many orders at once: turned page by page, exported, and held against the provider's bill of a day."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from io import StringIO

from pytest_bdd import given, then, when

from fixtures.actors.bank import Bank
from fixtures.actors.guest import Guest
from fixtures.actors.outcomes import done
from fixtures.actors.person import Person
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator, Auditor, Clerk
from fixtures.money import Money
from fixtures.targets.contract import Export, Order, OrderState, Outcome, Provider, StatementEntry
from tests.steps.words import phrase

People = Callable[[str], Person]
FORMULA = tuple("=+-@\t\r＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula (OWASP, CSV Injection)."""

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
SEPARATORS = ",;\t|"
"""What spreadsheets in the world's languages, and their dialogues, split a line by."""


@given(phrase("the shopper has placed {number:Count} orders of {total:Money}"))
def _(shopper: Shopper, administrator: Administrator, number: int, total: Money) -> None:
    product = administrator.quietly.sells(total, stock=number)
    for _each in range(number):
        shopper.quietly.orders(product)


@when(
    phrase("the clerk searches by the shopper's e-mail among the orders that are {state:State}"),
    target_fixture="attempt",
)
def _(clerk: Clerk, shopper: Shopper, state: OrderState) -> Outcome[tuple[Order, ...]]:
    return clerk.filters(shopper.email, state)


@when(
    phrase("the clerk searches by the shopper's e-mail among the orders paid with {provider:Provider}"),
    target_fixture="attempt",
)
def _(clerk: Clerk, shopper: Shopper, provider: Provider) -> Outcome[tuple[Order, ...]]:
    return clerk.filters_by_provider(shopper.email, provider)


@when(
    "the clerk searches by the shopper's e-mail among the orders of the day on which it was placed",
    target_fixture="attempt",
)
def _(clerk: Clerk, shopper: Shopper) -> Outcome[tuple[Order, ...]]:
    day = clerk.day_of_placing(shopper.order.number)
    return clerk.filters_by_days(shopper.email, day, day)


@when("the clerk searches by the shopper's e-mail among the orders of the week before", target_fixture="attempt")
def _(clerk: Clerk, shopper: Shopper) -> Outcome[tuple[Order, ...]]:
    day = clerk.day_of_placing(shopper.order.number)
    return clerk.filters_by_days(shopper.email, day - WEEK, day - DAY)


@when("the clerk searches by the shopper's e-mail among the orders of the week after", target_fixture="attempt")
def _(clerk: Clerk, shopper: Shopper) -> Outcome[tuple[Order, ...]]:
    day = clerk.day_of_placing(shopper.order.number)
    return clerk.filters_by_days(shopper.email, day + DAY, day + WEEK)


@then("the list is empty")
def _(attempt: Outcome[tuple[Order, ...]]) -> None:
    seen = [order.number for order in done(attempt, "searching")]
    assert not seen, f"expected no order of another day; the list has {seen}"


@then("the list has the last order and no other")
def _(attempt: Outcome[tuple[Order, ...]], shopper: Shopper) -> None:
    seen = [order.number for order in done(attempt, "searching")]
    assert seen == [shopper.order.number], f"expected {shopper.order.number} alone; the list has {seen}"


@when("the clerk turns the pages of the shopper's orders", target_fixture="pages")
def _(clerk: Clerk, shopper: Shopper) -> Sequence[Sequence[Order]]:
    return clerk.turns_pages(shopper.email)


@then("each of them is on one page, newest first")
def _(pages: Sequence[Sequence[Order]], shopper: Shopper) -> None:
    seen = [order.number for page in pages for order in page]
    placed = [order.number for order in reversed(shopper.memory.placed)]
    assert seen == placed, f"expected {len(placed)} orders, newest first; {len(pages)} pages have {seen}"


@when(phrase("{who:Who} exports the shopper's orders"), target_fixture="attempt")
def _(people: People, who: str, shopper: Shopper) -> Outcome[Export]:
    return people(who).exports(shopper.email)


@when("the clerk exports the guest's orders", target_fixture="attempt")
def _(clerk: Clerk, shopper: Guest) -> Outcome[Export]:
    return clerk.exports(shopper.contact)


@then("no cell of the export is a formula")
def _(attempt: Outcome[Export]) -> None:
    formulas = [cell for cell in _cells(done(attempt, "exporting").text) if cell.lstrip(" ").startswith(FORMULA)]
    assert not formulas, f"a spreadsheet would calculate {formulas}"


def _cells(text: str) -> Iterator[str]:
    """By commas, as it is meant, and as a spreadsheet splits it whose language separates by something else."""
    for separator in SEPARATORS:
        for row in csv.reader(StringIO(text), delimiter=separator):
            yield from row


@then("the export has each of them once")
def _(attempt: Outcome[Export], shopper: Shopper) -> None:
    exported = sorted(order.number for order in done(attempt, "exporting").orders)
    assert exported == sorted(order.number for order in shopper.memory.placed), f"it has {len(exported)} orders"


@then("the export shows the order as the clerk sees it")
def _(attempt: Outcome[Export], clerk: Clerk, shopper: Shopper) -> None:
    order = done(clerk.quietly.looks_at(shopper.order.number), "looking at the order")
    assert list(map(_told, done(attempt, "exporting").orders)) == [_told(order)], f"it shows {attempt}"


def _told(order: Order) -> tuple[object, ...]:
    return order.number, order.state, order.total, order.captured, order.refunded, order.refundable, order.shopper


@when("the auditor reads the statement of the day on which it was paid", target_fixture="statement")
def _(auditor: Auditor, shopper: Shopper) -> Sequence[StatementEntry]:
    return auditor.reads_statement_of(auditor.day_of_payment(shopper.order.number))


@when("the auditor reads the statement of the day before", target_fixture="statement")
def _(auditor: Auditor, shopper: Shopper) -> Sequence[StatementEntry]:
    return auditor.reads_statement_of(auditor.day_of_payment(shopper.order.number) - timedelta(days=1))


@then("it has what the providers' bills have of the shopper's payments")
def _(statement: Sequence[StatementEntry], bank: Bank, shopper: Shopper) -> None:
    bank.agrees_with(statement, shopper.payments)


@then("it has nothing of the shopper's payments")
def _(statement: Sequence[StatementEntry], shopper: Shopper) -> None:
    references = {payment.reference for payment in shopper.payments}
    found = [line for line in statement if line.reference in references]
    assert not found, f"expected nothing of {sorted(references)} on that day; the statement has {found}"
