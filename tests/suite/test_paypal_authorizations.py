"""PayPal's authorizations, with the unmodified paypal-server-sdk: authorize again, capture, void, expire, review."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from paypalserversdk.exceptions.error_exception import ErrorException
from paypalserversdk.models.capture_request import CaptureRequest
from paypalserversdk.models.reauthorize_request import ReauthorizeRequest

from tests.suite.paypal import Shop, issue, money, order_body, unique, usd
from tests.suite.providers import Simulators

DAY = 86400
ORDERS = "/v2/checkout/orders"
HELD = "/v2/payments/authorizations"


@pytest.fixture
def shop(simulators: Simulators, control: httpx.Client) -> Shop:
    """A shop of the test's own, whose clock may be moved."""
    return Shop.open(simulators, control)


def authorized(shop: Shop, value: str = "100.00") -> Any:
    order = shop.create(value, "AUTHORIZE")
    shop.approve(order.id)
    done = shop.sdk.orders.authorize_order({"id": order.id, "prefer": "return=representation"}).body
    return done.purchase_units[0].payments.authorizations[0]


def reauthorized(shop: Shop, authorization: str, value: str | None = None) -> Any:
    wanted = {"authorization_id": authorization, "prefer": "return=representation"}
    if value:
        wanted["body"] = ReauthorizeRequest(amount=money(value))
    return shop.sdk.payments.reauthorize_payment(wanted).body


def rels(shown: Any) -> set[str]:
    return {link.rel for link in shown.links}


