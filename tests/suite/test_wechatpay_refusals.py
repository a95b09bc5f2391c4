"""What the WeChat Pay simulator refuses, and what `wechatpayv3` refuses from it: codes, signatures, bad input."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import time as clock_time
from typing import Any

import httpx
import pytest
from wechatpayv3 import WeChatPayType
from wechatpayv3.utils import aes_decrypt, build_authorization, load_private_key, rsa_verify

from fixtures.providers.client import ProviderControl
from fixtures.providers.wechatpay import rules
from tests.suite.wechatpay import (  # noqa: F401
    NATIVE,
    PROVIDER,
    REFUNDS,
    Json,
    Shop,
    code_of,
    desk,
    open_shop,
    order_number,
    paid,
    sdk,
)


@pytest.fixture(scope="module")
def shop(open_shop: Callable[..., Shop]) -> Shop:
    """One shop for all: what is refused leaves nothing behind."""
    return open_shop()


# Every error code, by what a merchant does or on command


def twice(shop: Shop) -> tuple[int, str]:
    order, _ = shop.native()
    answer: tuple[int, str] = shop.sdk.pay("别的商品", order, {"total": 8880})
    return answer


def scanned(shop: Shop) -> tuple[int, str]:
    """A barcode payment above what the buyer may pay without the password."""
    more = {"payer": {"auth_code": "130061098828009406"}, "scene_info": {"store_info": {"id": "1"}}}
    amount, kind = {"total": rules.PASSWORD_ABOVE + 1}, WeChatPayType.CODEPAY
    answer: tuple[int, str] = shop.sdk.pay("一件商品", order_number(), amount, pay_type=kind, **more)
    return answer


def closed_while_paid(shop: Shop, desk: ProviderControl) -> tuple[int, str]:
    scanned(shop)
    order = next(trade for trade in desk.trades(PROVIDER) if (trade.merchant, trade.state) == (shop.id, "USERPAYING"))
    answer: tuple[int, str] = shop.sdk.close(order.reference)
    return answer


def closed(shop: Shop) -> tuple[int, str]:
    order, _ = shop.native()
    shop.sdk.close(order)
    answer: tuple[int, str] = shop.sdk.pay("一件商品", order, {"total": 8880})
    return answer


def late(shop: Shop, desk: ProviderControl) -> tuple[int, str]:
    order = paid(shop, desk)
    desk.advance(PROVIDER, shop.id, rules.REFUND_WINDOW + 1)
    return shop.try_refund(order, 1)


def hurried(shop: Shop, desk: ProviderControl) -> tuple[int, str]:
    order = paid(shop, desk)
    shop.refund(order, 1)
    return shop.try_refund(order, 1)


def now_of(shop: Shop, desk: ProviderControl) -> datetime:
    """The shop's business time, in Beijing."""
    return datetime.fromisoformat(shop.query(paid(shop, desk))["success_time"])


def days_ago(shop: Shop, desk: ProviderControl, days: int) -> str:
    return str(now_of(shop, desk).date() - timedelta(days))


def early(shop: Shop, desk: ProviderControl) -> tuple[int, str]:
    """Yesterday's bill, asked for at five in the morning."""
    now = now_of(shop, desk)
    five = datetime.combine(now.date() + timedelta(1), clock_time(5), now.tzinfo)
    desk.advance(PROVIDER, shop.id, int((five - now).total_seconds()))
    answer: tuple[int, str] = shop.sdk.trade_bill(str(now.date()))
    return answer


def as_nobody(shop: Shop, target: str, method: str = "GET") -> httpx.Response:
    nobody = Shop("1", shop.keys, shop.sdk, "", shop.wire)
    return nobody.send(method, target)


