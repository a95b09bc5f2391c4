"""The SDKs as they are, led to the simulators as the table of `console/pointing.py` says: by their own knob, or behind
the HTTPS proxy with their addresses untouched.

Each runs in a process of its own, with the table's own statement, or with the environment variables that it names.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from fixtures.providers.console.pointing import WAYS, Way
from fixtures.providers.serving.hosts import HOSTS
from tests.suite.providers import Simulators, control_of, launch

ALIPAY = """
from alipay import AliPay
def shop(c):
    return turned(alipay=AliPay(
        appid=c["app_id"], app_notify_url=None, app_private_key_string=c["app_private_key"],
        alipay_public_key_string=c["alipay_public_key"]))
def create(c, number):
    return shop(c).api_alipay_trade_precreate(out_trade_no=number, total_amount="88.80", subject="Tea")["code"]
def after(c, number):
    query = shop(c).api_alipay_trade_query(out_trade_no=number)["trade_status"]
    return query, shop(c).api_alipay_trade_refund("8.80", out_trade_no=number, out_request_no="r")["fund_change"]
"""
WECHAT = """
from wechatpayv3 import WeChatPay, WeChatPayType
def shop(c):
    return turned(wxpay=WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE, mchid=c["mchid"], private_key=c["merchant_private_key"],
        cert_serial_no=c["merchant_serial"], apiv3_key=c["apiv3_key"], appid=c["appid"],
        notify_url="https://127.0.0.1:9/", public_key=c["public_key"], public_key_id=c["public_key_id"]))
def create(c, number):
    return shop(c).pay(description="Tea", out_trade_no=number, amount={"total": 8880})[0]
def after(c, number):
    query = json.loads(shop(c).query(out_trade_no=number)[1])["trade_state"]
    amount = {"refund": 880, "total": 8880, "currency": "CNY"}
    return query, shop(c).refund(out_refund_no="r" + number, out_trade_no=number, amount=amount)[0]
"""
WECHAT_ASYNC = """
import asyncio
from wechatpayv3.async_ import AsyncWeChatPay, WeChatPayType
async def told(c, work):
    async with AsyncWeChatPay(
        wechatpay_type=WeChatPayType.NATIVE, mchid=c["mchid"], private_key=c["merchant_private_key"],
        cert_serial_no=c["merchant_serial"], apiv3_key=c["apiv3_key"], appid=c["appid"],
        notify_url="https://127.0.0.1:9/", public_key=c["public_key"], public_key_id=c["public_key_id"]) as shop:
        return await work(turned(wxpay=shop))
def create(c, number):
    return asyncio.run(told(c, lambda s: s.pay(description="Tea", out_trade_no=number, amount={"total": 8880})))[0]
def after(c, number):
    query = asyncio.run(told(c, lambda s: s.query(out_trade_no=number)))
    amount = {"refund": 880, "total": 8880, "currency": "CNY"}
    done = asyncio.run(told(c, lambda s: s.refund(out_refund_no="r" + number, out_trade_no=number, amount=amount)))
    return json.loads(query[1])["trade_state"], done[0]
"""
PAYPAL = """
from paypalserversdk.configuration import Configuration, Environment, Server
from paypalserversdk.http.auth.o_auth_2 import ClientCredentialsAuthCredentials
from paypalserversdk.models.money import Money
from paypalserversdk.models.refund_request import RefundRequest
from paypalserversdk.paypal_serversdk_client import PaypalServersdkClient
def shop(c):
    turned(Configuration=Configuration, Environment=Environment, Server=Server)
    credentials = ClientCredentialsAuthCredentials(c["client_id"], c["client_secret"])
    return PaypalServersdkClient(environment=Environment.%s, client_credentials_auth_credentials=credentials)
def create(c, number):
    body = {"intent": "CAPTURE", "purchase_units": [
        {"amount": {"currency_code": "USD", "value": "88.80"}, "invoice_id": number}]}
    made = shop(c).orders.create_order({"body": body, "prefer": "return=representation"})
    open(number, "w").write(made.body.id)
    return made.body.status
def after(c, number):
    done = shop(c).orders.capture_order({"id": open(number).read(), "prefer": "return=representation"})
    capture = done.body.purchase_units[0].payments.captures[0].id
    back = shop(c).payments.refund_captured_payment(
        {"capture_id": capture, "body": RefundRequest(amount=Money(currency_code="USD", value="8.80"))})
    return done.body.status, back.body.status
"""
ENDING = """
print(json.dumps({"create": create, "after": after}[step](credentials, number)))
"""
BEGINNING = """
import json, sys
knob, step, number, credentials = json.load(sys.stdin)
def turned(**known):
    exec(knob, known)
    return next(iter(known.values()))
