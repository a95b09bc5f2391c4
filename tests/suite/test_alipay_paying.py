"""Alipay's other ways to pay: WAP, app, mini program, barcode; the asynchronous refund; the old signature."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from alipay import AliPay

from fixtures.providers.alipay import signing
from fixtures.providers.common import keys
from tests.suite.alipay_shop import Shop, ear, reference, refusal, shop, shop_of  # noqa: F401
from tests.suite.providers import Listener, Simulators

BUYER = "2088222222222222"


def auth_code() -> str:
    """What the cashier reads off a buyer's phone."""
    return f"28{secrets.randbelow(10**16):016}"


def test_a_phone_pays_on_the_wap_page_and_returns(shop: Shop) -> None:
    number = reference()
    back = "https://shop.test/back"
    query = shop.sdk.api_alipay_trade_wap_pay("Mug", number, "8.00", back, quit_url="https://shop.test/left")
    opened = shop.get(f"{shop.credentials['gateway']}?{query}", follow_redirects=True)
    assert "/qr/" in str(opened.url)
    left = httpx.post(str(opened.url), data={"decision": "abandon"}, verify=shop.trust)
    assert left.headers["location"] == "https://shop.test/left"
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "WAIT_BUYER_PAY"

    paid = httpx.post(str(opened.url), data={"decision": "approve"}, verify=shop.trust)
    assert shop.verifies(dict(parse_qsl(urlsplit(paid.headers["location"]).query)))
    assert shop.verifies(shop.heard(number))
    assert shop.ledger(number) == [("payment", 800)]


def test_an_apps_order_string_opens_the_cashier(shop: Shop) -> None:
    number = reference()
    order = shop.sdk.api_alipay_trade_app_pay("Mug", number, "8.00")
    opened = shop.get(f"{shop.credentials['gateway']}?{order}", follow_redirects=True)
    assert "确认付款" in opened.text
    shop.act(number, "approve")
    assert shop.heard(number)["trade_status"] == "TRADE_SUCCESS"


def test_wap_and_app_are_told_of_the_end(control: httpx.Client, simulators: Simulators, ear: Listener) -> None:
    shop = shop_of(control, simulators, ear)
    number = reference()
    shop.get(f"{shop.credentials['gateway']}?{shop.sdk.api_alipay_trade_app_pay('Mug', number, '8.00')}")
    shop.act(number, "approve")
    shop.heard(number)
    shop.later(366 * 86400)
    told = shop.heard(number)
    assert (told["trade_status"], told["total_amount"]) == ("TRADE_FINISHED", "8.00")
    assert shop.verifies(told)


def create(shop: Shop, number: str, **more: Any) -> dict[str, Any]:
    order = {"out_trade_no": number, "subject": "Mug", "total_amount": "8.00", "buyer_id": BUYER, **more}
    return dict(shop.sdk.server_api("alipay.trade.create", biz_content=order))


