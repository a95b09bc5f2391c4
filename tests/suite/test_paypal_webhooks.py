"""PayPal's webhooks as a shop receives and verifies them, and its registrations."""

from __future__ import annotations

import json
import zlib

import httpx
import pytest
from cryptography import x509

from fixtures.providers.common import keys
from tests.suite.paypal import Shop, issue, order_body, unique
from tests.suite.providers import Heard, Listener, Simulators


@pytest.fixture(scope="module")
def shop(simulators: Simulators, control: httpx.Client) -> Shop:
    return Shop.open(simulators, control)


@pytest.fixture
def told(simulators: Simulators, control: httpx.Client, listener: Listener) -> Shop:
    """A shop whose webhooks go to the listener, at a path of its own."""
    return Shop.open(simulators, control, listener.url(f"/{unique()}"))


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
