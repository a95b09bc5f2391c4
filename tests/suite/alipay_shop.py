"""A shop with `python-alipay-sdk`, for the suite's own tests: `from tests.suite.alipay_shop import ear, shop`."""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from alipay import AliPay

from tests.suite.providers import Listener, Simulators


def reference() -> str:
    return f"order_{secrets.token_hex(8)}"


@dataclass
class Shop:
    """A merchant's shop: its SDK, its credentials, its ear."""

    sdk: AliPay
    credentials: dict[str, Any]
    control: httpx.Client
    trust: ssl.SSLContext
    ear: Listener
    path: str

    @property
    def app_id(self) -> str:
        return str(self.credentials["app_id"])

    def precreate(self, amount: str = "88.80", **more: Any) -> str:
        """A scanned QR payment; returns its out_trade_no."""
        number = reference()
        answer = self.sdk.api_alipay_trade_precreate("蓝色 Mug", number, amount, **more)
        assert answer["code"] == "10000", answer
        assert self.get(answer["qr_code"]).status_code == 200
        return number

    def paid(self, amount: str = "88.80", **more: Any) -> str:
        number = self.precreate(amount, **more)
        self.act(number, "approve")
        return number

    def act(self, number: str, verb: str) -> dict[str, Any]:
        answer = self.control.post(f"/trades/alipay/{number}/{verb}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def get(self, url: str, **more: Any) -> httpx.Response:
        return httpx.get(url, verify=self.trust, **more)

    def heard(self, number: str) -> dict[str, str]:
        """The next notification of this order, as the shop's form parser gives it."""
        heard = self.ear.wait(self.path, matching=lambda heard: number in heard.body.decode())
        return dict(parse_qsl(heard.body.decode()))

    def verifies(self, notification: dict[str, str]) -> bool:
        """What the SDK's own verifier says."""
        data = dict(notification)
        return bool(self.sdk.verify(data, data.pop("sign")))

    def ledger(self, number: str) -> list[tuple[str, int]]:
        entries = self.control.get("/ledger", params={"provider": "alipay", "reference": number}).json()
        return [(entry["kind"], entry["amount"]["minor"]) for entry in entries]

    def delivery(self, number: str, event: str = "payment") -> dict[str, Any]:
        found = self.control.get("/deliveries", params={"provider": "alipay", "reference": number}).json()
        return dict(next(delivery for delivery in found if delivery["event"] == event))

    def fault(self, operation: str, effect: str, number: str | None = None, **more: Any) -> None:
        wanted = {"provider": "alipay", "operation": operation, "effect": effect, "merchant": self.app_id}
        answer = self.control.post("/faults", json={**wanted, "reference": number, **more})
        assert answer.status_code == 201, answer.text

    def later(self, seconds: float) -> None:
        wanted = {"provider": "alipay", "merchant": self.app_id, "advance_seconds": seconds}
        assert self.control.post("/clock", json=wanted).status_code == 200


def shop_of(control: httpx.Client, simulators: Simulators, ear: Listener, **merchant: Any) -> Shop:
    path = f"/{secrets.token_hex(8)}"
    wanted = {"provider": "alipay", "name": "上岸商店", "notify_url": ear.url(path), **merchant}
    credentials = control.post("/merchants", json=wanted).json()["credentials"]
    sdk = AliPay(
        appid=credentials["app_id"],
        app_private_key_string=credentials["app_private_key"],
        alipay_public_key_string=credentials["alipay_public_key"],
        app_notify_url=ear.url(path),
    )
    sdk._gateway = credentials["gateway"]
    return Shop(sdk, credentials, control, simulators.trust, ear, path)


def refusal(answer: dict[str, Any]) -> str:
    """The sub_code of a business error."""
    assert answer["code"] == "40004", answer
    return str(answer["sub_code"])


@pytest.fixture(scope="module")
def ear(simulators: Simulators) -> Iterator[Listener]:
    made = Listener(simulators.certificate, simulators.key)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shop(control: httpx.Client, simulators: Simulators, ear: Listener) -> Shop:
    return shop_of(control, simulators, ear)