"""


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulators]:
    running = launch(tmp_path_factory.mktemp("proxied"), 0, "--proxy-port", "0")
    yield running
    running.stop()


BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")


def sdk(folder: Path, code: str, variables: dict[str, str], *told: Any) -> Any:
    """What one step of an SDK returned, from a process that is told `variables` of where to go and whom to trust."""
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower() and name not in BUNDLES}
    kept |= {"PYTHONPATH": os.getcwd(), **variables}
    ended = subprocess.run(
        [sys.executable, "-c", BEGINNING + code + ENDING], input=json.dumps(told), env=kept, cwd=folder,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


SHOPS = {
    "python-alipay-sdk": (ALIPAY, ["10000", ["TRADE_SUCCESS", "Y"]]),
    "wechatpayv3": (WECHAT, [200, ["SUCCESS", 200]]),
    "wechatpayv3.async_": (WECHAT_ASYNC, [200, ["SUCCESS", 200]]),
    "paypal-server-sdk": (PAYPAL % "SANDBOX", ["CREATED", ["COMPLETED", "COMPLETED"]]),
    "paypal-server-sdk, live": (PAYPAL % "PRODUCTION", ["CREATED", ["COMPLETED", "COMPLETED"]]),
}


@pytest.mark.parametrize("name", SHOPS)
def test_an_unmodified_sdk_buys_and_refunds_behind_the_proxy(name: str, proxied: Simulators, tmp_path: Path) -> None:
    way = way_of(name)
    assert way.proxy is not None
    bundle = way.proxy.split()[1].partition("=")[0]
    variables = {"HTTPS_PROXY": proxied.said["proxy"], bundle: proxied.said["authority"]}
    assert_buys_and_refunds(name, proxied, tmp_path, variables)


@pytest.mark.parametrize("name", [name for name in SHOPS if "live" not in name])
def test_an_sdk_buys_and_refunds_by_the_knob_as_it_is_written(name: str, proxied: Simulators, tmp_path: Path) -> None:
    knob = way_of(name).knob
    assert knob is not None
    trusting = dict.fromkeys(BUNDLES, str(proxied.ca))
    assert_buys_and_refunds(name, proxied, tmp_path, trusting, knob.replace("<url>", proxied.url))


def way_of(name: str) -> Way:
    [way] = [way for way in WAYS if way.sdk == name.partition(",")[0]]
    return way


def assert_buys_and_refunds(
    name: str, proxied: Simulators, folder: Path, variables: dict[str, str], knob: str = ""
) -> None:
    (code, expected), way, number = SHOPS[name], way_of(name), secrets.token_hex(8)
    with control_of(proxied) as control:
        made = control.post("/merchants", json={"provider": way.provider}).raise_for_status().json()
        credentials = made["credentials"]
        created = sdk(folder, code, variables, knob, "create", number, credentials)
        control.post(f"/trades/{way.provider}/{number}/approve").raise_for_status()
        assert [created, sdk(folder, code, variables, knob, "after", number, credentials)] == expected
        ledger = control.get("/ledger", params={"reference": number}).json()
    assert [entry["amount"]["minor"] for entry in ledger][:1] == [8880]


def test_every_way_behind_the_proxy_is_proved() -> None:
    assert {name.partition(",")[0] for name in SHOPS} == {way.sdk for way in WAYS if way.proxy}


def test_the_guide_shows_the_same_table() -> None:
    guide = Path("fixtures/providers/README.md").read_text("utf-8")
    for way in WAYS:
        proxy = f"`{way.proxy}`" if way.proxy else "not possible: it ignores proxies"
        assert f"| {way.sdk} | `{way.knob}` | {proxy} | {way.verifies} |" in guide, way.sdk


def connect(proxied: Simulators, head: str) -> str:
    """What the proxy answers to the beginning of a request."""
    host, _, port = proxied.said["proxy"].removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as wire:
        wire.sendall(head.encode())
        wire.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: wire.recv(4096), b"")).decode()


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        ("CONNECT example.com:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 403 Forbidden"),
        ("CONNECT api.mch.weixin.qq.com:80 HTTP/1.1\r\n\r\n", "HTTP/1.1 403 Forbidden"),
        ("CONNECT api.mch.weixin.qq.com.example.com:443 HTTP/1.1\r\n\r\n", "HTTP/1.1 403 Forbidden"),
        ("CONNECT 127.0.0.1:22 HTTP/1.1\r\n\r\n", "HTTP/1.1 403 Forbidden"),
        ("CONNECT\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"),
        ("GET http://example.com/ HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"),
        ("GET / HTTP/1.1\r\nX: " + "x" * 70_000, ""),
        ("\x16\x03\x01 not even HTTP", ""),
    ],
)
def test_whatever_else_is_refused(proxied: Simulators, head: str, answer: str) -> None:
    assert connect(proxied, head).partition("\r\n")[0] == answer


def test_its_certificate_is_for_every_name_of_the_providers_and_nobody_elses(proxied: Simulators) -> None:
    trust = ssl.create_default_context(cafile=proxied.said["authority"])
    with httpx.Client(proxy=proxied.said["proxy"], verify=trust, trust_env=False) as client:
        for host, provider in HOSTS.items():
            page = client.get(f"https://{host}/")
            assert (page.status_code, f"{proxied.url}/{provider}" in page.text) == (200, True), host


def test_an_allowed_host_is_passed_on_unread(simulators: Simulators, tmp_path: Path) -> None:
    """Through the proxy of one program to another, whose own certificate arrives: nothing was opened on the way."""
    allowed = simulators.url.removeprefix("https://")
    passing = launch(tmp_path, 0, "--proxy-port", "0", "--pass-on", allowed)
    try:
        with httpx.Client(proxy=passing.said["proxy"], verify=simulators.trust, trust_env=False) as client:
            token = base64.b64encode(secrets.token_bytes(8)).decode()
            answer = client.get(f"{simulators.url}/alipay/gateway.do", params={"method": token})
            assert "error_response" in answer.text or "isv." in answer.text
            with httpx.Client(base_url=passing.url, verify=passing.trust, follow_redirects=True) as console:
                console.post("/console/sign-in", data={"token": passing.token})
                assert "/alipay/gateway.do" not in console.get("/console/requests").text
        with control_of(passing) as control:
            assert control.get("/trades").json() == []
    finally:
        passing.stop()
