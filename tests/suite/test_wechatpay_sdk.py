"""A whole purchase with the unmodified `wechatpayv3`: both its halves, both its modes, and what each refuses."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import gzip
import hashlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from wechatpayv3.async_ import AsyncWeChatPay
from wechatpayv3.async_ import WeChatPayType as AsyncType

from fixtures.money import Money
from fixtures.providers.client import ProviderControl
from tests.suite.providers import Listener
from tests.suite.wechatpay import PROVIDER, Json, Shop, code_of, desk, open_shop, paid, settings_of  # noqa: F401

DAY = 86400


class Waiting:
    """An asynchronous SDK whose every coroutine is waited for, in a thread with a loop of its own: Playwright's loop
    runs in this one."""

    def __init__(self, portal: BlockingPortal, sdk: AsyncWeChatPay) -> None:
        self._portal = portal
        self._sdk = sdk

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._sdk, name)
        if not inspect.iscoroutinefunction(found):
            return found
        return lambda *values, **named: self._portal.call(partial(found, *values, **named))


@pytest.fixture(scope="module")
def asynchronous(simulators: Any) -> Iterator[Callable[..., Any]]:
    """`asynchronous(keys, notify_url, by_certificate, **changes)`: the SDK's other half, opened until the end."""
    with start_blocking_portal() as portal, ExitStack() as opened:

        def make(keys: Json, notify_url: str, by_certificate: bool, **changes: Any) -> Any:
            settings = settings_of(keys, notify_url, by_certificate) | {"wechatpay_type": AsyncType.NATIVE, **changes}
            made = AsyncWeChatPay(**settings)
            made._core._gate_way = keys["gateway"]
            opened.enter_context(portal.wrap_async_context_manager(made))
            return Waiting(portal, made)

        yield make


@pytest.fixture(params=["sync", "async"])
def shopping(
    request: pytest.FixtureRequest, open_shop: Callable[..., Shop], asynchronous: Callable[..., Any]
) -> Callable[..., Shop]:
    """`shopping(notify_url, by_certificate)`: a shop with one half of the SDK or the other."""

    def shopping(notify_url: str, by_certificate: bool) -> Shop:
        shop = open_shop(notify_url, by_certificate=by_certificate)
        if request.param == "async":
            shop.sdk = asynchronous(shop.keys, notify_url, by_certificate)
        return shop

    return shopping


@pytest.mark.parametrize("by_certificate", [False, True], ids=["public key", "platform certificate"])
def test_a_purchase_from_the_order_to_the_bill(
    shopping: Callable[..., Shop], desk: ProviderControl, listener: Listener, by_certificate: bool
) -> None:
    shop = shopping(listener.url("/heard"), by_certificate)
    order, _ = shop.native()
    assert shop.state(order) == "NOTPAY"
    desk.approve(PROVIDER, order)
    told = shop.understand(listener.wait(shop.path))
    assert (told["event_type"], told["resource"]["amount"]["total"]) == ("TRANSACTION.SUCCESS", 8880)
    by_its_number = shop.sdk.query(transaction_id=told["resource"]["transaction_id"])
    assert shop.ok(by_its_number) == shop.query(order) == told["resource"]

    for amount in (5000, 3800):
        accepted = shop.refund(order, amount, notify_url=shop.notify_url)
        assert accepted["status"] == "PROCESSING"
        told = shop.understand(listener.wait(shop.path))
        assert (told["event_type"], told["resource"]["amount"]["refund"]) == ("REFUND.SUCCESS", amount)
        assert shop.ok(shop.sdk.query_refund(accepted["out_refund_no"]))["status"] == "SUCCESS"
    assert code_of(shop.try_refund(order, 81)) == (400, "INVALID_REQUEST")
    assert desk.trade(PROVIDER, order).refunded == Money.of("88.00", "CNY")

    with desk.fault(PROVIDER, "refund", "pending", reference=order):
        held = shop.refund(order, 80)
    desk.settle_refund(PROVIDER, held["out_refund_no"], "abnormal")
    card = {"bank_type": "CMB_DEBIT", "bank_account": "6225880137706868", "real_name": "张三"}
    sent = shop.sdk.abnormal_refund(held["refund_id"], held["out_refund_no"], "USER_BANK_CARD", **card)
    assert shop.ok(sent)["channel"] == "OTHER_BANKCARD"

    other, _ = shop.native()
    assert shop.sdk.close(other)[0] == 204
    assert shop.state(other) == "CLOSED"

    day = shop.query(order)["success_time"][:10]
    desk.advance(PROVIDER, shop.id, 2 * DAY)
    for applied in (shop.sdk.trade_bill(day), shop.sdk.fundflow_bill(day)):
        bill = shop.ok(applied)
        status, packed = shop.sdk.download_bill(bill["download_url"])
        whole = gzip.decompress(packed)
        assert (status, hashlib.sha1(whole).hexdigest()) == (200, bill["hash_value"])
        assert desk.trade(PROVIDER, order).id in whole.decode()


@pytest.mark.parametrize("by_certificate", [False, True], ids=["public key", "platform certificate"])
def test_what_another_key_signed_is_refused(
    shopping: Callable[..., Shop], desk: ProviderControl, by_certificate: bool
) -> None:
    shop = shopping("https://127.0.0.1:1/", by_certificate)
    order = paid(shop, desk)
    with desk.fault(PROVIDER, "query", "mis_sign"), pytest.raises(Exception, match="failed to verify the signature"):
        shop.query(order)
    assert shop.state(order) == "SUCCESS"
    good = desk.craft(PROVIDER, order)
    assert shop.sdk.callback(good.headers, good.body)["resource"]["out_trade_no"] == order
    for sign in ("other_key", "probe", "altered"):
        forged = desk.craft(PROVIDER, order, sign=sign)
        assert shop.sdk.callback(forged.headers, forged.body) is None, sign


def test_an_api_key_that_is_not_the_merchants_opens_no_notification(
    open_shop: Callable[..., Shop], asynchronous: Callable[..., Any], desk: ProviderControl
) -> None:
    shop = open_shop()
    crafted = desk.craft(PROVIDER, paid(shop, desk))
    other = asynchronous(shop.keys, shop.notify_url, False, apiv3_key="0" * 32)
    assert other.callback(crafted.headers, crafted.body) is None
