"""Barcode payments (付款码) of the WeChat Pay simulator, through the unmodified `wechatpayv3`."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from wechatpayv3 import WeChatPayType

from fixtures.money import Money
from fixtures.providers.client import ProviderControl
from fixtures.providers.wechatpay import rules
from tests.suite.wechatpay import PROVIDER, Shop, code_of, desk, open_shop, order_number  # noqa: F401

CODE = "130061098828009406"
STORE = {"store_info": {"id": "0001"}}


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop()


def scan(shop: Shop, total: int = 100, number: str = "", code: str = CODE, **more: Any) -> tuple[str, tuple[int, str]]:
    """An order of the cashier's: its number, and what WeChat Pay answered."""
    number = number or order_number()
    more = {"payer": {"auth_code": code}, "scene_info": STORE, **more}
    return number, shop.sdk.pay("一件商品", number, {"total": total}, pay_type=WeChatPayType.CODEPAY, **more)


def waiting(shop: Shop, desk: ProviderControl, state: str) -> str:
    """An order that waits for the buyer's password, or for the bank."""
    if state == "USERPAYING":
        order, answer = scan(shop, rules.PASSWORD_ABOVE + 1)
        assert code_of(answer) == (202, "USERPAYING")
    else:
        order = order_number()
        with desk.fault(PROVIDER, "codepay", "pending", reference=order):
            _, answer = scan(shop, number=order)
        assert shop.ok(answer)["trade_state"] == state
    assert shop.state(order) == state
    return order


def test_a_small_amount_is_paid_at_once_and_not_notified(shop: Shop, desk: ProviderControl) -> None:
    order, answer = scan(shop, 100, attach="自定义")
    paid = shop.ok(answer)
    assert (paid["trade_state"], paid["trade_type"], paid["attach"]) == ("SUCCESS", "MICROPAY", "自定义")
    assert shop.query(order) == paid
    assert shop.ok(shop.sdk.query(transaction_id=paid["transaction_id"])) == paid
    assert [entry.kind for entry in desk.ledger(PROVIDER, order)] == ["payment"]
    assert desk.deliveries(PROVIDER, order) == []
    shop.refund(order, 40, 100)
    assert shop.state(order) == "REFUND"


@pytest.mark.parametrize("state", ["USERPAYING", "ACCEPT"])
@pytest.mark.parametrize(
    ("deed", "ends"), [("approve", "SUCCESS"), ("decline", "PAYERROR"), ("abandon", "NOTPAY"), ("reverse", "REVOKED")]
)
def test_what_becomes_of_an_order_that_waits(
    shop: Shop, desk: ProviderControl, state: str, deed: str, ends: str
) -> None:
    order = waiting(shop, desk, state)
    if deed == "reverse":
        assert shop.ok(shop.sdk.codepay_reverse(order))["out_trade_no"] == order
    else:
        getattr(desk, deed)(PROVIDER, order)
    assert shop.state(order) == ends
    assert len(desk.ledger(PROVIDER, order)) == (ends == "SUCCESS")
    if ends in rules.ENDED_UNPAID:
        with pytest.raises(Exception, match="ORDER_CLOSED"):
            desk.approve(PROVIDER, order)


def test_the_buyer_types_the_password_on_the_phone(shop: Shop, desk: ProviderControl) -> None:
    order = waiting(shop, desk, "USERPAYING")
    page = desk.trade(PROVIDER, order).cashier_url
    assert "立即支付" in shop.wire.get(page).text
    assert "支付成功" in shop.wire.post(page, data={"choice": "approve"}, follow_redirects=True).text
    assert shop.state(order) == "SUCCESS"


def test_what_is_taken_back_returns_whole_and_once(shop: Shop, desk: ProviderControl) -> None:
    order, answer = scan(shop, 100)
    assert shop.ok(answer)["trade_state"] == "SUCCESS"
    for _ in range(2):
        reversed_ = shop.ok(shop.sdk.codepay_reverse(order))
        assert reversed_ == {"appid": shop.keys["appid"], "mchid": shop.id, "out_trade_no": order}
    assert shop.state(order) == "REVOKED"
    trade = desk.trade(PROVIDER, order)
    assert trade.captured == trade.refunded == Money.of("1.00", "CNY")
    assert [entry.kind for entry in desk.ledger(PROVIDER, order)] == ["payment", "refund"]
    assert code_of(shop.try_refund(order, 1, 100)) == (400, "INVALID_REQUEST")
    assert shop.state(order) == "REVOKED"


def test_the_same_scan_again_is_the_same_trade(shop: Shop, desk: ProviderControl) -> None:
    order = waiting(shop, desk, "USERPAYING")
    total = rules.PASSWORD_ABOVE + 1
    assert code_of(scan(shop, total, order)[1]) == (202, "USERPAYING")
    assert code_of(scan(shop, total, order, "130061098828009407")[1]) == (403, "OUT_TRADE_NO_USED")
    desk.approve(PROVIDER, order)
    assert code_of(scan(shop, total, order)[1]) == (400, "ORDERPAID")
    order = waiting(shop, desk, "USERPAYING")
    shop.sdk.codepay_reverse(order)
    assert code_of(scan(shop, total, order)[1]) == (400, "ORDER_CLOSED")


def test_what_cannot_be_scanned_or_taken_back(shop: Shop, desk: ProviderControl) -> None:
    for code in ("", "160061098828009406", "13006109882800940", "1300610988280094x6"):
        assert code_of(scan(shop, code=code)[1]) == (400, "PARAM_ERROR"), code
    assert code_of(scan(shop, scene_info={"device_id": "1"})[1]) == (400, "PARAM_ERROR")
    assert code_of(shop.sdk.codepay_reverse("nowhere")) == (404, "ORDER_NOT_EXIST")
    assert code_of(shop.sdk.codepay_reverse(shop.native()[0])) == (400, "INVALID_REQUEST")
    order, _ = scan(shop)
    assert code_of(shop.sdk.codepay_reverse(order, appid="wx1")) == (400, "APPID_MCHID_NOT_MATCH")
    shop.refund(order, 1, 100)
    assert code_of(shop.sdk.codepay_reverse(order)) == (400, "INVALID_REQUEST")
    order, _ = scan(shop)
    desk.advance(PROVIDER, shop.id, rules.REVERSE_WINDOW + 1)
    assert code_of(shop.sdk.codepay_reverse(order)) == (400, "INVALID_REQUEST")
    assert shop.state(order) == "SUCCESS"


def test_a_merchant_without_the_product_cannot_scan(open_shop: Callable[..., Shop]) -> None:
    assert code_of(scan(open_shop(products=["native"]))[1]) == (403, "NO_AUTH")
