"""Alipay's gateway and notifications, as the unmodified official `alipay-sdk-python` meets them."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import io
import secrets
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest

from fixtures.providers.alipay.rules import BEIJING
from fixtures.providers.common import keys
from tests.suite.alipay_official import Official
from tests.suite.alipay_shop import Shop, ear, reference, shop, shop_of  # noqa: F401
from tests.suite.providers import Listener, Simulators


@pytest.fixture(scope="module")
def sdk(shop: Shop) -> Iterator[Official]:
    made = Official(shop.credentials)
    yield made
    made.close()


def order(number: str, amount: str = "88.80", **more: Any) -> dict[str, Any]:
    return {"out_trade_no": number, "total_amount": amount, "subject": "蓝色 Mug 100%", **more}


def paid(shop: Shop, sdk: Official, amount: str = "88.80") -> str:
    number = reference()
    made = sdk.execute("AlipayTradePrecreate", order(number, amount), notify_url=shop.ear.url(shop.path))
    assert made["code"] == "10000"
    assert shop.get(made["qr_code"]).status_code == 200
    shop.act(number, "approve")
    return number


def test_a_payment_is_notified_queried_and_refunded_in_two_parts(shop: Shop, sdk: Official) -> None:
    number = paid(shop, sdk)
    told = shop.heard(number)
    assert sdk.verifies(told)
    assert (told["trade_status"], told["subject"]) == ("TRADE_SUCCESS", "蓝色 Mug 100%")
    assert sdk.execute("AlipayTradeQuery", {"out_trade_no": number})["trade_status"] == "TRADE_SUCCESS"

    for request, amount, sum_ in (("r1", "50.00", "50.00"), ("r2", "38.80", "88.80")):
        wanted = {"out_trade_no": number, "refund_amount": amount, "out_request_no": request}
        assert sdk.execute("AlipayTradeRefund", wanted)["refund_fee"] == sum_
        assert sdk.verifies(shop.heard(number))
    found = sdk.execute("AlipayTradeFastpayRefundQuery", {"out_trade_no": number, "out_request_no": "r1"})
    assert (found["refund_status"], found["refund_amount"]) == ("REFUND_SUCCESS", "50.00")
    assert shop.ledger(number) == [("payment", 8880), ("refund", 5000), ("refund", 3880)]


def test_the_other_ways_to_pay(shop: Shop, sdk: Official) -> None:
    number = reference()
    code = f"28{secrets.randbelow(10**16):016}"
    assert sdk.execute("AlipayTradePay", order(number, scene="bar_code", auth_code=code))["receipt_amount"] == "88.80"
    for request, product in (("PagePay", "FAST_INSTANT_TRADE_PAY"), ("WapPay", "QUICK_WAP_WAY")):
        number = reference()
        page = sdk.page(f"AlipayTrade{request}", order(number, product_code=product))
        address = page.replace("https://localhost", shop.credentials["gateway"].partition("/alipay")[0])
        assert "确认付款" in shop.get(address, follow_redirects=True).text
        assert sdk.execute("AlipayTradeQuery", {"out_trade_no": number})["trade_status"] == "WAIT_BUYER_PAY"
        assert sdk.execute("AlipayTradeClose", {"out_trade_no": number})["out_trade_no"] == number
    number = reference()
    made = sdk.execute("AlipayTradeCreate", order(number, buyer_id="2088222222222222"))
    assert sdk.execute("AlipayTradeCancel", {"trade_no": made["trade_no"]})["action"] == "close"


def test_the_bill_of_yesterday(control: httpx.Client, simulators: Simulators, ear: Listener) -> None:
    shop = shop_of(control, simulators, ear)
    sdk = Official(shop.credentials)
    number = paid(shop, sdk)
    wanted = {"out_trade_no": number, "refund_amount": "8.80", "out_request_no": "r1"}
    assert sdk.execute("AlipayTradeRefundApply", wanted)["refund_status"] == "REFUND_PROCESSING"
    today = f"{datetime.now(BEIJING):%Y-%m-%d}"
    shop.later(86400)
    bill = sdk.execute("AlipayDataDataserviceBillDownloadurlQuery", {"bill_type": "trade", "bill_date": today})
    sdk.close()
    with zipfile.ZipFile(io.BytesIO(shop.get(bill["bill_download_url"]).content)) as archive:
        details = archive.read(archive.namelist()[1]).decode("gbk")
    assert details.count(number) == 2
    assert "商家实收退款共-8.80元" in details


def test_another_key_is_refused_both_ways(shop: Shop, sdk: Official) -> None:
    number = paid(shop, sdk)
    told = shop.heard(number)
    assert not sdk.verifies({**told, "total_amount": "0.01"})
    shop.fault("query", "mis_sign", number)
    with pytest.raises(RuntimeError, match="response sign verify failed"):
        sdk.execute("AlipayTradeQuery", {"out_trade_no": number})
    shop.fault("notify", "mis_sign", number)
    shop.control.post(f"/deliveries/{shop.delivery(number)['id']}/deliver")
    assert not sdk.verifies(shop.heard(number))

    stranger = keys.private_pem(keys.make_private_key(), pkcs1=True)
    forger = Official({**shop.credentials, "app_private_key": stranger})
    assert forger.execute("AlipayTradeQuery", {"out_trade_no": number})["sub_code"] == "isv.invalid-signature"
    forger.close()


def test_a_gateway_that_fails_is_an_error_of_the_sdk(shop: Shop, sdk: Official) -> None:
    shop.fault("query", "error_5xx")
    with pytest.raises(RuntimeError):
        sdk.execute("AlipayTradeQuery", {"out_trade_no": "x"})
    assert sdk.execute("AlipayTradeQuery", {"out_trade_no": "x"})["sub_code"] == "ACQ.TRADE_NOT_EXIST"
