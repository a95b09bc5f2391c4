"""The WeChat Pay simulator against the unmodified `wechatpayv3`, and on the wire."""

# ruff: noqa: F811 (pytest fixtures are imported, and then are arguments)
from __future__ import annotations

import base64
import json
import secrets
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.utils import aes_decrypt, build_authorization, load_private_key, rsa_verify

from fixtures.money import Money
from fixtures.providers.client import ProviderControl
from fixtures.providers.wechatpay import rules
from tests.suite.providers import Heard, Listener, Simulators, launch, listener, simulators  # noqa: F401

PROVIDER = "wechatpay"
NATIVE = "/v3/pay/transactions/native"
REFUNDS = "/v3/refund/domestic/refunds"
Json = dict[str, Any]


@dataclass
class Shop:
    """A merchant with the SDK in its hands. `path` is where it hears its notifications."""

    id: str
    keys: Json
    sdk: WeChatPay
    notify_url: str
    path: str
    wire: httpx.Client

    def native(self, total: int = 8880, number: str = "", **more: Any) -> tuple[str, str]:
        """A Native order: its out_trade_no and its code_url."""
        number = number or order_number()
        answer = self.ok(self.sdk.pay("一件商品", number, {"total": total}, pay_type=WeChatPayType.NATIVE, **more))
        return number, answer["code_url"]

    def refund(self, order: str, refund: int, total: int = 8880, number: str = "", **more: Any) -> Json:
        return self.ok(self.try_refund(order, refund, total, number, **more))

    def try_refund(self, order: str, refund: int, total: int = 8880, number: str = "", **more: Any) -> tuple[int, str]:
        amount = {"refund": refund, "total": total, "currency": "CNY"}
        answer: tuple[int, str] = self.sdk.refund(number or order_number(), amount, out_trade_no=order, **more)
        return answer

    def query(self, order: str) -> Json:
        return self.ok(self.sdk.query(out_trade_no=order))

    def state(self, order: str) -> str:
        state: str = self.query(order)["trade_state"]
        return state

    def understand(self, heard: Heard) -> Json:
        """A notification as the SDK's own callback verifies and decrypts it."""
        told: Json | None = self.sdk.callback(heard.headers, heard.body)
        assert told, "the SDK refused the notification"
        return told

    def send(self, method: str, target: str, body: str = "", key: str = "", **changes: Any) -> httpx.Response:
        """A request signed by hand; `changes` go into its headers, None removes one."""
        private = load_private_key(key or self.keys["merchant_private_key"])
        authorization = build_authorization(target, method, self.id, self.keys["merchant_serial"], private, body)
        headers = {"authorization": authorization, "accept": "application/json", "user-agent": "test"}
        headers = {name: value for name, value in {**headers, **changes}.items() if value is not None}
        request = self.wire.build_request(method, self.keys["gateway"] + target, content=body)
        for name in ("accept", "user-agent"):
            request.headers.pop(name, None)
        request.headers.update(headers)
        return self.wire.send(request)

    def order(self, **changes: Any) -> Json:
        """The body of a good Native order, with `changes`; None removes a field."""
        body = {
            "appid": self.keys["appid"],
            "mchid": self.id,
            "description": "一件商品",
            "out_trade_no": order_number(),
            "notify_url": self.notify_url,
            "amount": {"total": 8880, "currency": "CNY"},
            **changes,
        }
        return {name: value for name, value in body.items() if value is not None}

    @staticmethod
    def ok(answer: tuple[int, str]) -> Json:
        status, body = answer
        assert status == 200, f"{status} {body}"
        told: Json = json.loads(body)
        return told


def order_number() -> str:
    return f"T{secrets.token_hex(12)}"


def code_of(answer: tuple[int, str] | httpx.Response) -> tuple[int, str]:
    """Status and error code of a refused answer."""
    if isinstance(answer, httpx.Response):
        return answer.status_code, answer.json()["code"]
    return answer[0], json.loads(answer[1])["code"]


@pytest.fixture(scope="module")
def desk(simulators: Simulators) -> Iterator[ProviderControl]:
    control = ProviderControl(f"{simulators.url}/control", simulators.token, trust(simulators))
    yield control
    control.close()


def trust(running: Simulators) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=running.ca)


@pytest.fixture
def open_shop(desk: ProviderControl, simulators: Simulators, listener: Listener) -> Iterator[Callable[..., Shop]]:
    with httpx.Client(verify=trust(simulators)) as wire:

        def open_shop(*, by_certificate: bool = False, **settings: Any) -> Shop:
            if by_certificate:
                settings["signs_with"] = "certificate"
            keys = desk.create_merchant(PROVIDER, **settings)
            path = f"/{secrets.token_hex(8)}"
            return Shop(
                keys["mchid"], keys, sdk(keys, listener.url(path), by_certificate), listener.url(path), path, wire
            )

        yield open_shop


def sdk(keys: Json, notify_url: str, by_certificate: bool = False, **changes: Any) -> WeChatPay:
    """The SDK, led to the simulator by the one attribute that says where WeChat Pay is."""
    public = {} if by_certificate else {"public_key": keys["public_key"], "public_key_id": keys["public_key_id"]}
    settings = {
        "wechatpay_type": WeChatPayType.NATIVE,
        "mchid": keys["mchid"],
        "private_key": keys["merchant_private_key"],
        "cert_serial_no": keys["merchant_serial"],
        "appid": keys["appid"],
        "apiv3_key": keys["apiv3_key"],
        "notify_url": notify_url,
        **public,
        **changes,
    }
    if by_certificate:
        # In certificate mode the constructor asks for the certificates already.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("wechatpayv3.core.Core._init_certificates", lambda _: None)
            made = WeChatPay(**settings)
        made._core._gate_way = keys["gateway"]
        made._core._init_certificates()
        return made
    made = WeChatPay(**settings)
    made._core._gate_way = keys["gateway"]
    return made


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop()


