"""What the shop does with money that PayPal holds, where no buyer makes it happen: two holds, and a month later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from fixtures.shop.database import now
from fixtures.shop.models import Order, Payment, User
from fixtures.shop.money import Money
from fixtures.shop.outbox import CLOSE, LAPSE
from fixtures.shop.providers.base import Begun, Finding, Gateway, ProviderRefused, RefundFinding, Seen
from fixtures.shop.records import Task
from fixtures.shop.settings import Settings
from fixtures.shop.settlement import HOLD_LIFE
from fixtures.shop.shop import Shop
from fixtures.shop.states import Method, OrderState, PaymentState, Provider

PRICE = Money(8000, "USD")
STOCK = 5


class PayPal(Gateway):
    """Says what a test wants it to say, and remembers what was let go."""

    provider = Provider.PAYPAL

    def __init__(self) -> None:
        self.says = Seen.HELD
        self.let_go: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def begin(self, payment: Payment) -> Begun:
        return Begun(redirect_url=f"https://paypal.example/{payment.reference}")

    def query(self, payment: Payment) -> Finding:
        return told(payment.reference, self.says)

    def close(self, payment: Payment) -> None:
        self.meanwhile()
        if payment.state is PaymentState.HELD:
            if self.says is Seen.CLOSED:
                raise ProviderRefused("AUTHORIZATION_ALREADY_VOIDED")
            self.let_go.append(payment.reference)

    def refund(self, refund: object) -> RefundFinding:
        raise AssertionError(f"nothing was paid, so there is nothing to refund: {refund}")


def told(reference: str, state: Seen) -> Finding:
    return Finding(reference, state, PRICE, f"AUTH-{reference}")


class Desk:
    """A shop with one order, and a PayPal that is played."""

    def __init__(self, folder: Path) -> None:
        self.paypal = PayPal()
        settings = Settings(
            database_url=f"sqlite:///{folder}/shop.db", password_time_cost=1, password_memory_kib=64, worker_seconds=60
        )
        self.shop = Shop(settings)
        self.shop.database.migrate()
        self.shop.payments._gateways[Provider.PAYPAL] = self.paypal
        self.buyer: User = self.shop.accounts.register("Li Lei", "lilei@shopper.example", "tr0ub4dor and 3")
        self.product = self.shop.catalogue.create("Teapot", "", PRICE, STOCK).id
        self.shop.carts.put(self.buyer, self.product, 1)
        self.number = self.shop.checkout.place(self.buyer).number

    @property
    def order(self) -> Order:
        return self.shop.orders.get(self.number)

    def begins(self, key: str, method: Method = Method.HOLD) -> str:
        """A payment, to be held unless told otherwise; returns its reference."""
        begun = self.shop.payments.begin(self.buyer, self.number, Provider.PAYPAL, method, key)
        return begun.payment.reference

    def hears(self, reference: str, state: Seen) -> None:
        self.shop.settlement.apply(reference, told(reference, state), "paypal")

    def task(self, kind: str, reference: str) -> Task | None:
        with self.shop.database.read() as db:
            return db.scalar(select(Task).where(Task.kind == kind, Task.subject == reference))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.shop.database.close()


def test_of_two_holds_the_first_is_kept_and_the_other_let_go(desk: Desk) -> None:
    other_tab = desk.begins("the-first-tab")
    desk.hears(other_tab, Seen.CLOSED)
    kept = desk.begins("the-second-tab")
    desk.hears(kept, Seen.HELD)
    desk.hears(other_tab, Seen.HELD)
    desk.shop.outbox.work(CLOSE, other_tab)
    assert desk.paypal.let_go == [other_tab]
    assert {payment.reference: payment.state for payment in desk.order.payments} == {
        other_tab: PaymentState.CLOSED,
        kept: PaymentState.HELD,
    }
    assert desk.order.state is OrderState.AUTHORIZED
    assert [payment.reference for payment in desk.order.payments if payment.pays_order] == [kept]


def test_late_news_of_a_hold_that_paypal_has_ended_brings_nothing_back(desk: Desk) -> None:
    ended = desk.begins("the-first-tab")
    desk.hears(ended, Seen.PENDING)
    desk.hears(ended, Seen.CLOSED)
    working = desk.begins("the-second-tab")
    desk.paypal.says = Seen.CLOSED
    desk.hears(ended, Seen.HELD)
    assert desk.order.state is OrderState.UNPAID
    assert desk.task(CLOSE, working) is None, "the buyer may still pay here"
    desk.shop.outbox.work(CLOSE, ended)
    assert {payment.reference: payment.state for payment in desk.order.payments} == {
        ended: PaymentState.CLOSED,
        working: PaymentState.OPEN,
    }
    assert desk.order.state is OrderState.UNPAID


def test_what_comes_to_be_held_while_it_is_closed_is_let_go_all_the_same(desk: Desk) -> None:
    other_tab = desk.begins("the-first-tab")
    desk.hears(desk.begins("the-second-tab", Method.PAGE), Seen.PAID)
    desk.paypal.meanwhile = lambda: desk.hears(other_tab, Seen.HELD)
    desk.shop.outbox.work(CLOSE, other_tab)
    again = desk.task(CLOSE, other_tab)
    assert again is not None, "PayPal holds it"
    assert (again.done_at, desk.paypal.let_go) == (None, [])

    desk.paypal.meanwhile = lambda: None
    desk.shop.outbox.work(CLOSE, other_tab)
    assert desk.paypal.let_go == [other_tab]
    assert desk.order.payments[0].state is PaymentState.CLOSED


def test_money_that_nobody_took_is_asked_about_when_its_time_is_over(desk: Desk) -> None:
    held = desk.begins("the-only-tab")
    desk.hears(held, Seen.HELD)
    task = desk.task(LAPSE, held)
    assert task is not None
    assert timedelta() <= now() + HOLD_LIFE - task.due_at < timedelta(minutes=1)

    desk.shop.outbox.work(LAPSE, held)
    again = desk.task(LAPSE, held)
    assert again is not None, "PayPal still holds it"
    assert (again.done_at, desk.order.state) == (None, OrderState.AUTHORIZED)

    desk.paypal.says = Seen.CLOSED
    desk.shop.outbox.work(LAPSE, held)
    over = desk.task(LAPSE, held)
    assert over is not None
    assert over.done_at is not None
    assert desk.order.state is OrderState.CANCELLED
    assert desk.shop.catalogue.product(desk.product).stock == STOCK
