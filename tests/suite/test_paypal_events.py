"""PayPal's events after the fact: listed, shown, sent again; and mock events."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.suite.paypal import Json, Shop, issue, unique
from tests.suite.providers import Heard, Listener, Simulators

EVENTS = "/v1/notifications/webhooks-events"
SIMULATE = "/v1/notifications/simulate-event"


@pytest.fixture
def told(simulators: Simulators, control: httpx.Client, listener: Listener) -> Shop:
    """A shop whose webhooks go to the listener, at `/hook`."""
    return Shop.open(simulators, control, listener.url("/hook"))


def listed(shop: Shop, **asked: Any) -> list[Json]:
    answer = shop.wire.get(EVENTS, params=asked)
    assert answer.status_code == 200, answer.text
    assert answer.json()["count"] == len(answer.json()["events"])
    return answer.json()["events"]


def verification(shop: Shop, heard: Heard, webhook: str | None = None) -> str:
    names = {"auth_algo": "auth-algo", "cert_url": "cert-url"}
    names |= {f"transmission_{name}": f"transmission-{name}" for name in ("id", "sig", "time")}
    body = {name: heard.headers[f"paypal-{header}"] for name, header in names.items()}
    body |= {"webhook_id": webhook or shop.merchant["webhook_id"], "webhook_event": json.loads(heard.body)}
    return shop.post("/v1/notifications/verify-webhook-signature", body).json()["verification_status"]


class TestEvents:
    def test_what_was_told_is_listed_and_shown(self, told: Shop, listener: Listener) -> None:
        capture = told.captured()
        heard = [json.loads(listener.wait("/hook").body) for _ in range(2)]
        assert sorted(listed(told), key=str) == sorted(heard, key=str)
        for event in heard:
            assert told.wire.get(f"{EVENTS}/{event['id']}").json() == event
        (completed,) = listed(told, transaction_id=capture)
        assert [completed] == listed(told, event_type="PAYMENT.CAPTURE.COMPLETED")
        assert listed(told, page_size=1) + listed(told, page_size=1, page=2) == listed(told)
        past = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
        assert (listed(told, end_time=past), len(listed(told, start_time=past))) == ([], 2)

    def test_another_merchant_does_not_see_them(
        self, told: Shop, simulators: Simulators, control: httpx.Client
    ) -> None:
        told.ordered()
        stranger = Shop.open(simulators, control)
        (event,) = listed(told)
        assert listed(stranger) == []
        assert issue(stranger.wire.get(f"{EVENTS}/{event['id']}")) == (404, "INVALID_RESOURCE_ID")
        assert issue(stranger.post(f"{EVENTS}/{event['id']}/resend")) == (404, "INVALID_RESOURCE_ID")

    def test_one_is_sent_again_with_the_same_id_and_a_signature_of_its_own(
        self, told: Shop, listener: Listener
    ) -> None:
        told.ordered()
        first = listener.wait("/hook")
        self.settled(told)
        event = json.loads(first.body)
        answer = told.post(f"{EVENTS}/{event['id']}/resend", {"webhook_ids": [told.merchant["webhook_id"]]})
        assert (answer.status_code, answer.json()) == (202, event)
        again = listener.wait("/hook")
        assert json.loads(again.body) == event
        assert again.headers["paypal-transmission-id"] != first.headers["paypal-transmission-id"]
        assert verification(told, again) == "SUCCESS"

    def test_one_that_is_still_under_way_is_not_sent_again(self, told: Shop) -> None:
        told.break_("notify", "hold")
        reference = told.ordered()
        (event,) = listed(told)
        assert told.post(f"{EVENTS}/{event['id']}/resend").status_code == 202
        sent = told.control.get("/deliveries", params={"provider": "paypal", "reference": reference}).json()
        assert [delivery["state"] for delivery in sent] == ["pending"]

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"webhook_ids": ["NOSUCH"]}, (404, "INVALID_RESOURCE_ID")),
            ({"webhook_ids": "all"}, (400, "MALFORMED_REQUEST_JSON")),
            ([], (400, "MALFORMED_REQUEST_JSON")),
        ],
    )
    def test_a_wrong_resend_sends_nothing(self, told: Shop, body: Any, expected: tuple[int, str]) -> None:
        told.ordered()
        (event,) = listed(told)
        assert issue(told.post(f"{EVENTS}/{event['id']}/resend", body)) == expected

    @pytest.mark.parametrize("asked", [{"page_size": "0"}, {"page_size": "x"}, {"start_time": "now"}, {"page": "-1"}])
    def test_parameters_are_checked(self, told: Shop, asked: Json) -> None:
        assert told.wire.get(EVENTS, params=asked).status_code == 400

    @staticmethod
    def settled(told: Shop) -> None:
        """Deliver what the courier may still be recording, so that nothing is under way."""
        for delivery in told.control.get("/deliveries", params={"provider": "paypal", "state": "pending"}).json():
            if delivery["url"].endswith("/hook"):
                told.control.post(f"/deliveries/{delivery['id']}/deliver").raise_for_status()


class TestMockEvents:
    def test_one_arrives_and_cannot_be_verified(self, told: Shop, listener: Listener) -> None:
        wanted = {"webhook_id": told.merchant["webhook_id"], "event_type": "PAYMENT.CAPTURE.REVERSED"}
        answer = told.post(SIMULATE, wanted)
        assert answer.status_code == 202
        heard = listener.wait("/hook")
        assert json.loads(heard.body) == answer.json()
        assert verification(told, heard) == "FAILURE"
        assert verification(told, heard, "WEBHOOKID") == "FAILURE"
        assert told.control.get("/ledger", params={"merchant": told.merchant["merchant_id"]}).json() == []

    def test_one_is_sent_to_any_address(self, told: Shop, listener: Listener) -> None:
        path = f"/{unique()}"
        assert told.post(SIMULATE, {"url": listener.url(path), "event_type": "PAYMENT.REFUND.FAILED"}).is_success
        assert json.loads(listener.wait(path).body)["event_type"] == "PAYMENT.REFUND.FAILED"

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ({"event_type": "PAYMENT.CAPTURE.COMPLETED"}, (400, "A webhook_id or an https url is required")),
            (
                {"event_type": "PAYMENT.CAPTURE.COMPLETED", "url": "http://shop.example/"},
                (400, "A webhook_id or an https url is required"),
            ),
            ({"event_type": "NO.SUCH.EVENT", "url": "https://shop.example/"}, (400, "Not a known event")),
            ({"event_type": "PAYMENT.CAPTURE.COMPLETED", "webhook_id": "NOSUCH"}, (404, "INVALID_RESOURCE_ID")),
            ({"url": "https://shop.example/"}, (400, "MISSING_REQUIRED_PARAMETER")),
        ],
    )
    def test_a_wrong_one_is_refused(self, told: Shop, body: Json, expected: tuple[int, str]) -> None:
        assert issue(told.post(SIMULATE, body)) == expected


def test_every_event_is_in_the_catalogue(told: Shop) -> None:
    shown = told.wire.get("/v1/notifications/webhooks-event-types").json()["event_types"]
    assert {"PAYMENT.CAPTURE.COMPLETED", "CHECKOUT.ORDER.APPROVED"} <= {event["name"] for event in shown}
    for event in shown:
        wanted = {"event_type": event["name"], "webhook_id": told.merchant["webhook_id"]}
        assert told.post(SIMULATE, wanted).json()["summary"] == event["description"]
