"""Every error of the PayPal simulator is reached."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from fixtures.providers.paypal.errors import ISSUES, NAMES
from tests.suite.paypal import Shop, issue, order_body, unique, usd
from tests.suite.providers import Simulators

ORDERS = "/v2/checkout/orders"


@pytest.fixture(scope="module")
def shop(simulators: Simulators, control: httpx.Client) -> Shop:
    return Shop.open(simulators, control)


@pytest.fixture
def traveller(simulators: Simulators, control: httpx.Client) -> Shop:
    """A shop of the test's own, whose clock may be moved."""
    return Shop.open(simulators, control)


def parts(value: str = "10.00", items: list[Any] | None = None, **breakdown: Any) -> dict[str, Any]:
    """An order whose amount is broken down."""
    unit: dict[str, Any] = {"amount": {**usd(value), "breakdown": {n: usd(v) for n, v in breakdown.items()}}}
    if items:
        unit["items"] = items
    return {"intent": "CAPTURE", "purchase_units": [unit]}


def item(price: str = "5.00", quantity: str = "2", **more: Any) -> dict[str, Any]:
    return {"name": "tea", "quantity": quantity, "unit_amount": usd(price), **more}


UNITS = "/purchase_units/0"
WRONG_ORDERS: list[tuple[Any, int, str, str]] = [
    ([], 400, "MALFORMED_REQUEST_JSON", "/"),
    ({}, 400, "MISSING_REQUIRED_PARAMETER", "/intent"),
    ({**order_body(), "intent": "SALE"}, 400, "INVALID_PARAMETER_VALUE", "/intent"),
    ({"intent": "CAPTURE", "purchase_units": []}, 400, "INVALID_ARRAY_MIN_ITEMS", "/purchase_units"),
    ({"intent": "CAPTURE", "purchase_units": order_body()["purchase_units"] * 11}, 400, "INVALID_ARRAY_MAX_ITEMS", ""),
    (order_body("ten"), 400, "INVALID_PARAMETER_SYNTAX", f"{UNITS}/amount/value"),
    (order_body("1" * 33), 400, "INVALID_STRING_LENGTH", f"{UNITS}/amount/value"),
    (order_body(10), 400, "MALFORMED_REQUEST_JSON", f"{UNITS}/amount/value"),
    (order_body(invoice_id="x" * 128), 400, "INVALID_STRING_LENGTH", f"{UNITS}/invoice_id"),
    ({**order_body(), "application_context": {"return_url": "javascript:1"}}, 400, "INVALID_PARAMETER_SYNTAX", ""),
    *(
        ({**order_body(), "application_context": {"return_url": no_address}}, 400, "INVALID_PARAMETER_SYNTAX", "")
        for no_address in ("https://[", "https://[x/", "https://a℀b/", "https://127.0.0.1:99999/x")
    ),
    (order_body("0.00"), 422, "CANNOT_BE_ZERO_OR_NEGATIVE", f"{UNITS}/amount/value"),
    (order_body("-1.00"), 422, "CANNOT_BE_ZERO_OR_NEGATIVE", f"{UNITS}/amount/value"),
    (order_body("1.001"), 422, "DECIMAL_PRECISION", f"{UNITS}/amount/value"),
    (order_body("10000000.00"), 422, "MAX_VALUE_EXCEEDED", f"{UNITS}/amount/value"),
    (order_body("9" * 32), 422, "MAX_VALUE_EXCEEDED", f"{UNITS}/amount/value"),
    (order_body("1.000", "KWD"), 422, "INVALID_CURRENCY_CODE", f"{UNITS}/amount/currency_code"),
    *((order_body("10.00", c), 422, "DECIMALS_NOT_SUPPORTED", f"{UNITS}/amount/value") for c in ("HUF", "JPY", "TWD")),
    (parts(item_total="9.00"), 422, "AMOUNT_MISMATCH", f"{UNITS}/amount/value"),
    (parts(item_total="9.00", discount="-1.00"), 422, "CANNOT_BE_NEGATIVE", f"{UNITS}/amount/breakdown/discount/value"),
    (parts(items=[item("4.00")], item_total="10.00"), 422, "ITEM_TOTAL_MISMATCH", ""),
    (parts(items=[item()], shipping="10.00"), 422, "ITEM_TOTAL_REQUIRED", f"{UNITS}/amount/breakdown/item_total"),
    (parts(items=[item("4.00", tax=usd("1.00"))], item_total="8.00", tax_total="2.00"), 201, "", ""),
    (parts(items=[item("4.00", tax=usd("0.50"))], item_total="8.00", tax_total="2.00"), 422, "TAX_TOTAL_MISMATCH", ""),
    (parts(items=[item(tax=usd("1.00"))], item_total="10.00"), 422, "TAX_TOTAL_REQUIRED", ""),
    (parts(items=[item("5.00", tax=usd("1", "JPY"))], item_total="10.00"), 422, "MULTI_CURRENCY_ORDER", ""),
    (parts("11.40", item_total="10", tax_total="1", shipping="2", handling="1", insurance="1",
           shipping_discount="1.60", discount="2"), 201, "", ""),
    ({"intent": "CAPTURE", "purchase_units": order_body()["purchase_units"] * 2}, 422, "DUPLICATE_REFERENCE_ID", ""),
    ({"intent": "CAPTURE",
      "purchase_units": [{"amount": usd("1.00")}, {"reference_id": "b", "amount": usd("1", "JPY")}]},
     422, "MULTI_CURRENCY_ORDER", "/purchase_units"),
    ({**order_body(), "payment_source": {"paypal": {}}}, 400, "PAYPAL_REQUEST_ID_REQUIRED", "PayPal-Request-Id"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "status", "expected", "field"), WRONG_ORDERS)
