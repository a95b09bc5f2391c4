"""A PayPal merchant for the suite's own tests: the unmodified SDK, the bare wire, and the buyer."""

from __future__ import annotations

import secrets
import ssl
from dataclasses import dataclass
from typing import Any

import httpx
from paypalserversdk.configuration import Configuration, Environment, Server
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials
from paypalserversdk.models.amount_with_breakdown import AmountWithBreakdown
from paypalserversdk.models.money import Money as SdkMoney
from paypalserversdk.models.order_request import OrderRequest
from paypalserversdk.models.purchase_unit_request import PurchaseUnitRequest
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient

from tests.suite.providers import Simulators

Json = dict[str, Any]


class Simulated(Configuration):
    """The SDK's own way to another address: a subclass that names it."""

    address = ""

    def get_base_uri(self, server: Server = Server.DEFAULT) -> str:
        return self.address


def unique(prefix: str = "INV") -> str:
    return f"{prefix}-{secrets.token_hex(6)}"


def money(value: str, currency: str = "USD") -> SdkMoney:
    return SdkMoney(currency_code=currency, value=value)


def usd(value: str, currency: str = "USD") -> Json:
    """A money object as JSON."""
    return {"currency_code": currency, "value": value}


def order_body(value: str = "10.00", currency: str = "USD", **unit: Any) -> Json:
    """The smallest order as JSON."""
    return {
        "intent": "CAPTURE",
        "purchase_units": [{"amount": usd(value, currency), **unit}],
    }


@dataclass
class Shop:
    """A merchant, seen from its shop."""

    control: httpx.Client
    merchant: Json
    sdk: PaypalServersdkClient
    wire: httpx.Client

    @classmethod
    def open(
        cls, simulators: Simulators, control: httpx.Client, notify_url: str | None = None, **settings: Any
    ) -> Shop:
        wanted = {"provider": "paypal", "name": "Mountain Tea House", "notify_url": notify_url, "settings": settings}
        merchant = control.post("/merchants", json=wanted).raise_for_status().json()["credentials"]
        credentials = ClientCredentialsAuthCredentials(merchant["client_id"], merchant["client_secret"])
        config = Simulated(environment=Environment.SANDBOX, client_credentials_auth_credentials=credentials)
        config.address = merchant["base_url"]
        trust = ssl.create_default_context(cafile=simulators.ca)
        wire = httpx.Client(base_url=merchant["base_url"], verify=trust, timeout=30)
        token = wire.post(
            "/v1/oauth2/token",
            auth=(merchant["client_id"], merchant["client_secret"]),
            data={"grant_type": "client_credentials"},
        )
        wire.headers["authorization"] = f"Bearer {token.json()['access_token']}"
        return cls(control, merchant, PaypalServersdkClient(config=config), wire)

    def create(self, value: str = "10.00", intent: str = "CAPTURE", **more: Any) -> Any:
        """An order of one unit, made with the SDK; returns its body."""
        unit = PurchaseUnitRequest(
            amount=AmountWithBreakdown(currency_code="USD", value=value), invoice_id=unique(), description="Spring tea"
        )
        body = OrderRequest(intent=intent, purchase_units=[unit])
        return self.sdk.orders.create_order({"body": body, "prefer": "return=representation", **more}).body

    def approve(self, name: str) -> None:
        self._buyer(name, "approve")

    def decline(self, name: str) -> None:
        self._buyer(name, "decline")

    def _buyer(self, name: str, decision: str) -> None:
        self.control.post(f"/trades/paypal/{name}/{decision}", json={}).raise_for_status()

    def paid(self, value: str = "10.00") -> Any:
        """A captured order; returns the SDK's capture."""
        order = self.create(value)
        self.approve(order.id)
        done = self.sdk.orders.capture_order({"id": order.id, "prefer": "return=representation"}).body
        return done.purchase_units[0].payments.captures[0]

    def ledger(self, reference: str) -> list[tuple[str, int]]:
        entries = self.control.get("/ledger", params={"provider": "paypal", "reference": reference}).json()
        return [(entry["kind"], entry["amount"]["minor"]) for entry in entries]

    def break_(self, operation: str, effect: str, **more: Any) -> None:
        """The next such operation of this merchant misbehaves."""
        wanted = {"provider": "paypal", "operation": operation, "effect": effect, **more}
        wanted["merchant"] = self.merchant["merchant_id"]
        self.control.post("/faults", json=wanted).raise_for_status()

    def later(self, seconds: float) -> None:
        wanted = {"provider": "paypal", "merchant": self.merchant["merchant_id"], "advance_seconds": seconds}
        self.control.post("/clock", json=wanted).raise_for_status()

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A request on the wire; header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.wire.post(path, json=body if body is not None else {}, headers=named)

    def ordered(self, body: Json | None = None, *, approved: bool = True) -> str:
        """An order made on the wire; returns its id."""
        made = self.post("/v2/checkout/orders", body or order_body())
        assert made.status_code == 201, made.text
        id: str = made.json()["id"]
        if approved:
            self.approve(id)
        return id

    def held(self, value: str = "100.00") -> str:
        """The path of an authorization."""
        id = self.ordered({**order_body(value), "intent": "AUTHORIZE"})
        done = self.post(f"/v2/checkout/orders/{id}/authorize").json()
        return f"/v2/payments/authorizations/{done['purchase_units'][0]['payments']['authorizations'][0]['id']}"

    def captured(self, body: Json | None = None) -> str:
        """A paid order; returns the id of its capture."""
        answer = self.post(f"/v2/checkout/orders/{self.ordered(body)}/capture")
        assert answer.status_code == 201, answer.text
        id: str = answer.json()["purchase_units"][0]["payments"]["captures"][0]["id"]
        return id


def issue(answer: httpx.Response) -> tuple[int, str]:
    """The status of a refusal and its issue, or its error's name when there is none."""
    body = answer.json()
    assert answer.headers["paypal-debug-id"] == body["debug_id"]
    return answer.status_code, body["details"][0]["issue"] if body.get("details") else body["name"]
