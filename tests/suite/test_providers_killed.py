"""SIGKILL in the middle of traffic, for all three providers: no money, no notification, no idempotency key is lost."""

from __future__ import annotations

import threading
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from fixtures.providers.common.ground import Ground
from tests.suite.providers import Listener, Simulators, control_of, launch
from tests.suite.providers_shops import Bought, Json, Shops, nonce
from tests.suite.test_providers_common import until

NAMES = ("alipay", "wechatpay", "paypal")
ENOUGH = 8
"""Purchases of each provider that are finished before the kill."""


class Over:
    """A wire to the running program."""

    def __init__(self, running: Simulators) -> None:
        self._client = httpx.Client(base_url=running.url, verify=running.trust, timeout=30)

    def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> tuple[int | None, bytes]:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self._client.request(method, target, content=body, headers=told)
        return answer.status_code, answer.content

    def close(self) -> None:
        self._client.close()


def buy_and_refund(shops: Shops, control: httpx.Client, trade: Bought) -> None:
    assert shops.open(trade)
    control.post(f"/trades/{trade.provider}/{trade.reference}/approve").raise_for_status()
    if trade.provider == "paypal":
        shops.capture(trade)
    assert shops.refund(trade, "1.00", 100, "r") or trade.provider == "wechatpay"  # which says PROCESSING first


def test_a_kill_in_full_work_loses_nothing(tmp_path: Path) -> None:
    running = launch(tmp_path)
    ear = Listener(running.certificate, running.key)
    ear.answer = lambda _: (500, "not now")  # so that every notification is still pending
    finished: dict[str, list[Bought]] = {name: [] for name in NAMES}
    with control_of(running) as control:
        merchants = {name: made(control, name, ear) for name in NAMES}

        def work(provider: str) -> None:
            wire = Over(running)
            with suppress(httpx.HTTPError), control_of(running) as own:  # the kill
                shops = Shops(wire, merchants)
                while True:
                    trade = Bought(provider, f"tea{nonce()}", 300)
                    buy_and_refund(shops, own, trade)
                    finished[provider].append(trade)
            wire.close()

        workers = [threading.Thread(target=work, args=(name,)) for name in NAMES]
        for worker in workers:
            worker.start()
        until(lambda: all(len(trades) >= ENOUGH for trades in finished.values()), 60)
        running.stop(kill=True)
        for worker in workers:
            worker.join()

    before = kept(running.state)
    for provider, trades in finished.items():
        for trade in trades:
            assert before["moved"][trade.reference][0] == "payment", f"{trade}: what was paid is gone"
            refunded = (
                before["moved"][trade.reference][1:] == ["refund"] and "refund" in before["told"][trade.reference]
            )
            accepted = (
                provider == "wechatpay" and before["asked"][trade.reference] == 1
            )  # and settles after the restart
            assert refunded or accepted, f"{trade}: a refund that was answered is gone, or nobody is told of it"
    again = launch(tmp_path, port=urlsplit(running.url).port or 0)
    wire = Over(again)
    try:
        with control_of(again) as control:
            shops = Shops(wire, merchants)
            for trade in (trade for trades in finished.values() for trade in trades):
                shops.refund(trade, "1.00", 100, "r")  # the key is known: nothing moves again
                entries = control.get("/ledger", params={"reference": trade.reference}).json()
                moved = [(entry["kind"], entry["amount"]["minor"]) for entry in entries]
                assert moved[:1] == [("payment", 300)], trade
                assert moved[1:] == [("refund", 100)] or (trade.provider == "wechatpay" and moved[1:] == []), trade
                deliveries = control.get("/deliveries", params={"reference": trade.reference}).json()
                assert any("refund" not in delivery["event"].lower() for delivery in deliveries), trade
            told = {delivery["id"]: delivery for delivery in control.get("/deliveries").json()}
            assert before["deliveries"] <= set(told)
            ear.answer = lambda _: (200, "success")
            waiting = [one for one in told.values() if one["state"] == "pending"]
            [first, *_] = [one for one in waiting if one["url"].startswith(ear.url())]  # WeChat Pay's go elsewhere
            resend = f"/deliveries/{first['id']}/deliver"  # among all the others that now go out, it may have to wait
            until(lambda: control.post(resend).json()["attempts"][-1]["status"] == 200, 60)
    finally:
        wire.close()
        again.stop()
        ear.close()


def made(control: httpx.Client, provider: str, ear: Listener) -> Json:
    wanted = {"provider": provider, "notify_url": ear.url(f"/{provider}")}
    credentials: Json = control.post("/merchants", json=wanted).raise_for_status().json()["credentials"]
    return credentials


def kept(state: Path) -> dict[str, Any]:
    """What the disk holds after the kill; in it each trade agrees with its ledger, whatever was under way.

    By reference: the kinds of money that moved, how many refunds were asked for, and what is to be told.
    """
    ground = Ground(state, "https://simulators.test")
    sums: dict[tuple[str, str], int] = {}
    moved: dict[str, list[str]] = defaultdict(list)
    for entry in ground.trades.ledger():
        moved[entry.reference].append(entry.kind)
        sign = 1 if entry.kind == "payment" else -1
        key = (entry.provider, entry.reference)
        sums[key] = sums.get(key, 0) + sign * entry.amount.minor
    for trade in ground.trades.find():
        assert sums.get((trade.provider, trade.reference), 0) == trade.refundable.minor, trade
    asked = {trade.reference: len(ground.trades.refunds(trade)) for trade in ground.trades.find()}
    told: dict[str, set[str]] = defaultdict(set)
    for delivery in ground.outbox.find():
        told[delivery.reference].add("refund" if "refund" in delivery.event.lower() else "payment")
    deliveries = {delivery.id for delivery in ground.outbox.find()}
    found = {"deliveries": deliveries, "moved": moved, "asked": asked, "told": told}
    ground.store.close()
    return found
