"""Misbehaviour on command: wrong content types, late and reordered notifications, and the seed that decides. What
moves is business time: signatures keep the real one."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path

import httpx
import pytest

from fixtures.providers.common.faults import Effect, Fault, Faults, Operation
from fixtures.providers.common.store import Store
from tests.suite.alipay_shop import Shop, shop_of
from tests.suite.providers import Listener, Simulators


@pytest.fixture
def shop(control: httpx.Client, simulators: Simulators, listener: Listener) -> Shop:
    return shop_of(control, simulators, listener)


def test_a_wrong_content_type_comes_with_the_right_answer(shop: Shop) -> None:
    number = shop.paid()
    body = shop.sdk.build_body("alipay.trade.query", {"out_trade_no": number})
    url = f"{shop.credentials['gateway']}?{shop.sdk.sign_data(body)}"
    shop.fault("query", "wrong_content_type", number)
    wrong, right = shop.get(url), shop.get(url)
    assert wrong.headers["content-type"] == "application/octet-stream"
    assert right.headers["content-type"].startswith("text/html")
    assert json.loads(wrong.text) == json.loads(right.text)


def test_a_late_notification_comes_when_business_time_has_come(shop: Shop) -> None:
    number = shop.precreate()
    shop.fault("notify", "late", number, seconds=3600)
    shop.act(number, "approve")
    with pytest.raises(AssertionError, match="nothing came"):
        shop.ear.wait(shop.path, 1.5)
    late = shop.delivery(number)
    assert (late["state"], late["attempts"]) == ("pending", [])
    shop.later(3590)
    assert shop.delivery(number)["attempts"] == []
    shop.later(11)
    assert shop.heard(number)["trade_status"] == "TRADE_SUCCESS"


def test_reordered_notifications_arrive_the_wrong_way_round(shop: Shop) -> None:
    number = shop.precreate("5.00")
    shop.fault("notify", "reorder", number)
    shop.act(number, "approve")
    with pytest.raises(AssertionError, match="nothing came"):
        shop.ear.wait(shop.path, 1.5)
    shop.sdk.api_alipay_trade_refund("1.00", out_trade_no=number, out_request_no="r")
    assert "out_biz_no" in shop.heard(number)
    assert "out_biz_no" not in shop.heard(number)


def outcomes(faults: Faults, fault: Fault, count: int = 200) -> list[Effect | None]:
    """What the next operations meet, each of another trade of another merchant."""
    met = []
    for _ in range(count):
        struck = faults.take(Operation("alipay", "query", secrets.token_hex(4), secrets.token_hex(4)))
        met.append(struck.effect if struck else None)
    faults.remove(fault.id)
    return met


def test_one_seed_decides_alike_whatever_the_ids(tmp_path: Path) -> None:
    store = Store(tmp_path)
    faults = Faults(store)
    told = [
        outcomes(faults, faults.add("alipay", "*", Effect.ANY, times=1000, chance=0.3, seed=seed)) for seed in (7, 7, 8)
    ]
    assert told[0] == told[1] != told[2]
    hits = [effect for effect in told[0] if effect]
    assert 30 <= len(hits) <= 90
    assert len(set(hits)) == 7, "every effect that needs nothing more said is drawn"
    store.close()


def test_the_seed_goes_on_where_it_was_after_a_restart(tmp_path: Path) -> None:
    whole = Store(tmp_path / "whole")
    faults = Faults(whole)
    expected = outcomes(faults, faults.add("alipay", "*", Effect.ANY, times=1000, chance=0.5, seed=3), 40)
    whole.close()

    first = Store(tmp_path / "parts")
    before = Faults(first)
    before.add("alipay", "*", Effect.ANY, times=1000, chance=0.5, seed=3)
    met = []
    for number in range(40):
        if number == 17:
            first.close()
            first = Store(tmp_path / "parts")
            before = Faults(first)
        struck = before.take(Operation("alipay", "query", "m"))
        met.append(struck.effect if struck else None)
    assert met == expected
    first.close()


def test_a_seed_breaks_requests_over_the_wire(shop: Shop, control: httpx.Client) -> None:
    """Two merchants, two lots of orders, one seed: the same requests fail."""

    def story() -> list[bool]:
        wanted = {"provider": "alipay", "merchant": shop.app_id, "operation": "query", "effect": "business_error"}
        fault = {**wanted, "code": "ACQ.SYSTEM_ERROR", "times": 100, "chance": 0.5, "seed": 11}
        made = control.post("/faults", json=fault).raise_for_status().json()
        number = shop.precreate()
        met = [shop.sdk.api_alipay_trade_query(out_trade_no=number)["code"] == "10000" for _ in range(12)]
        control.delete(f"/faults/{made['id']}")
        return met

    first = story()
    assert first == story()
    assert len(set(first)) == 2


def test_signatures_keep_the_real_time_when_business_time_moves(
    control: httpx.Client, simulators: Simulators, listener: Listener
) -> None:
    shop = shop_of(control, simulators, listener)
    number = shop.precreate(timeout_express="15d")
    shop.later(10 * 86400)
    shop.act(number, "approve")
    notification = shop.heard(number)
    assert shop.verifies(notification)
    crafted = {"provider": "wechatpay", "merchant": wechat_merchant(control), "reference": "tea-000001"}
    wanted = {"provider": "wechatpay", "merchant": crafted["merchant"], "advance_seconds": 10 * 86400}
    control.post("/clock", json=wanted).raise_for_status()
    request = control.post("/notifications", json={**crafted, "url": "https://shop.test/"}).json()["request"]
    headers = {name.lower(): value for name, value in request["headers"].items()}
    assert abs(int(headers["wechatpay-timestamp"]) - time.time()) < 60


def wechat_merchant(control: httpx.Client) -> str:
    return str(control.post("/merchants", json={"provider": "wechatpay"}).json()["id"])