NATURAL: dict[tuple[int, str], Callable[[Shop, ProviderControl], Any]] = {
    (202, "USERPAYING"): lambda shop, _: scanned(shop),
    (202, "USER_PAYING"): closed_while_paid,
    (400, "PARAM_ERROR"): lambda shop, _: shop.sdk.pay("一件商品", order_number(), {"total": 0}),
    (400, "INVALID_REQUEST"): lambda shop, desk: shop.try_refund(paid(shop, desk), 8881),
    (400, "APPID_MCHID_NOT_MATCH"): lambda shop, _: shop.sdk.pay("商品", order_number(), {"total": 1}, appid="wx1"),
    (400, "MCH_NOT_EXISTS"): lambda shop, _: as_nobody(shop, NATIVE, "POST"),
    (404, "MCH_NOT_EXISTS"): lambda shop, _: as_nobody(shop, f"{REFUNDS}/R1"),
    (400, "ORDER_CLOSED"): lambda shop, _: closed(shop),
    (400, "ORDERPAID"): lambda shop, desk: shop.sdk.close(paid(shop, desk)),
    (400, "NO_STATEMENT_EXIST"): lambda shop, desk: shop.sdk.fundflow_bill(days_ago(shop, desk, 2), "FEES"),
    (400, "STATEMENT_CREATING"): early,
    (401, "SIGN_ERROR"): lambda shop, _: shop.send("GET", "/v3/certificates", authorization=None),
    (403, "OUT_TRADE_NO_USED"): lambda shop, _: twice(shop),
    (403, "RULE_LIMIT"): lambda shop, _: shop.sdk.pay("商品", order_number(), {"total": 10**12}),
    (403, "TRADE_OVERDUE"): late,
    (404, "ORDER_NOT_EXIST"): lambda shop, _: shop.sdk.query(out_trade_no="nowhere"),
    (404, "RESOURCE_NOT_EXISTS"): lambda shop, _: shop.try_refund(shop.native()[0], 1),
}
IN_SETTINGS: dict[tuple[int, str], tuple[Json, Callable[[Shop, ProviderControl], Any]]] = {
    (403, "NO_AUTH"): ({"products": ["jsapi"]}, lambda shop, _: shop.sdk.pay("商品", order_number(), {"total": 1})),
    (429, "FREQUENCY_LIMITED"): ({"pacing": True}, hurried),
}
ON_COMMAND = (
    "ACCOUNT_ERROR", "NOT_ENOUGH", "TRADE_ERROR", "USER_ACCOUNT_ABNORMAL", "BANK_ERROR",
    "OPENID_MISMATCH", "SYSTEM_ERROR",
)  # fmt: skip


def test_the_codes_below_are_all_there_are() -> None:
    assert {code for _, code in (*NATURAL, *IN_SETTINGS)} | set(ON_COMMAND) == set(rules.ERRORS)


@pytest.mark.parametrize("wanted", NATURAL, ids=lambda wanted: f"{wanted[0]} {wanted[1]}")
def test_a_code_a_merchant_causes(shop: Shop, desk: ProviderControl, wanted: tuple[int, str]) -> None:
    assert code_of(NATURAL[wanted](shop, desk)) == wanted


@pytest.mark.parametrize("wanted", IN_SETTINGS, ids=lambda wanted: wanted[1])
def test_a_code_that_hangs_on_the_merchants_settings(
    open_shop: Callable[..., Shop], desk: ProviderControl, wanted: tuple[int, str]
) -> None:
    settings, act = IN_SETTINGS[wanted]
    assert code_of(act(open_shop(**settings), desk)) == wanted


@pytest.mark.parametrize("code", ON_COMMAND)
def test_a_code_on_command(shop: Shop, desk: ProviderControl, code: str) -> None:
    order, _ = shop.native()
    with desk.fault(PROVIDER, "close", "business_error", reference=order, code=code):
        answer = shop.send("POST", f"/v3/pay/transactions/out-trade-no/{order}/close", json.dumps({"mchid": shop.id}))
    assert code_of(answer) == (rules.ERRORS[code].status, code)
    assert shop.state(order) == "NOTPAY"


def test_other_refusals_of_refunds(shop: Shop, desk: ProviderControl) -> None:
    order, other = paid(shop, desk), paid(shop, desk)
    amount = {"refund": 1, "total": 8880, "currency": "CNY"}
    mixed = {
        "transaction_id": desk.trade(PROVIDER, order).id,
        "out_trade_no": other,
        "out_refund_no": "R1",
        "amount": amount,
    }
    assert code_of(shop.send("POST", REFUNDS, json.dumps(mixed))) == (400, "INVALID_REQUEST")
    unnamed = {"out_refund_no": "R2", "amount": amount}
    assert code_of(shop.send("POST", REFUNDS, json.dumps(unnamed))) == (400, "PARAM_ERROR")
    assert code_of(shop.sdk.query_refund("R1")) == (404, "RESOURCE_NOT_EXISTS")
    for _ in range(rules.REFUNDS_A_TRADE):
        shop.refund(order, 1)
    assert code_of(shop.try_refund(order, 1)) == (400, "INVALID_REQUEST")


def test_a_card_is_told_in_full_and_encrypted_for_wechat_pay(shop: Shop) -> None:
    target = f"{REFUNDS}/5030/apply-abnormal-refund"
    whole = {"out_refund_no": "R1", "type": "USER_BANK_CARD", "bank_type": "CMB_DEBIT"}
    whole |= {name: shop.sdk._core.encrypt("张三") for name in ("bank_account", "real_name")}
    named = {"wechatpay-serial": shop.keys["public_key_id"]}
    assert code_of(shop.send("POST", target, json.dumps(whole), **named)) == (404, "RESOURCE_NOT_EXISTS")
    for body, headers in (
        (whole, {}),
        (whole, {"wechatpay-serial": "PUB_KEY_ID_0"}),
        ({**whole, "real_name": "张三"}, named),
        ({**whole, "real_name": base64.b64encode(b"x" * 256).decode()}, named),
        ({**whole, "bank_account": None}, named),
        ({**whole, "type": "CASH"}, named),
    ):
        assert code_of(shop.send("POST", target, json.dumps(body), **headers)) == (400, "PARAM_ERROR")


