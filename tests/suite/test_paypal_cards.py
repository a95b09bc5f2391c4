"""Cards at the PayPal simulator: an order that is paid when it is created, through the unmodified SDK."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from paypalserversdk.models.amount_with_breakdown import AmountWithBreakdown
from paypalserversdk.models.card_request import CardRequest
from paypalserversdk.models.order_request import OrderRequest
from paypalserversdk.models.payment_source import PaymentSource
from paypalserversdk.models.purchase_unit_request import PurchaseUnitRequest

from fixtures.providers.paypal.cards import REJECTIONS
from tests.suite.paypal import Json, Shop, issue, order_body, unique
from tests.suite.providers import Simulators

ORDERS = "/v2/checkout/orders"
NUMBER = "4012888888881881"


@pytest.fixture(scope="module")
def shop(simulators: Simulators, control: httpx.Client) -> Shop:
    return Shop.open(simulators, control)


def pay(shop: Shop, invoice: str, request_id: str = "", **card: str) -> Any:
    """An order paid by card with the SDK: its body."""
    unit = PurchaseUnitRequest(amount=AmountWithBreakdown(currency_code="USD", value="10.00"), invoice_id=invoice)
    source = PaymentSource(card=CardRequest(**{"number": NUMBER, "expiry": "2035-01", "security_code": "123", **card}))
    body = OrderRequest(intent="CAPTURE", purchase_units=[unit], payment_source=source)
    asked = {"body": body, "prefer": "return=representation", "paypal_request_id": request_id or unique()}
    return shop.sdk.orders.create_order(asked).body


def test_an_order_is_paid_by_card_in_one_step_and_refunded(shop: Shop) -> None:
    invoice, key = unique(), unique()
    made = pay(shop, invoice, key, name="Alex Chen")
    (capture,) = made.purchase_units[0].payments.captures
    assert (made.status, capture.status) == ("COMPLETED", "COMPLETED")
    assert capture.processor_response.response_code == "0000"
    card = made.payment_source.card
    assert (card.last_digits, card.brand, card.name) == ("1881", "VISA", "Alex Chen")
    assert pay(shop, invoice, key, name="Alex Chen").id == made.id, "the same request again is the same payment"
    assert shop.sdk.payments.refund_captured_payment({"capture_id": capture.id}).body.status == "COMPLETED"
    assert shop.ledger(invoice) == [("payment", 1000), ("refund", 1000)]


@pytest.mark.parametrize(("trigger", "code"), REJECTIONS.items())
def test_a_trigger_declines_the_card(shop: Shop, trigger: str, code: str) -> None:
    invoice = unique()
    made = pay(shop, invoice, name=trigger)
    (capture,) = made.purchase_units[0].payments.captures
    assert (made.status, capture.status) == ("COMPLETED", "DECLINED")
    assert capture.processor_response.response_code == code
    assert shop.ledger(invoice) == []
    assert pay(shop, invoice).status == "COMPLETED", "the invoice is still to be paid"
    assert shop.ledger(invoice) == [("payment", 1000)]


def test_the_number_of_a_card_is_told_to_nobody(shop: Shop) -> None:
    made = pay(shop, unique(), security_code="987")
    shown = shop.wire.get(f"{ORDERS}/{made.id}").text
    assert NUMBER not in shown
    assert "987" not in json.dumps(json.loads(shown).get("payment_source"))


@pytest.mark.parametrize(
    ("card", "refused"),
    [
        ({}, (400, "MISSING_REQUIRED_PARAMETER")),
        ({"number": NUMBER}, (400, "MISSING_REQUIRED_PARAMETER")),
        ({"number": "4111", "expiry": "2035-01"}, (400, "INVALID_PARAMETER_SYNTAX")),
        ({"number": NUMBER, "expiry": "01/35"}, (400, "INVALID_PARAMETER_SYNTAX")),
        ({"number": NUMBER, "expiry": "2035-13"}, (400, "INVALID_PARAMETER_SYNTAX")),
        ({"number": int(NUMBER), "expiry": "2035-01"}, (400, "MALFORMED_REQUEST_JSON")),
    ],
)
def test_what_is_no_card(shop: Shop, card: Json, refused: tuple[int, str]) -> None:
    body = {**order_body(), "payment_source": {"card": card}}
    assert issue(shop.post(ORDERS, body, paypal_request_id=unique())) == refused


def test_what_a_card_cannot_do(shop: Shop) -> None:
    card = {"card": {"number": NUMBER, "expiry": "2035-01"}}
    body = {**order_body(), "payment_source": card}
    assert issue(shop.post(ORDERS, body)) == (400, "PAYPAL_REQUEST_ID_REQUIRED")
    for wrong in ({**body, "intent": "AUTHORIZE"}, {**body, "payment_source": {**card, "paypal": {}}}):
        answer = shop.post(ORDERS, wrong, paypal_request_id=unique())
        assert issue(answer) == (422, "PAYMENT_SOURCE_CANNOT_BE_USED")


def test_reports_know_what_was_paid_by_card(shop: Shop) -> None:
    shop.paid()
    (capture,) = pay(shop, unique()).purchase_units[0].payments.captures
    at = capture.create_time
    asked = {"start_date": f"{at[:10]}T00:00:00Z", "end_date": f"{at[:10]}T23:59:59Z", "fields": "all"}
    found = shop.wire.get("/v1/reporting/transactions", params={**asked, "payment_instrument_type": "CREDITCARD"})
    ids = [row["transaction_info"]["transaction_id"] for row in found.json()["transaction_details"]]
    assert capture.id in ids
    assert all(row["payer_info"] for row in found.json()["transaction_details"])
