"""The WeChat Pay simulator, as the unmodified `wechatpayv3` and a browser meet it."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
import segno
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser
from wechatpayv3 import WeChatPayType

from fixtures.money import Money
from fixtures.providers.client import ProviderControl
from fixtures.providers.common.ground import Ground
from fixtures.providers.wechatpay import rules
from fixtures.providers.wechatpay.cashier import WeChatPayCashier
from fixtures.providers.wechatpay.notifications import Notifier
from fixtures.providers.wechatpay.pages import ScanPage
from fixtures.providers.wechatpay.probes import Probes
from fixtures.providers.wechatpay.trading import Trading
from tests.suite.providers import Listener, launch
from tests.suite.wechatpay import (  # noqa: F401
    NOBODY,
    PROVIDER,
    REFUNDS,
    Shop,
    code_of,
    desk,
    open_shop,
    order_number,
    paid,
    sdk,
    shop,
    trust,
)

# A payment, from the order to the notification


@pytest.mark.parametrize("by_certificate", [False, True], ids=["public key", "platform certificate"])
def test_the_sdk_buys_and_hears_of_it(
    open_shop: Callable[..., Shop],
    desk: ProviderControl,
    listener: Listener,
    by_certificate: bool,
) -> None:
    shop = open_shop(listener.url("/heard"), by_certificate=by_certificate)
    order, code_url = shop.native(attach="自定义")
    assert code_url.startswith("weixin://wxpay/bizpayurl?pr=")
    unpaid = shop.query(order)
    assert (unpaid["trade_state"], "transaction_id" in unpaid) == ("NOTPAY", False)

    desk.approve(PROVIDER, order)
    heard = listener.wait(shop.path)
    told = shop.understand(heard)
    assert (told["event_type"], told["resource_type"]) == ("TRANSACTION.SUCCESS", "encrypt-resource")
    paid = told["resource"]
    assert paid["amount"]["total"] == 8880
    assert (paid["out_trade_no"], paid["attach"], paid["trade_state"]) == (order, "自定义", "SUCCESS")
    assert heard.headers["wechatpay-serial"].startswith("PUB_KEY_ID_") is not by_certificate
    assert shop.query(order) == paid
    assert shop.ok(shop.sdk.query(transaction_id=paid["transaction_id"])) == paid
    trade = desk.trade(PROVIDER, order)
    assert (trade.id, trade.captured) == (paid["transaction_id"], Money.of("88.80", "CNY"))


def test_a_merchant_with_a_certificate_is_answered_by_the_public_key_when_it_asks(
    open_shop: Callable[..., Shop],
) -> None:
    shop = open_shop(by_certificate=True)
    asking = sdk(shop.keys, shop.notify_url)
    order, _ = shop.native()
    assert shop.ok(asking.query(out_trade_no=order))["trade_state"] == "NOTPAY"


@pytest.mark.parametrize("way", ["h5", "jsapi", "app"])
def test_the_other_ways_to_pay(shop: Shop, desk: ProviderControl, way: str) -> None:
    more = {
        "h5": {"scene_info": {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}},
        "jsapi": {"payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}},
        "app": {},
    }[way]
    order = order_number()
    kind = WeChatPayType[way.upper()]
    answer = shop.ok(shop.sdk.pay("一件商品", order, {"total": 1}, pay_type=kind, **more))
    trade = desk.trade(PROVIDER, order)
    if way == "h5":
        assert answer == {"h5_url": trade.cashier_url}
    else:
        assert answer == {"prepay_id": trade.id}
    assert "支付" in shop.wire.get(trade.cashier_url).text
    desk.approve(PROVIDER, order)
    paid = shop.query(order)
    assert paid["trade_type"] == {"h5": "MWEB", "jsapi": "JSAPI", "app": "APP"}[way]
    if way == "jsapi":
        assert paid["payer"] == more["payer"]


def test_a_declined_payment_leaves_the_order_open(shop: Shop, desk: ProviderControl) -> None:
    order, _ = shop.native()
    desk.decline(PROVIDER, order)
    desk.abandon(PROVIDER, order)
    assert shop.state(order) == "NOTPAY"
    assert desk.deliveries(PROVIDER, order) == []
    desk.approve(PROVIDER, order)
    assert shop.state(order) == "SUCCESS"


def test_the_same_order_again_is_the_same_trade(shop: Shop, desk: ProviderControl) -> None:
    order, code_url = shop.native()
    assert shop.native(number=order) == (order, code_url)
    desk.advance(PROVIDER, shop.id, rules.PRODUCTS["native"].link_seconds)
    assert shop.native(number=order)[1] != code_url, "a lapsed code is replaced"
    assert len(desk.trades(PROVIDER, order)) == 1


def test_a_closed_order_cannot_be_paid(shop: Shop, desk: ProviderControl) -> None:
    order, _ = shop.native()
    assert shop.sdk.close(order)[0] == 204  # the SDK verified the signature of the empty body
    assert shop.sdk.close(order)[0] == 204
    assert shop.state(order) == "CLOSED"
    with pytest.raises(Exception, match="ORDER_CLOSED"):
        desk.approve(PROVIDER, order)
    assert desk.ledger(PROVIDER, order) == []


def test_an_order_past_its_time_cannot_be_paid_and_stays_open(shop: Shop, desk: ProviderControl) -> None:
    order, _ = shop.native(time_expire=rfc3339(time.time() + 600))
    desk.advance(PROVIDER, shop.id, 601)
    with pytest.raises(Exception, match="过期"):
        desk.approve(PROVIDER, order)
    assert shop.state(order) == "NOTPAY"
    assert shop.sdk.close(order)[0] == 204


@pytest.mark.parametrize("time_expire", ["2020-01-01T00:00:00+08:00", "0001-01-01T00:00:00+14:00"])
def test_an_early_time_expire_is_moved_to_one_minute(shop: Shop, desk: ProviderControl, time_expire: str) -> None:
    order, _ = shop.native(time_expire=time_expire)
    desk.approve(PROVIDER, order)
    assert shop.state(order) == "SUCCESS"


def rfc3339(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(seconds))


# Refunds


def test_two_partial_refunds_and_no_more_than_was_paid(shop: Shop, desk: ProviderControl, listener: Listener) -> None:
    order, _ = shop.native()
    desk.approve(PROVIDER, order)
    listener.wait(shop.path)
    for amount in (5000, 3800):
        accepted = shop.refund(order, amount, reason="尺码不合", notify_url=shop.notify_url)
        assert accepted["status"] == "PROCESSING"
        told = shop.understand(listener.wait(shop.path))
        assert (told["event_type"], told["resource"]["refund_status"]) == ("REFUND.SUCCESS", "SUCCESS")
        assert told["resource"]["amount"]["refund"] == amount
        assert told["resource"]["out_refund_no"] == accepted["out_refund_no"]
        done = shop.ok(shop.sdk.query_refund(accepted["out_refund_no"]))
        assert (done["status"], done["refund_id"]) == ("SUCCESS", accepted["refund_id"])
    assert code_of(shop.try_refund(order, 81)) == (400, "INVALID_REQUEST")
    assert shop.state(order) == "REFUND"
    assert desk.trade(PROVIDER, order).refunded == Money.of("88.00", "CNY")
    assert [entry.kind for entry in desk.ledger(PROVIDER, order)] == ["payment", "refund", "refund"]


def test_a_repeated_refund_number_refunds_once(shop: Shop, desk: ProviderControl) -> None:
    order, _ = shop.native()
    desk.approve(PROVIDER, order)
    number = order_number()
    first, second = shop.refund(order, 100, number=number), shop.refund(order, 100, number=number)
    assert first["refund_id"] == second["refund_id"]
    assert code_of(shop.try_refund(order, 101, number=number)) == (400, "INVALID_REQUEST")
    assert code_of(shop.try_refund(order, 100, 8881, number=number)) == (400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    ("outcome", "status", "left"),
    [("success", "SUCCESS", "REFUND"), ("abnormal", "ABNORMAL", "REFUND"), ("closed", "CLOSED", "SUCCESS")],
)
def test_a_held_refund_waits_to_be_settled(
    shop: Shop,
    desk: ProviderControl,
    listener: Listener,
    outcome: str,
    status: str,
    left: str,
) -> None:
    order, _ = shop.native()
    desk.approve(PROVIDER, order)
    listener.wait(shop.path)
    with desk.fault(PROVIDER, "refund", "pending", reference=order):
        number = shop.refund(order, 8880, notify_url=shop.notify_url)["out_refund_no"]
    assert code_of(shop.try_refund(order, 1)) == (400, "INVALID_REQUEST"), "what is under way is not refundable"
    desk.settle_refund(PROVIDER, number, outcome)
    told = shop.understand(listener.wait(shop.path))
    assert (told["event_type"], told["resource"]["refund_status"]) == (f"REFUND.{status}", status)
    assert shop.ok(shop.sdk.query_refund(number))["status"] == status
    assert shop.state(order) == left
    assert desk.trade(PROVIDER, order).refunded == Money(8880 if outcome == "success" else 0, "CNY")
    again = shop.try_refund(order, 8880)[0]
    assert again == (200 if outcome == "closed" else 400), "only a closed refund frees its amount"


@pytest.mark.parametrize("type", ["USER_BANK_CARD", "MERCHANT_BANK_CARD"])
def test_an_abnormal_refund_goes_to_a_bank_card(
    shop: Shop, desk: ProviderControl, listener: Listener, type: str
) -> None:
    order = paid(shop, desk)
    listener.wait(shop.path)
    with desk.fault(PROVIDER, "refund", "pending", reference=order):
        refund = shop.refund(order, 8880, notify_url=shop.notify_url)
    id, number = refund["refund_id"], refund["out_refund_no"]
    card = {"bank_type": "CMB_DEBIT", "bank_account": "6225880137706868", "real_name": "张三"}
    if type == "MERCHANT_BANK_CARD":
        card = {}
    assert code_of(shop.sdk.abnormal_refund(id, number, type, **card)) == (400, "INVALID_REQUEST")
    desk.settle_refund(PROVIDER, number, "abnormal")
    listener.wait(shop.path)
    again = shop.ok(shop.sdk.abnormal_refund(id, number, type, **card))
    assert (again["status"], again["channel"]) == ("PROCESSING", "OTHER_BANKCARD")
    assert shop.understand(listener.wait(shop.path))["event_type"] == "REFUND.SUCCESS"
    assert desk.trade(PROVIDER, order).refunded == Money.of("88.80", "CNY")


def test_a_refund_needs_no_notification_address(shop: Shop, desk: ProviderControl) -> None:
    order, _ = shop.native()
    desk.approve(PROVIDER, order)
    body = {
        "out_trade_no": order,
        "out_refund_no": order_number(),
        "amount": {"refund": 1, "total": 8880, "currency": "CNY"},
    }
    with desk.fault(PROVIDER, "refund", "pending", reference=order):
        assert shop.send("POST", REFUNDS, json.dumps(body)).status_code == 200
    desk.settle_refund(PROVIDER, body["out_refund_no"], "success")
    assert [one.event for one in desk.deliveries(PROVIDER, order)] == ["payment"]


def test_the_console_refunds_without_the_shop(shop: Shop, desk: ProviderControl) -> None:
    order, _ = shop.native()
    desk.approve(PROVIDER, order)
    desk.console_refund(PROVIDER, order, Money.of("8.80", "CNY"))
    assert shop.state(order) == "REFUND"
    with pytest.raises(Exception, match="INVALID_REQUEST"):
        desk.console_refund(PROVIDER, order, Money.of("80.01", "CNY"))


# Delivery


def test_an_unacknowledged_notification_comes_again_with_the_same_id(
    shop: Shop,
    desk: ProviderControl,
    listener: Listener,
) -> None:
    listener.answer = lambda _: (500, '{"code":"FAIL","message":"失败"}')
    order = paid(shop, desk)
    ids = {shop.understand(listener.wait(shop.path))["id"]}
    desk.advance(PROVIDER, shop.id, rules.RETRIES[0])
    ids.add(shop.understand(listener.wait(shop.path))["id"])
    assert len(ids) == 1
    listener.answer = lambda _: (204, "")
    (delivery,) = desk.deliveries(PROVIDER, order)
    assert desk.deliver(delivery).state == "delivered"


def test_the_schedule_is_fifteen_steps_over_a_day() -> None:
    assert (len(rules.RETRIES), sum(rules.RETRIES)) == (15, 24 * 3600 + 4 * 60)


# The buyer's page, and a crash


def test_the_code_a_phone_reads_leads_to_the_page(
    shop: Shop, desk: ProviderControl, browser: Browser, tmp_path: Path
) -> None:
    order, code_url = shop.native()
    segno.make(code_url).save(tmp_path / "code.png", scale=5)
    (read,) = zxingcpp.read_barcodes(Image.open(tmp_path / "code.png"))
    page = browser.new_page(ignore_https_errors=True)
    page.goto(WeChatPayCashier.address(desk.public_url, read.text))
    cashier = WeChatPayCashier(page)
    assert (cashier.amount(), cashier.subject()) == (Money.of("88.80", "CNY"), "一件商品")
    assert cashier.merchant() == "Ashore Test Shop"
    cashier.decline()
    cashier.abandon()
    assert shop.state(order) == "NOTPAY"
    page.go_back()
    cashier.approve()
    assert shop.state(order) == "SUCCESS"
    page.close()


def test_a_person_scans_without_a_phone(shop: Shop, desk: ProviderControl, browser: Browser) -> None:
    order, code_url = shop.native()
    closed, _ = shop.native()
    shop.sdk.close(closed)
    page = browser.new_page(ignore_https_errors=True)
    page.goto(f"{desk.public_url}/wechatpay/scan")
    assert closed not in page.content()
    page.get_by_role("link", name=order).click()
    assert WeChatPayCashier(page).amount() == Money.of("88.80", "CNY")
    page.go_back()
    page.get_by_label("二维码内容").fill(code_url)
    page.get_by_role("button", name="识别").click()
    WeChatPayCashier(page).approve()
    assert shop.state(order) == "SUCCESS"
    page.close()


def test_elsewhere_the_phone_lists_no_codes(tmp_path: Path) -> None:
    for address, listed in (("https://pay.staging.example", None), ("https://127.0.0.1:8443", [])):
        ground = Ground(tmp_path, address)
        trading = Trading(ground, Notifier(ground.outbox, Probes()))
        assert ScanPage(ground, trading).waiting() == listed
        ground.store.close()


def test_the_cashier_page_on_the_wire(shop: Shop, desk: ProviderControl) -> None:
    order, code_url = shop.native()
    page = desk.trade(PROVIDER, order).cashier_url
    assert code_url == desk.trade(PROVIDER, order).qr_code
    assert "88.80" in shop.wire.get(page).text
    declined = shop.wire.post(page, data={"choice": "decline"}, follow_redirects=True)
    assert "支付失败" in declined.text
    assert "支付已取消" in shop.wire.post(page, data={"choice": "abandon"}).text
    assert "立即支付" in shop.wire.post(page, data={"choice": "nonsense"}, follow_redirects=True).text
    for _ in range(2):
        assert "支付成功" in shop.wire.post(page, data={"choice": "approve"}, follow_redirects=True).text
    assert len(desk.ledger(PROVIDER, order)) == 1
    for code in ("", "weixin://wxpay/bizpayurl?pr=", "weixin://wxpay/bizpayurl?pr=" + "f" * 40, code_url[:-1] + "x"):
        lapsed = shop.wire.get(page.partition("?")[0], params={"code": code})
        assert (lapsed.status_code, "失效" in lapsed.text) == (404, True)


def test_the_page_leads_back_to_web_addresses_only(shop: Shop, desk: ProviderControl) -> None:
    scene = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
    answer = shop.sdk.pay("一件商品", order_number(), {"total": 1}, scene_info=scene, pay_type=WeChatPayType.H5)
    page = shop.ok(answer)["h5_url"]
    left = shop.wire.post(f"{page}&redirect_url=https%3A%2F%2Fshop.example%2Fdone", data={"choice": "abandon"})
    assert 'href="https://shop.example/done"' in left.text
    left = shop.wire.post(f"{page}&redirect_url=javascript%3Aalert(1)", data={"choice": "abandon"})
    assert "返回商家" not in left.text
    desk.advance(PROVIDER, shop.id, rules.PRODUCTS["h5"].link_seconds)
    assert "失效" in shop.wire.get(page).text


def test_an_accepted_refund_survives_a_kill(tmp_path: Path) -> None:
    first = launch(tmp_path)
    control = ProviderControl(f"{first.url}/control", first.token, trust(first))
    keys = control.create_merchant(PROVIDER)
    with httpx.Client(verify=trust(first)) as wire, pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(first.ca))
        shop = Shop(keys["mchid"], keys, sdk(keys, NOBODY), NOBODY, wire)
        order = paid(shop, control)
        number = shop.refund(order, 8880)["out_refund_no"]
        first.stop(kill=True)
        second = launch(tmp_path, port=int(first.url.rpartition(":")[2]))
        restarted = ProviderControl(f"{second.url}/control", second.token, trust(second))
        restarted.advance(PROVIDER, shop.id, 1)
        assert shop.ok(shop.sdk.query_refund(number))["status"] == "SUCCESS"
        assert [entry.kind for entry in restarted.ledger(PROVIDER, order)] == ["payment", "refund"]
        second.stop()
