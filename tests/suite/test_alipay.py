"""The Alipay simulator, as the unmodified `python-alipay-sdk` and a browser meet it."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx
import pytest
import zxingcpp
from alipay import AliPay
from alipay.exceptions import AliPayException, AliPayValidationError
from cryptography.hazmat.primitives.asymmetric import rsa
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from fixtures import browser
from fixtures.money import Money
from fixtures.providers.alipay import gateway, rules
from fixtures.providers.alipay.cashier import AlipayCashier
from fixtures.providers.common import keys
from tests.suite.alipay_shop import Shop, reference, shop_of
from tests.suite.providers import Heard, Listener, Simulators, control, listener, simulators  # noqa: F401

CNY = "CNY"


@pytest.fixture(scope="module")
def ear(simulators: Simulators) -> Iterator[Listener]:
    made = Listener(simulators.certificate, simulators.key)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shop(control: httpx.Client, simulators: Simulators, ear: Listener) -> Shop:
    return shop_of(control, simulators, ear)


def test_a_payment_is_notified_and_the_sdk_verifies_it(shop: Shop) -> None:
    number = shop.precreate(passback_params="a=1&b=2")
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "WAIT_BUYER_PAY"

    trade = shop.act(number, "approve")
    notification = shop.heard(number)

    assert shop.verifies(notification)
    assert notification["trade_status"] == "TRADE_SUCCESS"
    assert (notification["out_trade_no"], notification["total_amount"]) == (number, "88.80")
    assert (notification["app_id"], notification["seller_id"]) == (shop.app_id, shop.credentials["seller_id"])
    assert notification["passback_params"] == "a=1&b=2"
    answer = shop.sdk.api_alipay_trade_query(trade_no=trade["id"])
    assert (answer["trade_status"], answer["total_amount"]) == ("TRADE_SUCCESS", "88.80")
    assert trade["captured"] == {"minor": 8880, "currency": CNY}
    assert shop.ledger(number) == [("payment", 8880)]


def test_an_unscanned_code_is_no_trade_yet(shop: Shop) -> None:
    number = reference()
    shop.sdk.api_alipay_trade_precreate("Mug", number, "1.00")
    assert refusal(shop.sdk.api_alipay_trade_query(out_trade_no=number)) == "ACQ.TRADE_NOT_EXIST"
    assert refusal(shop.sdk.api_alipay_trade_close(out_trade_no=number)) == "ACQ.TRADE_NOT_EXIST"
    assert shop.sdk.api_alipay_trade_cancel(out_trade_no=number)["action"] == "close"
    assert shop.control.post(f"/trades/alipay/{number}/approve").status_code == 409
    assert shop.ledger(number) == []


def test_an_altered_notification_does_not_verify(shop: Shop) -> None:
    number = shop.precreate()
    for sign, verifies in (("good", True), ("altered", False), ("other_key", False), ("probe", False)):
        crafted = craft(shop, number, sign=sign)
        assert shop.verifies(dict(parse_qsl(crafted["body"]))) is verifies, sign
    assert "sign" not in dict(parse_qsl(craft(shop, number, sign="none")["body"]))
    assert shop.ledger(number) == []


def test_crafted_fields_are_signed(shop: Shop) -> None:
    wanted = {"total_amount": "0.01", "seller_id": "2088000000000001", "body": None}
    forged = dict(parse_qsl(craft(shop, reference(), merchant=shop.app_id, overrides=wanted)["body"]))
    assert shop.verifies(forged)
    assert (forged["total_amount"], forged["seller_id"]) == ("0.01", "2088000000000001")


def craft(shop: Shop, number: str, **more: Any) -> dict[str, Any]:
    wanted = {"provider": "alipay", "reference": number, "event": "payment", **more}
    answer = shop.control.post("/notifications", json=wanted)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["request"])


def refusal(answer: dict[str, Any]) -> str:
    """The sub_code of a business error."""
    assert answer["code"] == "40004", answer
    return str(answer["sub_code"])


def test_two_partial_refunds_and_their_queries(shop: Shop) -> None:
    number = shop.paid("88.80")
    shop.heard(number)

    first = shop.sdk.api_alipay_trade_refund("50.00", out_trade_no=number, out_request_no="r1")
    told = shop.heard(number)
    second = shop.sdk.api_alipay_trade_refund("38.80", out_trade_no=number, out_request_no="r2")
    closing = shop.heard(number)

    assert (first["fund_change"], first["refund_fee"]) == ("Y", "50.00")
    assert (second["fund_change"], second["refund_fee"]) == ("Y", "88.80")
    assert shop.verifies(told)
    assert (told["out_biz_no"], told["refund_fee"], told["trade_status"]) == ("r1", "50.00", "TRADE_SUCCESS")
    assert (closing["out_biz_no"], closing["refund_fee"], closing["trade_status"]) == ("r2", "88.80", "TRADE_CLOSED")
    found = shop.sdk.api_alipay_trade_fastpay_refund_query("r1", out_trade_no=number)
    assert (found["refund_status"], found["refund_amount"]) == ("REFUND_SUCCESS", "50.00")
    assert "refund_status" not in shop.sdk.api_alipay_trade_fastpay_refund_query("r3", out_trade_no=number)
    assert shop.ledger(number) == [("payment", 8880), ("refund", 5000), ("refund", 3880)]
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "TRADE_CLOSED"


def test_the_same_refund_twice_moves_the_money_once(shop: Shop) -> None:
    number = shop.paid("10.00")
    shop.sdk.api_alipay_trade_refund("4.00", out_trade_no=number, out_request_no="once")
    again = shop.sdk.api_alipay_trade_refund("4.00", out_trade_no=number, out_request_no="once")
    assert (again["code"], again["fund_change"], again["refund_fee"]) == ("10000", "N", "4.00")
    other = shop.sdk.api_alipay_trade_refund("5.00", out_trade_no=number, out_request_no="once")
    assert refusal(other) == "ACQ.DISCORDANT_REPEAT_REQUEST"
    assert shop.ledger(number) == [("payment", 1000), ("refund", 400)]


def test_more_than_was_paid_is_never_refunded(shop: Shop) -> None:
    number = shop.paid("10.00")
    shop.sdk.api_alipay_trade_refund("9.99", out_trade_no=number, out_request_no="a")
    over = shop.sdk.api_alipay_trade_refund("0.02", out_trade_no=number, out_request_no="b")
    assert refusal(over) == "ACQ.REASON_TRADE_REFUND_FEE_ERR"
    partial = shop.sdk.api_alipay_trade_refund("0.01", out_trade_no=number)
    assert refusal(partial) == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
    assert shop.ledger(number) == [("payment", 1000), ("refund", 999)]


def test_a_pending_refund_counts_and_is_settled_by_control(shop: Shop) -> None:
    number = shop.paid("10.00")
    shop.fault("refund", "pending", number)
    assert shop.sdk.api_alipay_trade_refund("6.00", out_trade_no=number, out_request_no="slow")["fund_change"] == "N"
    assert "refund_status" not in shop.sdk.api_alipay_trade_fastpay_refund_query("slow", out_trade_no=number)
    over = shop.sdk.api_alipay_trade_refund("4.01", out_trade_no=number, out_request_no="b")
    assert refusal(over) == "ACQ.REASON_TRADE_REFUND_FEE_ERR"

    settle = f"/refunds/alipay/slow/settle?merchant={shop.app_id}"
    assert shop.control.post(settle, json={"outcome": "success"}).json()["state"] == "REFUND_SUCCESS"
    assert shop.control.post(settle, json={"outcome": "success"}).status_code == 409
    assert shop.ledger(number) == [("payment", 1000), ("refund", 600)]

    shop.fault("refund", "pending", number)
    shop.sdk.api_alipay_trade_refund("4.00", out_trade_no=number, out_request_no="fails")
    failing = f"/refunds/alipay/fails/settle?merchant={shop.app_id}"
    assert shop.control.post(failing, json={"outcome": "failed"}).json()["state"] == "REFUND_FAIL"
    retried = shop.sdk.api_alipay_trade_refund("4.00", out_trade_no=number, out_request_no="fails")
    assert retried["fund_change"] == "Y"


def test_close_and_cancel(shop: Shop) -> None:
    closed = shop.precreate()
    assert shop.sdk.api_alipay_trade_close(out_trade_no=closed)["out_trade_no"] == closed
    assert refusal(shop.sdk.api_alipay_trade_close(out_trade_no=closed)) == "ACQ.TRADE_STATUS_ERROR"
    assert shop.delivery(closed, "close")["state"] in ("pending", "delivered")

    unpaid, paid = shop.precreate(), shop.paid("3.00")
    assert shop.sdk.api_alipay_trade_cancel(out_trade_no=unpaid)["action"] == "close"
    assert shop.sdk.api_alipay_trade_cancel(out_trade_no=paid)["action"] == "refund"
    assert shop.ledger(paid) == [("payment", 300), ("refund", 300)]
    assert "action" not in shop.sdk.api_alipay_trade_cancel(out_trade_no=paid)
    assert "action" not in shop.sdk.api_alipay_trade_cancel(out_trade_no=reference())
    assert refusal(shop.sdk.api_alipay_trade_cancel(trade_no="1" * 28)) == "ACQ.TRADE_NOT_EXIST"
    partly = shop.paid("3.00")
    shop.sdk.api_alipay_trade_refund("1.00", out_trade_no=partly, out_request_no="p")
    assert refusal(shop.sdk.api_alipay_trade_cancel(out_trade_no=partly)) == "ACQ.REASON_TRADE_REFUND_FEE_ERR"


def test_the_same_order_again_is_the_same_trade(shop: Shop) -> None:
    number = shop.precreate("5.00")
    again = shop.sdk.api_alipay_trade_precreate("蓝色 Mug", number, "5.00")
    assert again["code"] == "10000"
    assert refusal(shop.sdk.api_alipay_trade_precreate("蓝色 Mug", number, "5.01")) == "ACQ.CONTEXT_INCONSISTENT"
    shop.act(number, "approve")
    assert refusal(shop.sdk.api_alipay_trade_precreate("蓝色 Mug", number, "5.00")) == "ACQ.TRADE_HAS_SUCCESS"
    shop.sdk.api_alipay_trade_refund("5.00", out_trade_no=number)
    assert refusal(shop.sdk.api_alipay_trade_precreate("蓝色 Mug", number, "5.00")) == "ACQ.TRADE_HAS_CLOSE"
    late = shop.sdk.api_alipay_trade_refund("1.00", out_trade_no=number, out_request_no="late")
    assert refusal(late) == "ACQ.TRADE_HAS_CLOSE"


def test_an_unpaid_trade_expires_on_business_time(control: httpx.Client, simulators: Simulators, ear: Listener) -> None:
    shop = shop_of(control, simulators, ear)
    number = shop.precreate(timeout_express="30m")
    shop.later(29 * 60)
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "WAIT_BUYER_PAY"
    shop.later(60)
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "TRADE_CLOSED"
    told = shop.heard(number)
    assert shop.verifies(told)
    assert (told["trade_status"], told["out_trade_no"]) == ("TRADE_CLOSED", number)
    assert shop.control.post(f"/trades/alipay/{number}/approve").status_code == 409

    absolute = shop.precreate(time_expire="2099-01-01 00:00:00")
    shop.later(16 * 86400)
    assert shop.sdk.api_alipay_trade_query(out_trade_no=absolute)["trade_status"] == "TRADE_CLOSED"


def test_refunds_end_with_the_refund_period(control: httpx.Client, simulators: Simulators, ear: Listener) -> None:
    shop = shop_of(control, simulators, ear, settings={"refund_days": 90})
    number = shop.paid("2.00")
    shop.later(86401)
    assert refusal(shop.sdk.api_alipay_trade_cancel(out_trade_no=number)) == "ACQ.TRADE_CANCEL_TIME_OUT"
    shop.later(90 * 86400)
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "TRADE_FINISHED"
    late = shop.sdk.api_alipay_trade_refund("1.00", out_trade_no=number, out_request_no="late")
    assert refusal(late) == "ACQ.TRADE_HAS_FINISHED"
    assert shop.ledger(number) == [("payment", 200)]


def test_the_retry_schedule_and_the_exact_acknowledgement(
    control: httpx.Client,
    simulators: Simulators,
    listener: Listener,
) -> None:
    shop = shop_of(control, simulators, listener)
    replies = iter(["SUCCESS", "success\n", '"success"', "<html>success</html>", "", "ok", "fail"])
    listener.answer = lambda _: (200, next(replies))
    number = shop.paid("1.00")
    ids = [shop.heard(number)["notify_id"]]
    for pause in (4 * 60, 10 * 60, 10 * 60, 3600, 2 * 3600, 6 * 3600):
        shop.later(pause)
        ids.append(shop.heard(number)["notify_id"])
    assert len(set(ids)) == 1
    assert [attempt["body"] for attempt in shop.delivery(number)["attempts"]][:3] == [
        "SUCCESS",
        "success\n",
        '"success"',
    ]

    listener.answer = lambda _: (500, "success")
    shop.later(15 * 3600)
    shop.heard(number)
    given_up = deliver(shop, number, expected="given_up")
    assert len(given_up["attempts"]) == 9  # eight of the schedule, one by hand

    listener.answer = lambda _: (200, "success")
    assert deliver(shop, number, expected="delivered")["attempts"][-1]["status"] == 200


def deliver(shop: Shop, number: str, expected: str) -> dict[str, Any]:
    answer = shop.control.post(f"/deliveries/{shop.delivery(number)['id']}/deliver").json()
    assert answer["state"] == expected, answer
    return dict(answer)


def test_a_wrong_key_is_refused_both_ways(shop: Shop) -> None:
    stranger = keys.private_pem(rsa.generate_private_key(65537, 2048), pkcs1=True)
    alipay_key = shop.credentials["alipay_public_key"]
    forger = AliPay(shop.app_id, app_private_key_string=stranger, alipay_public_key_string=alipay_key)
    forger._gateway = shop.credentials["gateway"]
    answer = forger.api_alipay_trade_query(out_trade_no=reference())
    assert (answer["code"], answer["sub_code"]) == ("40002", "isv.invalid-signature")

    number = shop.paid()
    shop.fault("query", "mis_sign", number)
    with pytest.raises(AliPayValidationError):
        shop.sdk.api_alipay_trade_query(out_trade_no=number)
    shop.heard(number)
    shop.fault("notify", "mis_sign", number)
    shop.control.post(f"/deliveries/{shop.delivery(number)['id']}/deliver")
    assert not shop.verifies(shop.heard(number))


def test_another_merchant_sees_nothing(
    control: httpx.Client, simulators: Simulators, ear: Listener, shop: Shop
) -> None:
    other = shop_of(control, simulators, ear)
    number = shop.paid()
    assert refusal(other.sdk.api_alipay_trade_query(out_trade_no=number)) == "ACQ.TRADE_NOT_EXIST"
    refund = other.sdk.api_alipay_trade_refund("1.00", out_trade_no=number, out_request_no="x")
    assert refusal(refund) == "ACQ.TRADE_NOT_EXIST"
    other.sdk.api_alipay_trade_precreate("蓝色 Mug", number, "1.00")
    assert shop.control.post(f"/trades/alipay/{number}/approve").status_code == 409  # which of the two?
    approved = shop.control.post(f"/trades/alipay/{number}/approve", params={"merchant": other.app_id})
    assert (approved.status_code, approved.json()["merchant"]) == (200, other.app_id)


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
    return {"sign": keys.sign(key, gateway.signing_string(data, without=("sign",)).encode()), **data}


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
    ({"biz_content": "{"}, "isv.invalid-parameter"),
    ({"biz_content": '{"trade_no": "\\ud800"}'}, "ACQ.INVALID_PARAMETER"),
    ({"biz_content": '{"trade_no": {}, "out_trade_no": "\\ud800"}'}, "ACQ.INVALID_PARAMETER"),
    ({"biz_content": "[]"}, "isv.invalid-parameter"),
    ({"biz_content": '{"out_trade_no": NaN}'}, "isv.invalid-parameter"),
    ({"biz_content": "[" * 100_000}, "isv.invalid-parameter"),
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
    assert content["code"] == (rules.GATEWAY_ERRORS[code][0] if code.startswith("isv") else "40004")


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


def test_gbk_is_read_and_answered(shop: Shop) -> None:
    number = reference()
    content = json.dumps({"out_trade_no": number, "subject": "杯子", "total_amount": 1.5}, ensure_ascii=False)
    data = signed(shop, method="alipay.trade.precreate", charset="gbk", biz_content=content)
    key = keys.read_private(shop.credentials["app_private_key"])
    data["sign"] = keys.sign(key, gateway.signing_string(data, without=("sign",)).encode("gbk"))
    form = {"content-type": "application/x-www-form-urlencoded"}
    body = urlencode(data, encoding="gbk")
    answer = httpx.post(shop.credentials["gateway"], content=body, headers=form, verify=shop.trust)
    assert '"code":"10000"' in answer.content.decode("gbk")
    trade = shop.control.get("/trades", params={"reference": number}).json()[0]
    assert trade["amount"] == {"minor": 150, "currency": CNY}


def test_a_page_payment_goes_to_the_cashier_and_returns_signed(shop: Shop) -> None:
    number = reference()
    query = shop.sdk.api_alipay_trade_page_pay("Mug", number, "8.00", return_url="https://shop.test/back?order=1")
    opened = shop.get(f"{shop.credentials['gateway']}?{query}", follow_redirects=True)
    assert opened.status_code == 200
    assert "确认付款" in opened.text
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "WAIT_BUYER_PAY"

    declined = httpx.post(str(opened.url), data={"decision": "decline"}, verify=shop.trust, follow_redirects=True)
    assert "账户余额不足" in declined.text
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "WAIT_BUYER_PAY"

    paid = httpx.post(str(opened.url), data={"decision": "approve"}, verify=shop.trust)
    back = urlsplit(paid.headers["location"])
    returned = {name: values[0] for name, values in parse_qs(back.query).items()}
    assert f"{back.scheme}://{back.netloc}{back.path}" == "https://shop.test/back"
    assert returned.pop("order") == "1"
    assert shop.verifies(returned)
    assert (returned["out_trade_no"], returned["total_amount"]) == (number, "8.00")
    twice = httpx.post(str(opened.url), data={"decision": "approve"}, verify=shop.trust, follow_redirects=True)
    assert "付款成功" in twice.text
    assert shop.ledger(number) == [("payment", 800)]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser.executable(), args=browser.arguments([]))
        yield launched
        launched.close()


def test_a_buyer_pays_in_a_browser(shop: Shop, simulators: Simulators, chromium: Browser) -> None:
    number = reference()
    back = f"{simulators.url}/control/health"  # any page that answers can stand for the shop's
    query = shop.sdk.api_alipay_trade_page_pay("手冲壶 & 滤纸", number, "1288.80", return_url=back)
    page = chromium.new_page(ignore_https_errors=True)
    page.goto(f"{shop.credentials['gateway']}?{query}")
    cashier = AlipayCashier(page)
    seen = (cashier.amount(), cashier.subject(), cashier.merchant())
    assert seen == (Money.of("1288.80", CNY), "手冲壶 & 滤纸", "上岸商店")

    cashier.decline()
    assert "余额不足" in page.get_by_role("alert").inner_text()
    cashier.approve()
    assert page.url.startswith(f"{back}?")
    assert shop.ledger(number) == [("payment", 128880)]
    page.close()


def test_a_phone_scans_pays_or_leaves(shop: Shop, chromium: Browser) -> None:
    number = reference()
    code = shop.sdk.api_alipay_trade_precreate("Mug", number, "8.88")["qr_code"]
    phone = chromium.new_page(ignore_https_errors=True, viewport={"width": 390, "height": 780})
    phone.goto(code)
    AlipayCashier(phone).abandon()
    assert "已取消付款" in phone.inner_text("h1")
    assert shop.ledger(number) == []
    phone.goto(code)
    AlipayCashier(phone).approve()
    assert "付款成功" in phone.inner_text("h1")
    assert shop.ledger(number) == [("payment", 888)]
    phone.close()


def test_the_code_on_the_page_is_read_as_a_phone_would(shop: Shop, chromium: Browser) -> None:
    number = shop.precreate()
    trade = shop.control.get("/trades", params={"reference": number}).json()[0]
    page = chromium.new_page(ignore_https_errors=True)
    page.goto(trade["cashier_url"])
    picture = Image.open(io.BytesIO(page.get_by_label("付款二维码").screenshot()))
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [trade["qr_code"]]
    page.close()


def test_a_refused_page_payment_is_a_page(shop: Shop) -> None:
    query = shop.sdk.api_alipay_trade_page_pay("Mug", reference(), "0.001")
    page = shop.get(f"{shop.credentials['gateway']}?{query}")
    assert (page.status_code, "ACQ.INVALID_PARAMETER" in page.text) == (200, True)
    forged = shop.get(f"{shop.credentials['gateway']}?{query.replace('Mug', 'Cup')}")
    assert "isv.invalid-signature" in forged.text
    assert shop.get(f"{shop.credentials['gateway']}".replace("gateway.do", "cashier/x/y")).status_code == 404


def test_a_missing_app_is_the_sdks_exception(shop: Shop) -> None:
    unknown = AliPay(
        "2021000000000000",
        app_private_key_string=shop.credentials["app_private_key"],
        alipay_public_key_string=shop.credentials["alipay_public_key"],
    )
    unknown._gateway = shop.credentials["gateway"]
    with pytest.raises(AliPayException):
        unknown.api_alipay_trade_query(out_trade_no="x")


def test_every_code_of_the_tables_is_reached_above() -> None:
    """The tables hold nothing that no test reaches: this module's own text names each code."""
    text = Path(__file__).read_text(encoding="utf-8")
    unreached = [code for code in (*rules.BUSINESS_ERRORS, *rules.GATEWAY_ERRORS) if f'"{code}"' not in text]
    assert unreached == []
