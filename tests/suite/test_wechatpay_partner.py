"""The WeChat Pay simulator as a partner (服务商) meets it, through `wechatpayv3` in its partner mode."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from wechatpayv3 import WeChatPayType

from fixtures.money import Money
from fixtures.providers.client import ProviderControl
from tests.suite.providers import Listener
from tests.suite.wechatpay import PROVIDER, Json, Shop, code_of, desk, open_shop, order_number, sdk  # noqa: F401

SERVED, APPID, OTHER = "1900000109", "wxd678efh567hg6999", "1900000110"
SCENE = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}


@dataclass
class Partner:
    shop: Shop
    sdk: Any

    def order(self, way: str = "NATIVE", served: str = SERVED, **more: Any) -> tuple[str, tuple[int, str]]:
        number = more.pop("number", "") or order_number()
        kind = WeChatPayType[way]
        return number, self.sdk.pay("一件商品", number, {"total": 100}, pay_type=kind, sub_mchid=served, **more)

    def query(self, order: str) -> Json:
        return Shop.ok(self.sdk.query(out_trade_no=order, sub_mchid=SERVED))


@pytest.fixture
def partner(open_shop: Callable[..., Shop], listener: Listener) -> Partner:
    """A partner that serves two merchants, one of them without an appid."""
    shop = open_shop(listener.url(f"/{secrets.token_hex(8)}"), sub_merchants={SERVED: APPID, OTHER: ""})
    return Partner(shop, sdk(shop.keys, shop.notify_url, partner_mode=True))


def test_a_partner_sells_refunds_and_hears_for_the_merchant_it_serves(
    partner: Partner, desk: ProviderControl, listener: Listener
) -> None:
    order, answer = partner.order(sub_appid=APPID)
    assert Shop.ok(answer)["code_url"].startswith("weixin://")
    parties = {"sp_appid": partner.shop.keys["appid"], "sp_mchid": partner.shop.id}
    parties |= {"sub_mchid": SERVED, "sub_appid": APPID}
    assert partner.query(order).items() >= {**parties, "trade_state": "NOTPAY"}.items()
    crafted = desk.craft(PROVIDER, order)
    assert partner.sdk.callback(crafted.headers, crafted.body)["resource"].items() >= parties.items()

    desk.approve(PROVIDER, order)
    heard = listener.wait(partner.shop.path)
    told = partner.sdk.callback(heard.headers, heard.body)["resource"]
    assert told == partner.query(order)
    assert told.items() >= {**parties, "trade_state": "SUCCESS"}.items()
    assert "mchid" not in told
    assert set(told["payer"]) == {"sp_openid"}
    by_id = partner.sdk.query(transaction_id=told["transaction_id"], sub_mchid=SERVED)
    assert Shop.ok(by_id) == told

    number, amount = order_number(), {"refund": 40, "total": 100, "currency": "CNY"}
    for _ in range(2):
        made = partner.sdk.refund(
            number, amount, out_trade_no=order, sub_mchid=SERVED, notify_url=partner.shop.notify_url
        )
        assert Shop.ok(made)["out_refund_no"] == number
    heard = listener.wait(partner.shop.path)
    told = partner.sdk.callback(heard.headers, heard.body)["resource"]
    assert (told["sp_mchid"], told["sub_mchid"], told["refund_status"]) == (partner.shop.id, SERVED, "SUCCESS")
    assert Shop.ok(partner.sdk.query_refund(number, sub_mchid=SERVED))["status"] == "SUCCESS"
    assert desk.trade(PROVIDER, order).refunded == Money.of("0.40", "CNY")


@pytest.mark.parametrize("way", ["H5", "JSAPI", "APP"])
def test_the_other_ways_to_pay(partner: Partner, desk: ProviderControl, way: str) -> None:
    payer = {"sub_openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
    more = {"H5": {"scene_info": SCENE}, "JSAPI": {"payer": payer, "sub_appid": APPID}, "APP": {}}[way]
    order, answer = partner.order(way, **more)
    assert set(Shop.ok(answer)) == ({"h5_url"} if way == "H5" else {"prepay_id"})
    desk.approve(PROVIDER, order)
    paid = partner.query(order)
    assert paid["trade_type"] == {"H5": "MWEB", "JSAPI": "JSAPI", "APP": "APP"}[way]
    assert paid["payer"].get("sub_openid") == (payer["sub_openid"] if way == "JSAPI" else None)


def test_a_barcode_and_its_reversal(partner: Partner, desk: ProviderControl) -> None:
    payer = {"auth_code": "130061098828009406"}
    order, answer = partner.order("CODEPAY", payer=payer, scene_info={"store_info": {"id": "1"}})
    assert Shop.ok(answer).items() >= {"trade_state": "SUCCESS", "sub_mchid": SERVED}.items()
    assert Shop.ok(partner.sdk.codepay_reverse(order, sub_mchid=SERVED))["sp_mchid"] == partner.shop.id
    assert partner.query(order)["trade_state"] == "REVOKED"
    assert desk.trade(PROVIDER, order).refunded == Money.of("1.00", "CNY")


def test_an_order_is_closed_by_the_partner_for_the_right_merchant_only(partner: Partner) -> None:
    order, _ = partner.order()
    assert code_of(partner.sdk.close(order, sub_mchid=OTHER)) == (404, "ORDER_NOT_EXIST")
    assert partner.sdk.close(order, sub_mchid=SERVED)[0] == 204
    assert partner.query(order)["trade_state"] == "CLOSED"


def test_a_bill_of_all_or_of_one_merchant(partner: Partner, desk: ProviderControl) -> None:
    orders = {served: partner.order(served=served)[0] for served in (SERVED, OTHER)}
    for order in orders.values():
        desk.approve(PROVIDER, order)
    day = partner.query(orders[SERVED])["success_time"][:10]
    desk.advance(PROVIDER, partner.shop.id, 2 * 86400)
    for served, listed in ((None, set(orders.values())), (SERVED, {orders[SERVED]}), (OTHER, {orders[OTHER]})):
        bill = Shop.ok(partner.sdk.trade_bill(day, tar_type="GZIP", sub_mchid=served))
        file = gzip.decompress(partner.sdk.download_bill(bill["download_url"])[1]).decode()
        assert {order for order in orders.values() if order in file} == listed
        assert served is None or f"`{served}" in file
    nobody = partner.sdk.trade_bill(day, sub_mchid="1900000111")
    assert code_of(nobody) == (400, "NO_STATEMENT_EXIST")


def test_what_a_partner_is_refused(partner: Partner, desk: ProviderControl) -> None:
    assert code_of(partner.order(served="1900000111")[1]) == (403, "NO_AUTH")
    assert code_of(partner.order(sub_appid="wx1")[1]) == (400, "APPID_MCHID_NOT_MATCH")
    assert code_of(partner.order(appid="wx1")[1]) == (400, "APPID_MCHID_NOT_MATCH")
    assert code_of(partner.order(mchid="1")[1]) == (400, "PARAM_ERROR")
    assert code_of(partner.order("JSAPI", payer={"openid": "o"})[1]) == (400, "PARAM_ERROR")
    order, _ = partner.order()
    desk.approve(PROVIDER, order)
    paid = partner.query(order)["transaction_id"]
    amount = {"refund": 1, "total": 100, "currency": "CNY"}
    nobody = (404, "RESOURCE_NOT_EXISTS")
    assert code_of(partner.sdk.query(transaction_id=paid, sub_mchid=OTHER)) == (404, "ORDER_NOT_EXIST")
    assert code_of(partner.sdk.refund("R1", amount, out_trade_no=order, sub_mchid=OTHER)) == nobody
    assert code_of(partner.shop.try_refund(order, 1, 100)) == nobody, "a partner names whom it serves"
    assert Shop.ok(partner.sdk.refund("R1", amount, out_trade_no=order, sub_mchid=SERVED))
    assert code_of(partner.sdk.query_refund("R1", sub_mchid=OTHER)) == nobody
    assert code_of(partner.shop.sdk.query(out_trade_no=order)) == (404, "ORDER_NOT_EXIST"), "it is not its own order"
    target = f"/v3/pay/partner/transactions/out-trade-no/{order}?sp_mchid={partner.shop.id}"
    assert code_of(partner.shop.send("GET", target)) == (400, "PARAM_ERROR")
