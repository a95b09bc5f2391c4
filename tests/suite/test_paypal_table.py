"""PayPal's tables walked: every error, every state, every operation, and what they rest on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import httpx
import pytest

from fixtures.providers.common.fidelity import Basis
from fixtures.providers.paypal import states
from fixtures.providers.paypal.errors import ISSUES, NAMES, OAUTH, ON_COMMAND
from fixtures.providers.paypal.fidelity import BEHAVIOURS, OPERATIONS
from tests.suite.paypal import Shop, issue, order_body, unique, usd
from tests.suite.paypal_ways import HOOKS, ORDERS, WAYS, signing_in
from tests.suite.providers import Simulators


@pytest.fixture(scope="module")
def shop(simulators: Simulators, control: httpx.Client) -> Shop:
    """Its clock may only go forward."""
    return Shop.open(simulators, control)


@pytest.mark.parametrize("code", WAYS)
def test_a_shop_meets_the_error(shop: Shop, code: str) -> None:
    answer = WAYS[code](shop)
    body = answer.json()
    if code in OAUTH:
        assert (answer.status_code, body["error"]) == (OAUTH[code].status, code)
        return
    name = code if code in NAMES else ISSUES[code].name
    assert (answer.status_code, body["name"], body["message"]) == (NAMES[name].status, name, NAMES[name].message)
    assert code in (name, issue(answer)[1])


def test_no_error_is_forgotten() -> None:
    reached_elsewhere = {"RESULTSET_TOO_LARGE", "NOT_AUTHORIZED"}  # ten thousand entries; with PERMISSION_DENIED
    known = {*NAMES, *ISSUES, *OAUTH}
    assert set(WAYS).isdisjoint(ON_COMMAND)
    assert known == {*WAYS, *ON_COMMAND, *reached_elsewhere}


@pytest.mark.parametrize("code", sorted(ON_COMMAND))
def test_an_error_comes_on_command_and_does_nothing(shop: Shop, code: str) -> None:
    order = shop.ordered()
    shop.break_("capture", "business_error", code=code, reference=order)
    answer = shop.post(f"{ORDERS}/{order}/capture")
    name = code if code in NAMES else ISSUES[code].name
    assert (answer.status_code, answer.json()["name"]) == (NAMES[name].status, name)
    assert code in (name, issue(answer)[1])
    assert shop.ledger(order) == []


# States


def state(shop: Shop, path: str) -> str:
    status: str = shop.wire.get(path).json()["status"]
    return status


def orders_seen(shop: Shop) -> Iterator[str]:
    order = shop.ordered(approved=False)
    path = f"{ORDERS}/{order}"
    yield state(shop, path)
    shop.post(f"{path}/confirm-payment-source", {"payment_source": {"paypal": {}}})
    yield state(shop, path)
    shop.approve(order)
    yield state(shop, path)
    shop.post(f"{path}/capture")
    yield state(shop, path)
    held = shop.held()
    shop.post(f"{held}/void")
    above = shop.wire.get(held).json()["supplementary_data"]["related_ids"]["order_id"]
    yield state(shop, f"{ORDERS}/{above}")


def authorizations_seen(shop: Shop) -> Iterator[str]:
    held = shop.held()
    yield state(shop, held)
    shop.post(f"{held}/capture", {"amount": usd("1.00")})
    yield state(shop, held)
    shop.post(f"{held}/capture")
    yield state(shop, held)
    held = shop.held()
    shop.post(f"{held}/void")
    yield state(shop, held)
    shop.break_("authorize", "pending")
    invoice = unique()
    order = shop.ordered({**order_body(invoice_id=invoice), "intent": "AUTHORIZE"})
    made = shop.post(f"{ORDERS}/{order}/authorize").json()["purchase_units"][0]["payments"]["authorizations"][0]
    yield made["status"]
    shop.decline(invoice)
    yield state(shop, f"/v2/payments/authorizations/{made['id']}")


def captures_seen(shop: Shop) -> Iterator[str]:
    shop.break_("capture", "pending")
    yield state(shop, f"/v2/payments/captures/{shop.captured()}")
    for code in ("CAPTURE_DECLINED", "CAPTURE_FAILED"):
        shop.break_("capture", "business_error", code=code)
        yield state(shop, f"/v2/payments/captures/{shop.captured()}")
    path = f"/v2/payments/captures/{shop.captured()}"
    yield state(shop, path)
    shop.post(f"{path}/refund", {"amount": usd("1.00")})
    yield state(shop, path)
    shop.post(f"{path}/refund")
    yield state(shop, path)


def refunds_seen(shop: Shop) -> Iterator[str]:
    for outcome in ("success", "failed", "closed"):
        shop.break_("refund", "pending")
        made = shop.post(f"/v2/payments/captures/{shop.captured()}/refund").json()
        yield made["status"]
        shop.control.post(f"/refunds/paypal/{made['id']}/settle", json={"outcome": outcome}).raise_for_status()
        yield state(shop, f"/v2/payments/refunds/{made['id']}")


@pytest.mark.parametrize(
    ("seen", "known"),
    [
        (orders_seen, states.ORDER),
        (authorizations_seen, states.AUTHORIZATION),
        (captures_seen, states.CAPTURE),
        (refunds_seen, states.REFUND),
    ],
)
def test_every_state_is_seen(shop: Shop, seen: Callable[[Shop], Iterator[str]], known: tuple[str, ...]) -> None:
    assert set(seen(shop)) == set(known)


@pytest.mark.parametrize("reason", sorted(states.PENDING_REASONS))
def test_a_capture_waits_for_the_reason_that_is_told(shop: Shop, reason: str) -> None:
    shop.break_("capture", "pending", code=reason)
    shown = shop.wire.get(f"/v2/payments/captures/{shop.captured()}").json()
    assert shown["status_details"] == {"reason": reason}


# Operations

PATHS = {
    "token": ("POST", "/v1/oauth2/token"),
    "create": ("POST", ORDERS),
    "query": ("GET", f"{ORDERS}/X"),
    "update": ("PATCH", f"{ORDERS}/X"),
    "confirm": ("POST", f"{ORDERS}/X/confirm-payment-source"),
    "capture": ("POST", "/v2/payments/authorizations/X/capture"),
    "authorize": ("POST", f"{ORDERS}/X/authorize"),
    "track": ("PATCH", f"{ORDERS}/X/trackers/Y"),
    "reauthorize": ("POST", "/v2/payments/authorizations/X/reauthorize"),
    "void": ("POST", "/v2/payments/authorizations/X/void"),
    "refund": ("POST", "/v2/payments/captures/X/refund"),
    "refund_query": ("GET", "/v2/payments/refunds/X"),
    "webhooks": ("DELETE", f"{HOOKS}/X"),
    "verify": ("POST", "/v1/notifications/verify-webhook-signature"),
    "events": ("GET", "/v1/notifications/webhooks-events/X"),
    "resend": ("POST", "/v1/notifications/webhooks-events/X/resend"),
    "simulate": ("POST", "/v1/notifications/simulate-event"),
    "report": ("GET", "/v1/reporting/transactions"),
    "balances": ("GET", "/v1/reporting/balances"),
}


NOT_JSON = {
    "cut off": b"{",
    "no UTF-8": b'{"a": "\xff"}',
    "another charset": '{"a": 1}'.encode("utf-16"),
    "too long": b"x" * (1 << 21),
}


def test_every_operation_has_an_address() -> None:
    assert set(OPERATIONS) == {*PATHS, "certificate"}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_can_be_broken(shop: Shop, operation: str) -> None:
    shop.break_(operation, "error_5xx")
    if operation == "certificate":
        wanted = {"provider": "paypal", "reference": "X", "merchant": shop.merchant["merchant_id"]}
        crafted = shop.control.post("/notifications", json=wanted).json()["request"]
        answer = shop.wire.get(crafted["headers"]["paypal-cert-url"])
    elif operation == "token":
        answer = signing_in(None, "client_credentials")(shop)
    else:
        answer = shop.wire.request(*PATHS[operation])
    assert (answer.status_code, answer.text) == (503, "503 Service Temporarily Unavailable")


@pytest.mark.parametrize("operation", [name for name, (method, _) in PATHS.items() if method in {"POST", "PATCH"}])
@pytest.mark.parametrize("kind", NOT_JSON)
def test_no_operation_takes_what_is_not_json(shop: Shop, operation: str, kind: str) -> None:
    raw = NOT_JSON[kind]
    mine = {"provider": "paypal", "merchant": shop.merchant["merchant_id"]}
    before = shop.control.get("/trades", params=mine).json()
    if operation == "token":
        client = (shop.merchant["client_id"], shop.merchant["client_secret"])
        answer = shop.wire.post(PATHS[operation][1], auth=client, content=raw)
        expected = (413, "PAYLOAD_TOO_LARGE") if len(raw) > 1 << 20 else (400, "unsupported_grant_type")
        assert (answer.status_code, answer.json().get("name") or answer.json()["error"]) == expected
    else:
        answer = shop.wire.request(*PATHS[operation], content=raw, headers={"content-type": "application/json"})
        too_long = len(raw) > 1 << 20
        assert issue(answer) == ((413, "PAYLOAD_TOO_LARGE") if too_long else (400, "MALFORMED_REQUEST_JSON"))
    assert shop.control.get("/trades", params=mine).json() == before


# Fidelity


def test_what_the_simulator_rests_on_is_told() -> None:
    assert {told.operation for told in BEHAVIOURS} == {*OPERATIONS, "notify", "*"}
    assert {told.basis for told in BEHAVIOURS} == set(Basis)
    for told in BEHAVIOURS:
        assert date.fromisoformat(told.date)
        assert told.source.startswith(("https://", "paypal-server-sdk 2.4.0, ", "nowhere documented"))
