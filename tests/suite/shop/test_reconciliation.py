"""The shop's comparison of its books with a provider's bill, on bills that no simulator would write."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from fixtures.shop.money import Money
from fixtures.shop.providers.bills import Bill, BillLine
from fixtures.shop.reconciliation import BothTotals, Cause, ReconciliationRules
from fixtures.shop.statement import Movement
from fixtures.shop.states import Provider

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MIDNIGHT = NOON.replace(hour=0)
PAID = Money(8880, "CNY")
LINE = BillLine("payment", "A_1", "2026", PAID)
BOOKED = Movement("A", Provider.ALIPAY, "A_1", "payment", PAID, "2026", NOON)
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
    given_back = replace(LINE, kind="refund", number="R1", amount=Money(880, "CNY"))
    dollars = replace(LINE, number="7", amount=Money(500, "USD"))
    booked = [BOOKED, replace(BOOKED, provider_id="older", at=MIDNIGHT - timedelta(seconds=1))]
    assert ReconciliationRules().net(replace(BILL, lines=[LINE, given_back, dollars]), booked) == [
        BothTotals(Money(8000, "CNY"), Money(8880, "CNY")),
        BothTotals(Money(500, "USD"), Money(0, "USD")),
    ]