def test_a_created_trade_exists_for_its_buyer_at_once(shop: Shop) -> None:
    number = reference()
    made = create(shop, number)
    assert shop.sdk.api_alipay_trade_query(trade_no=made["trade_no"])["trade_status"] == "WAIT_BUYER_PAY"
    assert create(shop, number)["trade_no"] == made["trade_no"]
    assert refusal(create(shop, number, buyer_id="2088111111111111")) == "ACQ.TRADE_BUYER_NOT_MATCH"
    shop.act(number, "approve")
    assert (told := shop.heard(number))["buyer_id"] == BUYER
    assert shop.verifies(told)


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"buyer_id": None}, "ACQ.INVALID_PARAMETER"),
        ({"seller_id": "2088999999999999"}, "ACQ.INVALID_RECEIVE_ACCOUNT"),
        ({"goods_detail": "Mug"}, "ACQ.INVALID_PARAMETER"),
        ({"goods_detail": [{"goods_id": "1"}] * 151}, "ACQ.SUB_GOODS_SIZE_MAX_COUNT"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_wrong_creation_is_refused(shop: Shop, wrong: dict[str, Any], code: str) -> None:
    number = reference()
    assert refusal(create(shop, number, **wrong)) == code
    assert refusal(shop.sdk.api_alipay_trade_query(out_trade_no=number)) == "ACQ.TRADE_NOT_EXIST"


def test_a_seller_does_not_buy_from_itself(shop: Shop) -> None:
    assert refusal(create(shop, reference(), buyer_id=shop.credentials["seller_id"])) == "ACQ.BUYER_SELLER_EQUAL"


def scan(shop: Shop, number: str, code: str, amount: str = "8.00", **more: Any) -> dict[str, Any]:
    return dict(shop.sdk.api_alipay_trade_pay(number, "bar_code", code, "Mug", total_amount=amount, **more))


def test_a_barcode_pays_at_once(shop: Shop) -> None:
    number, code = reference(), auth_code()
    paid = scan(shop, number, code)
    assert (paid["code"], paid["total_amount"], paid["receipt_amount"]) == ("10000", "8.00", "8.00")
    assert shop.heard(number)["trade_status"] == "TRADE_SUCCESS"
    assert shop.ledger(number) == [("payment", 800)]
    assert refusal(scan(shop, number, code)) == "ACQ.TRADE_HAS_SUCCESS"
    assert refusal(scan(shop, reference(), code)) == "ACQ.PAYMENT_AUTH_CODE_INVALID"
    assert refusal(scan(shop, reference(), "1234")) == "ACQ.PAYMENT_AUTH_CODE_INVALID"
    smoke = {"out_trade_no": reference(), "scene": "smoke", "auth_code": auth_code()}
    assert refusal(shop.sdk.server_api("alipay.trade.pay", biz_content=smoke)) == "ACQ.INVALID_PARAMETER"
    assert shop.ledger(number) == [("payment", 800)]


def test_a_large_barcode_payment_waits_for_the_password(shop: Shop) -> None:
    number, code = reference(), auth_code()
    assert scan(shop, number, code, "1000.00")["code"] == "10000"
    number, code = reference(), auth_code()
    waiting = scan(shop, number, code, "1000.01")
    assert (waiting["code"], waiting["msg"]) == ("10003", "order success pay inprocess")
    assert scan(shop, number, code, "1000.01")["code"] == "10003"
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "WAIT_BUYER_PAY"
    assert shop.ledger(number) == []
    shop.act(number, "approve")
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "TRADE_SUCCESS"

    cancelled = reference()
    shop.fault("pay", "pending", cancelled)
    assert scan(shop, cancelled, auth_code())["code"] == "10003"
    assert shop.sdk.api_alipay_trade_cancel(out_trade_no=cancelled)["action"] == "close"
    assert shop.ledger(cancelled) == []


def test_a_barcode_payment_closes_after_three_hours(
    control: httpx.Client, simulators: Simulators, ear: Listener
) -> None:
    shop = shop_of(control, simulators, ear)
    number = reference()
    scan(shop, number, auth_code(), "2000.00")
    shop.later(3 * 3600 - 60)
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "WAIT_BUYER_PAY"
    shop.later(61)
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "TRADE_CLOSED"


def test_a_refund_that_is_applied_for(shop: Shop) -> None:
    number = shop.paid("10.00")
    wanted = {"out_trade_no": number, "refund_amount": "4.00"}
    assert refusal(shop.sdk.server_api("alipay.trade.refund.apply", biz_content=wanted)) == "ACQ.INVALID_PARAMETER"
    wanted |= {"out_request_no": "first"}
    answer = shop.sdk.server_api("alipay.trade.refund.apply", biz_content=wanted)
    assert (answer["refund_status"], answer["refund_amount"]) == ("REFUND_PROCESSING", "4.00")
    found = shop.sdk.api_alipay_trade_fastpay_refund_query("first", out_trade_no=number)
    assert found["refund_status"] == "REFUND_SUCCESS"

    shop.fault("refund_apply", "pending", number)
    held = {**wanted, "out_request_no": "second"}
    assert shop.sdk.server_api("alipay.trade.refund.apply", biz_content=held)["refund_status"] == "REFUND_PROCESSING"
    assert shop.ledger(number) == [("payment", 1000), ("refund", 400)]
    settle = f"/refunds/alipay/second/settle?merchant={shop.app_id}"
    shop.control.post(settle, json={"outcome": "success"})
    assert shop.ledger(number) == [("payment", 1000), ("refund", 400), ("refund", 400)]


def test_the_old_signature_is_taken_and_given(shop: Shop) -> None:
    old = AliPay(
        shop.app_id,
        app_private_key_string=shop.credentials["app_private_key"],
        alipay_public_key_string=shop.credentials["alipay_public_key"],
        sign_type="RSA",
        app_notify_url=shop.ear.url(shop.path),
    )
    old._gateway = shop.credentials["gateway"]
    number = reference()
    assert old.api_alipay_trade_precreate("Mug", number, "1.00")["code"] == "10000"
    trade = shop.control.get("/trades", params={"reference": number}).json()[0]
    shop.get(trade["qr_code"])
    shop.act(number, "approve")
    told = shop.heard(number)
    assert told["sign_type"] == "RSA"
    assert old.verify(told, told.pop("sign"))


def test_a_signature_of_the_other_kind_is_refused(shop: Shop) -> None:
    data = shop.sdk.build_body("alipay.trade.query", {"out_trade_no": "x"}, sign_type="RSA")
    text = signing.signing_string({name: str(value) for name, value in data.items()}, without=("sign",))
    data["sign"] = keys.sign(keys.read_private(shop.credentials["app_private_key"]), text.encode())  # an RSA2 one
    answer = httpx.post(shop.credentials["gateway"], data=data, verify=shop.trust).json()
    assert answer["alipay_trade_query_response"]["sub_code"] == "isv.invalid-signature"
