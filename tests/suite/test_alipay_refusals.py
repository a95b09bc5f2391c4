"""What the Alipay simulator refuses, and in which words: every code of its tables, and nonsense."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from alipay import AliPay
from alipay.exceptions import AliPayException

from fixtures.money import Money
from fixtures.providers.alipay import errors, signing
from fixtures.providers.common import keys
from tests.suite.alipay_shop import Shop, ear, reference, refusal, shop  # noqa: F401

CNY = "CNY"


BAD_BUSINESS = [
    ({"total_amount": "0"}, "ACQ.INVALID_PARAMETER"),
    ({"total_amount": "-1"}, "ACQ.INVALID_PARAMETER"),
    ({"total_amount": "1.001"}, "ACQ.INVALID_PARAMETER"),
    ({"total_amount": "NaN"}, "ACQ.INVALID_PARAMETER"),
    ({"total_amount": "1e3"}, "ACQ.INVALID_PARAMETER"),
    ({"total_amount": True}, "ACQ.INVALID_PARAMETER"),
    ({"total_amount": None}, "ACQ.INVALID_PARAMETER"),
    ({"total_amount": "100000000.01"}, "ACQ.TOTAL_FEE_EXCEED"),
    ({"out_trade_no": "a-b"}, "ACQ.INVALID_PARAMETER"),
    ({"out_trade_no": "x" * 65}, "ACQ.INVALID_PARAMETER"),
    ({"out_trade_no": ["x"]}, "ACQ.INVALID_PARAMETER"),
    ({"subject": ""}, "ACQ.INVALID_PARAMETER"),
    ({"subject": "汉" * 257}, "ACQ.INVALID_PARAMETER"),
    ({"timeout_express": "16d"}, "ACQ.INVALID_PARAMETER"),
    ({"timeout_express": "0m"}, "ACQ.INVALID_PARAMETER"),
    ({"time_expire": "tomorrow"}, "ACQ.INVALID_PARAMETER"),
    ({"time_expire": "2020-01-01 00:00:00"}, "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR"),
]


@pytest.mark.parametrize(("wrong", "code"), BAD_BUSINESS, ids=lambda value: str(value)[:40])
def test_a_wrong_order_is_refused(shop: Shop, wrong: dict[str, Any], code: str) -> None:
    order = {"out_trade_no": reference(), "subject": "Mug", "total_amount": "1.00", **wrong}
    assert refusal(shop.sdk.server_api("alipay.trade.precreate", biz_content=order)) == code


def test_every_amount_at_the_limits_is_taken(shop: Shop) -> None:
    for amount in ("0.01", "100000000", "100000000.00", "1.5"):
        number = shop.precreate(amount, timeout_express="1c")
        answer = shop.sdk.api_alipay_trade_query(out_trade_no=number)
        assert Money.of(answer["total_amount"], CNY) == Money.of(amount, CNY)


def test_an_unpaid_trade_is_not_refunded(shop: Shop) -> None:
    answer = shop.sdk.api_alipay_trade_refund("88.80", out_trade_no=shop.precreate())
    assert refusal(answer) == "ACQ.TRADE_STATUS_ERROR"


@pytest.mark.parametrize("code", ["ACQ.SYSTEM_ERROR", "ACQ.SELLER_BALANCE_NOT_ENOUGH"])
def test_what_only_a_bank_can_cause_is_caused_by_a_fault(shop: Shop, code: str) -> None:
    number = shop.paid()
    shop.fault("refund", "business_error", number, code=code)
    assert refusal(shop.sdk.api_alipay_trade_refund("88.80", out_trade_no=number)) == code
    assert shop.sdk.api_alipay_trade_refund("88.80", out_trade_no=number)["fund_change"] == "Y"


def test_the_gateway_can_be_unavailable(shop: Shop) -> None:
    shop.fault("query", "business_error", code="isp.unknow-error")
    answer = shop.sdk.api_alipay_trade_query(out_trade_no=reference())
    assert (answer["code"], answer["sub_code"]) == ("20000", "isp.unknow-error")


def signed(shop: Shop, **changes: Any) -> dict[str, str]:
    """An honest query's parameters, changed and then signed."""
    data = shop.sdk.build_body("alipay.trade.query", {"out_trade_no": "x"})
    data["biz_content"] = json.dumps(data["biz_content"])
    data |= changes
    data = {name: value for name, value in data.items() if value is not None}
    key = keys.read_private(shop.credentials["app_private_key"])
    return {"sign": keys.sign(key, signing.signing_string(data, without=("sign",)).encode()), **data}