def test_an_order_is_checked(shop: Shop, body: Any, status: int, expected: str, field: str) -> None:
    answer = shop.post(ORDERS, body)
    if status == 201:
        assert answer.status_code == 201, answer.text
        return
    assert issue(answer) == (status, expected)
    assert field in ("", answer.json()["details"][0]["field"])


@pytest.mark.parametrize("currency", ["HUF", "JPY", "TWD"])
def test_whole_units_are_paid_and_refunded_where_there_are_no_decimals(shop: Shop, currency: str) -> None:
    capture = shop.captured(order_body("1500", currency))
    shown = shop.wire.get(f"/v2/payments/captures/{capture}").json()
    assert shown["amount"] == usd("1500", currency)
    assert shown["seller_receivable_breakdown"]["net_amount"]["value"] == "1448"
    answer = shop.post(f"/v2/payments/captures/{capture}/refund", {"amount": usd("500.5", currency)})
    assert issue(answer) == (422, "DECIMALS_NOT_SUPPORTED")
    assert shop.post(f"/v2/payments/captures/{capture}/refund", {"amount": usd("500", currency)}).status_code == 201


def test_several_units_are_captured_each_for_itself(shop: Shop) -> None:
    units = [{"reference_id": name, "amount": usd(value)} for name, value in (("a", "3.00"), ("b", "4.50"))]
    id = shop.ordered({"intent": "CAPTURE", "purchase_units": units})
    done = shop.post(f"{ORDERS}/{id}/capture").json()["purchase_units"]
    assert [unit["payments"]["captures"][0]["amount"]["value"] for unit in done] == ["3.00", "4.50"]
    assert shop.ledger(id) == [("payment", 300), ("payment", 450)]


def test_every_issue_can_be_asked_for_and_has_its_own_shape(shop: Shop) -> None:
    for name, expected in ISSUES.items():
        answer = shop.post(ORDERS, order_body(), paypal_mock_response=json.dumps({"mock_application_codes": name}))
        body = answer.json()
        assert (answer.status_code, body["name"]) == (NAMES[expected.name].status, expected.name)
        assert body["message"] == NAMES[expected.name].message
        assert body["details"] == [{"issue": name, "description": expected.description}]
        assert body["links"][0]["rel"] == "information_link"


def test_every_error_name_can_be_brought_about(shop: Shop) -> None:
    for name, expected in NAMES.items():
        shop.break_("create", "business_error", code=name)
        answer = shop.post(ORDERS, order_body())
        assert (answer.status_code, answer.json()["name"]) == (expected.status, name)


