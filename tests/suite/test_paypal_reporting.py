"""PayPal's transaction reports and balances, with the unmodified paypal-server-sdk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from fixtures.money import Money
from fixtures.providers.common.faults import Refusal
from fixtures.providers.common.ground import Ground
from fixtures.providers.paypal import limits
from fixtures.providers.paypal.records import CAPTURE, Records
from fixtures.providers.paypal.reporting import Reporting
from fixtures.providers.paypal.requests import ReportQuery
from fixtures.providers.paypal.transactions import Transactions
from tests.suite.paypal import Json, Shop, issue, order_body, unique, usd
from tests.suite.providers import Simulators

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
REPORT = "/v1/reporting/transactions"


@pytest.fixture
def shop(simulators: Simulators, control: httpx.Client) -> Shop:
    """A shop of the test's own: its report holds nothing else."""
    return Shop.open(simulators, control)


def window(**more: Any) -> Json:
    """The hour around now, and what else to ask for."""
    now = datetime.now(UTC)
    return {"start_date": (now - HOUR).isoformat(), "end_date": (now + HOUR).isoformat(), **more}


def found(shop: Shop, **more: Any) -> list[Json]:
    answer = shop.wire.get(REPORT, params=window(**more))
    assert answer.status_code == 200, answer.text
    return [entry["transaction_info"] for entry in answer.json()["transaction_details"]]


class TestTransactions:
    def test_a_payment_and_its_two_refunds_are_found(self, shop: Shop) -> None:
        invoice = unique()
        capture = shop.captured(order_body("88.80", invoice_id=invoice, custom_id="C-1"))
        refunds = [
            shop.post(f"/v2/payments/captures/{capture}/refund", {"amount": usd(part)}).json()["id"]
            for part in ("50.00", "38.80")
        ]
        done = shop.sdk.transaction_search.search_transactions(window(fields="all")).body
        assert (done.total_items, done.total_pages, done.account_number) == (3, 1, shop.merchant["merchant_id"])
        payment, *returned = [details.transaction_info for details in done.transaction_details]
        assert (payment.transaction_id, payment.transaction_event_code) == (capture, "T0006")
        assert [info.paypal_reference_id_type for info in (payment, *returned)] == ["ODR", "TXN", "TXN"]
        assert (payment.transaction_amount.value, payment.fee_amount.value) == ("88.80", "-3.10")
        assert (payment.invoice_id, payment.custom_field, payment.transaction_status) == (invoice, "C-1", "V")
        assert [
            (info.transaction_id, info.paypal_reference_id, info.transaction_event_code, info.transaction_amount.value)
            for info in returned
        ] == [(refunds[0], capture, "T1107", "-50.00"), (refunds[1], capture, "T1107", "-38.80")]
        assert done.transaction_details[0].payer_info.email_address == "buyer@example.com"

    def test_only_what_moved_the_balance_unless_all_is_asked_for(self, shop: Shop) -> None:
        shop.held()
        for fault in ({"effect": "pending"}, {"effect": "business_error", "code": "CAPTURE_DECLINED"}):
            shop.break_("capture", **fault)
            shop.captured()
        paid = shop.captured()
        assert [info["transaction_id"] for info in found(shop)] == [paid]
        everything = found(shop, balance_affecting_records_only="N")
        told = [(info["transaction_event_code"], info["transaction_status"]) for info in everything]
        assert told == [("T1300", "S"), ("T0006", "P"), ("T0006", "D"), ("T0006", "S")]
        for status in "PDS":
            asked = {"balance_affecting_records_only": "N", "transaction_status": status, "transaction_type": "T0006"}
            assert {info["transaction_status"] for info in found(shop, **asked)} == {status}

    def test_filters(self, shop: Shop) -> None:
        dollars, yen = shop.captured(order_body("5.00")), shop.captured(order_body("700", "JPY"))
        for asked, expected in (
            ({"transaction_id": dollars}, [dollars]),
            ({"transaction_currency": "JPY"}, [yen]),
            ({"transaction_amount": "[500 TO 1005]"}, [dollars, yen]),
            ({"transaction_amount": "501 TO 1005"}, [yen]),
            ({"payment_instrument_type": "CREDITCARD"}, []),
            ({"store_id": "1"}, []),
        ):
            assert [info["transaction_id"] for info in found(shop, **asked)] == expected, asked

    def test_pages(self, shop: Shop) -> None:
        paid = [shop.captured() for _ in range(3)]
        first = shop.wire.get(REPORT, params=window(page_size=2)).json()
        assert (first["page"], first["total_items"], first["total_pages"]) == (1, 3, 2)
        onward = next(link["href"] for link in first["links"] if link["rel"] == "next")
        second = shop.wire.get(onward).json()
        shown = [*first["transaction_details"], *second["transaction_details"]]
        assert [entry["transaction_info"]["transaction_id"] for entry in shown] == paid

    def test_an_entry_may_come_late(self, simulators: Simulators, control: httpx.Client) -> None:
        shop = Shop.open(simulators, control, reporting_lag_seconds=7200)
        paid, now = shop.captured(), datetime.now(UTC)
        assert found(shop, start_date=(now - DAY).isoformat()) == []
        answer = shop.wire.get(REPORT, params={"start_date": now.isoformat(), "end_date": (now + HOUR).isoformat()})
        assert issue(answer) == (400, "INVALID_DATE_RANGE")
        assert shop.wire.get("/v1/reporting/balances").json()["balances"] == []
        shop.later(7201)
        assert [info["transaction_id"] for info in found(shop)] == [paid]

    @pytest.mark.parametrize(
        ("start", "end", "expected"),
        [
            (-31 * DAY, timedelta(0), None),
            (-31 * DAY - timedelta(seconds=1), timedelta(0), "INVALID_DATE_RANGE"),
            (timedelta(0), -HOUR, "INVALID_DATE_RANGE"),
            (-1100 * DAY, -1099 * DAY, "INVALID_DATE_RANGE"),
        ],
    )
    def test_the_window_is_31_days_of_three_years(
        self, shop: Shop, start: timedelta, end: timedelta, expected: str | None
    ) -> None:
        now = datetime.now(UTC)
        asked = {"start_date": (now + start).isoformat(), "end_date": (now + end).isoformat()}
        answer = shop.wire.get(REPORT, params=asked)
        if expected:
            assert issue(answer) == (400, expected)
        else:
            assert answer.status_code == 200

    def test_an_offset_without_a_colon_is_taken(self, shop: Shop) -> None:
        paid, now = shop.captured(), datetime.now(UTC)
        asked = {"start_date": f"{now - HOUR:%Y-%m-%dT%H:%M:%S%z}", "end_date": f"{now + HOUR:%Y-%m-%dT%H:%M:%S%z}"}
        assert [info["transaction_id"] for info in found(shop, **asked)] == [paid]

    def test_another_merchants_are_not_shown(self, shop: Shop, simulators: Simulators, control: httpx.Client) -> None:
        stranger = Shop.open(simulators, control)
        assert found(shop, transaction_id=stranger.captured()) == []

    @pytest.mark.parametrize(
        ("wrong", "expected"),
        [
            ({"start_date": "yesterday"}, "INVALID_PARAMETER_SYNTAX"),
            ({"start_date": "2026-13-01T00:00:00Z"}, "INVALID_PARAMETER_SYNTAX"),
            ({"start_date": "0001-01-01T00:00:00+23:59"}, "INVALID_PARAMETER_SYNTAX"),
            ({"end_date": "9999-12-31T23:59:59-23:59"}, "INVALID_PARAMETER_SYNTAX"),
            ({"start_date": None}, "MISSING_REQUIRED_PARAMETER"),
            ({"page_size": "501"}, "INVALID_PARAMETER_VALUE"),
            ({"page": "0"}, "INVALID_PARAMETER_VALUE"),
            ({"page": "9" * 5000}, "INVALID_PARAMETER_VALUE"),
            ({"page": "x"}, "INVALID_PARAMETER_SYNTAX"),
            ({"fields": "secrets"}, "INVALID_PARAMETER_VALUE"),
            ({"transaction_status": "X"}, "INVALID_PARAMETER_VALUE"),
            ({"transaction_id": "short"}, "INVALID_STRING_LENGTH"),
            ({"transaction_amount": "5 to 10"}, "INVALID_PARAMETER_SYNTAX"),
        ],
    )
    def test_parameters_are_checked(self, shop: Shop, wrong: Json, expected: str) -> None:
        asked = {name: value for name, value in window(**wrong).items() if value is not None}
        answer = shop.wire.get(REPORT, params=asked)
        assert issue(answer) == (400, expected)
        detail = answer.json()["details"][0]
        assert (detail["field"], detail["location"]) == (next(iter(wrong)), "query")


