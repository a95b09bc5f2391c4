"""Bad input at every endpoint of the WeChat Pay simulator: its own error, never a 5xx, and nothing recorded."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import httpx
import pytest
from wechatpayv3.utils import build_authorization

from fixtures.providers.client import ProviderControl
from fixtures.providers.common import keys as rsa
from tests.suite.wechatpay import NATIVE, PROVIDER, REFUNDS, Shop, code_of, desk, open_shop, order_number, private_key  # noqa: F401

CLOSE = "/v3/pay/transactions/out-trade-no/T123456/close"
ABNORMAL = f"{REFUNDS}/5030/apply-abnormal-refund"
REVERSE = CLOSE.replace("/close", "/reverse")
COMBINE = "/v3/combine-transactions"
POSTS = (
    *(NATIVE.replace("native", product) for product in ("native", "h5", "jsapi", "app", "codepay")), CLOSE, REVERSE,
    *(path.replace("/pay/", "/pay/partner/") for path in (NATIVE, NATIVE.replace("native", "codepay"), CLOSE, REVERSE)),
    *(f"{COMBINE}/{product}" for product in ("native", "h5", "jsapi", "app")), f"{COMBINE}/out-trade-no/T1/close",
    REFUNDS, ABNORMAL,
)  # fmt: skip
GETS = (
    "/v3/pay/transactions/id/4200", "/v3/pay/transactions/out-trade-no/T1", f"{REFUNDS}/R1", "/v3/certificates",
    "/v3/pay/partner/transactions/id/4200", "/v3/pay/partner/transactions/out-trade-no/T1",
    f"{COMBINE}/out-trade-no/T1", "/v3/bill/tradebill", "/v3/bill/fundflowbill", "/v3/billdownload/file",
)  # fmt: skip

ALL = [*POSTS, *GETS]


@pytest.fixture(scope="module")
def shop(open_shop: Callable[..., Shop], desk: ProviderControl) -> Iterator[Shop]:
    """One shop for all: whatever is sent here, no trade comes of it."""
    made = open_shop()
    yield made
    assert [trade for trade in desk.trades(PROVIDER) if trade.merchant == made.id] == []


def send(shop: Shop, method: str, target: str, body: bytes = b"", **changes: str) -> httpx.Response:
    """A request whose signature is right whatever its bytes are; `changes` replace parts of the authorization, and
    `skew` is by how many seconds its clock is wrong."""
    now = int(time.time()) + int(changes.pop("skew", 0))
    fields = {"timestamp": str(now), "nonce_str": secrets.token_hex(16), **changes}
    signed = f"{method}\n{target}\n{fields['timestamp']}\n{fields['nonce_str']}\n".encode() + body + b"\n"
    fields["signature"] = rsa.sign(private_key(shop.keys["merchant_private_key"]), signed)
    fields = {"mchid": shop.id, "serial_no": shop.keys["merchant_serial"], **fields, **changes}
    authorization = "WECHATPAY2-SHA256-RSA2048 " + ",".join(f'{name}="{value}"' for name, value in fields.items())
    headers = {"authorization": authorization, "accept": "application/json", "user-agent": "test"}
    return shop.wire.request(method, shop.keys["gateway"] + target, content=body, headers=headers)


BODIES = {
    "empty": b"", "no JSON": b"{", "an array": b"[]", "null": b"null", "a number": b"9" * 5000, "deep": b'{"a":' * 5000,
    "GBK": '{"mchid":"微信"}'.encode("gbk"), "UTF-16": '{"mchid":"1"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "half a character": b'{"mchid":"\xe5\xbe"}', "a lone surrogate": b'{"mchid":"\\ud800"}', "NUL": b"\x00",
    "a form": b"mchid=1&amount=1", "XML": b"<xml><mchid>1</mchid></xml>", "base64": b"bm8gSlNPTg==",
    "other types": b'{"mchid":[],"amount":"1","out_refund_no":{},"type":1}', "an empty object": b"{}",
}  # fmt: skip


@pytest.mark.parametrize("target", POSTS)
def test_a_body_that_is_none(shop: Shop, target: str) -> None:
    for name, body in BODIES.items():
        answer = send(shop, "POST", target, body)
        assert code_of(answer) == (400, "PARAM_ERROR"), name
        assert answer.headers["wechatpay-signature"], "to a proven caller even bad news is signed"


@pytest.mark.parametrize("target", [NATIVE, CLOSE, REFUNDS, "/v3/certificates"])
def test_ten_megabytes(shop: Shop, target: str) -> None:
    answer = send(shop, "GET" if target in GETS else "POST", target, b"x" * 10_000_000)
    assert (code_of(answer), answer.json()["message"]) == ((400, "INVALID_REQUEST"), "请求体过大")


@pytest.mark.parametrize("target", ALL)
def test_other_methods(shop: Shop, target: str) -> None:
    for method in ("GET" if target in POSTS and target != REFUNDS else "PUT", "DELETE", "PATCH", "OPTIONS"):
        assert send(shop, method, target).status_code == 405
    assert send(shop, "BREW", target).status_code == 400, "what is no method of HTTP is refused by the server itself"


UNPROVEN: tuple[dict[str, str], ...] = (
    {"skew": "-310"}, {"skew": "310"}, {"timestamp": "now"}, {"timestamp": "9" * 13}, {"timestamp": "-1"},
    {"signature": "no base64!"}, {"signature": ""}, {"signature": "AAAA"}, {"serial_no": ""}, {"serial_no": "ZZ"},
    {"nonce_str": 'a",mchid="1'},
)  # fmt: skip


@pytest.mark.parametrize("target", ALL)
def test_an_authorization_that_proves_nothing(shop: Shop, target: str) -> None:
    method, body = ("POST", b"{}") if target in POSTS else ("GET", b"")
    for changes in UNPROVEN:
        status, code = code_of(send(shop, method, target, body, **changes))
        assert (status in (400, 401, 404), code in ("SIGN_ERROR", "MCH_NOT_EXISTS")) == (True, True), changes
    for scheme in ("", "Basic YTpi", "WECHATPAY2-SHA256-RSA2048", "WECHATPAY2-SM2-WITH-SM3 a=1"):
        assert code_of(shop.send(method, target, authorization=scheme)) == (401, "SIGN_ERROR"), scheme


@pytest.mark.parametrize("target", ALL)
def test_a_replay(shop: Shop, target: str) -> None:
    method, body = ("POST", "{}") if target in POSTS else ("GET", "")
    private = private_key(shop.keys["merchant_private_key"])
    once = build_authorization(target, method, shop.id, shop.keys["merchant_serial"], private, body)
    first = shop.send(method, target, body, authorization=once)
    assert first.status_code in (400, 404)
    assert code_of(shop.send(method, target, body, authorization=once)) == (401, "SIGN_ERROR")


def test_the_cashier_and_the_phone(shop: Shop) -> None:
    page = f"{shop.keys['gateway']}/cashier"
    for query in (
        "",
        "?code=%00",
        "?code=weixin%3A%2F%2Fwxpay%2Fbizpayurl%3Fpr%3D" + "9" * 5000,
        "?package=-1abcdefgh",
    ):
        for method in ("GET", "POST"):
            assert shop.wire.request(method, page + query).status_code == 404
    assert shop.wire.request("PUT", page).status_code == 405
    assert shop.wire.post(page.replace("cashier", "scan")).status_code == 405


FORMS: dict[str, tuple[str, bytes]] = {
    "multipart without a boundary": ("multipart/form-data", b"x"),
    "multipart with another boundary": ("multipart/form-data; boundary=a", b"--b\r\n\r\n--b--"),
    "a boundary without end": (f"multipart/form-data; boundary={'b' * 300}", b"x"),
    "no text": ("application/x-www-form-urlencoded", b"\xff" * 1000),
    "thousands of fields": ("application/x-www-form-urlencoded", b"a=1&" * 2000),
    "ten megabytes": ("application/x-www-form-urlencoded", b"a" * 10_000_000),
    "JSON": ("application/json", b"{"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_is_none_decides_nothing(open_shop: Callable[..., Shop], form: str) -> None:
    shop = open_shop()
    number, code = shop.native()
    page = f"{shop.keys['gateway']}/cashier?code={quote(code)}"
    kind, content = FORMS[form]
    assert shop.wire.post(page, headers={"content-type": kind}, content=content).status_code == 303
    for odd in ("http://[", "javascript:alert(1)", "\x00"):
        shown = shop.wire.get(f"{page}&redirect_url={quote(odd)}")
        assert (shown.status_code, odd in shown.text) == (200, False)
    assert shop.state(number) == "NOTPAY"


def test_numbers_that_are_none_are_no_json(shop: Shop) -> None:
    for free in (b'{"a":NaN}', b'{"a":[1e999]}', b'{"a":{"b":-Infinity}}'):
        order = {"description": "x", "out_trade_no": order_number(), "notify_url": "https://shop.test/x"}
        order |= {"appid": shop.keys["appid"], "mchid": shop.id, "amount": {"total": 1}}
        body = json.dumps(order).encode()[:-1] + b',"detail":' + free + b"}"
        assert code_of(send(shop, "POST", NATIVE, body)) == (400, "PARAM_ERROR"), free