class TestOrders:
    def test_an_order_that_is_not_approved_is_not_captured(self, shop: Shop) -> None:
        assert issue(shop.post(f"{ORDERS}/{shop.ordered(approved=False)}/capture")) == (422, "ORDER_NOT_APPROVED")

    def test_an_order_with_a_payment_source_waits_for_the_payer(self, shop: Shop) -> None:
        context = {"experience_context": {"return_url": "https://shop.example/", "cancel_url": "https://shop.example/"}}
        body = {**order_body(), "payment_source": {"paypal": context}}
        made = shop.post(ORDERS, body, paypal_request_id=unique()).json()
        assert (made["status"], made["links"][1]["rel"]) == ("PAYER_ACTION_REQUIRED", "payer-action")
        assert issue(shop.post(f"{ORDERS}/{made['id']}/capture")) == (422, "PAYER_ACTION_REQUIRED")
        shop.approve(made["id"])
        assert shop.post(f"{ORDERS}/{made['id']}/capture").status_code == 201
        card = {**order_body(), "payment_source": {"venmo": {}}}
        answer = shop.post(ORDERS, card, paypal_request_id=unique())
        assert issue(answer) == (422, "PAYMENT_SOURCE_CANNOT_BE_USED")

    def test_an_order_is_captured_once(self, shop: Shop) -> None:
        id = shop.ordered()
        shop.post(f"{ORDERS}/{id}/capture")
        assert issue(shop.post(f"{ORDERS}/{id}/capture")) == (422, "ORDER_ALREADY_CAPTURED")
        assert shop.ledger(id) == [("payment", 1000)]

    def test_an_order_is_authorized_once_and_not_captured_directly(self, shop: Shop) -> None:
        id = shop.ordered({**order_body(), "intent": "AUTHORIZE"})
        assert issue(shop.post(f"{ORDERS}/{id}/capture")) == (422, "ACTION_DOES_NOT_MATCH_INTENT")
        assert shop.post(f"{ORDERS}/{id}/authorize").status_code == 201
        assert issue(shop.post(f"{ORDERS}/{id}/authorize")) == (422, "ORDER_ALREADY_AUTHORIZED")
        assert issue(shop.post(f"{ORDERS}/{shop.ordered()}/authorize")) == (422, "ACTION_DOES_NOT_MATCH_INTENT")

    def test_an_invoice_is_paid_once(self, shop: Shop) -> None:
        invoice = unique()
        second = shop.ordered(order_body(invoice_id=invoice))
        first = shop.post(ORDERS, order_body(invoice_id=invoice)).json()["id"]
        shop.approve(first)
        assert shop.post(f"{ORDERS}/{first}/capture").status_code == 201
        assert issue(shop.post(f"{ORDERS}/{second}/capture")) == (422, "DUPLICATE_INVOICE_ID")
        assert issue(shop.post(ORDERS, order_body(invoice_id=invoice))) == (422, "DUPLICATE_INVOICE_ID")
        assert shop.ledger(invoice) == [("payment", 1000)]

    def test_an_order_nobody_approves_is_forgotten_after_three_hours(self, traveller: Shop) -> None:
        id = traveller.ordered(approved=False)
        traveller.later(3 * 3600 + 1)
        assert issue(traveller.wire.get(f"{ORDERS}/{id}")) == (404, "INVALID_RESOURCE_ID")
        assert issue(traveller.post(f"{ORDERS}/{id}/capture")) == (404, "INVALID_RESOURCE_ID")

    def test_an_order_is_patched_until_it_is_paid(self, shop: Shop) -> None:
        id, invoice = shop.ordered(approved=False), unique()
        unit = "/purchase_units/@reference_id=='default'"
        changes = [
            {"op": "replace", "path": f"{unit}/amount", "value": usd("12.00")},
            {"op": "add", "path": f"{unit}/invoice_id", "value": invoice},
        ]
        assert shop.wire.patch(f"{ORDERS}/{id}", json=changes).status_code == 204
        shop.approve(invoice)
        shop.post(f"{ORDERS}/{id}/capture")
        assert shop.ledger(invoice) == [("payment", 1200)]
        assert issue(shop.wire.patch(f"{ORDERS}/{id}", json=changes)) == (422, "ORDER_ALREADY_COMPLETED")

    @pytest.mark.parametrize(
        ("change", "status", "expected"),
        [
            ({"op": "replace", "path": "purchase_units"}, 422, "INVALID_JSON_POINTER_FORMAT"),
            ({"op": "replace", "path": "/payer"}, 422, "NOT_PATCHABLE"),
            ({"op": "replace", "path": "/purchase_units/@reference_id=='b'/amount"}, 422, "REFERENCE_ID_NOT_FOUND"),
            (
                {"op": "remove", "path": "/purchase_units/@reference_id=='default'/amount"},
                422,
                "INVALID_PATCH_OPERATION",
            ),
            ({"op": "move", "path": "/intent"}, 400, "INVALID_PARAMETER_VALUE"),
            (
                {"op": "replace", "path": "/purchase_units/@reference_id=='default'/amount", "value": usd("5", "JPY")},
                422,
                "NOT_PATCHABLE",
            ),
            (
                {"op": "replace", "path": "/purchase_units/@reference_id=='default'/amount", "value": None},
                400,
                "MALFORMED_REQUEST_JSON",
            ),
        ],
    )
    def test_a_wrong_patch_changes_nothing(self, shop: Shop, change: Any, status: int, expected: str) -> None:
        id = shop.ordered(approved=False)
        before = shop.wire.get(f"{ORDERS}/{id}").json()
        assert issue(shop.wire.patch(f"{ORDERS}/{id}", json=[change])) == (status, expected)
        assert shop.wire.get(f"{ORDERS}/{id}").json() == before


