"""Shops of the three providers, as far as books need them: open a payment, capture it, refund it. They go over any
wire that carries a request, so that the program may run in this process or in its own."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from alipay import AliPay
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from wechatpayv3.utils import build_authorization

CURRENCY = {"alipay": "CNY", "wechatpay": "CNY", "paypal": "USD"}
Json = dict[str, Any]


class Wire(Protocol):
    def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> tuple[int | None, bytes]:
        """Status and body of the answer to a request; `_` in a header's name stands for `-`."""
        ...


@dataclass
class Bought:
    """A trade as its shop knows it; `id` is PayPal's order, and its capture once there is one."""

    provider: str
    reference: str
    minor: int
    id: str = ""

    @property
    def text(self) -> str:
        return f"{self.minor // 100}.{self.minor % 100:02}"

    @property
    def currency(self) -> str:
        return CURRENCY[self.provider]


class Shops:
    """The three merchants' shops, as far as they are needed: open a payment, capture it, refund it."""

    def __init__(self, wire: Wire, credentials: dict[str, Json], notify_url: str = "https://127.0.0.1:9/") -> None:
        self.wire = wire
        self.credentials = credentials
        self._notify_url = notify_url
        self._bearer = ""

    @cached_property
    def _alipay(self) -> AliPay:
        return AliPay(
            appid=self.credentials["alipay"]["app_id"], app_notify_url=self._notify_url,
            app_private_key_string=self.credentials["alipay"]["app_private_key"],
            alipay_public_key_string=self.credentials["alipay"]["alipay_public_key"],
        )  # fmt: skip

    @cached_property
    def _key(self) -> Any:
        return load_pem_private_key(self.credentials["wechatpay"]["merchant_private_key"].encode(), None)

    def alipay(self, method: str, content: Json) -> Json:
        query = self._alipay.sign_data(self._alipay.build_body(method, content))
        status, body = self.wire.ask("GET", f"/alipay/gateway.do?{query}")
        return next(iter(json.loads(body).values())) if status == 200 else {}

    def wechat(self, path: str, content: Json | None = None) -> Json:
        known = self.credentials["wechatpay"]
        method, body = ("GET", "") if content is None else ("POST", json.dumps(content))
        signed = build_authorization(path, method, known["mchid"], known["merchant_serial"], self._key, body)
        status, answer = self.wire.ask(
            method, f"/wechatpay{path}", body.encode(), authorization=signed, content_type="application/json",
            accept="application/json",
        )  # fmt: skip
        return json.loads(answer) if status == 200 else {}

    def wechat_query(self, trade: Bought) -> Json:
        mchid = self.credentials["wechatpay"]["mchid"]
        return self.wechat(f"/v3/pay/transactions/out-trade-no/{trade.reference}?mchid={mchid}")

    def paypal_query(self, trade: Bought) -> Json:
        _, answer = self.wire.ask(
            "GET", f"/paypal/v2/checkout/orders/{trade.id}", authorization=f"Bearer {self._bearer}"
        )
        order: Json = json.loads(answer)
        return order

    def paypal(self, path: str, content: Json, request_id: str = "") -> Json:
        if not self._bearer:
            known = self.credentials["paypal"]
            basic = base64.b64encode(f"{known['client_id']}:{known['client_secret']}".encode()).decode()
            status, token = self.wire.ask(
                "POST", "/paypal/v1/oauth2/token", b"grant_type=client_credentials", authorization=f"Basic {basic}",
                content_type="application/x-www-form-urlencoded",
            )  # fmt: skip
            if status != 200:
                return {}
            self._bearer = json.loads(token)["access_token"]
        status, answer = self.wire.ask(
            "POST", f"/paypal{path}", json.dumps(content).encode(), authorization=f"Bearer {self._bearer}",
            content_type="application/json", prefer="return=representation", paypal_request_id=request_id or nonce(),
        )  # fmt: skip
        return json.loads(answer) if status in (200, 201) else {}

    def open(self, trade: Bought) -> bool:
        if trade.provider == "alipay":
            content = {"out_trade_no": trade.reference, "total_amount": trade.text, "subject": "Tea"}
            return self.alipay("alipay.trade.precreate", content).get("code") == "10000"
        if trade.provider == "wechatpay":
            known = self.credentials["wechatpay"]
            who = {"appid": known["appid"], "mchid": known["mchid"], "notify_url": self._notify_url}
            content = {**who, "description": "Tea", "out_trade_no": trade.reference, "amount": {"total": trade.minor}}
            return "code_url" in self.wechat("/v3/pay/transactions/native", content)
        unit = {"amount": {"currency_code": "USD", "value": trade.text}, "invoice_id": trade.reference}
        trade.id = self.paypal("/v2/checkout/orders", {"intent": "CAPTURE", "purchase_units": [unit]}).get("id", "")
        return bool(trade.id)

    def capture(self, trade: Bought) -> None:
        """Take the approved money: PayPal's buyers approve, its shops take."""
        answer = self.paypal(f"/v2/checkout/orders/{trade.id}/capture", {}, trade.reference)
        for unit in answer.get("purchase_units", []):
            for capture in unit.get("payments", {}).get("captures", []):
                trade.id = capture["id"]

    def refund(self, trade: Bought, amount: str, minor: int, request: str) -> bool:
        """Ask for a refund; whether the provider said that money went back."""
        if trade.provider == "alipay":
            content = {"out_trade_no": trade.reference, "refund_amount": amount, "out_request_no": request}
            return self.alipay("alipay.trade.refund", content).get("fund_change") == "Y"
        if trade.provider == "wechatpay":
            total = {"refund": minor, "total": trade.minor, "currency": "CNY"}
            content = {"out_trade_no": trade.reference, "out_refund_no": request + trade.reference, "amount": total}
            return self.wechat("/v3/refund/domestic/refunds", content).get("status") == "SUCCESS"
        content = {"amount": {"currency_code": "USD", "value": amount}}
        answer = self.paypal(f"/v2/payments/captures/{trade.id}/refund", content, request + trade.reference)
        return answer.get("status") == "COMPLETED"


def nonce() -> str:
    return secrets.token_hex(8)
