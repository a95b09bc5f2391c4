"""The PayPal simulator against the unmodified paypal-server-sdk, and its webhooks as a shop verifies them."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from paypalserversdk.exceptions.error_exception import ErrorException
from paypalserversdk.models.capture_request import CaptureRequest
from paypalserversdk.models.refund_request import RefundRequest
from playwright.sync_api import Browser, sync_playwright

from fixtures import browser as browsers
from fixtures.money import Money
from fixtures.providers.common import keys
from fixtures.providers.paypal.cashier import PayPalCashier
from tests.suite.paypal import Shop, issue, money, order_body, unique
from tests.suite.providers import Heard, Listener, Simulators, control, control_of, launch, listener, simulators

__all__ = ["control", "listener", "simulators"]


@pytest.fixture(scope="module")
def shop(simulators: Simulators, control: httpx.Client) -> Shop:
    return Shop.open(simulators, control)


@pytest.fixture
def told(simulators: Simulators, control: httpx.Client, listener: Listener) -> Shop:
    """A shop whose webhooks go to the listener, at a path of its own."""
    return Shop.open(simulators, control, listener.url(f"/{unique()}"))


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


class TestWebhooks:
    def test_a_payment_is_told_and_verified_by_postback(self, told: Shop, listener: Listener) -> None:
        path = self.path(told)
        capture = told.paid("10.00")
        approved, completed = (json.loads(listener.wait(path).body) for _ in range(2))
        assert approved["event_type"] == "CHECKOUT.ORDER.APPROVED"
        assert completed["event_type"] == "PAYMENT.CAPTURE.COMPLETED"
        assert completed["resource"]["id"] == capture.id
        told.sdk.payments.refund_captured_payment({"capture_id": capture.id})
        heard = listener.wait(path)
        event = json.loads(heard.body)
        assert (event["event_type"], event["resource"]["status"]) == ("PAYMENT.CAPTURE.REFUNDED", "COMPLETED")
        assert self.verified(told, heard)

    def test_the_signature_is_that_of_a_certificate_of_paypal(self, told: Shop, listener: Listener) -> None:
        told.ordered()
        heard = listener.wait(self.path(told))
        url = heard.headers["paypal-cert-url"]
        leaf, root = x509.load_pem_x509_certificates(told.wire.get(url).content)
        assert leaf.subject.rfc4514_string().endswith(".paypal.com")
        leaf.verify_directly_issued_by(root)
        parts = [heard.headers[f"paypal-transmission-{name}"] for name in ("id", "time")]
        message = "|".join([*parts, told.merchant["webhook_id"], str(zlib.crc32(heard.body))])
        assert keys.verifies(leaf.public_key(), message.encode(), heard.headers["paypal-transmission-sig"])

    @pytest.mark.parametrize("sign", ["none", "other_key", "altered"])
    def test_a_forged_one_is_refused(self, told: Shop, sign: str) -> None:
        assert not self.verified(told, self.crafted(told, sign=sign))

    def test_a_crafted_one_that_paypal_signed_is_verified(self, told: Shop) -> None:
        forged = {"overrides": {"resource.amount.value": "0.01"}}
        assert self.verified(told, self.crafted(told, sign="good", **forged))

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("webhook_id", "1JE4291016473214C"),
            ("cert_url", "https://attacker.example/cert.pem"),
            ("auth_algo", "SHA1withRSA"),
            ("transmission_id", "b2fd2f90-0000-11ee-0000-000000000000"),
            ("transmission_time", "2020-01-01T00:00:00Z"),
            ("transmission_sig", "AAAA"),
            ("webhook_event", {"id": "WH-other"}),
        ],
    )
    def test_every_part_of_the_postback_counts(self, told: Shop, field: str, value: object) -> None:
        assert not self.verified(told, self.crafted(told, sign="good"), **{field: value})

    def test_another_merchant_cannot_verify_it(self, told: Shop, shop: Shop) -> None:
        assert not self.verified(shop, self.crafted(told, sign="good"), webhook_id=told.merchant["webhook_id"])

    def test_an_unanswered_webhook_is_retried_for_three_days_and_then_given_up(
        self, told: Shop, listener: Listener
    ) -> None:
        listener.answer = lambda _: (500, "")
        id = told.ordered()
        listener.wait(self.path(told))
        for _ in range(25):
            delivery = self.deliveries(told, id)[0]
            assert delivery["state"] == "pending"
            told.control.post(f"/deliveries/{delivery['id']}/deliver").raise_for_status()
        delivery = self.deliveries(told, id)[0]
        assert (delivery["state"], len(delivery["attempts"])) == ("given_up", 26)

    def test_a_pending_and_a_denied_payment_and_a_failed_refund_are_told(self, told: Shop, listener: Listener) -> None:
        told.break_("capture", "pending")
        invoice = unique()
        told.captured(order_body(invoice_id=invoice))
        told.decline(invoice)
        paid, key = told.captured(), unique()
        told.break_("refund", "pending")
        told.post(f"/v2/payments/captures/{paid}/refund", paypal_request_id=key)
        told.control.post(f"/refunds/paypal/{key}/settle", json={"outcome": "failed"}).raise_for_status()
        events = sorted(json.loads(listener.wait(self.path(told)).body)["event_type"] for _ in range(7))
        assert events == sorted(
            ["CHECKOUT.ORDER.APPROVED"] * 2
            + [f"PAYMENT.CAPTURE.{state}" for state in ("PENDING", "DENIED", "COMPLETED")]
            + [f"PAYMENT.REFUND.{state}" for state in ("PENDING", "FAILED")]
        )

    def test_webhooks_are_registered_listed_and_deleted(self, simulators: Simulators, control: httpx.Client) -> None:
        shop, base = Shop.open(simulators, control), "/v1/notifications/webhooks"
        wanted = {"url": "https://shop.example/hook", "event_types": [{"name": "PAYMENT.CAPTURE.COMPLETED"}]}
        made = shop.post(base, wanted)
        assert (made.status_code, made.json()["event_types"]) == (201, wanted["event_types"])
        assert issue(shop.post(base, wanted)) == (400, "WEBHOOK_URL_ALREADY_EXISTS")
        assert shop.post(base, {**wanted, "url": "http://shop.example/"}).json()["name"] == "VALIDATION_ERROR"
        id = made.json()["id"]
        assert shop.wire.get(base).json()["webhooks"] == [shop.wire.get(f"{base}/{id}").json()]
        for number in range(9):
            shop.post(base, {**wanted, "url": f"https://shop.example/{number}"})
        answer = shop.post(base, {**wanted, "url": "https://shop.example/more"})
        assert issue(answer) == (400, "WEBHOOK_NUMBER_LIMIT_EXCEEDED")
        order = shop.ordered()
        assert self.deliveries(shop, order) == []
        assert shop.wire.delete(f"{base}/{id}").status_code == 204
        assert issue(shop.wire.get(f"{base}/{id}")) == (404, "INVALID_RESOURCE_ID")

    @staticmethod
    def path(told: Shop) -> str:
        return "/" + told.wire.get("/v1/notifications/webhooks").json()["webhooks"][0]["url"].rpartition("/")[2]

    @staticmethod
    def deliveries(told: Shop, reference: str) -> list[dict]:
        return told.control.get("/deliveries", params={"provider": "paypal", "reference": reference}).json()

    @staticmethod
    def crafted(told: Shop, **more: object) -> Heard:
        wanted = {"provider": "paypal", "reference": told.captured() and told.ordered(), **more}
        answer = told.control.post("/notifications", json=wanted).raise_for_status().json()["request"]
        return Heard(answer["url"], answer["headers"], answer["body"].encode())

    @staticmethod
    def verified(told: Shop, heard: Heard, **changes: object) -> bool:
        """What PayPal says to the postback, with the event parsed and written anew as SDKs do."""
        names = {"auth_algo": "auth-algo", "cert_url": "cert-url"}
        names |= {f"transmission_{name}": f"transmission-{name}" for name in ("id", "sig", "time")}
        body = {name: heard.headers.get(f"paypal-{header}", "none") for name, header in names.items()}
        body |= {"webhook_id": told.merchant["webhook_id"], "webhook_event": json.loads(heard.body), **changes}
        answer = told.post("/v1/notifications/verify-webhook-signature", body)
        assert answer.status_code == 200, answer.text
        return answer.json()["verification_status"] == "SUCCESS"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browsers.executable(), args=browsers.arguments([]))
        yield launched
        launched.close()


class TestApprovalPage:
    @pytest.mark.parametrize(
        ("decision", "state", "place"),
        [("approve", "APPROVED", "thanks"), ("decline", "APPROVED", "thanks"), ("abandon", "CREATED", "basket")],
    )
    def test_the_buyer_decides_and_comes_back(
        self, shop: Shop, simulators: Simulators, chromium: Browser, decision: str, state: str, place: str
    ) -> None:
        answering = f"{simulators.url}/control/health"  # any page that answers can stand for the shop's
        context = {"return_url": f"{answering}?at=thanks", "cancel_url": f"{answering}?at=basket"}
        body = {**order_body("1234.50", description="Two bags of tea"), "application_context": context}
        order = shop.post("/v2/checkout/orders", body).json()
        page = chromium.new_page(ignore_https_errors=True)
        page.goto(next(link["href"] for link in order["links"] if link["rel"] == "approve"))
        cashier = PayPalCashier(page)
        assert cashier.amount() == Money.of("1234.50", "USD")
        assert (cashier.subject(), cashier.merchant()) == ("Two bags of tea", "Mountain Tea House")
        getattr(cashier, decision)()
        page.wait_for_url(f"{answering}**")
        back = httpx.URL(page.url)
        assert (back.params["at"], back.params["token"]) == (place, order["id"])
        assert ("PayerID" in back.params) == (decision != "abandon")
        assert shop.wire.get(f"/v2/checkout/orders/{order['id']}").json()["status"] == state
        page.close()

    def test_a_payment_that_is_over_cannot_be_approved_again(self, shop: Shop, chromium: Browser) -> None:
        order = shop.create()
        page = chromium.new_page(ignore_https_errors=True)
        address = next(link.href for link in order.links if link.rel == "approve")
        page.goto(address)
        shop.approve(order.id)
        PayPalCashier(page).approve()
        assert page.get_by_role("heading", name="This payment can no longer be approved.").is_visible()
        assert page.goto(address).status == 409
        assert page.goto(address[:-5]).status == 404
        page.close()


def test_a_killed_simulator_has_lost_nothing(tmp_path: Path) -> None:
    running = launch(tmp_path)
    with control_of(running) as control:
        shop, key = Shop.open(running, control), unique()
        path = f"/v2/checkout/orders/{shop.ordered()}/capture"
        paid = shop.post(path, paypal_request_id=key)
    running.stop(kill=True)
    running = launch(tmp_path, port=httpx.URL(running.url).port or 0)
    try:
        again = shop.post(path, paypal_request_id=key)
        assert (paid.status_code, again.status_code) == (201, 200)
        assert again.json() == paid.json()
    finally:
        running.stop()
