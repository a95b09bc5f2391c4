"""PayPal's webhooks as a shop receives and verifies them, and its registrations."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime

import httpx
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

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

    def test_it_is_verified_offline_by_certificate(self, told: Shop, listener: Listener) -> None:
        told.ordered()
        heard = listener.wait(self.path(told))
        assert self.verified_offline(told, heard)
        assert not self.verified_offline(told, heard, webhook_id="1JE4291016473214C")

    @pytest.mark.parametrize("sign", ["other_key", "altered"])
    def test_a_forged_one_is_refused_offline(self, told: Shop, sign: str) -> None:
        assert self.verified_offline(told, self.crafted(told, sign="good"))
        assert not self.verified_offline(told, self.crafted(told, sign=sign))

    def test_another_merchants_certificate_does_not_verify_it(self, told: Shop, shop: Shop, listener: Listener) -> None:
        told.ordered()
        heard = listener.wait(self.path(told))
        assert not self.verified_offline(told, heard, authority=shop.merchant["webhook_authority"])

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

    def test_a_webhook_is_changed(self, shop: Shop, simulators: Simulators, control: httpx.Client) -> None:
        base = "/v1/notifications/webhooks"
        mine = Shop.open(simulators, control, "https://shop.example/first")
        webhook = f"{base}/{mine.merchant['webhook_id']}"
        mine.post(base, {"url": "https://shop.example/taken", "event_types": [{"name": "*"}]})
        before = mine.wire.get(webhook).json()
        url = {"op": "replace", "path": "/url", "value": "https://127.0.0.1:1/second"}
        for change, expected in (
            ([{**url, "value": "https://shop.example/taken"}], "WEBHOOK_URL_ALREADY_EXISTS"),
            ([{**url, "value": "http://shop.example/"}], "VALIDATION_ERROR"),
            ([url, {**url, "op": "remove"}], "VALIDATION_ERROR"),
            ([{**url, "path": "/event_types", "value": "*"}], "MALFORMED_REQUEST_JSON"),
            ([{**url, "value": before["url"]}], "WEBHOOK_PATCH_REQUEST_NO_CHANGE"),
            ([], "MALFORMED_REQUEST_JSON"),
        ):
            answer = mine.wire.patch(webhook, json=change)
            body = answer.json()
            assert (answer.status_code, expected in (body["name"], *(d["issue"] for d in body.get("details", [])))) == (
                400,
                True,
            ), body
            assert mine.wire.get(webhook).json() == before
        types = {"op": "replace", "path": "/event_types", "value": [{"name": "PAYMENT.CAPTURE.COMPLETED"}]}
        changed = mine.wire.patch(webhook, json=[url, types])
        assert (changed.status_code, changed.json()["url"]) == (200, "https://127.0.0.1:1/second")
        assert mine.wire.get(f"{webhook}/event-types").json()["event_types"] == types["value"]
        assert issue(shop.wire.patch(webhook, json=[url])) == (404, "INVALID_RESOURCE_ID")
        mine.captured()
        events = mine.control.get("/deliveries", params={"provider": "paypal"}).json()
        assert {event["event"] for event in events if event["url"] == url["value"]} == {"PAYMENT.CAPTURE.COMPLETED"}

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
    def verified_offline(told: Shop, heard: Heard, webhook_id: str | None = None, authority: str | None = None) -> bool:
        """What paypalrestsdk does, against the simulator's authority instead of DigiCert's: the chain, whose it is,
        its time, and the signature over the checksum of the bytes that came."""
        chain = x509.load_pem_x509_certificates(told.wire.get(heard.headers["paypal-cert-url"]).content)
        leaf, root = (
            chain[0],
            x509.load_pem_x509_certificate((authority or told.merchant["webhook_authority"]).encode()),
        )
        try:
            leaf.verify_directly_issued_by(root)
        except InvalidSignature:
            return False
        (name,) = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        now = datetime.now(UTC)
        parts = [heard.headers[f"paypal-transmission-{part}"] for part in ("id", "time")]
        message = "|".join([*parts, webhook_id or told.merchant["webhook_id"], str(zlib.crc32(heard.body))])
        return (
            str(name.value).endswith(".paypal.com")
            and leaf.not_valid_before_utc < now < leaf.not_valid_after_utc
            and heard.headers["paypal-auth-algo"] == "SHA256withRSA"
            and keys.verifies(leaf.public_key(), message.encode(), heard.headers["paypal-transmission-sig"])
        )

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
