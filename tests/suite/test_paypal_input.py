"""Who may call the PayPal simulator, and bad input: PayPal's own error, never a 5xx."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fixtures.providers.common.faults import Refusal
from fixtures.providers.common.ground import Ground
from fixtures.providers.common.inspection import VALID, listening
from fixtures.providers.paypal import limits
from fixtures.providers.paypal.errors import OAUTH
from fixtures.providers.paypal.oauth import OAuth
from fixtures.providers.paypal.requests import BalanceQuery, EventQuery, ReportQuery, Verification
from tests.suite.paypal import Shop, issue, order_body, unique, usd
from tests.suite.providers import Simulators

ORDERS = "/v2/checkout/orders"
EVENTS = "/v1/notifications/webhooks-events"


@pytest.fixture(scope="module")
def shop(simulators: Simulators, control: httpx.Client) -> Shop:
    return Shop.open(simulators, control)


@pytest.fixture
def stranger(simulators: Simulators, control: httpx.Client) -> Shop:
    return Shop.open(simulators, control)


class TestAccess:
    def test_a_token_needs_the_right_client(self, shop: Shop) -> None:
        client = (shop.merchant["client_id"], shop.merchant["client_secret"])
        grant = {"grant_type": "client_credentials"}
        token = shop.wire.post("/v1/oauth2/token", auth=client, data=grant).json()
        assert (token["token_type"], token["expires_in"]) == ("Bearer", 32400)
        for auth in ((client[0], "wrong"), ("nobody", client[1]), ("", "")):
            answer = shop.wire.post("/v1/oauth2/token", auth=auth, data=grant)
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        answer = shop.wire.post("/v1/oauth2/token", auth=client, data={"grant_type": "password"})
        assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")

    @pytest.mark.parametrize("token", ["A21AA", "A21AAnonsense", "é", "A21AA" + "QQ" * 400, "A21AAYS5iLmMuZA"])
    def test_a_wrong_token_is_refused(self, shop: Shop, token: str) -> None:
        headers = {"authorization": f"Bearer {token}".encode("latin-1")}
        answer = shop.wire.post(ORDERS, json=order_body(), headers=headers)
        assert (answer.status_code, answer.json()) == (
            401,
            {"error": "invalid_token", "error_description": OAUTH["invalid_token"].message},
        )

    def test_without_a_token_nothing_is_done(self, shop: Shop) -> None:
        answer = httpx.get(f"{shop.merchant['base_url']}{ORDERS}/X")
        assert issue(answer) == (401, "AUTHENTICATION_FAILURE")

    def test_the_resources_of_another_merchant_do_not_exist(self, shop: Shop, stranger: Shop) -> None:
        capture = stranger.captured()
        for path in (f"{ORDERS}/{stranger.ordered()}", f"/v2/payments/captures/{capture}"):
            assert issue(shop.wire.get(path)) == (404, "INVALID_RESOURCE_ID")
        assert issue(shop.post(f"/v2/payments/captures/{capture}/refund")) == (404, "INVALID_RESOURCE_ID")

    def test_an_identity_that_is_given_is_used_and_known_again(self, control: httpx.Client) -> None:
        identity = {
            "merchant_id": secrets.token_hex(6).upper(),
            "client_id": unique(),
            "client_secret": "s3cret",
            "webhook_id": secrets.token_hex(8).upper(),
        }
        wanted = {"provider": "paypal", "notify_url": "https://shop.example/old", "settings": identity}
        made = control.post("/merchants", json=wanted).json()["credentials"]
        assert {name: made[name] for name in identity} == identity
        again = control.post("/merchants", json={**wanted, "notify_url": "https://shop.example/new"})
        assert (again.status_code, again.json()["credentials"]) == (201, made)
        assert control.post("/merchants", json={**wanted, "notify_url": None}).json()["credentials"] == made
        for name in identity:
            other = {**wanted, "settings": {**identity, name: "OTHER"}}
            assert control.post("/merchants", json=other).status_code == 409, name

    @pytest.mark.parametrize(
        "settings", [{"client_id": 1}, {"client_id": "a:b"}, {"merchant_id": ""}, {"misspelt": "x"}]
    )
    def test_a_wrong_setting_is_refused(self, control: httpx.Client, settings: Any) -> None:
        answer = control.post("/merchants", json={"provider": "paypal", "settings": settings})
        assert (answer.status_code, next(iter(settings)) in answer.json()["detail"]) == (422, True)


NOT_JSON = {
    "cut off": b"{",
    "no UTF-8": b'{"intent": "\xff"}',
    "another charset": '{"intent":"CAPTURE"}'.encode("utf-16"),
    "a lone surrogate": b'{"intent": "\\ud800", "purchase_units": 1}',
    "not a number": b"[NaN]",
    "infinity": b'{"a": Infinity}',
    "nested too deeply": b"[" * 100_000,
    "nested to the brim": b'{"a":' * 970 + b"1" + b"}" * 970,
    "a number too long": b"9" * 5000,
    "null": b"null",
    "a bare number": b"1",
}


BREAKDOWN = {"item_total": usd("10.00"), "tax_total": usd("1.00"), "shipping": usd("0.40")}
FULL_ORDER = {
    "intent": "CAPTURE",
    "purchase_units": [
        {
            "amount": {**usd("11.40"), "breakdown": BREAKDOWN},
            "items": [{"name": "tea", "quantity": "2", "unit_amount": usd("5.00"), "tax": usd("0.50")}],
        }
    ],
    "application_context": {"return_url": "https://shop.example/", "brand_name": "Tea"},
}


def variants(body: Any) -> Iterator[Any]:
    """`body` with each of its values in turn replaced by strange ones."""
    yield from (None, True, 0, -1, 10**400, 0.1, "", "x" * 5000, "\0", "٣", [], {}, [[]])
    if isinstance(body, dict):
        for name, value in body.items():
            yield from ({**body, name: changed} for changed in variants(value))
    if isinstance(body, list):
        yield from ([changed] for changed in variants(body[0]))


class TestExplanation:
    """Why a request was let in, or not; without secrets."""

    @pytest.fixture
    def oauth(self, tmp_path: Path) -> Iterator[OAuth]:
        ground = Ground(tmp_path, "https://127.0.0.1")
        for id in ("M", "N"):
            ground.merchants.add(
                "paypal", id, "Tea", data={"client_id": f"client-{id}", "client_secret": f"s3cret-{id}"}
            )
        yield OAuth(ground)
        ground.store.close()

    def test_a_good_request_is_explained(self, oauth: OAuth) -> None:
        with listening() as told:
            merchant = oauth.client(basic("client-M", "s3cret-M"))
            token = oauth.grant(merchant, b"grant_type=client_credentials")["access_token"]
            assert oauth.bearer(f"Bearer {token}").id == "M"
        assert [explanation.verdict for explanation in told] == [VALID, VALID]
        assert told[0].signed == "client_id client-M"
        assert told[1].signed.startswith("M.")
        assert "s3cret" not in str(told)
        assert token not in str(told)

    @pytest.mark.parametrize(
        ("header", "verdict"),
        [
            ("", "there is no Authorization header"),
            ("Bearer nonsense", "it is no token of this simulator"),
            ("Basic M", "it is no token of this simulator"),
            ("Token {token}", "the scheme is 'Token', not Bearer"),
            ("Bearer {token}x", "it was not made for this client"),
            ("Bearer {old}", "it has expired"),
            ("Bearer {unknown}", "its merchant is not known here"),
        ],
    )
    def test_a_bad_token_is_explained(
        self, oauth: OAuth, monkeypatch: pytest.MonkeyPatch, header: str, verdict: str
    ) -> None:
        merchant = oauth.client(basic("client-M", "s3cret-M"))
        tokens = {"token": oauth.grant(merchant, b"grant_type=client_credentials")["access_token"]}
        with monkeypatch.context() as patch:
            patch.setattr(limits, "TOKEN_SECONDS", -1)
            tokens["old"] = oauth.grant(merchant, b"grant_type=client_credentials")["access_token"]
        claim = base64.urlsafe_b64encode(f"X.{2**40}.0.mac".encode()).decode()
        with listening() as told, pytest.raises(Refusal):
            oauth.bearer(header.format(**tokens, unknown=f"A21AA{claim}"))
        assert [explanation.verdict for explanation in told] == [verdict]

    @pytest.mark.parametrize(
        ("header", "verdict"),
        [
            ("Basic !", "the header is not Basic with base64 of client_id:client_secret"),
            ("Bearer Y2xpZW50LU06czNjcmV0LU0=", "the scheme is 'Bearer', not Basic"),
            ("Basic bm9ib2R5Og==", "no merchant has this client_id"),
            ("Basic Y2xpZW50LU06czNjcmV0LU4=", "the client_secret is another"),
        ],
    )
    def test_a_bad_client_is_explained(self, oauth: OAuth, header: str, verdict: str) -> None:
        with listening() as told, pytest.raises(Refusal):
            oauth.client(header)
        assert [explanation.verdict for explanation in told] == [verdict]


def basic(id: str, secret: str) -> str:
    return f"Basic {base64.b64encode(f'{id}:{secret}'.encode()).decode()}"


class TestBadInput:
    @pytest.mark.parametrize("kind", NOT_JSON)
    def test_what_is_not_json_is_malformed(self, shop: Shop, kind: str) -> None:
        answer = shop.wire.post(ORDERS, content=NOT_JSON[kind], headers={"content-type": "application/json"})
        assert issue(answer) == (400, "MALFORMED_REQUEST_JSON")

    def test_whatever_stands_in_a_field_is_no_fault_of_the_server(self, shop: Shop) -> None:
        webhook = {"url": "https://shop.example/", "event_types": [{"name": "PAYMENT.CAPTURE.COMPLETED"}]}
        verification = dict.fromkeys(Verification.model_fields, "x") | {"webhook_event": {"id": "x"}}
        change = {"op": "replace", "path": "/purchase_units/@reference_id=='default'/amount", "value": usd("2.00")}
        order, capture, paid = shop.ordered(approved=False), shop.captured(), shop.ordered()
        done = shop.post(f"{ORDERS}/{paid}/capture").json()["purchase_units"][0]["payments"]["captures"][0]["id"]
        tracker = {"capture_id": done, "tracking_number": "1", "carrier": "FEDEX", "items": [{"name": "tea"}]}
        shop.post(f"{ORDERS}/{paid}/track", tracker)
        event = shop.wire.get("/v1/notifications/webhooks-events").json()["events"][0]["id"]
        hook = shop.post("/v1/notifications/webhooks", {**webhook, "url": "https://127.0.0.1:1/"}).json()["id"]
        for path, method, body in (
            (f"{ORDERS}/{order}/confirm-payment-source", "POST", {"payment_source": {"paypal": {}}}),
            (f"{ORDERS}/{paid}/track", "POST", tracker),
            (f"{ORDERS}/{paid}/trackers/{done}-1", "PATCH", [{"op": "replace", "path": "/items", "value": [{}]}]),
            (f"{shop.held()}/reauthorize", "POST", {"amount": usd("0.01")}),
            (f"/v1/notifications/webhooks/{hook}", "PATCH", [{"op": "replace", "path": "/url", "value": "x"}]),
            (f"/v1/notifications/webhooks-events/{event}/resend", "POST", {"webhook_ids": ["X"]}),
            ("/v1/notifications/simulate-event", "POST", {"event_type": "X", "webhook_id": "X", "url": "x"}),
            (ORDERS, "POST", FULL_ORDER),
            (f"{ORDERS}/{order}", "PATCH", [change]),
            (f"/v2/payments/captures/{capture}/refund", "POST", {"amount": usd("0.01"), "note_to_payer": "x"}),
            (f"{shop.held()}/capture", "POST", {"amount": usd("0.01"), "final_capture": False}),
            ("/v1/notifications/webhooks", "POST", webhook),
            ("/v1/notifications/verify-webhook-signature", "POST", verification),
        ):
            for changed in variants(body):
                answer = shop.wire.request(method, path, json=changed)
                assert answer.status_code < 500, (method, path, changed)

    @pytest.mark.parametrize("path", ["/v1/reporting/transactions", "/v1/reporting/balances", EVENTS])
    def test_whatever_is_asked_is_no_fault_of_the_server(self, shop: Shop, path: str) -> None:
        moments = ("start_date", "end_date", "start_time", "end_time", "as_of_time")
        strange = ("", "\0", "٣", "-1", "1e9", "9" * 400, "NaN", "x" * 5000, "0001-01-01T00:00:00+23:59", "é", "[")
        asked = dict.fromkeys(moments, "2026-01-01T00:00:00Z")
        names = {**ReportQuery.model_fields, **BalanceQuery.model_fields, **EventQuery.model_fields}
        for name in names:
            for value in (*strange, "9999-12-31T23:59:59Z", "2026-02-30T00:00:00Z"):
                answer = shop.wire.get(path, params={**asked, name: value})
                assert answer.status_code < 500, (name, value)

    def test_a_body_of_ten_megabytes_is_too_large(self, shop: Shop) -> None:
        answer = shop.wire.post(ORDERS, content=b"x" * 10_000_000, headers={"content-type": "application/json"})
        assert issue(answer) == (413, "PAYLOAD_TOO_LARGE")

    def test_a_form_is_no_json(self, shop: Shop) -> None:
        assert issue(shop.wire.post(ORDERS, data={"intent": "CAPTURE"})) == (415, "UNSUPPORTED_MEDIA_TYPE")

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "TRACE", "GET"])
    def test_a_method_that_is_not_there(self, shop: Shop, method: str) -> None:
        assert issue(shop.wire.request(method, ORDERS)) == (405, "METHOD_NOT_SUPPORTED")

    @pytest.mark.parametrize(
        "path", ["/v2/checkout", "/v1/nothing", "/v2/payments/captures/", "/v2/payments/refunds/%00"]
    )
    def test_a_path_that_is_not_there(self, shop: Shop, path: str) -> None:
        assert shop.wire.get(path).status_code == 404

    def test_an_order_or_a_part_that_is_not_there(self, shop: Shop) -> None:
        for path in (ORDERS, *(f"/v2/payments/{part}" for part in ("authorizations", "captures", "refunds"))):
            assert issue(shop.wire.get(f"{path}/5O190127TN364715T")) == (404, "INVALID_RESOURCE_ID")

    def test_headers_are_checked(self, shop: Shop) -> None:
        assert issue(shop.post(ORDERS, order_body(), paypal_request_id="x" * 109)) == (400, "INVALID_STRING_LENGTH")
        for mock in ("{", "[]", '{"mock_application_codes": "NO_SUCH"}', '{"mock_application_codes": {}}'):
            answer = shop.post(ORDERS, order_body(), paypal_mock_response=mock)
            assert issue(answer) == (400, "INVALID_PARAMETER_VALUE")

    def test_a_gateways_failure_does_nothing(self, shop: Shop) -> None:
        id = shop.ordered()
        shop.break_("capture", "error_5xx", reference=id)
        assert shop.post(f"{ORDERS}/{id}/capture").status_code == 503
        shop.break_("capture", "reset", reference=id)
        with pytest.raises(httpx.TransportError):
            shop.post(f"{ORDERS}/{id}/capture")
        assert shop.ledger(id) == []