def test_a_merchant_of_today_has_no_platform_certificate(shop: Shop) -> None:
    assert code_of(shop.send("GET", "/v3/certificates")) == (404, "RESOURCE_NOT_EXISTS")


def test_merchants_do_not_see_each_other(open_shop: Callable[..., Shop], desk: ProviderControl) -> None:
    one, other = open_shop(), open_shop()
    order, _ = one.native()
    assert code_of(other.sdk.query(out_trade_no=order)) == (404, "ORDER_NOT_EXIST")
    assert other.native(number=order)[0] == order
    assert len(desk.trades(PROVIDER, order)) == 2
    assert code_of(other.sdk.query(out_trade_no=order, mchid=one.id)) == (400, "PARAM_ERROR")


# Signatures, both ways


def test_a_request_signed_by_another_key_is_refused(shop: Shop, open_shop: Callable[..., Shop]) -> None:
    key = open_shop().keys["merchant_private_key"]
    thief = sdk(shop.keys, shop.notify_url, private_key=key)
    status, body = thief.query(out_trade_no="whatever")
    assert code_of((status, body)) == (401, "SIGN_ERROR")
    assert json.loads(body)["detail"]["sign_information"]["method"] == "GET"


def test_an_answer_signed_by_another_key_is_refused_by_the_sdk(
    shop: Shop, open_shop: Callable[..., Shop], desk: ProviderControl
) -> None:
    order, _ = shop.native()
    other = sdk(shop.keys, shop.notify_url, public_key=open_shop().keys["public_key"])
    with pytest.raises(Exception, match="failed to verify the signature"):
        other.query(out_trade_no=order)
    with desk.fault(PROVIDER, "query", "mis_sign"), pytest.raises(Exception, match="failed to verify the signature"):
        shop.query(order)


def test_every_answer_to_a_proven_merchant_is_signed(shop: Shop) -> None:
    for answer in (
        shop.send("POST", NATIVE, json.dumps(shop.order())),
        shop.send("POST", NATIVE, "{"),
        shop.send("GET", f"/v3/pay/transactions/out-trade-no/nowhere?mchid={shop.id}"),
    ):
        head = answer.headers
        assert head["request-id"]
        assert head["wechatpay-signature-type"] == "WECHATPAY2-SHA256-RSA2048"
        assert rsa_verify(
            head["wechatpay-timestamp"], head["wechatpay-nonce"], answer.text, head["wechatpay-signature"],
            shop.sdk._core._public_key,
        )  # fmt: skip
    unproven = shop.send("GET", "/v3/certificates", authorization="Bearer token")
    assert "wechatpay-signature" not in unproven.headers


