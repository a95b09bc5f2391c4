"""The PayPal simulator against the unmodified paypal-server-sdk: payments, refunds, request ids, reviews, a crash."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from paypalserversdk.exceptions.error_exception import ErrorException
from paypalserversdk.models.capture_request import CaptureRequest
from paypalserversdk.models.refund_request import RefundRequest

from tests.suite.paypal import Shop, issue, money, order_body, unique
from tests.suite.providers import Simulators, control_of, launch


@pytest.fixture(scope="module")
def shop(simulators: Simulators, control: httpx.Client) -> Shop:
    return Shop.open(simulators, control)


class TestSdk:
    def test_an_order_is_created_approved_captured_and_refunded_in_two_parts(self, shop: Shop) -> None:
        order = shop.create("88.80")
        assert order.status == "CREATED"
        assert {link.rel for link in order.links} == {"self", "approve", "update", "capture"}
        shop.approve(order.id)
        done = shop.sdk.orders.capture_order({"id": order.id, "paypal_request_id": unique()})
        assert done.status_code == 201
        assert done.body.status == "COMPLETED"
        capture = done.body.purchase_units[0].payments.captures[0]
        assert (capture.status, capture.amount.value) == ("COMPLETED", "88.80")
        assert shop.sdk.orders.get_order({"id": order.id}).body.payer.email_address == "buyer@example.com"

        first = self.refund(shop, capture.id, "50.00")
        assert (first.status, first.amount.value) == ("COMPLETED", "50.00")
        assert shop.sdk.payments.get_captured_payment({"capture_id": capture.id}).body.status == "PARTIALLY_REFUNDED"
        with pytest.raises(ErrorException) as refused:
            self.refund(shop, capture.id, "38.81")
        assert refused.value.response_code == 422
        assert refused.value.details[0].issue == "REFUND_AMOUNT_EXCEEDED"
        second = self.refund(shop, capture.id, "38.80")
        assert second.seller_payable_breakdown.total_refunded_amount.value == "88.80"
        shown = shop.sdk.payments.get_refund({"refund_id": second.id}).body
        assert (shown.id, shown.status, shown.amount.value) == (second.id, "COMPLETED", "38.80")
        assert shop.sdk.payments.get_captured_payment({"capture_id": capture.id}).body.status == "REFUNDED"
        assert shop.ledger(order.purchase_units[0].invoice_id) == [
            ("payment", 8880),
            ("refund", 5000),
            ("refund", 3880),
        ]

    @staticmethod
    def refund(shop: Shop, capture: str, value: str):
        body = RefundRequest(amount=money(value), note_to_payer="sorry")
        wanted = {"capture_id": capture, "body": body, "prefer": "return=representation"}
        return shop.sdk.payments.refund_captured_payment(wanted).body

    def test_a_refund_without_an_amount_returns_what_is_left(self, shop: Shop) -> None:
        capture = shop.paid("10.00")
        self.refund(shop, capture.id, "4.00")
        shop.sdk.payments.refund_captured_payment({"capture_id": capture.id})
        assert shop.ledger(capture.invoice_id)[1:] == [("refund", 400), ("refund", 600)]

    def test_an_authorization_is_captured_in_parts_and_the_rest_is_voided(self, shop: Shop) -> None:
        held = self.authorized(shop, "100.00")
        assert held.status == "CREATED"
        capture = self.capture(shop, held.id, "30.00")
        assert (capture.status, capture.amount.value, capture.final_capture) == ("COMPLETED", "30.00", False)
        shown = shop.sdk.payments.get_authorized_payment({"authorization_id": held.id}).body
        assert shown.status == "PARTIALLY_CAPTURED"
        answer = shop.sdk.payments.void_payment({"authorization_id": held.id, "prefer": "return=representation"})
        assert (answer.status_code, answer.body.status) == (200, "VOIDED")
        assert shop.ledger(held.invoice_id) == [("payment", 3000)]

    def test_a_void_answers_204_when_nothing_is_to_be_shown(self, shop: Shop) -> None:
        held = self.authorized(shop, "100.00")
        assert shop.sdk.payments.void_payment({"authorization_id": held.id}).status_code == 204

    @staticmethod
    def authorized(shop: Shop, value: str):
        order = shop.create(value, "AUTHORIZE")
        shop.approve(order.id)
        done = shop.sdk.orders.authorize_order({"id": order.id, "prefer": "return=representation"}).body
        return done.purchase_units[0].payments.authorizations[0]

    @staticmethod
    def capture(shop: Shop, authorization: str, value: str):
        wanted = {"authorization_id": authorization, "body": CaptureRequest(amount=money(value), final_capture=False)}
        return shop.sdk.payments.capture_authorized_payment({**wanted, "prefer": "return=representation"}).body

    def test_a_declined_card_is_learnt_at_the_capture_and_the_buyer_may_try_again(self, shop: Shop) -> None:
        order = shop.create()
        shop.decline(order.id)
        with pytest.raises(ErrorException) as refused:
            shop.sdk.orders.capture_order({"id": order.id})
        assert refused.value.details[0].issue == "INSTRUMENT_DECLINED"
        assert "redirect" in {link.rel for link in refused.value.links}
        shop.approve(order.id)
        assert shop.sdk.orders.capture_order({"id": order.id}).body.status == "COMPLETED"

    def test_the_sdk_can_ask_for_a_decline(self, shop: Shop) -> None:
        order = shop.create()
        shop.approve(order.id)
        mock = '{"mock_application_codes": "INSTRUMENT_DECLINED"}'
        with pytest.raises(ErrorException) as refused:
            shop.sdk.orders.capture_order({"id": order.id, "paypal_mock_response": mock})
        assert refused.value.details[0].issue == "INSTRUMENT_DECLINED"
        assert shop.sdk.orders.get_order({"id": order.id}).body.status == "APPROVED"

    def test_a_completed_order_may_hold_a_declined_capture(self, shop: Shop) -> None:
        order = shop.create()
        shop.approve(order.id)
        shop.break_("capture", "business_error", code="CAPTURE_DECLINED")
        done = shop.sdk.orders.capture_order({"id": order.id}).body
        assert (done.status, done.purchase_units[0].payments.captures[0].status) == ("COMPLETED", "DECLINED")
        assert shop.ledger(order.purchase_units[0].invoice_id) == []


class TestRequestIds:
    def test_a_replay_gives_the_same_refund_and_moves_no_money(self, shop: Shop) -> None:
        capture, key = shop.paid(), unique()
        body = RefundRequest(amount=money("4.00"))
        wanted = {"capture_id": capture.id, "body": body, "paypal_request_id": key}
        first, second = (shop.sdk.payments.refund_captured_payment(wanted) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.body.id == second.body.id
        assert shop.ledger(capture.invoice_id) == [("payment", 1000), ("refund", 400)]

    def test_a_replay_gives_the_same_order_and_the_same_capture(self, shop: Shop) -> None:
        key = unique()
        first, again = (shop.post("/v2/checkout/orders", order_body(), paypal_request_id=key) for _ in range(2))
        assert (first.status_code, again.status_code) == (201, 200)
        id = first.json()["id"]
        assert again.json()["id"] == id
        shop.approve(id)
        done = [shop.post(f"/v2/checkout/orders/{id}/capture", paypal_request_id=key) for _ in range(2)]
        assert [answer.status_code for answer in done] == [201, 200]
        assert done[0].json() == done[1].json()
        assert shop.ledger(id) == [("payment", 1000)]

    def test_a_request_id_of_another_request_is_refused(self, shop: Shop) -> None:
        key = unique()
        shop.post("/v2/checkout/orders", order_body("1.00"), paypal_request_id=key)
        answer = shop.post("/v2/checkout/orders", order_body("2.00"), paypal_request_id=key)
        assert issue(answer) == (400, "DUPLICATE_REQUEST_ID")

    def test_a_request_id_is_forgotten_after_six_hours(self, simulators: Simulators, control: httpx.Client) -> None:
        shop, key = Shop.open(simulators, control), unique()
        first = shop.post("/v2/checkout/orders", order_body(), paypal_request_id=key).json()
        shop.later(6 * 3600 + 1)
        again = shop.post("/v2/checkout/orders", order_body(), paypal_request_id=key)
        assert again.status_code == 201
        assert again.json()["id"] != first["id"]

    def test_of_two_requests_at_once_one_has_to_wait(self, shop: Shop) -> None:
        path, key = f"/v2/checkout/orders/{shop.ordered()}/capture", unique()
        shop.break_("capture", "slow", seconds=1)
        with ThreadPoolExecutor(2) as both:
            answers = list(both.map(lambda _: shop.post(path, paypal_request_id=key), range(2)))
        waiting, done = sorted(answers, key=lambda answer: answer.status_code, reverse=True)
        assert done.status_code == 201
        assert issue(waiting) == (409, "PREVIOUS_REQUEST_IN_PROGRESS")

    def test_a_payment_whose_answer_was_lost_is_found_by_its_request_id(self, shop: Shop) -> None:
        id, key = shop.ordered(), unique()
        shop.break_("capture", "timeout_after")
        with pytest.raises(httpx.ReadTimeout):
            shop.wire.post(
                f"/v2/checkout/orders/{id}/capture", json={}, headers={"paypal-request-id": key}, timeout=0.5
            )
        again = shop.post(f"/v2/checkout/orders/{id}/capture", paypal_request_id=key)
        assert (again.status_code, again.json()["status"]) == (200, "COMPLETED")
        assert shop.ledger(id) == [("payment", 1000)]


class TestHeldForReview:
    @pytest.mark.parametrize(
        ("decision", "status", "moved"), [("approve", "COMPLETED", [("payment", 1000)]), ("decline", "DECLINED", [])]
    )
    def test_a_capture(self, shop: Shop, decision: str, status: str, moved: list[tuple[str, int]]) -> None:
        shop.break_("capture", "pending")
        invoice = unique()
        capture = shop.captured(order_body(invoice_id=invoice))
        shown = shop.wire.get(f"/v2/payments/captures/{capture}").json()
        assert (shown["status"], shown["status_details"]) == ("PENDING", {"reason": "PENDING_REVIEW"})
        assert issue(shop.post(f"/v2/payments/captures/{capture}/refund")) == (422, "PENDING_CAPTURE")
        assert shop.ledger(invoice) == []
        shop.control.post(f"/trades/paypal/{invoice}/{decision}", json={}).raise_for_status()
        shown = shop.wire.get(f"/v2/payments/captures/{capture}").json()
        assert (shown["status"], "status_details" in shown) == (status, False)
        assert shop.ledger(invoice) == moved

    @pytest.mark.parametrize(
        ("outcome", "status", "left"),
        [("success", "COMPLETED", "6.00"), ("failed", "FAILED", "10.00"), ("closed", "CANCELLED", "10.00")],
    )
    def test_a_refund(self, shop: Shop, outcome: str, status: str, left: str) -> None:
        capture, key = shop.captured(), unique()
        shop.break_("refund", "pending")
        amount = {"amount": {"currency_code": "USD", "value": "4.00"}}
        made = shop.post(f"/v2/payments/captures/{capture}/refund", amount, paypal_request_id=key).json()
        assert made["status"] == "PENDING"
        too_much = {"amount": {"currency_code": "USD", "value": "6.01"}}
        answer = shop.post(f"/v2/payments/captures/{capture}/refund", too_much)
        assert issue(answer) == (422, "REFUND_AMOUNT_EXCEEDED")
        shop.control.post(f"/refunds/paypal/{key}/settle", json={"outcome": outcome}).raise_for_status()
        assert shop.wire.get(f"/v2/payments/refunds/{made['id']}").json()["status"] == status
        rest = shop.post(f"/v2/payments/captures/{capture}/refund", prefer="return=representation").json()
        assert rest["amount"]["value"] == left


def test_a_killed_simulator_has_lost_nothing(tmp_path: Path) -> None:
    running = launch(tmp_path)
    with control_of(running) as control:
        shop, key = Shop.open(running, control, "https://127.0.0.1:1/"), unique()
        path = f"/v2/checkout/orders/{shop.ordered()}/capture"
        paid = shop.post(path, paypal_request_id=key)
        held = shop.held()
        seen = ("/v1/notifications/webhooks-events", "/v1/notifications/webhooks", "/v1/reporting/balances", held)
        before = [shop.wire.get(address).json() for address in seen]
        shop.break_("reauthorize", "business_error", code="REAUTHORIZATION_DECLINED_BY_PROCESSOR")
    running.stop(kill=True)
    running = launch(tmp_path, port=httpx.URL(running.url).port or 0)
    try:
        again = shop.post(path, paypal_request_id=key)
        assert (paid.status_code, again.status_code) == (201, 200)
        assert again.json() == paid.json()
        after = [shop.wire.get(address).json() for address in seen]
        for shown in (before, after):
            for moved in ("as_of_time", "last_refresh_time"):
                shown[2].pop(moved)
        assert after == before
        assert issue(shop.post(f"{held}/reauthorize"))[1] == "REAUTHORIZATION_DECLINED_BY_PROCESSOR"
        with control_of(running) as control:
            waiting = control.get("/deliveries", params={"provider": "paypal", "state": "pending"}).json()
            told = {"CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED", "PAYMENT.AUTHORIZATION.CREATED"}
            assert {delivery["event"] for delivery in waiting} == told
            assert control.get("/ledger").json()[0]["amount"] == {"minor": 1000, "currency": "USD"}
    finally:
        running.stop()
