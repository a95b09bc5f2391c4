"""Alipay's gateway and notifications, as the unmodified `python-alipay-sdk` meets them."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from alipay import AliPay
from alipay.exceptions import AliPayValidationError
from cryptography.hazmat.primitives.asymmetric import rsa

from fixtures.providers.common import keys
from tests.suite.alipay_shop import Shop, ear, reference, refusal, shop, shop_of  # noqa: F401
from tests.suite.providers import Listener, Simulators
from tests.suite.test_providers_common import until

CNY = "CNY"


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
    until(lambda: len(shop.delivery(number)["attempts"]) == 8)  # heard, and not yet noted as answered
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