@pytest.mark.parametrize("way", ["serial", "old", "early", "altered", "replayed", "format", "number", "client"])
def test_a_request_that_is_not_proven_is_refused_and_does_nothing(
    shop: Shop, desk: ProviderControl, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    body, now = json.dumps(shop.order()), time.time()
    private = load_private_key(shop.keys["merchant_private_key"])
    serial = "00" if way == "serial" else shop.keys["merchant_serial"]
    with monkeypatch.context() as patch:
        if way in ("old", "early"):
            patch.setattr("time.time", lambda: now + (-310 if way == "old" else 310))
        authorization = build_authorization(NATIVE, "POST", shop.id, serial, private, body)
    if way == "replayed":
        assert shop.send("POST", NATIVE, body, authorization=authorization).status_code == 200
    if way == "format":
        authorization = authorization.replace("nonce_str", "nonce")
    if way == "number":
        authorization = authorization.replace('timestamp="', 'timestamp="-')
    if way == "client":
        refused = shop.send("GET", "/v3/certificates", **{"user-agent": None})
        assert code_of(refused) == (400, "INVALID_REQUEST")
        return
    sent = body.replace("8880", "1") if way == "altered" else body
    refused = shop.send("POST", NATIVE, sent, authorization=authorization)
    assert code_of(refused) == (401, "SIGN_ERROR")
    assert len(desk.trades(PROVIDER, json.loads(body)["out_trade_no"])) == (way == "replayed")


@pytest.mark.parametrize("sign", ["other_key", "none", "probe", "altered"])
def test_a_notification_signed_badly_is_refused_by_the_sdk(shop: Shop, desk: ProviderControl, sign: Any) -> None:
    order, _ = shop.native()
    good = desk.craft(PROVIDER, order)
    assert shop.sdk.callback(good.headers, good.body)["resource"]["out_trade_no"] == order
    bad = desk.craft(PROVIDER, order, sign=sign)
    assert bad.headers.get("Wechatpay-Signature", "").startswith("WECHATPAY/SIGNTEST/") is (sign == "probe")
    if sign == "none":
        with pytest.raises(Exception, match="does not support"):
            shop.sdk.callback(bad.headers, bad.body)
    else:
        assert shop.sdk.callback(bad.headers, bad.body) is None


def test_a_crafted_notification_says_what_it_was_told(shop: Shop, desk: ProviderControl) -> None:
    order, _ = shop.native()
    crafted = desk.craft(PROVIDER, order, overrides={"amount.total": 1, "mchid": "1"}, age_seconds=86400)
    told = shop.sdk.callback(crafted.headers, crafted.body)["resource"]
    assert (told["amount"]["total"], told["mchid"], told["trade_state"]) == (1, "1", "SUCCESS")
    assert int(crafted.headers["Wechatpay-Timestamp"]) < time.time() - 86000
    refund = desk.craft(PROVIDER, order, event="refund", overrides={"refund_status": "ABNORMAL"})
    assert shop.sdk.callback(refund.headers, refund.body)["event_type"] == "REFUND.ABNORMAL"
    assert shop.state(order) == "NOTPAY", "crafting moves nothing"


def test_the_platform_certificate_is_sealed_for_its_merchant(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(by_certificate=True)
    listed = shop.send("GET", "/v3/certificates").json()["data"]
    sealed = listed[0]["encrypt_certificate"]
    parts = {name: sealed[name] for name in ("nonce", "ciphertext", "associated_data")}
    assert len(sealed["nonce"]) == 12
    assert aes_decrypt(**parts, apiv3_key=shop.keys["apiv3_key"]).startswith("-----BEGIN CERTIFICATE-----")
    assert aes_decrypt(**parts, apiv3_key="0" * 32) is None


# Bad input


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "null", '"text"', "\ufeff{}", '{"amount":', "9" * 5000, '{"a":' * 5000,
        '{"description":"\\ud800"}', "bm8gSlNPTiBhdCBhbGwsIGJ1dCBiYXNlNjQ=",
    ],
    ids=lambda body: repr(body[:12]),
)  # fmt: skip
def test_what_is_no_order_is_a_param_error(shop: Shop, body: str) -> None:
    assert code_of(shop.send("POST", NATIVE, body)) == (400, "PARAM_ERROR")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("amount", {"total": "8880"}), ("amount", {"total": 88.8}), ("amount", {"total": True}),
        ("amount", {"total": -1}),
        ("amount", {"total": 2**63}), ("amount", {"total": 1, "currency": "USD"}), ("amount", None), ("amount", []),
        ("description", ""), ("description", "长" * 128), ("out_trade_no", "short"), ("out_trade_no", "a" * 33),
        ("out_trade_no", "has space"), ("out_trade_no", "订单编号一二三"), ("out_trade_no", "newline\n"),
        ("notify_url", "http://127.0.0.1/"), ("notify_url", "https://127.0.0.1/?a=1"), ("notify_url", "https://[::1/"),
        ("notify_url", "https:///nowhere"), ("notify_url", "https://a/" + "a" * 250),
        ("time_expire", "tomorrow"), ("time_expire", "2099-01-01T00:00:00"), ("time_expire", 1),
        ("attach", "a" * 129), ("mchid", "1"), ("appid", 1),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_field_is_named(shop: Shop, desk: ProviderControl, field: str, value: Any) -> None:
    order = shop.order(**{field: value})
    answer = shop.send("POST", NATIVE, json.dumps(order))
    assert code_of(answer) == (400, "PARAM_ERROR")
    assert field in answer.json()["detail"]["field"]
    if "out_trade_no" in order and field != "out_trade_no":
        assert desk.trades(PROVIDER, order["out_trade_no"]) == []


def test_the_wire_at_its_edges(shop: Shop) -> None:
    assert shop.send("POST", NATIVE, " " * 10_000_000).json()["message"] == "请求体过大"
    for method, target in (("GET", NATIVE), ("DELETE", REFUNDS), ("OPTIONS", NATIVE), ("PATCH", NATIVE)):
        answer = shop.send(method, target)
        assert (answer.status_code, answer.content) == (405, b"")
    answer = shop.send("GET", "/v3/pay/partner/transactions")
    assert (answer.status_code, answer.content) == (404, b"")
    odd = "/v3/pay/transactions/out-trade-no/%00%ff?mchid="
    assert code_of(shop.send("GET", f"{odd}{shop.id}")) == (404, "ORDER_NOT_EXIST")
    assert code_of(shop.send("GET", odd)) == (400, "PARAM_ERROR")
    assert code_of(shop.send("GET", odd.removesuffix("?mchid="))) == (400, "PARAM_ERROR")
