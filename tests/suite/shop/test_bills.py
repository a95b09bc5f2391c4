"""What the shop reads on the providers' bills, in rows that no simulator would write."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, cast

import pytest

from fixtures.shop.errors import Code, Refusal
from fixtures.shop.money import Money
from fixtures.shop.providers.base import ProviderRefused, ProviderTrouble
from fixtures.shop.providers.bills import (
    AlipayBills,
    BillLine,
    Bills,
    PayPalBills,
    WeChatPayBills,
    _paypal_lines,
    _wechatpay_lines,
)
from fixtures.shop.reconciliation import ReconciliationRules

ROW = {
    "transaction_event_code": "T1107",
    "transaction_id": "GIVEN",
    "invoice_id": "A_1",
    "paypal_reference_id": "CAP",
    "custom_field": "A_R1",
}


@pytest.mark.parametrize(
    ("code", "value", "kind", "minor"),
    [
        ("T0006", "30.00", "payment", 3000),
        ("T0006", "-30.00", "other", -3000),
        ("T0001", "-30.00", "other", -3000),
        ("T0002", "30.00", "other", 3000),
        ("T1107", "-30.00", "refund", 3000),
        ("T1106", "-30.00", "refund", 3000),
        ("T1107", "30.00", "other", 3000),
        ("T1105", "30.00", "other", 3000),
        ("T1114", "30.00", "other", 3000),
        ("T1201", "-30.00", "other", -3000),
    ],
)
def test_paypals_event_codes_are_read_one_by_one_and_with_their_sign(code: str, value: str, kind: str, minor: int):
    (line,) = _paypal_lines([{**ROW, "transaction_event_code": code, "transaction_amount": usd(value)}])
    assert (line.kind, line.amount) == (kind, Money(minor, "USD"))
    assert line.request == ("A_R1" if kind == "refund" else "")


def test_an_amount_of_paypal_that_cannot_be_read_is_not_left_out():
    with pytest.raises(ProviderTrouble, match="ten"):
        list(_paypal_lines([{**ROW, "transaction_amount": usd("ten")}]))


@pytest.mark.parametrize(
    ("status", "final"), [("SUCCESS", True), ("PROCESSING", False), ("CHANGE", False), ("FAIL", None)]
)
def test_a_refund_that_wechat_pay_is_still_making_is_known_and_not_final(status: str, final: bool | None):
    row = {"交易状态": "REFUND", "退款状态": status, "商户订单号": "A_1", "微信退款单号": "503", "商户退款单号": "A_R1"}
    row["退款金额"] = "0.50"
    text = "\r\n".join([",".join(row), ",".join(f"`{field}" for field in row.values()), "sums", "`1"])
    refund = BillLine("refund", "A_1", "503", Money(50, "CNY"), request="A_R1", final=bool(final))
    assert list(_wechatpay_lines(text)) == ([] if final is None else [refund])


@pytest.mark.parametrize(("bills", "years"), [(AlipayBills, 10), (PayPalBills, 2)])
def test_only_wechat_pays_bills_are_gone_after_three_months(bills: type[Bills], years: int):
    today = date(2026, 11, 22)
    assert bills.oldest(object.__new__(bills), today) <= today.replace(year=today.year - years)
    wechatpay = WeChatPayBills.oldest(object.__new__(WeChatPayBills), today)
    with pytest.raises(Refusal):
        ReconciliationRules().check_day(today - timedelta(days=100), wechatpay, today)


class Says:
    """A gateway whose provider has one answer to every request for a bill."""

    client = None

    def __init__(self, code: str) -> None:
        self._code = code

    def ask(self, _: object) -> dict[str, Any]:
        return {"sub_code": self._code}

    def done(self, _: object) -> dict[str, Any]:
        raise ProviderRefused(self._code)


def bills_that_say(kind: type[Bills], code: str) -> Bills:
    gateway = cast(Any, Says(code))
    return AlipayBills(gateway, 1) if kind is AlipayBills else cast(Any, kind)(gateway)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (AlipayBills, "BILL_NOT_EXIST"),
        (WeChatPayBills, "STATEMENT_CREATING"),
        (WeChatPayBills, "INVALID_REQUEST"),
        (PayPalBills, "INVALID_DATE_RANGE"),
    ],
)
def test_a_bill_that_is_not_there_yet_is_not_an_empty_one(kind: type[Bills], code: str):
    with pytest.raises(Refusal) as refused:
        bills_that_say(kind, code).of(date(2026, 11, 22))
    assert refused.value.code is Code.NO_BILL


@pytest.mark.parametrize(("kind", "code"), [(AlipayBills, "NO_BILL_DATA"), (WeChatPayBills, "NO_STATEMENT_EXIST")])
def test_the_bill_of_a_day_without_a_movement_is_an_empty_one(kind: type[Bills], code: str):
    assert bills_that_say(kind, code).of(date(2026, 11, 22)).lines == []


def usd(value: str) -> dict[str, str]:
    return {"value": value, "currency_code": "USD"}
