"""The way into each of PayPal's errors: what a shop does that its rules refuse."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.suite.paypal import Json, Shop, order_body, unique, usd

ORDERS = "/v2/checkout/orders"
HOOKS = "/v1/notifications/webhooks"
DAY = 86400
UNIT = "/purchase_units/@reference_id=='default'"

Way = Callable[[Shop], httpx.Response]
"""Something a shop does that ends in an error."""


def placing(body: Any, **headers: str) -> Way:
    return lambda shop: shop.post(ORDERS, body, **headers)


def priced(value: str, currency: str = "USD") -> Way:
    return placing(order_body(value, currency))


def broken_down(items: list[Json] | None = None, **breakdown: str) -> Way:
    amount = {**usd("10.00"), "breakdown": {name: usd(value) for name, value in breakdown.items()}}
    return placing({"intent": "CAPTURE", "purchase_units": [{"amount": amount, "items": items or []}]})


def item(**more: Any) -> Json:
    return {"name": "tea", "quantity": "2", "unit_amount": usd("5.00"), **more}


def several(*units: Json) -> Way:
    return placing({"intent": "CAPTURE", "purchase_units": list(units)})


def paying(kind: str = "capture", *, approved: bool = True, **more: Any) -> Way:
    return lambda shop: shop.post(f"{ORDERS}/{shop.ordered({**order_body(), **more}, approved=approved)}/{kind}")


def twice(way: Callable[[Shop], str], body: Any = None) -> Way:
    """The second of two requests to one address."""

    def both(shop: Shop) -> httpx.Response:
        path = way(shop)
        shop.post(path, body)
        return shop.post(path, body)

    return both


def patching(**change: Any) -> Way:
    change = {"op": "replace", **change}
    return lambda shop: shop.wire.patch(f"{ORDERS}/{shop.ordered(approved=False)}", json=[change])


def held(step: str, body: Any = None, *, first: str | None = None, days: int = 0, value: str = "100.00") -> Way:
    """`step` with an authorization, `days` after it was made and `first` was done."""

    def way(shop: Shop) -> httpx.Response:
        path = shop.held(value)
        shop.later(days * DAY)
        if first:
            shop.post(f"{path}/{first}")
        return shop.post(f"{path}/{step}", body)

    return way


def renewed(step: str) -> Way:
    def way(shop: Shop) -> httpx.Response:
        path = shop.held()
        shop.later(4 * DAY)
        again = shop.post(f"{path}/reauthorize").json()["id"]
        return shop.post(f"/v2/payments/authorizations/{again}/{step}")

    return way


def denied(shop: Shop) -> httpx.Response:
    shop.break_("authorize", "pending")
    invoice = unique()
    order = shop.ordered({**order_body(invoice_id=invoice), "intent": "AUTHORIZE"})
    done = shop.post(f"{ORDERS}/{order}/authorize").json()
    path = f"/v2/payments/authorizations/{done['purchase_units'][0]['payments']['authorizations'][0]['id']}"
    shop.decline(invoice)
    return shop.post(f"{path}/capture")


def refunding(body: Any = None, *, fault: str | None = None, code: str | None = None, days: int = 0) -> Way:
    def way(shop: Shop) -> httpx.Response:
        if fault:
            shop.break_("capture", fault, code=code)
        path = f"/v2/payments/captures/{shop.captured()}/refund"
        shop.later(days * DAY)
        return shop.post(path, body)

    return way


def tracking(shop: Shop, *, fault: bool) -> httpx.Response:
    order = shop.ordered()
    if fault:
        shop.break_("capture", "business_error", code="CAPTURE_FAILED")
    done = shop.post(f"{ORDERS}/{order}/capture").json()
    capture = done["purchase_units"][0]["payments"]["captures"][0]["id"] if fault else "5O190127TN364715T"
    return shop.post(f"{ORDERS}/{order}/track", {"capture_id": capture})


def hooking(count: int, **more: Any) -> Way:
    """The last of so many webhooks; none of them stays."""

    def way(shop: Shop) -> httpx.Response:
        for number in range(count):
            wanted = {"url": f"https://127.0.0.1:1/{number}", "event_types": [{"name": "*"}], **more}
            answer = shop.post(HOOKS, wanted)
        unhook(shop)
        return answer

    return way


def unchanged(shop: Shop) -> httpx.Response:
    made = shop.post(HOOKS, {"url": "https://127.0.0.1:1/", "event_types": [{"name": "*"}]}).json()
    answer = shop.wire.patch(f"{HOOKS}/{made['id']}", json=[{"op": "replace", "path": "/url", "value": made["url"]}])
    unhook(shop)
    return answer


def unhook(shop: Shop) -> None:
    for webhook in shop.wire.get(HOOKS).json()["webhooks"]:
        shop.wire.delete(f"{HOOKS}/{webhook['id']}")


def two_orders_of_one_invoice(shop: Shop) -> httpx.Response:
    body = order_body(invoice_id=unique())
    shop.captured(body)
    return shop.post(ORDERS, body)


def meanwhile(shop: Shop) -> httpx.Response:
    """The worse answer of two to the same request at once."""
    path = f"{ORDERS}/{shop.ordered()}/capture"
    shop.break_("capture", "slow", seconds=0.5)
    with ThreadPoolExecutor(2) as both:
        return max(both.map(lambda _: shop.post(path), range(2)), key=lambda answer: answer.status_code)


def declined(shop: Shop) -> httpx.Response:
    order = shop.ordered(approved=False)
    shop.decline(order)
    return shop.post(f"{ORDERS}/{order}/capture")


def awaited(shop: Shop) -> httpx.Response:
    body = {**order_body(), "payment_source": {"paypal": {}}}
    order = shop.post(ORDERS, body, paypal_request_id=unique()).json()["id"]
    return shop.post(f"{ORDERS}/{order}/capture")


def done_with(send: Callable[[Shop, str], httpx.Response]) -> Way:
    """What comes after the payment of an order."""

    def way(shop: Shop) -> httpx.Response:
        path = f"{ORDERS}/{shop.ordered()}"
        shop.post(f"{path}/capture")
        return send(shop, path)

    return way


def repeated(shop: Shop) -> httpx.Response:
    key = unique()
    shop.post(ORDERS, order_body("1.00"), paypal_request_id=key)
    return shop.post(ORDERS, order_body("2.00"), paypal_request_id=key)


def anonymous(**headers: str) -> Way:
    return lambda shop: httpx.get(f"{shop.merchant['base_url']}{ORDERS}/X", headers=headers)


def signing_in(secret: str | None, grant: str) -> Way:
    return lambda shop: shop.wire.post(
        "/v1/oauth2/token",
        auth=(shop.merchant["client_id"], secret or shop.merchant["client_secret"]),
        data={"grant_type": grant},
    )


def unreported(shop: Shop) -> httpx.Response:
    asked = {"start_date": "2020-01-01T00:00:00Z", "end_date": "2020-03-01T00:00:00Z"}
    return shop.wire.get("/v1/reporting/transactions", params=asked)


WAYS: dict[str, Way] = {
    # requests that are not well formed
    "INVALID_REQUEST": placing([]),
    "MALFORMED_REQUEST_JSON": placing([]),
    "MISSING_REQUIRED_PARAMETER": placing({}),
    "INVALID_STRING_LENGTH": placing(order_body(invoice_id="x" * 128)),
    "INVALID_PARAMETER_SYNTAX": priced("ten"),
    "INVALID_PARAMETER_VALUE": placing({**order_body(), "intent": "SALE"}),
    "INVALID_ARRAY_MIN_ITEMS": several(),
    "INVALID_ARRAY_MAX_ITEMS": several(*order_body()["purchase_units"] * 11),
    "INVALID_DATE_RANGE": unreported,
    "PAYPAL_REQUEST_ID_REQUIRED": placing({**order_body(), "payment_source": {"paypal": {}}}),
    "DUPLICATE_REQUEST_ID": repeated,
    "VALIDATION_ERROR": hooking(1, url="http://shop.example/"),
    "WEBHOOK_URL_ALREADY_EXISTS": hooking(2, url="https://shop.example/"),
    "WEBHOOK_NUMBER_LIMIT_EXCEEDED": hooking(11),
    "WEBHOOK_PATCH_REQUEST_NO_CHANGE": unchanged,
    "METHOD_NOT_SUPPORTED": lambda shop: shop.wire.delete(ORDERS),
    "PAYLOAD_TOO_LARGE": lambda shop: shop.wire.post(ORDERS, content=b"x" * (1 << 21)),
    "UNSUPPORTED_MEDIA_TYPE": lambda shop: shop.wire.post(ORDERS, data={"intent": "CAPTURE"}),
    # who calls
    "AUTHENTICATION_FAILURE": anonymous(),
    "invalid_token": anonymous(authorization="Bearer A21AAnonsense"),
    "invalid_client": signing_in("wrong", "client_credentials"),
    "unsupported_grant_type": signing_in(None, "password"),
    # what does not exist, or is busy
    "RESOURCE_NOT_FOUND": lambda shop: shop.wire.get("/v1/nothing"),
    "INVALID_RESOURCE_ID": lambda shop: shop.wire.get(f"{ORDERS}/5O190127TN364715T"),
    "RESOURCE_CONFLICT": meanwhile,
    "PREVIOUS_REQUEST_IN_PROGRESS": meanwhile,
    # amounts
    "UNPROCESSABLE_ENTITY": priced("0.00"),
    "CANNOT_BE_ZERO_OR_NEGATIVE": priced("0.00"),
    "CANNOT_BE_NEGATIVE": broken_down(item_total="11.00", discount="-1.00"),
    "INVALID_CURRENCY_CODE": priced("1.000", "KWD"),
    "DECIMALS_NOT_SUPPORTED": priced("10.00", "JPY"),
    "DECIMAL_PRECISION": priced("1.001"),
    "MAX_VALUE_EXCEEDED": priced("10000000.00"),
    "AMOUNT_MISMATCH": broken_down(item_total="9.00"),
    "ITEM_TOTAL_MISMATCH": broken_down([item(quantity="1")], item_total="10.00"),
    "ITEM_TOTAL_REQUIRED": broken_down([item()], shipping="10.00"),
    "TAX_TOTAL_MISMATCH": broken_down([item(quantity="1", tax=usd("1.00"))], item_total="5.00", tax_total="5.00"),
    "TAX_TOTAL_REQUIRED": broken_down([item(tax=usd("1.00"))], item_total="10.00"),
    "MULTI_CURRENCY_ORDER": several({"amount": usd("1")}, {"reference_id": "b", "amount": usd("1", "JPY")}),
    # orders
    "DUPLICATE_REFERENCE_ID": several(*order_body()["purchase_units"] * 2),
    "DUPLICATE_INVOICE_ID": two_orders_of_one_invoice,
    "PAYMENT_SOURCE_CANNOT_BE_USED": placing({**order_body(), "payment_source": {"venmo": {}}}, paypal_request_id="k"),
    "ORDER_NOT_APPROVED": paying(approved=False),
    "PAYER_ACTION_REQUIRED": awaited,
    "INSTRUMENT_DECLINED": declined,
    "ORDER_ALREADY_COMPLETED": done_with(lambda shop, path: shop.wire.patch(path, json=[{}])),
    "ORDER_COMPLETED_OR_VOIDED": done_with(
        lambda shop, path: shop.post(f"{path}/confirm-payment-source", {"payment_source": {"paypal": {}}})
    ),
    "ORDER_ALREADY_CAPTURED": twice(lambda shop: f"{ORDERS}/{shop.ordered()}/capture"),
    "ORDER_ALREADY_AUTHORIZED": twice(
        lambda shop: f"{ORDERS}/{shop.ordered({**order_body(), 'intent': 'AUTHORIZE'})}/authorize"
    ),
    "ACTION_DOES_NOT_MATCH_INTENT": paying(intent="AUTHORIZE"),
    "CAPTURE_ID_NOT_FOUND": lambda shop: tracking(shop, fault=False),
    "CAPTURE_STATUS_NOT_VALID": lambda shop: tracking(shop, fault=True),
    "INVALID_PATCH_OPERATION": patching(op="remove", path=f"{UNIT}/amount"),
    "INVALID_JSON_POINTER_FORMAT": patching(path="intent"),
    "NOT_PATCHABLE": patching(path="/intent", value="AUTHORIZE"),
    "REFERENCE_ID_NOT_FOUND": patching(path="/purchase_units/@reference_id=='b'/amount"),
    # authorizations
    "AUTH_CAPTURE_CURRENCY_MISMATCH": held("capture", {"amount": usd("1", "JPY")}),
    "AUTHORIZATION_ALREADY_CAPTURED": held("capture", first="capture"),
    "AUTHORIZATION_VOIDED": held("capture", first="void"),
    "AUTHORIZATION_EXPIRED": held("capture", days=29),
    "AUTHORIZATION_DENIED": denied,
    "MAX_CAPTURE_AMOUNT_EXCEEDED": held("capture", {"amount": usd("115.01")}),
    "AUTH_CURRENCY_MISMATCH": held("reauthorize", {"amount": usd("1", "JPY")}, days=4),
    "AUTHORIZATION_AMOUNT_EXCEEDED": held("reauthorize", {"amount": usd("115.01")}, days=4),
    "REAUTHORIZATION_TOO_SOON": held("reauthorize"),
    "REAUTHORIZATION_NOT_SUPPORTED": renewed("reauthorize"),
    "CANNOT_BE_VOIDED": renewed("void"),
    "PREVIOUSLY_VOIDED": held("void", first="void"),
    "PREVIOUSLY_CAPTURED": held("void", first="capture"),
    # refunds
    "CAPTURE_FULLY_REFUNDED": twice(lambda shop: f"/v2/payments/captures/{shop.captured()}/refund"),
    "REFUND_AMOUNT_EXCEEDED": refunding({"amount": usd("10.01")}),
    "REFUND_CAPTURE_CURRENCY_MISMATCH": refunding({"amount": usd("1", "JPY")}),
    "REFUND_TIME_LIMIT_EXCEEDED": refunding(days=181),
    "PENDING_CAPTURE": refunding(fault="pending"),
    "TRANSACTION_REFUSED": refunding(fault="business_error", code="CAPTURE_FAILED"),
}
