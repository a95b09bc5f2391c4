"""Combined payments (合单支付) of the WeChat Pay simulator, through the unmodified `wechatpayv3`."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from wechatpayv3 import WeChatPayType

from fixtures.money import Money
from fixtures.providers.client import ProviderControl
from fixtures.providers.wechatpay import rules
from tests.suite.providers import Listener
from tests.suite.wechatpay import PROVIDER, Json, Shop, code_of, desk, open_shop, order_number  # noqa: F401

Answer = tuple[int, str]


@dataclass
class Market:
    """Who combines: it sells beside another merchant."""

    shop: Shop
    beside: Shop

    def sub(self, of: Shop, total: int, **changes: Any) -> Json:
        amount = {"total_amount": total, "currency": "CNY"}
        return {
            "mchid": of.id, "out_trade_no": order_number(), "attach": "店", "description": "一件商品", "amount": amount,
            **changes,
        }  # fmt: skip

    def place(self, *subs: Json, number: str = "", **more: Any) -> tuple[str, list[Json], Answer]:
        number = number or order_number()
        orders = list(subs) or [self.sub(self.shop, 100), self.sub(self.beside, 250)]
        return number, orders, self.shop.sdk.combine_pay(number, orders, **more)

    def query(self, number: str) -> Json:
        return Shop.ok(self.shop.sdk.combine_query(number))

    def states(self, number: str) -> list[str]:
        return [sub["trade_state"] for sub in self.query(number)["sub_orders"]]

    def close(self, number: str, orders: list[Json], **more: Any) -> Answer:
        named = [{name: order[name] for name in ("mchid", "out_trade_no")} for order in orders]
        answer: Answer = self.shop.sdk.combine_close(number, named, **more)
        return answer


@pytest.fixture
def market(open_shop: Callable[..., Shop], listener: Listener) -> Market:
    beside = open_shop()
    return Market(open_shop(listener.url(f"/{secrets.token_hex(8)}"), combines=[beside.id]), beside)


def test_nobodys_orders_are_combined_unasked(market: Market, open_shop: Callable[..., Shop]) -> None:
    stranger = open_shop()
    unasked = market.sub(stranger, 100)
    _, _, answer = market.place(market.sub(market.shop, 100), unasked)
    assert code_of(answer) == (403, "NO_AUTH")
    number, _ = stranger.native(number=unasked["out_trade_no"])
    assert stranger.state(number) == "NOTPAY", "its number is its own"


def test_all_orders_are_paid_in_one_go_and_told_once(market: Market, desk: ProviderControl, listener: Listener) -> None:
    number, (one, other), answer = market.place()
    assert Shop.ok(answer)["code_url"].startswith("weixin://")
    assert market.states(number) == ["NOTPAY", "NOTPAY"]
    trades = [desk.trade(PROVIDER, order["out_trade_no"]) for order in (one, other)]
    assert trades[0].cashier_url == trades[1].cashier_url, "there is one page to pay on"
    assert "3.50" in market.shop.wire.get(trades[0].cashier_url).text

    desk.approve(PROVIDER, other["out_trade_no"])
    told = market.shop.understand(listener.wait(market.shop.path))
    assert (told["event_type"], told["resource"]) == ("TRANSACTION.SUCCESS", market.query(number))
    whole = told["resource"]
    assert (whole["combine_mchid"], whole["combine_out_trade_no"]) == (market.shop.id, number)
    assert [sub["trade_state"] for sub in whole["sub_orders"]] == ["SUCCESS", "SUCCESS"]
    assert [sub["amount"]["payer_amount"] for sub in whole["sub_orders"]] == [100, 250]
    assert len(desk.deliveries(PROVIDER, number)) == 1
    assert [desk.deliveries(PROVIDER, order["out_trade_no"]) for order in (one, other)] == [[], []]
    crafted = desk.craft(PROVIDER, one["out_trade_no"])
    assert market.shop.sdk.callback(crafted.headers, crafted.body)["resource"] == whole


def test_each_order_has_its_own_books(market: Market, desk: ProviderControl) -> None:
    number, (one, other), _ = market.place()
    desk.approve(PROVIDER, one["out_trade_no"])
    for order, shop, total in ((one, market.shop, 100), (other, market.beside, 250)):
        (entry,) = desk.ledger(PROVIDER, order["out_trade_no"])
        assert (entry.merchant, entry.amount) == (shop.id, Money(total, "CNY"))
        assert shop.query(order["out_trade_no"])["amount"]["total"] == total
    assert code_of(market.shop.try_refund(other["out_trade_no"], 1, 250)) == (404, "RESOURCE_NOT_EXISTS")
    market.beside.refund(other["out_trade_no"], 250, 250)
    assert market.states(number) == ["SUCCESS", "REFUND"]
    assert code_of(market.beside.try_refund(other["out_trade_no"], 1, 250)) == (400, "INVALID_REQUEST")


def test_all_or_none(market: Market, desk: ProviderControl) -> None:
    expiry = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(time.time() + 3600))
    number, (one, other), _ = market.place(time_expire=expiry)
    desk.decline(PROVIDER, one["out_trade_no"])
    assert market.states(number) == ["NOTPAY", "NOTPAY"]
    desk.advance(PROVIDER, market.beside.id, 7200)  # the second order is past its time, the first is not
    with pytest.raises(Exception, match="过期"):
        desk.approve(PROVIDER, one["out_trade_no"])
    assert [desk.ledger(PROVIDER, order["out_trade_no"]) for order in (one, other)] == [[], []]
    assert market.states(number) == ["NOTPAY", "NOTPAY"]
    assert desk.deliveries(PROVIDER, number) == []


@pytest.mark.parametrize("way", ["h5", "jsapi", "app"])
def test_the_other_ways_to_pay(market: Market, desk: ProviderControl, way: str) -> None:
    payer = {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}
    scene = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
    more = {"h5": {"scene_info": scene}, "jsapi": {"combine_payer_info": payer}, "app": {}}[way]
    number, (one, _), answer = market.place(pay_type=WeChatPayType[way.upper()], **more)
    assert set(Shop.ok(answer)) == ({"h5_url"} if way == "h5" else {"prepay_id"})
    page = desk.trade(PROVIDER, one["out_trade_no"]).cashier_url
    assert "支付成功" in market.shop.wire.post(page, data={"choice": "approve"}, follow_redirects=True).text
    paid = market.query(number)
    kind = {"h5": "MWEB", "jsapi": "JSAPI", "app": "APP"}[way]
    assert [sub["trade_type"] for sub in paid["sub_orders"]] == [kind, kind]
    if way == "jsapi":
        assert paid["combine_payer_info"] == payer


def test_the_same_again_is_the_same(market: Market, desk: ProviderControl) -> None:
    number, orders, answer = market.place()
    assert market.place(*orders, number=number)[2] == answer
    changed = [orders[0], {**orders[1], "attach": "别"}]
    assert code_of(market.place(*changed, number=number)[2]) == (403, "OUT_TRADE_NO_USED")
    assert code_of(market.place(*orders)[2]) == (403, "OUT_TRADE_NO_USED")
    desk.approve(PROVIDER, orders[0]["out_trade_no"])
    assert code_of(market.place(*orders, number=number)[2]) == (400, "ORDERPAID")
    assert code_of(market.close(number, orders)) == (400, "ORDERPAID")


def test_what_is_combined_is_closed_together(market: Market, desk: ProviderControl) -> None:
    number, orders, _ = market.place()
    assert code_of(market.close(number, orders[:1])) == (400, "INVALID_REQUEST")
    assert code_of(market.shop.sdk.close(orders[0]["out_trade_no"])) == (400, "INVALID_REQUEST")
    assert code_of(market.close(number, orders, combine_appid="wx1")) == (400, "APPID_MCHID_NOT_MATCH")
    assert market.states(number) == ["NOTPAY", "NOTPAY"]
    for _ in range(2):
        assert market.close(number, orders)[0] == 204
    assert market.states(number) == ["CLOSED", "CLOSED"]
    assert code_of(market.place(*orders, number=number)[2]) == (400, "ORDER_CLOSED")
    with pytest.raises(Exception, match="ORDER_CLOSED"):
        desk.approve(PROVIDER, orders[1]["out_trade_no"])


def test_what_cannot_be_combined(market: Market, desk: ProviderControl) -> None:
    good = market.sub(market.shop, 100)
    free = rules.SINGLE_PAYMENT_LIMIT
    for subs, refused in (
        ([good, good], (400, "INVALID_REQUEST")),
        ([good, {**good, "mchid": "1"}], (400, "MCH_NOT_EXISTS")),
        ([good, market.sub(market.beside, free)], (403, "RULE_LIMIT")),
        ([good, market.sub(market.beside, 1, sub_mchid="1900000109")], (403, "NO_AUTH")),
        ([good, market.sub(market.beside, 0)], (400, "PARAM_ERROR")),
        ([market.sub(market.beside, 1) for _ in range(rules.SUB_ORDERS + 1)], (400, "PARAM_ERROR")),
    ):
        assert code_of(market.place(*subs)[2]) == refused
    assert desk.trades(PROVIDER, good["out_trade_no"]) == [], "nothing is left of what was refused"
    assert code_of(market.place(good, combine_appid="wx1")[2]) == (400, "APPID_MCHID_NOT_MATCH")
    assert code_of(market.place(good, combine_mchid="1")[2]) == (400, "PARAM_ERROR")
    assert code_of(market.shop.sdk.combine_query("nowhere")) == (404, "ORDER_NOT_EXIST")
    number, _, answer = market.place(good)
    assert Shop.ok(answer)
    assert code_of(market.beside.sdk.combine_query(number)) == (404, "ORDER_NOT_EXIST")
