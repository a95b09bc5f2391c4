"""接口内容加密 (AES) at the Alipay simulator: through the official `alipay-sdk-python`, and over the wire.

python-alipay-sdk has no such option. The official SDK's own is broken under Python 3, where PyCryptodome takes bytes
only: `alipay_official.py` lets it have text, and changes nothing of the SDK.
"""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from fixtures.providers.alipay import errors, signing
from fixtures.providers.common import keys
from tests.suite.alipay_official import Official
from tests.suite.alipay_shop import Shop, ear, reference, refusal, shop, shop_of  # noqa: F401

OTHER_KEY = base64.b64encode(b"0123456789abcdef").decode()


@pytest.fixture(scope="module")
def sdk(shop: Shop) -> Iterator[Official]:
    made = Official({**shop.credentials, "encrypt": True})
    yield made
    made.close()


def test_the_official_sdk_buys_and_refunds_in_ciphertext(shop: Shop, sdk: Official) -> None:
    number = reference()
    order = {"out_trade_no": number, "total_amount": "88.80", "subject": "蓝色 Mug 100%"}
    made = sdk.execute("AlipayTradePrecreate", order, notify_url=shop.ear.url(shop.path))
    assert shop.get(made["qr_code"]).status_code == 200
    shop.act(number, "approve")
    assert sdk.verifies(shop.heard(number)), "a notification is signed, and not encrypted"
    assert sdk.execute("AlipayTradeQuery", {"out_trade_no": number})["trade_status"] == "TRADE_SUCCESS"
    refund = {"out_trade_no": number, "refund_amount": "8.80", "out_request_no": "r1"}
    assert sdk.execute("AlipayTradeRefund", refund)["fund_change"] == "Y"
    declined = sdk.execute("AlipayTradeRefund", {**refund, "out_request_no": "r2", "refund_amount": "80.01"})
    assert refusal(declined) == "ACQ.REASON_TRADE_REFUND_FEE_ERR"
    assert shop.ledger(number) == [("payment", 8880), ("refund", 880)]


def test_a_browser_is_led_to_the_cashier_by_an_encrypted_order(shop: Shop, sdk: Official) -> None:
    order = {"out_trade_no": reference(), "total_amount": "1.00", "subject": "杯", "product_code": "QUICK_WAP_WAY"}
    page = sdk.page("AlipayTradeWapPay", order)
    assert "biz_content=%7B" not in page
    address = page.replace("https://localhost", shop.credentials["gateway"].partition("/alipay")[0])
    assert "确认付款" in shop.get(address, follow_redirects=True).text


def test_a_key_that_is_not_the_applications_is_refused_in_alipays_words(shop: Shop) -> None:
    stranger = Official({**shop.credentials, "encrypt": True, "aes_key": OTHER_KEY})
    answer = stranger.execute("AlipayTradeQuery", {"out_trade_no": "x"})
    assert (answer["code"], answer["sub_code"]) == ("40003", "isv.decryption-error-unknown")
    stranger.close()


def test_an_answer_that_another_key_signed_is_refused_by_the_sdk(shop: Shop, sdk: Official) -> None:
    number = shop.paid()
    shop.fault("query", "mis_sign", number)
    with pytest.raises(RuntimeError, match="response sign verify failed"):
        sdk.execute("AlipayTradeQuery", {"out_trade_no": number})


def cipher(key: str) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(base64.b64decode(key)), modes.CBC(bytes(16)))


def sealed(key: str, text: str, charset: str = "utf-8") -> str:
    padder, encryptor = PKCS7(128).padder(), cipher(key).encryptor()
    padded = padder.update(text.encode(charset)) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()


def opened(key: str, text: str, charset: str = "utf-8") -> Any:
    unpadder, decryptor = PKCS7(128).unpadder(), cipher(key).decryptor()
    padded = decryptor.update(base64.b64decode(text)) + decryptor.finalize()
    return json.loads((unpadder.update(padded) + unpadder.finalize()).decode(charset))


def ask(shop: Shop, biz_content: str, charset: str = "utf-8", **changes: str) -> bytes:
    """A query with this `biz_content`, signed as it is sent: the answer's bytes."""
    data = shop.sdk.build_body("alipay.trade.query", {})
    data |= {"biz_content": biz_content, "encrypt_type": "AES", "charset": charset, **changes}
    key = keys.read_private(shop.credentials["app_private_key"])
    data["sign"] = keys.sign(key, signing.signing_string(data, without=("sign",)).encode(charset))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    body = urlencode(data, encoding=charset)
    return httpx.post(shop.credentials["gateway"], content=body, headers=headers, verify=shop.trust).content


@pytest.mark.parametrize("charset", ["utf-8", "gbk"])
def test_the_ciphertext_is_signed_with_its_quotes(shop: Shop, charset: str) -> None:
    key, number = shop.credentials["aes_key"], shop.paid()
    raw = ask(shop, sealed(key, json.dumps({"out_trade_no": number}), charset), charset).decode(charset)
    told = json.loads(raw)
    text = told["alipay_trade_query_response"]
    assert opened(key, text, charset)["trade_status"] == "TRADE_SUCCESS"
    public = keys.read_public(shop.credentials["alipay_public_key"])
    assert keys.verifies(public, f'"{text}"'.encode(), told["sign"])


BAD = {
    "plain": '{"out_trade_no": "x"}', "not base64": "!!", "no whole block": base64.b64encode(b"x" * 17).decode(),
    "no padding": base64.b64encode(bytes(16)).decode(), "long": base64.b64encode(bytes(16) * 9999).decode(),
}  # fmt: skip


@pytest.mark.parametrize("biz_content", BAD.values(), ids=BAD)
def test_what_cannot_be_decrypted_is_refused_readably(shop: Shop, biz_content: str) -> None:
    answer = json.loads(ask(shop, biz_content))["alipay_trade_query_response"]
    code = "isv.decryption-error-unknown"
    assert (answer["code"], answer["sub_code"]) == (errors.GATEWAY[code][0], code)


def test_other_refusals(shop: Shop) -> None:
    key = shop.credentials["aes_key"]
    answer = json.loads(ask(shop, sealed(key, "{"))).get("alipay_trade_query_response")
    assert answer["sub_code"] == "isv.illegal-json"
    answer = json.loads(ask(shop, sealed(key, "{}"), encrypt_type="DES"))["alipay_trade_query_response"]
    assert answer["sub_code"] == "isv.decryption-error-not-valid-encrypt-type"
    answer = json.loads(ask(shop, sealed(key, "{}"), encrypt_type=""))["alipay_trade_query_response"]
    assert answer["sub_code"] == "isv.illegal-json"


def test_a_team_brings_its_own_key(shop: Shop) -> None:
    wanted = {
        "provider": "alipay",
        "settings": {"aes_key": OTHER_KEY, "app_id": f"2021{secrets.randbelow(10**12):012}"},
    }
    for _ in range(2):
        made = shop.control.post("/merchants", json=wanted)
        assert made.json()["credentials"]["aes_key"] == OTHER_KEY
    wanted["settings"] |= {"aes_key": shop.credentials["aes_key"]}  # type: ignore[operator]
    assert shop.control.post("/merchants", json=wanted).status_code == 409
    for key in ("", "short", base64.b64encode(b"x" * 17).decode()):
        refused = shop.control.post("/merchants", json={"provider": "alipay", "settings": {"aes_key": key}})
        assert (refused.status_code, "aes_key" in refused.text) == (422, True)