# A payment, from the order to the notification


@pytest.mark.parametrize("by_certificate", [False, True], ids=["public key", "platform certificate"])
def test_the_sdk_buys_and_hears_of_it(
    open_shop: Callable[..., Shop],
    desk: ProviderControl,
    listener: Listener,
    by_certificate: bool,
) -> None:
    shop = open_shop(by_certificate=by_certificate)
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


# Every error code, by what a merchant does or on command


def paid(shop: Shop, desk: ProviderControl, total: int = 8880) -> str:
    order, _ = shop.native(total)
    desk.approve(PROVIDER, order)
    return order


def twice(shop: Shop) -> tuple[int, str]:
    order, _ = shop.native()
    answer: tuple[int, str] = shop.sdk.pay("别的商品", order, {"total": 8880})
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


def as_nobody(shop: Shop, target: str, method: str = "GET") -> httpx.Response:
    nobody = Shop("1", shop.keys, shop.sdk, "", "", shop.wire)
    return nobody.send(method, target)


NATURAL: dict[tuple[int, str], Callable[[Shop, ProviderControl], Any]] = {
    (400, "PARAM_ERROR"): lambda shop, _: shop.sdk.pay("一件商品", order_number(), {"total": 0}),
    (400, "INVALID_REQUEST"): lambda shop, desk: shop.try_refund(paid(shop, desk), 8881),
    (400, "APPID_MCHID_NOT_MATCH"): lambda shop, _: shop.sdk.pay("商品", order_number(), {"total": 1}, appid="wx1"),
    (400, "MCH_NOT_EXISTS"): lambda shop, _: as_nobody(shop, NATIVE, "POST"),
    (404, "MCH_NOT_EXISTS"): lambda shop, _: as_nobody(shop, f"{REFUNDS}/R1"),
    (400, "ORDER_CLOSED"): lambda shop, _: closed(shop),
    (400, "ORDERPAID"): lambda shop, desk: shop.sdk.close(paid(shop, desk)),
    (401, "SIGN_ERROR"): lambda shop, _: shop.send("GET", "/v3/certificates", authorization=None),
    (403, "OUT_TRADE_NO_USED"): lambda shop, _: twice(shop),
    (403, "RULE_LIMIT"): lambda shop, _: shop.sdk.pay("商品", order_number(), {"total": 10**12}),
    (403, "TRADE_OVERDUE"): late,
    (404, "ORDER_NOT_EXIST"): lambda shop, _: shop.sdk.query(out_trade_no="nowhere"),
    (404, "RESOURCE_NOT_EXISTS"): lambda shop, _: shop.try_refund(shop.native()[0], 1),
}
IN_SETTINGS: dict[tuple[int, str], tuple[Json, Callable[[Shop, ProviderControl], Any]]] = {
    (403, "NO_AUTH"): ({"products": ["jsapi"]}, lambda shop, _: shop.sdk.pay("商品", order_number(), {"total": 1})),
    (429, "FREQUENCY_LIMITED"): ({"refund_spacing": True}, hurried),
}
ON_COMMAND = (
    "USER_PAYING", "ACCOUNT_ERROR", "NOT_ENOUGH", "TRADE_ERROR", "USER_ACCOUNT_ABNORMAL", "BANK_ERROR",
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


# Bad input


@pytest.mark.parametrize(
    "body",
    [
        "", "{", "[]", "null", '"text"', "\ufeff{}", '{"amount":', "9" * 5000, '{"a":' * 5000,
        '{"description":"\\ud800"}', base64.b64encode(secrets.token_bytes(30)).decode(),
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


# The buyer's page, and a crash


def test_the_cashier_page_on_the_wire(shop: Shop, desk: ProviderControl) -> None:
    order, code_url = shop.native()
    page = desk.trade(PROVIDER, order).cashier_url
    assert code_url == desk.trade(PROVIDER, order).qr_code
    assert "￥88.80" in shop.wire.get(page).text
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
    assert "javascript:alert" not in left.text.replace("%3A", ":").split("返回商家")[0].split("重新支付")[1]
    desk.advance(PROVIDER, shop.id, rules.PRODUCTS["h5"].link_seconds)
    assert "失效" in shop.wire.get(page).text


def test_an_accepted_refund_survives_a_kill(tmp_path: Any) -> None:
    first = launch(tmp_path)
    control = ProviderControl(f"{first.url}/control", first.token, trust(first))
    keys = control.create_merchant(PROVIDER)
    with httpx.Client(verify=trust(first)) as wire, pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(first.ca))
        shop = Shop(keys["mchid"], keys, sdk(keys, "https://127.0.0.1:1/"), "https://127.0.0.1:1/", "/", wire)
        order = paid(shop, control)
        number = shop.refund(order, 8880)["out_refund_no"]
        first.stop(kill=True)
        second = launch(tmp_path, port=int(first.url.rpartition(":")[2]))
        restarted = ProviderControl(f"{second.url}/control", second.token, trust(second))
        restarted.advance(PROVIDER, shop.id, 1)
        assert shop.ok(shop.sdk.query_refund(number))["status"] == "SUCCESS"
        assert [entry.kind for entry in restarted.ledger(PROVIDER, order)] == ["payment", "refund"]
        second.stop()
