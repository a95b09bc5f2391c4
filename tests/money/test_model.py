"""A model of order, payment and refund, and a target that has to agree with it after every step.

The model knows the business in a few lines; Hypothesis looks for a sequence of steps after which the target says
something else than the model, or has moved other money, and shrinks it to the shortest one.
"""

from __future__ import annotations

import secrets

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fixtures.actors.outcomes import done
from fixtures.actors.waiting import eventually
from fixtures.money import Money
from fixtures.targets import require
from fixtures.targets.contract import Done, Expiry, Order, Orders, OrderState, Provider, Reason, Refused
from tests.money.conftest import Market

OPEN = (OrderState.UNPAID, OrderState.PENDING)
PAID = (OrderState.PAID, OrderState.PARTIALLY_REFUNDED)
FINAL = (OrderState.REFUNDED, OrderState.CANCELLED, OrderState.EXPIRED)


class OneOrder(RuleBasedStateMachine):
    """The life of one order, as the buyer, the staff, the bank and a repeating postman live it."""

    def __init__(self, market: Market) -> None:
        super().__init__()
        self.market = market
        self.control = market.stage.providers
        self.staff = market.clerk()

    @initialize(way=st.sampled_from([(Provider.ALIPAY, "CNY"), (Provider.WECHATPAY, "CNY"), (Provider.PAYPAL, "USD")]))
    def order(self, way: tuple[Provider, str]) -> None:
        self.provider, self.currency = way
        self.total = Money(8880, self.currency)
        self.shopper = self.market.shopper()
        self.number = self.shopper.orders(self.market.product(self.total)).number
        self.captured = self.refunded = Money.zero(self.currency)
        self.closed: OrderState | None = None

    @precondition(lambda self: not self.captured and not self.closed)
    @rule()
    def begin_to_pay(self) -> None:
        done(self.shopper.chooses(self.provider), "beginning to pay")

    @precondition(lambda self: not self.captured and not self.closed and self.shopper.payments)
    @rule()
    def decline(self) -> None:
        self.shopper.at_provider().decline()
        outcome = self.shopper.comes_back()  # by then the target has asked, and an order is not half-way to a capture
        told = isinstance(outcome, Done) or outcome.reason is Reason.PAYMENT_DECLINED
        assert told, f"a buyer whose payment was declined comes back: {outcome}"

    @precondition(lambda self: not self.captured and not self.closed)
    @rule()
    def pay(self) -> None:
        done(self.shopper.pays(self.provider), "paying")
        self.captured = self.total

    @precondition(lambda self: not self.closed)
    @rule()
    def come_back_without_paying(self) -> None:
        done(self.shopper.comes_back(), "coming back")

    @precondition(lambda self: self.captured)
    @rule()
    def pay_again(self) -> None:
        outcome = self.shopper.chooses(self.provider)
        assert isinstance(outcome, Refused), f"a second payment of the paid order {self.number} was begun: {outcome}"

    @precondition(lambda self: self.captured)
    @rule(times=st.integers(1, 3))
    def notify_again(self, times: int) -> None:
        for delivery in self.control.deliveries(self.provider, self.shopper.payment.reference):
            for _ in range(times):
                self.control.deliver(delivery)

    @rule(minor=st.integers(1, 9000), key=st.booleans())
    def refund(self, minor: int, key: bool) -> None:
        amount = Money(minor, self.currency)
        outcome = self.staff.refund(self.number, amount, "model", secrets.token_hex(16) if key else None)
        fits = bool(self.captured) and amount <= self.captured - self.refunded
        left, wanted = self.captured - self.refunded, "done" if fits else "refused"
        assert isinstance(outcome, Done) == fits, f"{amount} of {left} refundable: expected it {wanted}, got {outcome}"
        if fits:
            self.refunded += amount

    @precondition(lambda self: not self.captured)
    @rule()
    def cancel(self) -> None:
        outcome = self.shopper.cancels(self.number)
        assert isinstance(outcome, Done) == (self.closed is None), f"cancelling in {self.closed}: {outcome}"
        self.closed = self.closed or OrderState.CANCELLED

    @precondition(lambda self: not self.captured and not self.closed)
    @rule()
    def expire(self) -> None:
        done(require(self.market.administrator.channel, Expiry).expire(self.number), "expiring")
        self.closed = OrderState.EXPIRED

    @invariant()
    def the_order_is_what_the_model_says(self) -> None:
        if not hasattr(self, "number"):
            return
        seen = eventually(
            self._look, lambda order: order.state == self._state(), f"order {self.number} to be {self._state()}"
        )
        assert self.total >= seen.captured >= seen.refunded >= Money.zero(self.currency)
        assert (seen.captured, seen.refundable) == (self.captured, self.captured - self.refunded), (
            f"expected {self.captured} captured and {self.captured - self.refunded} refundable; "
            f"the order says {seen.captured} and {seen.refundable}"
        )

    def teardown(self) -> None:
        if hasattr(self, "number"):
            self.market.stage.books.balanced()

    def _look(self) -> Order:
        return done(require(self.shopper.channel, Orders).order(self.number), "reading the order")

    def _state(self) -> OrderState:
        if not self.captured:
            return self.closed or OrderState.UNPAID
        if not self.refunded:
            return OrderState.PAID
        return OrderState.REFUNDED if self.refunded == self.captured else OrderState.PARTIALLY_REFUNDED


@pytest.mark.check(
    rule="whatever the order of steps, the order shows what happened and the books balance",
    standards=["CWE-841", "CWE-682", "WSTG-BUSL-06"],
    severity="critical",
)
def test_no_sequence_of_steps_makes_the_target_disagree_with_the_model(market: Market) -> None:
    examples = max(4, settings.default.max_examples // 2) if settings.default else 4
    run_state_machine_as_test(lambda: OneOrder(market), settings=settings(max_examples=examples))
