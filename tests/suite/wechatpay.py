"""A shop with the unmodified `wechatpayv3` in its hands, for the tests of the WeChat Pay simulator."""

from __future__ import annotations

import json
import secrets
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.utils import build_authorization, load_private_key

from fixtures.providers.client import ProviderControl
from tests.suite.providers import Heard, Listener, Simulators

PROVIDER = "wechatpay"
NATIVE = "/v3/pay/transactions/native"
REFUNDS = "/v3/refund/domestic/refunds"
NOBODY = "https://127.0.0.1:1/"
"""A notification address where nobody listens."""
Json = dict[str, Any]


@dataclass
class Shop:
    """A merchant with the SDK in its hands."""

    id: str
    keys: Json
    sdk: Any
    notify_url: str
    wire: httpx.Client

    @property
    def path(self) -> str:
        """Where it hears its notifications."""
        return urlsplit(self.notify_url).path

    def native(self, total: int = 8880, number: str = "", **more: Any) -> tuple[str, str]:
        """A Native order: its out_trade_no and its code_url."""
        number = number or order_number()
        answer = self.ok(self.sdk.pay("一件商品", number, {"total": total}, **more))
        return number, answer["code_url"]

    def refund(self, order: str, refund: int, total: int = 8880, number: str = "", **more: Any) -> Json:
        return self.ok(self.try_refund(order, refund, total, number, **more))

    def try_refund(self, order: str, refund: int, total: int = 8880, number: str = "", **more: Any) -> tuple[int, str]:
        amount = {"refund": refund, "total": total, "currency": "CNY"}
        answer: tuple[int, str] = self.sdk.refund(number or order_number(), amount, out_trade_no=order, **more)
        return answer

    def query(self, order: str) -> Json:
        return self.ok(self.sdk.query(out_trade_no=order))

    def state(self, order: str) -> str:
        state: str = self.query(order)["trade_state"]
        return state

    def understand(self, heard: Heard) -> Json:
        """A notification as the SDK's own callback verifies and decrypts it."""
        told: Json | None = self.sdk.callback(heard.headers, heard.body)
        assert told, "the SDK refused the notification"
        return told

    def send(self, method: str, target: str, body: str = "", key: str = "", **changes: Any) -> httpx.Response:
        """A request signed by hand; `changes` go into its headers, None removes one."""
        private = private_key(key or self.keys["merchant_private_key"])
        authorization = build_authorization(target, method, self.id, self.keys["merchant_serial"], private, body)
        headers = {"authorization": authorization, "accept": "application/json", "user-agent": "test"}
        headers = {name: value for name, value in {**headers, **changes}.items() if value is not None}
        request = self.wire.build_request(method, self.keys["gateway"] + target, content=body)
        for name in ("accept", "user-agent"):
            request.headers.pop(name, None)
        request.headers.update(headers)
        return self.wire.send(request)

    def order(self, **changes: Any) -> Json:
        """The body of a good Native order, with `changes`; None removes a field."""
        body = {
            "appid": self.keys["appid"],
            "mchid": self.id,
            "description": "一件商品",
            "out_trade_no": order_number(),
            "notify_url": self.notify_url,
            "amount": {"total": 8880, "currency": "CNY"},
            **changes,
        }
        return {name: value for name, value in body.items() if value is not None}

    @staticmethod
    def ok(answer: tuple[int, str]) -> Json:
        status, body = answer
        assert status == 200, f"{status} {body}"
        told: Json = json.loads(body)
        return told


private_key = cache(load_private_key)  # reading a key costs more than signing with it


def order_number() -> str:
    return f"T{secrets.token_hex(12)}"


def code_of(answer: tuple[int, str] | httpx.Response) -> tuple[int, str]:
    """Status and error code of a refused answer."""
    if isinstance(answer, httpx.Response):
        return answer.status_code, answer.json()["code"]
    return answer[0], json.loads(answer[1])["code"]


@pytest.fixture(scope="module")
def desk(simulators: Simulators) -> Iterator[ProviderControl]:
    control = ProviderControl(f"{simulators.url}/control", simulators.token, trust(simulators))
    yield control
    control.close()


def trust(running: Simulators) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=running.ca)


@pytest.fixture(scope="module")
def open_shop(desk: ProviderControl, simulators: Simulators) -> Iterator[Callable[..., Shop]]:
    """`open_shop(notify_url, by_certificate=..., **settings)`; a shop without an address hears nothing."""
    with httpx.Client(verify=trust(simulators)) as wire:

        def open_shop(notify_url: str = NOBODY, *, by_certificate: bool = False, **settings: Any) -> Shop:
            if by_certificate:
                settings["signs_with"] = "certificate"
            keys = desk.create_merchant(PROVIDER, **settings)
            return Shop(keys["mchid"], keys, sdk(keys, notify_url, by_certificate), notify_url, wire)

        yield open_shop


def settings_of(keys: Json, notify_url: str, by_certificate: bool = False) -> Json:
    """What the SDK is constructed with."""
    public = {} if by_certificate else {"public_key": keys["public_key"], "public_key_id": keys["public_key_id"]}
    return {
        "wechatpay_type": WeChatPayType.NATIVE,
        "mchid": keys["mchid"],
        "private_key": keys["merchant_private_key"],
        "cert_serial_no": keys["merchant_serial"],
        "appid": keys["appid"],
        "apiv3_key": keys["apiv3_key"],
        "notify_url": notify_url,
        **public,
    }


def sdk(keys: Json, notify_url: str, by_certificate: bool = False, **changes: Any) -> WeChatPay:
    """The SDK, led to the simulator by the one attribute that says where WeChat Pay is."""
    settings = settings_of(keys, notify_url, by_certificate) | changes
    if by_certificate:
        # In certificate mode the constructor asks for the certificates already.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("wechatpayv3.core.Core._init_certificates", lambda _: None)
            made = WeChatPay(**settings)
        made._core._gate_way = keys["gateway"]
        made._core._init_certificates()
        return made
    made = WeChatPay(**settings)
    made._core._gate_way = keys["gateway"]
    return made


@pytest.fixture
def shop(open_shop: Callable[..., Shop], listener: Listener) -> Shop:
    """A shop of the test's own, which hears its notifications."""
    return open_shop(listener.url(f"/{secrets.token_hex(8)}"))


def paid(shop: Shop, desk: ProviderControl, total: int = 8880) -> str:
    order, _ = shop.native(total)
    desk.approve(PROVIDER, order)
    return order
