"""The shop's comparison of its books with a provider's bill, on bills that no simulator would write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from _pytest.raises import RaisesExc
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from fixtures.shop.database import now
from fixtures.shop.errors import Code, Refusal
from fixtures.shop.models import Payment, Refund
from fixtures.shop.money import Money
from fixtures.shop.providers.base import Begun, Finding, Gateway, Notice, ProviderTrouble, RefundFinding, Seen
from fixtures.shop.providers.bills import Bill, BillLine, Bills
from fixtures.shop.reconciliation import BothTotals, Cause, Reconciliation, ReconciliationRules
from fixtures.shop.records import Transfer
from fixtures.shop.settings import Settings
from fixtures.shop.shop import Shop
from fixtures.shop.statement import Movement
from fixtures.shop.states import OrderState, Provider, RefundState

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MIDNIGHT = NOON.replace(hour=0)
PAID = Money(8880, "CNY")
LINE = BillLine("payment", "A_1", "2026", PAID)
BOOKED = Movement("A", Provider.ALIPAY, "A_1", "payment", PAID, "2026", NOON)
PRICE, PART = Money(8000, "USD"), Money(3000, "USD")
CAPTURE, GIVEN = "CAP", "GIVEN"
BACK = BillLine("refund", "", GIVEN, PART)
BILL = Bill([LINE], MIDNIGHT, MIDNIGHT + timedelta(days=1), MIDNIGHT + timedelta(days=1))


@pytest.mark.parametrize(
    ("line", "booked", "cause"),
    [
        (LINE, BOOKED, None),
        (LINE, None, Cause.NOT_IN_SHOP),
        (None, BOOKED, Cause.NOT_AT_PROVIDER),
        (LINE, replace(BOOKED, amount=Money(8879, "CNY")), Cause.AMOUNTS_DIFFER),
        (LINE, replace(BOOKED, at=NOON + timedelta(hours=12)), Cause.ANOTHER_DAY),
        (LINE, replace(BOOKED, at=MIDNIGHT - timedelta(seconds=1)), Cause.ANOTHER_DAY),
        (LINE, replace(BOOKED, at=MIDNIGHT), None),
    ],
)
def test_each_difference_has_its_cause(line: BillLine | None, booked: Movement | None, cause: Cause | None):
    assert ReconciliationRules().cause(BILL, line, booked) == cause


def test_what_the_bill_cannot_have_yet_is_not_missing_on_it():
    assert ReconciliationRules().cause(replace(BILL, until=NOON), None, BOOKED) is None


def test_the_totals_are_of_that_day_and_by_currency():
    payout = replace(LINE, kind="other", number="P1", amount=Money(-100, "CNY"))
    given_back = replace(LINE, kind="refund", number="R1", amount=Money(880, "CNY"))
    dollars = replace(LINE, number="7", amount=Money(500, "USD"))
    booked = [BOOKED, replace(BOOKED, provider_id="older", at=MIDNIGHT - timedelta(seconds=1))]
    assert ReconciliationRules().net(replace(BILL, lines=[LINE, given_back, dollars, payout]), booked) == [
        BothTotals(Money(7900, "CNY"), Money(8880, "CNY")),
        BothTotals(Money(500, "USD"), Money(0, "USD")),
    ]


class Played(Bills):
    """Bills as a test writes them, by day."""

    zone = UTC

    def __init__(self) -> None:
        self.days: dict[date, list[BillLine]] = {}
        self.until = datetime.max.replace(tzinfo=UTC)

    def oldest(self, today: date) -> date:
        return today - timedelta(days=90)

    def lines(self, start: datetime, end: datetime) -> tuple[list[BillLine], datetime]:
        if start.date() not in self.days:
            raise Refusal(Code.NO_BILL)
        return self.days[start.date()], min(end, self.until)


class PayPal(Gateway):
    """Does what it is told; the answer to the first refund is lost."""

    provider = Provider.PAYPAL
    says = Seen.PAID
    lost = True

    def begin(self, payment: Payment) -> Begun:
        return Begun(redirect_url=f"https://paypal.example/{payment.reference}")

    def query(self, payment: Payment) -> Finding:
        return Finding(payment.reference, self.says, PRICE, CAPTURE)

    def close(self, payment: Payment) -> None:
        """Nothing is open."""

    def refund(self, refund: Refund) -> RefundFinding:
        if self.lost:
            raise ProviderTrouble("no answer")
        return RefundFinding(refund.number, RefundState.REFUNDED, GIVEN, refund.amount)


class Desk:
    """A shop with one order, a PayPal that is played, and its bills."""

    def __init__(self, folder: Path) -> None:
        settings = Settings(
            database_url=f"sqlite:///{folder}/shop.db", password_time_cost=1, password_memory_kib=64, worker_seconds=60
        )
        self.shop = shop = Shop(settings)
        shop.database.migrate()
        self.paypal, self.bills = PayPal(), Played()
        shop.payments._gateways[Provider.PAYPAL] = self.paypal
        shop._bills[Provider.PAYPAL] = self.bills
        self.user = shop.accounts.register("Li Lei", "lilei@shopper.example", "tr0ub4dor and 3")
        shop.carts.put(self.user, shop.catalogue.create("Teapot", "", PRICE, 5).id, 1)
        self.number = shop.checkout.place(self.user).number
        begun = shop.payments.begin(self.user, self.number, Provider.PAYPAL, None, "the only payment")
        self.reference = begun.payment.reference
        self.day = now().astimezone(UTC).date()
        self.paid = BillLine("payment", self.reference, CAPTURE, PRICE)

    def pays(self) -> None:
        self.shop.payments.ask(self.shop.settlement.payment(self.reference))
        self.day = self.transfers("payment")[0].at.astimezone(UTC).date()

    def refunds(self) -> str:
        """A refund that PayPal makes, and whose answer is lost."""
        return self.shop.refunds.request(self.user, self.number, PART, "Returned", "the only refund").number

    def begun(self, before: timedelta) -> date:
        """The payment is begun so much earlier: that day."""
        asked = datetime.combine(self.day, datetime.min.time(), UTC) - before
        with self.shop.database.write() as db:
            db.execute(update(Payment).values(created_at=asked))
        return asked.date()

    def found(self) -> Reconciliation:
        return self.shop.reconciliations.of(Provider.PAYPAL, self.day)

    def causes(self) -> list[tuple[str, Cause]]:
        return [(each.number, each.cause) for each in self.found().differences]

    def books(self, number: str) -> None:
        self.shop.reconciliations.book(self.user, Provider.PAYPAL, self.day, number)

    def transfers(self, kind: str) -> list[Transfer]:
        with self.shop.database.read() as db:
            return list(db.scalars(select(Transfer).where(Transfer.kind == kind)))


def refused(code: Code) -> RaisesExc[Refusal]:
    return pytest.raises(Refusal, check=lambda refusal: refusal.code is code)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.shop.database.close()


@pytest.mark.parametrize("told", [True, False], ids=["our number on the bill", "the provider's alone"])
def test_our_own_refund_booked_from_the_bill_is_booked_once(desk: Desk, told: bool) -> None:
    desk.pays()
    number = desk.refunds()
    desk.bills.days[desk.day] = [desk.paid, replace(BACK, reference=desk.reference, request=number if told else "")]
    desk.books(GIVEN)
    desk.paypal.lost = False
    with nullcontext() if told else refused(Code.MISMATCH):
        desk.shop.refunds.execute(number)
    assert [transfer.provider_id for transfer in desk.transfers("refund")] == [GIVEN]
    assert desk.causes() == []
    assert desk.shop.refunds.get(number).state is (RefundState.REFUNDED if told else RefundState.PENDING)


def test_the_ledger_has_a_movement_once_whoever_books_it(desk: Desk) -> None:
    desk.pays()
    with pytest.raises(IntegrityError), desk.shop.database.write() as db:
        payment = desk.shop.settlement.payment(desk.reference)
        desk.shop.settlement._ledger._book(db, "another subject", "payment", payment, CAPTURE, PRICE, "sales")


def test_a_movement_twice_on_the_bill_is_one_too_many_and_is_not_booked_again(desk: Desk) -> None:
    desk.pays()
    desk.bills.days[desk.day] = [desk.paid, desk.paid]
    assert desk.causes() == [(CAPTURE, Cause.NOT_IN_SHOP)]
    with refused(Code.NOT_FOUND):
        desk.books(CAPTURE)


def test_money_that_only_the_books_have_is_found(desk: Desk) -> None:
    desk.pays()
    desk.bills.days[desk.day] = []
    (found,) = desk.found().differences
    assert (found.cause, found.at_provider, found.in_shop) == (Cause.NOT_AT_PROVIDER, None, PRICE)
    desk.bills.days[desk.day] = [replace(desk.paid, amount=PART)]
    (found,) = desk.found().differences
    assert (found.cause, found.at_provider, found.in_shop) == (Cause.AMOUNTS_DIFFER, PART, PRICE)


@pytest.mark.parametrize("final", [True, False])
@pytest.mark.parametrize("days", [1, 5])
def test_what_another_days_bill_has_is_not_missing(desk: Desk, days: int, final: bool) -> None:
    desk.pays()
    desk.bills.days[desk.day] = []
    asked = desk.begun(timedelta(days=days))
    desk.bills.days[asked] = [replace(desk.paid, final=final)]
    assert desk.causes() == [(CAPTURE, Cause.ANOTHER_DAY)]
    desk.bills.days[asked] = [replace(desk.paid, final=final, amount=PART)]
    assert desk.causes() == [(CAPTURE, Cause.AMOUNTS_DIFFER)]


def test_only_what_both_sides_have_agrees(desk: Desk) -> None:
    desk.pays()
    waits = replace(BACK, reference=desk.reference, final=False)
    desk.bills.days[desk.day] = [waits]
    desk.bills.until = datetime.min.replace(tzinfo=UTC)
    found = desk.found()
    assert (found.agreeing, found.waiting, found.differences) == (0, 2, [])
    assert [total.at_provider for total in found.totals] == [Money(0, "USD")]
    desk.bills.days[desk.day] = [waits, desk.paid]
    found = desk.found()
    assert (found.agreeing, found.waiting, found.differences) == (1, 1, [])


def test_a_refund_that_names_only_the_money_it_gives_back_is_of_its_payment(desk: Desk) -> None:
    desk.pays()
    desk.bills.days[desk.day] = [desk.paid, replace(BACK, of=CAPTURE)]
    (found,) = desk.found().differences
    assert (found.reference, found.order, found.bookable) == (desk.reference, desk.number, True)
    desk.books(GIVEN)
    assert desk.causes() == []


def test_a_refund_booked_from_an_older_bill_is_not_missing_on_the_day_it_was_booked(desk: Desk) -> None:
    desk.pays()
    today, desk.day = desk.day, desk.begun(timedelta(days=5))
    desk.bills.days = {today: [desk.paid], desk.day: [replace(BACK, reference=desk.reference)]}
    desk.books(GIVEN)
    desk.day = today
    assert desk.causes() == [(GIVEN, Cause.ANOTHER_DAY)]


def test_a_payment_that_the_provider_does_not_confirm_is_not_said_to_be_booked(desk: Desk) -> None:
    desk.bills.days[desk.day] = [desk.paid]
    desk.paypal.says = Seen.OPEN
    with refused(Code.NOT_CONFIRMED):
        desk.books(CAPTURE)
    desk.paypal.says = Seen.PAID
    desk.books(CAPTURE)
    assert desk.shop.orders.get(desk.number).state is OrderState.PAID


def test_a_payment_that_the_provider_tells_otherwise_than_its_bill_is_not_booked(desk: Desk) -> None:
    desk.bills.days[desk.day] = [desk.paid]
    with desk.shop.database.write() as db:
        db.execute(update(Payment).values(amount_minor=PART.minor))
    with refused(Code.NOT_CONFIRMED):
        desk.books(CAPTURE)
    assert desk.transfers("payment") == []


def test_what_names_no_payment_or_is_neither_kind_cannot_be_booked(desk: Desk) -> None:
    desk.bills.days[desk.day] = [BACK, BillLine("other", desk.reference, "PAYOUT", PART)]
    assert [(each.number, each.bookable) for each in desk.found().differences] == [("PAYOUT", False), (GIVEN, False)]
    for number in (GIVEN, "PAYOUT"):
        with refused(Code.NOT_FOUND):
            desk.books(number)
    assert desk.transfers("refund") == []


def test_news_of_no_payment_are_of_none(desk: Desk) -> None:
    with desk.shop.database.write() as db:
        db.execute(update(Payment).values(provider_id=""))
    with refused(Code.MISMATCH):
        desk.shop.notifications.apply(
            Provider.PAYPAL, Notice(payment=desk.paypal.query(desk.shop.settlement.payment(desk.reference)))
        )