GATEWAY = [
    ({"method": None}, "isv.missing-method"),
    ({"app_id": None}, "isv.missing-app-id"),
    ({"sign": ""}, "isv.missing-signature"),
    ({"sign_type": None}, "isv.missing-signature-type"),
    ({"timestamp": None}, "isv.missing-timestamp"),
    ({"version": None}, "isv.missing-version"),
    ({"method": "alipay.trade.nothing"}, "isv.invalid-method"),
    ({"app_id": "2021000000000000"}, "isv.invalid-app-id"),
    ({"sign": "!!"}, "isv.invalid-signature"),
    ({"sign": "AAAA"}, "isv.invalid-signature"),
    ({"sign_type": "MD5"}, "isv.invalid-signature-type"),
    ({"timestamp": "yesterday"}, "isv.invalid-timestamp"),
    ({"charset": "klingon"}, "isv.invalid-charset"),
    ({"format": "XML"}, "isv.invalid-format"),
    ({"encrypt_type": "DES"}, "isv.decryption-error-not-valid-encrypt-type"),
    ({"biz_content": "{"}, "isv.illegal-json"),
    ({"biz_content": '{"trade_no": "\\ud800"}'}, "ACQ.INVALID_PARAMETER"),
    ({"biz_content": '{"trade_no": {}, "out_trade_no": "\\ud800"}'}, "ACQ.INVALID_PARAMETER"),
    ({"biz_content": "[]"}, "isv.invalid-parameter"),
    ({"biz_content": '{"out_trade_no": NaN}'}, "isv.illegal-json"),
    ({"biz_content": "[" * 100_000}, "isv.illegal-json"),
]


@pytest.mark.parametrize(("changes", "code"), GATEWAY, ids=lambda value: str(value)[:40])
def test_the_gateway_refuses_in_its_own_words(shop: Shop, changes: dict[str, Any], code: str) -> None:
    sign = changes.get("sign")
    data = signed(shop, **{name: value for name, value in changes.items() if name != "sign"})
    if sign is not None:
        data["sign"] = sign
    answer = httpx.post(shop.credentials["gateway"], data=data, verify=shop.trust)
    assert answer.status_code == 200
    [content] = [value for name, value in answer.json().items() if name != "sign"]
    assert content["sub_code"] == code
    assert content["code"] == (errors.GATEWAY[code][0] if code.startswith("isv") else "40004")


def test_nonsense_never_breaks_the_gateway(shop: Shop) -> None:
    gateway_url = shop.credentials["gateway"]
    bodies = [
        b"",
        b"\xff\xfe\x00",
        b"a" * 10_000_000,
        b'method=\xe6"&app_id=%FF&sign=%00&charset=%0d%0a',
        b'{"json": true}',
        b"&=&=" * 9999,
    ]
    for body in bodies:
        for kind in ("application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x", "x"):
            answer = httpx.post(gateway_url, content=body, headers={"content-type": kind}, verify=shop.trust)
            assert answer.status_code == 200
            [content] = [value for name, value in answer.json().items() if name != "sign"]
            assert content["code"] in ("40001", "40002")
    assert shop.get(gateway_url).json()["error_response"]["code"] == "40001"


def test_pages_and_files_bear_nonsense_and_record_nothing(shop: Shop) -> None:
    number = shop.precreate()
    [trade] = shop.control.get("/trades", params={"reference": number}).json()
    for body in (b"", b"decision=", b"decision=rob", b"\xff\x00=%FF", b"{", b"decision=approve&x=" + b"a" * 10_000_000):
        assert httpx.post(trade["cashier_url"], content=body, verify=shop.trust).status_code in (303, 404)
    files = f"{shop.credentials['endpoint']}/downloadBillFile.resource"
    for query in ("", "fileId=", "fileId=%FF%00", f"fileId={shop.app_id}-x", f"fileId={'9' * 9999}"):
        assert shop.get(f"{files}?{query}").status_code == 404
    assert shop.get(trade["cashier_url"].replace(trade["id"], "%FF%00")).status_code == 404
    assert shop.control.get("/trades", params={"reference": number}).json() == [trade]
    assert shop.ledger(number) == []


def test_an_unknown_app_is_told_before_a_missing_sign(shop: Shop) -> None:
    """As a probe of the real gateway found."""
    answer = shop.get(f"{shop.credentials['gateway']}?method=alipay.trade.query&app_id=test").json()
    assert answer == {"alipay_trade_query_response": answer["alipay_trade_query_response"]}
    assert answer["alipay_trade_query_response"]["sub_code"] == "isv.invalid-app-id"


def test_gbk_is_read_and_answered(shop: Shop) -> None:
    number = reference()
    content = json.dumps({"out_trade_no": number, "subject": "杯子", "total_amount": 1.5}, ensure_ascii=False)
    data = signed(shop, method="alipay.trade.precreate", charset="gbk", biz_content=content)
    key = keys.read_private(shop.credentials["app_private_key"])
    data["sign"] = keys.sign(key, signing.signing_string(data, without=("sign",)).encode("gbk"))
    form = {"content-type": "application/x-www-form-urlencoded"}
    body = urlencode(data, encoding="gbk")
    answer = httpx.post(shop.credentials["gateway"], content=body, headers=form, verify=shop.trust)
    assert '"code":"10000"' in answer.content.decode("gbk")
    trade = shop.control.get("/trades", params={"reference": number}).json()[0]
    assert trade["amount"] == {"minor": 150, "currency": CNY}


def test_a_missing_app_is_the_sdks_exception(shop: Shop) -> None:
    unknown = AliPay(
        "2021000000000000",
        app_private_key_string=shop.credentials["app_private_key"],
        alipay_public_key_string=shop.credentials["alipay_public_key"],
    )
    unknown._gateway = shop.credentials["gateway"]
    with pytest.raises(AliPayException):
        unknown.api_alipay_trade_query(out_trade_no="x")
