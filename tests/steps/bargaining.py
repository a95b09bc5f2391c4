"""What a coupon may be, beyond an amount off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pytest_bdd import given

from fixtures.actors.staff import Administrator
from fixtures.money import Money
from tests.steps.words import phrase


@given(phrase("a coupon of {percent:Count} %"), target_fixture="coupon")
def _(administrator: Administrator, percent: int) -> str:
    return administrator.quietly.issues_percent_coupon(percent)


@given(phrase("a coupon of {amount:Money} for each shopper once"), target_fixture="coupon")
def _(administrator: Administrator, amount: Money) -> str:
    return administrator.quietly.issues_personal_coupon(amount)


@given(phrase("a coupon of {amount:Money} that is not valid yet"), target_fixture="coupon")
def _(administrator: Administrator, amount: Money) -> str:
    return administrator.quietly.issues_coupon(amount, valid_from=datetime.now(UTC) + timedelta(days=1))