class TestReauthorization:
    def test_after_the_honour_period_it_is_held_anew_and_captured(self, shop: Shop) -> None:
        first = authorized(shop)
        assert rels(first) == {"self", "capture", "void", "reauthorize", "up"}
        shop.later(3 * DAY)
        again = reauthorized(shop, first.id, "110.00")
        assert (again.status, again.amount.value, again.expiration_time) == ("CREATED", "110.00", first.expiration_time)
        assert rels(again) == {"self", "capture", "up"}
        body = CaptureRequest(amount=money("110.00"), final_capture=True)
        done = shop.sdk.payments.capture_authorized_payment({"authorization_id": again.id, "body": body}).body
        assert done.status == "COMPLETED"
        for id in (first.id, again.id):
            assert shop.sdk.payments.get_authorized_payment({"authorization_id": id}).body.status == "CAPTURED"
        assert shop.ledger(first.invoice_id) == [("payment", 11000)]

    def test_in_the_honour_period_it_is_too_soon(self, shop: Shop) -> None:
        first = authorized(shop)
        shop.later(3 * DAY - 60)
        with pytest.raises(ErrorException) as refused:
            reauthorized(shop, first.id)
        assert refused.value.details[0].issue == "REAUTHORIZATION_TOO_SOON"

    def test_it_is_done_once_and_not_of_itself(self, shop: Shop) -> None:
        held = shop.held()
        shop.later(4 * DAY)
        again = shop.post(f"{held}/reauthorize").json()["id"]
        assert issue(shop.post(f"{held}/reauthorize")) == (422, "REAUTHORIZATION_TOO_SOON")
        assert issue(shop.post(f"{HELD}/{again}/reauthorize")) == (422, "REAUTHORIZATION_NOT_SUPPORTED")
        assert issue(shop.post(f"{HELD}/{again}/void")) == (422, "CANNOT_BE_VOIDED")
        assert shop.post(f"{held}/void").status_code == 204
        assert issue(shop.post(f"{HELD}/{again}/capture")) == (422, "AUTHORIZATION_VOIDED")

    @pytest.mark.parametrize(
        ("held", "most", "above"), [("100.00", "115.00", "115.01"), ("1000.00", "1075.00", "1075.01")]
    )
    def test_it_may_be_a_little_more(self, shop: Shop, held: str, most: str, above: str) -> None:
        path = shop.held(held)
        shop.later(4 * DAY)
        answer = shop.post(f"{path}/reauthorize", {"amount": usd(above)})
        assert issue(answer) == (422, "AUTHORIZATION_AMOUNT_EXCEEDED")
        assert issue(shop.post(f"{path}/reauthorize", {"amount": usd("1", "JPY")})) == (422, "AUTH_CURRENCY_MISMATCH")
        assert shop.post(f"{path}/reauthorize", {"amount": usd(most)}).status_code == 201

    def test_the_same_request_again_holds_nothing_more(self, shop: Shop) -> None:
        held, key = shop.held(), unique()
        shop.later(4 * DAY)
        first, second = (shop.post(f"{held}/reauthorize", paypal_request_id=key) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json()["id"] == second.json()["id"]

    def test_captures_of_both_come_from_one_hold(self, shop: Shop) -> None:
        held = shop.held()
        assert shop.post(f"{held}/capture", {"amount": usd("60.00")}).status_code == 201
        shop.later(4 * DAY)
        again = f"{HELD}/{shop.post(f'{held}/reauthorize').json()['id']}"
        answer = shop.post(f"{again}/capture", {"amount": usd("55.01")})
        assert issue(answer) == (422, "MAX_CAPTURE_AMOUNT_EXCEEDED")
        rest = shop.post(f"{again}/capture", prefer="return=representation").json()
        assert (rest["amount"]["value"], rest["final_capture"]) == ("40.00", True)
        assert issue(shop.post(f"{held}/capture")) == (422, "AUTHORIZATION_ALREADY_CAPTURED")


class TestTheEnd:
    def test_a_void_of_all_of_it_voids_the_order(self, shop: Shop) -> None:
        held = authorized(shop)
        assert shop.sdk.payments.void_payment({"authorization_id": held.id}).status_code == 204
        order = shop.wire.get(f"{HELD}/{held.id}").json()["supplementary_data"]["related_ids"]["order_id"]
        assert shop.sdk.orders.get_order({"id": order}).body.status == "VOIDED"
        assert issue(shop.post(f"{ORDERS}/{order}/authorize")) == (422, "ORDER_COMPLETED_OR_VOIDED")

    def test_the_unused_end_after_29_days_and_that_is_told(self, shop: Shop) -> None:
        held = authorized(shop)
        shop.later(4 * DAY)
        again = reauthorized(shop, held.id)
        shop.later(25 * DAY)
        for id in (held.id, again.id):
            assert issue(shop.post(f"{HELD}/{id}/capture")) == (422, "AUTHORIZATION_EXPIRED")
            assert shop.wire.get(f"{HELD}/{id}").json()["status"] == "VOIDED"
        asked = {"event_type": "PAYMENT.AUTHORIZATION.VOIDED"}
        told = shop.wire.get("/v1/notifications/webhooks-events", params=asked).json()["events"]
        assert {event["resource"]["id"] for event in told} == {held.id, again.id}

    def test_what_was_captured_stays_when_the_rest_ends(self, shop: Shop) -> None:
        held = shop.held()
        shop.post(f"{held}/capture", {"amount": usd("60.00")})
        shop.later(29 * DAY)
        shown = shop.wire.get(held).json()
        order = shown["supplementary_data"]["related_ids"]["order_id"]
        assert (shown["status"], shop.wire.get(f"{ORDERS}/{order}").json()["status"]) == ("VOIDED", "COMPLETED")
        assert shop.ledger(order) == [("payment", 6000)]


class TestReview:
    @pytest.mark.parametrize(
        ("decision", "status", "then"), [("approve", "CREATED", None), ("decline", "DENIED", "AUTHORIZATION_DENIED")]
    )
    def test_an_authorization_is_reviewed(self, shop: Shop, decision: str, status: str, then: str | None) -> None:
        shop.break_("authorize", "pending")
        invoice = unique()
        id = shop.ordered({**order_body(invoice_id=invoice), "intent": "AUTHORIZE"})
        done = shop.post(f"{ORDERS}/{id}/authorize").json()
        part = done["purchase_units"][0]["payments"]["authorizations"][0]
        assert (part["status"], part["status_details"]) == ("PENDING", {"reason": "PENDING_REVIEW"})
        held = f"{HELD}/{part['id']}"
        assert issue(shop.post(f"{held}/capture")) == (422, "TRANSACTION_REFUSED")
        assert issue(shop.post(f"{held}/void")) == (422, "CANNOT_BE_VOIDED")
        shop.control.post(f"/trades/paypal/{invoice}/{decision}", json={}).raise_for_status()
        assert shop.wire.get(held).json()["status"] == status
        answer = shop.post(f"{held}/capture")
        assert (answer.status_code == 201) if then is None else (issue(answer) == (422, then))
