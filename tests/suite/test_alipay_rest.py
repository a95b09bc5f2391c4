"""Alipay's REST v3, over the wire: no SDK for Python speaks it. Signed as the official Node SDK does."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from alipay import DCAliPay

from fixtures.providers.alipay import errors
from fixtures.providers.common import keys
from tests.suite.alipay_shop import Shop, ear, reference, shop, shop_of  # noqa: F401
from tests.suite.providers import Listener, Simulators

MOUNT = "/alipay"


@dataclass
class Client:
    shop: Shop
    app_private_key: str

    def send(self, method: str, path: str, body: str = "", **headers: str | bytes) -> httpx.Response:
        """A request as it is; what stands in `headers` wins over the honest ones."""
        url = f"{self.shop.credentials['endpoint']}{path}"
        signed = {"authorization": self.authorization(method, path, body), "content-type": "application/json"}
        return httpx.request(
            method, url, content=body.encode(), headers={**signed, **headers}, verify=self.shop.trust, timeout=30
        )

    def authorization(self, method: str, path: str, body: str, **more: object) -> str:
        parts = {
            "app_id": self.shop.app_id,
            "nonce": secrets.token_hex(16),
            "timestamp": int(time.time() * 1000),
            **more,
        }
        auth = ",".join(f"{name}={value}" for name, value in parts.items())
        signature = keys.sign(keys.read_private(self.app_private_key), f"{auth}\n{method}\n{path}\n{body}\n".encode())
        return f"ALIPAY-SHA256withRSA {auth},sign={signature}"

    def verifies(self, answer: httpx.Response) -> bool:
        told = answer.headers
        text = f"{told['alipay-timestamp']}\n{told['alipay-nonce']}\n{answer.text}\n"
        key = keys.read_public(self.shop.credentials["alipay_public_key"])
        return keys.verifies(key, text.encode(), told["alipay-signature"])

    def post(self, path: str, **content: Any) -> dict[str, Any]:
        """A good answer of a POST; its signature is verified."""
        answer = self.send("POST", f"/v3/alipay/{path}", json.dumps(content))
        assert answer.status_code == 200, answer.text
        assert self.verifies(answer)
        return dict(answer.json())


@pytest.fixture(scope="module")
def client(shop: Shop) -> Client:
    return Client(shop, shop.credentials["app_private_key"])


def refused(answer: httpx.Response, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert [set(link) for link in answer.json()["links"]] == [{"link", "desc"}]


def test_a_payment_and_its_refunds(client: Client) -> None:
    shop, number = client.shop, reference()
    url = shop.ear.url(shop.path)
    made = client.post("trade/precreate", out_trade_no=number, total_amount="88.80", subject="杯子", notify_url=url)
    assert set(made) == {"out_trade_no", "qr_code"}
    shop.get(made["qr_code"])
    shop.act(number, "approve")
    assert shop.verifies(shop.heard(number))
    found = client.send("GET", f"/v3/alipay/trade/query?{urlencode({'out_trade_no': number})}")
    assert (found.json()["trade_status"], client.verifies(found)) == ("TRADE_SUCCESS", True)
    for request, amount in (("a", "50.00"), ("b", "38.80")):
        wanted = {"out_trade_no": number, "refund_amount": amount, "out_request_no": request}
        assert client.post("trade/refund", **wanted)["fund_change"] == "Y"
    asked = {"out_trade_no": number, "out_request_no": "a"}
    assert client.post("trade/fastpay/refund/query", **asked)["refund_status"] == "REFUND_SUCCESS"
    assert shop.ledger(number) == [("payment", 8880), ("refund", 5000), ("refund", 3880)]


def test_close_cancel_and_barcode(client: Client) -> None:
    number = reference()
    made = client.post(
        "trade/create", out_trade_no=number, total_amount="1.00", subject="Mug", buyer_id="2088222222222222"
    )
    assert client.post("trade/close", trade_no=made["trade_no"])["out_trade_no"] == number
    assert client.post("trade/cancel", out_trade_no=reference())["retry_flag"] == "N"
    order = {"out_trade_no": reference(), "total_amount": "1.00", "subject": "Mug", "scene": "bar_code"}
    order["auth_code"] = f"28{secrets.randbelow(10**16):016}"
    assert client.post("trade/pay", **order)["receipt_amount"] == "1.00"
    waiting = {
        **order,
        "out_trade_no": reference(),
        "total_amount": "1000.01",
        "auth_code": f"27{secrets.randbelow(10**16):016}",
    }
    assert client.post("trade/pay", **waiting)["code"] == "10003"


def test_business_errors_are_a_status_and_a_code(client: Client) -> None:
    refused(client.send("POST", "/v3/alipay/trade/close", '{"out_trade_no":"x"}'), 400, "ACQ.TRADE_NOT_EXIST")
    body = json.dumps({"out_trade_no": reference(), "total_amount": "0", "subject": "Mug"})
    refused(client.send("POST", "/v3/alipay/trade/precreate", body), 400, "ACQ.INVALID_PARAMETER")


def test_every_code_of_the_gateway_has_its_status(client: Client) -> None:
    special = {"isp.unknow-error": 500, "aop.invalid-app-auth-token": 401, "isv.app-call-limited": 429}
    special |= {"isv.method-call-limited": 429, "isv.insufficient-isv-permissions": 401, "isv.invalid-method": 404}
    for code in errors.GATEWAY:
        client.shop.fault("query", "business_error", code=code)
        answer = client.send("POST", "/v3/alipay/trade/query", '{"out_trade_no":"x"}')
        refused(answer, special.get(code, 400), code.partition(".")[2])
        assert client.verifies(answer)


QUERY = ("POST", "/v3/alipay/trade/query", '{"out_trade_no":"x"}')
NOW = 10**12


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"authorization": ""}, "missing-timestamp"),
        ({"authorization": "Bearer x"}, "invalid-signature-type"),
        ({"authorization": "ALIPAY-SHA256withRSA nonce=1,timestamp=1,sign=x"}, "missing-app-id"),
        ({"authorization": "ALIPAY-SHA256withRSA app_id=1,nonce=1,sign=x"}, "missing-timestamp"),
        ({"authorization": "ALIPAY-SHA256withRSA app_id=1,timestamp=1"}, "missing-signature"),
        ({"authorization": "ALIPAY-SHA256withRSA app_id=1,timestamp=1,sign=x"}, "invalid-app-id"),
        ({"alipay-encrypt-type": "AES"}, "invalid-encrypt-type"),
        ({"content-type": "text/plain"}, "invalid-content-type"),
    ],
    ids=str,
)
def test_a_wrong_header_is_refused(client: Client, headers: dict[str, str], code: str) -> None:
    refused(client.send(*QUERY, **headers), 400, code)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"timestamp": "yesterday"}, "invalid-timestamp"),
        ({"timestamp": NOW, "expired_seconds": 120}, "illegal-timestamp"),
        ({"timestamp": NOW, "expired_seconds": "soon"}, "illegal-timestamp"),
        ({"timestamp": NOW, "expired_seconds": "²"}, "illegal-timestamp"),
        ({"timestamp": NOW}, "ACQ.TRADE_NOT_EXIST"),  # without expired_seconds its age is not looked at
    ],
    ids=str,
)
def test_an_old_timestamp(client: Client, parts: dict[str, Any], code: str) -> None:
    authorization = client.authorization(*QUERY, **parts).encode("latin-1")  # as headers come
    refused(client.send(*QUERY, authorization=authorization), 400, code)


def test_what_was_signed_is_what_is_done(client: Client) -> None:
    method, path, body = QUERY
    honest = client.authorization(*QUERY)
    assert client.send(*QUERY, authorization=honest).json()["code"] == "ACQ.TRADE_NOT_EXIST"
    assert client.send(*QUERY, authorization=honest).json()["code"] == "ACQ.TRADE_NOT_EXIST"  # a repeat is no crime
    refused(client.send(method, path, body.replace("x", "y"), authorization=honest), 400, "invalid-signature")
    refused(client.send(method, "/v3/alipay/trade/close", body, authorization=honest), 400, "invalid-signature")
    refused(client.send(method, f"{path}?a=1", body, authorization=honest), 400, "invalid-signature")
    whole_path = client.authorization(method, f"{MOUNT}{path}", body)
    refused(client.send(*QUERY, authorization=whole_path), 400, "ACQ.TRADE_NOT_EXIST")
    stranger = Client(client.shop, keys.private_pem(keys.make_private_key()))
    refused(stranger.send(*QUERY), 400, "invalid-signature")
    client.shop.fault("query", "mis_sign")
    assert not client.verifies(client.send(*QUERY))


def test_nonsense_never_breaks_it(client: Client) -> None:
    path = "/v3/alipay/trade/query"
    refused(client.send("POST", path, "{"), 400, "illegal-json")
    refused(client.send("POST", path, "[]"), 400, "invalid-parameter")
    refused(client.send("POST", path, "[" * 100_000), 400, "illegal-json")
    refused(client.send("POST", path, "x" * 10_000_000), 400, "invalid-signature")
    refused(client.send("PUT", path, "{}"), 400, "invalid-http-method")
    refused(client.send("POST", "/v3/alipay/trade/nothing", "{}"), 404, "invalid-method")
    refused(client.send("POST", "/v3/alipay/trade/page/pay", "{}"), 404, "invalid-method")
    refused(client.send("GET", path), 400, "ACQ.INVALID_PARAMETER")
    notify = json.dumps({"out_trade_no": reference(), "total_amount": "1.00", "subject": "x", "notify_url": {"a": 1}})
    refused(client.send("POST", "/v3/alipay/trade/precreate", notify), 400, "ACQ.INVALID_PARAMETER")


def test_certificate_mode(control: httpx.Client, simulators: Simulators, ear: Listener) -> None:
    shop = shop_of(control, simulators, ear, settings={"mode": "certificate"})
    client = Client(shop, shop.credentials["app_private_key"])
    refused(client.send(*QUERY), 400, "missing-app-cert-sn")
    own = DCAliPay.get_cert_sn(shop.credentials["app_certificate"])
    root = DCAliPay.get_root_cert_sn(shop.credentials["alipay_root_certificate"])
    authorization = client.authorization(*QUERY, app_cert_sn=own)
    refused(client.send(*QUERY, authorization=authorization), 400, "missing-alipay-root-cert-sn")
    answer = client.send(*QUERY, authorization=authorization, **{"alipay-root-cert-sn": root})
    refused(answer, 400, "ACQ.TRADE_NOT_EXIST")
    assert answer.headers["alipay-sn"] == DCAliPay.get_cert_sn(shop.credentials["alipay_certificate"])
    assert client.verifies(answer)