def test_a_report_of_more_than_ten_thousand_is_too_large(tmp_path: Path) -> None:
    ground = Ground(tmp_path, "https://127.0.0.1")
    transactions = Transactions(ground)
    merchant = ground.merchants.add("paypal", "M", "Tea", data={})
    reporting = Reporting(ground, Records(ground), transactions, "https://127.0.0.1/paypal")
    asked = ReportQuery.model_validate(window(balance_affecting_records_only="N", page=200))
    with ground.store.transaction():
        trade = ground.trades.open(merchant, id="T", reference="T", state="COMPLETED", amount=Money(1, "USD"))
        for number in range(limits.REPORT_MOST):
            transactions.enter(merchant, trade, CAPTURE, f"{number}", "USD")
    assert reporting.transactions(merchant, asked)["total_items"] == limits.REPORT_MOST
    transactions.enter(merchant, trade, CAPTURE, "one more", "USD")
    with pytest.raises(Refusal, match="RESULTSET_TOO_LARGE"):
        reporting.transactions(merchant, asked)
    ground.store.close()


class TestBalances:
    def test_they_are_what_was_received_less_fees_and_refunds(self, shop: Shop) -> None:
        capture = shop.captured(order_body("100.00"))
        shop.captured(order_body("700", "JPY"))
        before = datetime.now(UTC)
        shop.later(DAY.total_seconds())
        shop.post(f"/v2/payments/captures/{capture}/refund", {"amount": usd("40.00")})
        done = shop.sdk.transaction_search.search_balances({}).body
        assert [(held.currency, held.total_balance.value, held.primary) for held in done.balances] == [
            ("USD", "56.50", True),
            ("JPY", "676", False),
        ]
        asked = {"as_of_time": before.isoformat(), "currency_code": "USD"}
        (held,) = shop.sdk.transaction_search.search_balances(asked).body.balances
        assert held.available_balance.value == "96.50"

    def test_a_pending_capture_counts_once_it_is_accepted(self, shop: Shop) -> None:
        shop.break_("capture", "pending", code="ECHECK")
        invoice = unique()
        capture = shop.captured(order_body(invoice_id=invoice))
        assert shop.wire.get(f"/v2/payments/captures/{capture}").json()["status_details"] == {"reason": "ECHECK"}
        assert shop.wire.get("/v1/reporting/balances").json()["balances"] == []
        shop.approve(invoice)
        (held,) = shop.wire.get("/v1/reporting/balances").json()["balances"]
        assert held["total_balance"] == usd("9.65")