class TestAuthorizations:
    def test_up_to_115_percent_are_captured(self, shop: Shop) -> None:
        held = shop.held()
        assert issue(shop.post(f"{held}/capture", {"amount": usd("115.01")})) == (422, "MAX_CAPTURE_AMOUNT_EXCEEDED")
        answer = shop.post(f"{held}/capture", {"amount": usd("1", "JPY")})
        assert issue(answer) == (422, "AUTH_CAPTURE_CURRENCY_MISMATCH")
        assert shop.post(f"{held}/capture", {"amount": usd("115.00")}).status_code == 201
        assert issue(shop.post(f"{held}/capture")) == (422, "AUTHORIZATION_ALREADY_CAPTURED")
        assert issue(shop.post(f"{held}/void")) == (422, "PREVIOUSLY_CAPTURED")

    def test_a_voided_one_is_over(self, shop: Shop) -> None:
        held = shop.held()
        shop.post(f"{held}/void")
        assert issue(shop.post(f"{held}/capture")) == (422, "AUTHORIZATION_VOIDED")
        assert issue(shop.post(f"{held}/void")) == (422, "PREVIOUSLY_VOIDED")

    def test_it_expires_after_29_days(self, traveller: Shop) -> None:
        held = traveller.held()
        traveller.later(29 * 86400)
        assert issue(traveller.post(f"{held}/capture")) == (422, "AUTHORIZATION_EXPIRED")

    def test_a_declined_capture_takes_nothing_of_it(self, shop: Shop) -> None:
        held = shop.held()
        shop.break_("capture", "business_error", code="CAPTURE_DECLINED")
        assert shop.post(f"{held}/capture").json()["status"] == "DECLINED"
        assert shop.wire.get(held).json()["status"] == "CREATED"
        assert shop.post(f"{held}/capture", prefer="return=representation").json()["amount"] == usd("100.00")

    def test_a_final_capture_ends_it(self, shop: Shop) -> None:
        held = shop.held()
        shop.post(f"{held}/capture", {"amount": usd("1.00"), "final_capture": True})
        assert shop.wire.get(held).json()["status"] == "CAPTURED"


class TestRefunds:
    def test_not_more_than_was_captured(self, shop: Shop) -> None:
        path = f"/v2/payments/captures/{shop.captured()}/refund"
        assert issue(shop.post(path, {"amount": usd("10.01")})) == (422, "REFUND_AMOUNT_EXCEEDED")
        assert issue(shop.post(path, {"amount": usd("0.00")})) == (422, "CANNOT_BE_ZERO_OR_NEGATIVE")
        assert issue(shop.post(path, {"amount": usd("1", "JPY")})) == (422, "REFUND_CAPTURE_CURRENCY_MISMATCH")
        assert shop.post(path).status_code == 201
        assert issue(shop.post(path)) == (422, "CAPTURE_FULLY_REFUNDED")

    def test_not_after_180_days(self, traveller: Shop) -> None:
        path = f"/v2/payments/captures/{traveller.captured()}/refund"
        traveller.later(180 * 86400 + 1)
        assert issue(traveller.post(path)) == (422, "REFUND_TIME_LIMIT_EXCEEDED")

    def test_not_of_a_declined_capture(self, shop: Shop) -> None:
        shop.break_("capture", "business_error", code="CAPTURE_DECLINED")
        assert issue(shop.post(f"/v2/payments/captures/{shop.captured()}/refund")) == (422, "TRANSACTION_REFUSED")

    def test_a_refund_in_paypals_console_counts(self, shop: Shop) -> None:
        invoice = unique()
        capture = shop.captured(order_body(invoice_id=invoice))
        wanted = {"amount": {"minor": 600, "currency": "USD"}}
        assert shop.control.post(f"/trades/paypal/{invoice}/refund", json=wanted).is_success
        assert shop.control.post(f"/trades/paypal/{invoice}/refund", json=wanted).status_code == 409
        answer = shop.post(f"/v2/payments/captures/{capture}/refund", {"amount": usd("4.01")})
        assert issue(answer) == (422, "REFUND_AMOUNT_EXCEEDED")
        assert shop.ledger(invoice) == [("payment", 1000), ("refund", 600)]
