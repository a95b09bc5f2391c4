"""What the three simulators share: faults, delivery, durability, starting. Alipay stands for all of them."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

import httpx
import pytest

from fixtures.money import Money
from fixtures.providers.common.courier import BODY_KEPT
from fixtures.providers.common.exchanges import Exchanges
from fixtures.providers.common.ground import Ground
from tests.suite.alipay_shop import Shop, shop_of
from tests.suite.providers import Listener, Simulators, control_of, launch


@pytest.fixture
def shop(control: httpx.Client, simulators: Simulators, listener: Listener) -> Shop:
    return shop_of(control, simulators, listener)


# --- faults


def test_a_slow_answer_is_right(shop: Shop) -> None:
    number = shop.paid()
    shop.fault("query", "slow", number, seconds=0.3)
    began = time.monotonic()
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "TRADE_SUCCESS"
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(("effect", "moved"), [("timeout_before", False), ("timeout_after", True)])
def test_a_timeout_may_hide_a_refund(shop: Shop, effect: str, moved: bool) -> None:
    number = shop.paid("5.00")
    shop.fault("refund", effect, number)
    with pytest.raises(httpx.ReadTimeout):
        call(shop, number, timeout=0.5)
    assert shop.ledger(number) == [("payment", 500)] + [("refund", 500)] * moved
    assert call(shop, number)["fund_change"] == "NY"[not moved]
    assert shop.ledger(number) == [("payment", 500), ("refund", 500)]


def test_a_gateway_error_and_a_reset_do_nothing(shop: Shop) -> None:
    number = shop.paid("5.00")
    shop.fault("refund", "error_5xx", number)
    with pytest.raises(httpx.HTTPStatusError, match="503"):
        call(shop, number)
    shop.fault("*", "reset", number, times=2)
    for _ in range(2):
        # OpenSSL shows a reset as an end without goodbye
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            call(shop, number)
    assert shop.ledger(number) == [("payment", 500)]
    assert call(shop, number)["fund_change"] == "Y"


def call(shop: Shop, number: str, timeout: float = 10) -> dict[str, Any]:
    """A full refund over httpx, whose errors tell a time-out from a reset."""
    body = shop.sdk.build_body("alipay.trade.refund", {"out_trade_no": number, "refund_amount": "5.00"})
    url = f"{shop.credentials['gateway']}?{shop.sdk.sign_data(body)}"
    answer = httpx.get(url, verify=shop.trust, timeout=timeout).raise_for_status()
    return dict(answer.json()["alipay_trade_refund_response"])


def test_a_fault_meets_only_what_it_names(shop: Shop, control: httpx.Client) -> None:
    number, other = shop.paid(), shop.paid()
    shop.fault("query", "business_error", number, code="ACQ.SYSTEM_ERROR", times=2)
    [waiting] = [fault for fault in control.get("/faults").json() if fault["reference"] == number]
    assert shop.sdk.api_alipay_trade_query(out_trade_no=other)["code"] == "10000"
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["sub_code"] == "ACQ.SYSTEM_ERROR"
    assert control.delete(f"/faults/{waiting['id']}").status_code == 204
    assert control.delete(f"/faults/{waiting['id']}").status_code == 204
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["code"] == "10000"


# --- delivery


def test_a_dropped_notification_is_sent_again_by_the_schedule(shop: Shop) -> None:
    number = shop.precreate()
    shop.fault("notify", "drop", number)
    shop.act(number, "approve")
    until(lambda: len(shop.delivery(number)["attempts"]) == 1)
    assert shop.delivery(number)["attempts"][0]["error"] == "lost on the way (a fault)"
    shop.later(4 * 60)
    assert shop.heard(number)["trade_status"] == "TRADE_SUCCESS"


def test_a_duplicated_notification_arrives_as_often_as_asked(shop: Shop) -> None:
    number = shop.precreate()
    shop.fault("notify", "duplicate", number, times=3)
    shop.act(number, "approve")
    assert len({shop.heard(number)["notify_id"] for _ in range(4)}) == 1
    until(lambda: shop.delivery(number)["state"] == "delivered")
    assert len(shop.delivery(number)["attempts"]) == 4


def test_a_held_notification_waits_for_control_and_may_come_out_of_order(shop: Shop) -> None:
    number = shop.precreate()
    shop.fault("notify", "hold", number)
    shop.act(number, "approve")
    shop.sdk.api_alipay_trade_refund("1.00", out_trade_no=number, out_request_no="r")
    assert shop.heard(number)["out_biz_no"] == "r"
    held = shop.delivery(number)
    assert (held["state"], held["next_at"], held["attempts"]) == ("pending", None, [])
    shop.control.post(f"/deliveries/{held['id']}/deliver")
    assert "out_biz_no" not in shop.heard(number)
    assert shop.delivery(number)["state"] == "delivered"


def test_a_shop_that_is_down_or_talks_too_much(shop: Shop, listener: Listener) -> None:
    listener.answer = lambda _: (200, "x" * 1_000_000)
    number = shop.paid()
    shop.heard(number)
    until(lambda: bool(shop.delivery(number)["attempts"]))
    assert len(shop.delivery(number)["attempts"][0]["body"]) == BODY_KEPT

    listener.close()
    again = shop.control.post(f"/deliveries/{shop.delivery(number)['id']}/deliver").json()
    assert (again["state"], again["attempts"][-1]["status"]) == ("pending", None)
    assert again["attempts"][-1]["error"].startswith("ConnectError")


def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Ask again until it holds: the courier records an attempt a moment after the shop answered it."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to hold"


def test_a_crafted_notification_is_sent_when_asked(shop: Shop) -> None:
    number = shop.precreate()
    wanted = {"provider": "alipay", "reference": number, "send": True, "sign": "altered"}
    answer = shop.control.post("/notifications", json=wanted).json()
    assert answer["response"]["status"] == 200
    assert not shop.verifies(shop.heard(number))


# --- durability and the wire


def test_a_killed_simulator_has_lost_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = launch(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(first.ca))
    ear = Listener(first.certificate, first.key)
    ear.answer = lambda _: (500, "not now")
    with control_of(first) as before:
        shop = shop_of(before, first, ear)
        number = shop.paid("9.00")
        shop.heard(number)
        shop.sdk.api_alipay_trade_refund("2.00", out_trade_no=number, out_request_no="once")
        shop.heard(number)
        unpaid = shop.precreate(timeout_express="1h")
        shop.fault("query", "business_error", number, code="ACQ.SYSTEM_ERROR")
        shop.later(1800)
    first.stop(kill=True)

    second = launch(tmp_path, port=urlsplit(first.url).port or 0)
    try:
        ear.answer = lambda _: (200, "success")
        with control_of(second) as shop.control:
            assert shop.ledger(number) == [("payment", 900), ("refund", 200)]
            again = shop.sdk.api_alipay_trade_refund("2.00", out_trade_no=number, out_request_no="once")
            assert (again["fund_change"], again["refund_fee"]) == ("N", "2.00")
            assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["sub_code"] == "ACQ.SYSTEM_ERROR"
            shop.later(1800)  # with the half hour before, the whole hour
            assert shop.sdk.api_alipay_trade_query(out_trade_no=unpaid)["trade_status"] == "TRADE_CLOSED"
            assert [shop.heard(number)["trade_status"] for _ in range(2)] == ["TRADE_SUCCESS"] * 2
    finally:
        second.stop()
        ear.close()


def test_what_was_answered_before_a_kill_in_full_work_is_in_the_books(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = launch(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(running.ca))
    ear = Listener(running.certificate, running.key)
    answered: list[str] = []

    def work(shop: Shop) -> None:
        with suppress(httpx.HTTPError, URLError, ConnectionError, HTTPException):  # the kill
            while True:
                number = shop.paid("3.00")
                shop.sdk.api_alipay_trade_refund("1.00", out_trade_no=number, out_request_no="r")
                answered.append(number)

    with control_of(running) as control:
        shop = shop_of(control, running, ear)
        workers = [threading.Thread(target=work, args=(shop,)) for _ in range(3)]
        for worker in workers:
            worker.start()
        until(lambda: len(answered) >= 15)
        running.stop(kill=True)
        for worker in workers:
            worker.join()
    ear.close()

    ground = Ground(running.state, "https://simulators.test")
    books = [(entry.reference, entry.kind, entry.amount.minor) for entry in ground.trades.ledger("alipay")]
    told = [(delivery.reference, delivery.event) for delivery in ground.outbox.find("alipay")]
    for number in answered:
        assert books.count((number, "payment", 300)) == books.count((number, "refund", 100)) == 1
    # whatever was under way: money and notification stand or fall together
    assert sorted(told) == sorted((reference, kind) for reference, kind, _ in books)
    for trade in ground.trades.find("alipay"):
        entries = [minor if kind == "payment" else -minor for number, kind, minor in books if number == trade.reference]
        assert sum(entries) == trade.refundable.minor
    ground.store.close()


def test_the_ledger_cannot_be_rewritten_nor_overdrawn(tmp_path: Path) -> None:
    ground = Ground(tmp_path, "https://simulators.test")
    with ground.store.transaction():
        merchant = ground.merchants.add("alipay", "m", "Shop", data={})
        trade = ground.trades.open(merchant, id="t", reference="r", state="NEW", amount=Money.of("5", "CNY"))
        ground.trades.move_payment(trade, trade.amount, "t")
    for statement in ("DELETE FROM ledger", "UPDATE ledger SET amount = 1"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"), ground.store.transaction():
            ground.store.execute(statement)
    with pytest.raises(sqlite3.IntegrityError), ground.store.transaction():
        ground.trades.move_refund(trade, Money.of("5.01", "CNY"), "r")
    assert [entry.kind for entry in ground.trades.ledger()] == ["payment"]
    ground.store.close()


def test_of_a_card_that_was_sent_nobody_is_shown_the_number() -> None:
    exchanges = Exchanges()
    exchange = exchanges.begin("paypal", {"raw_path": b"/", "query_string": b"", "method": "POST", "headers": []})
    exchange.request_body += b'{"payment_source": {"card": {"number": "4012888888881881", "security_code" : "987"}}}'
    exchanges.end(exchange)
    assert json.loads(exchange.request_body)["payment_source"]["card"] == {"number": "•", "security_code": "•"}


def test_what_could_not_be_committed_does_not_come_with_the_next_commit(tmp_path: Path) -> None:
    ground = Ground(tmp_path, "https://simulators.test")
    with pytest.raises(sqlite3.IntegrityError), ground.store.transaction():
        ground.merchants.add("alipay", "lost", "Shop", data={})
        ground.store.execute("PRAGMA defer_foreign_keys=ON")  # so that it is the commit that fails
        ground.store.execute(
            "INSERT INTO refunds VALUES (1, 404, 'alipay', 'lost', 'r', 'r', 'NEW', 'CNY', 1, 0, '{}')"
        )
    with ground.store.transaction():
        ground.merchants.add("alipay", "kept", "Shop", data={})
    assert [row["id"] for row in ground.store.all("SELECT id FROM merchants")] == ["kept"]
    ground.store.close()


def test_an_idempotency_key_survives_with_its_answer(tmp_path: Path) -> None:
    ground = Ground(tmp_path, "https://simulators.test")
    with ground.store.transaction():
        merchant = ground.merchants.add("paypal", "m", "Shop", data={})
        ground.idempotency.remember(merchant, "capture", "key", "fingerprint", {"status": 201})
    ground.store.close()
    reopened = Ground(tmp_path, "https://simulators.test")
    known = reopened.idempotency.recall(merchant, "capture", "key")
    assert known is not None
    assert (known.fingerprint, known.answer) == ("fingerprint", {"status": 201})
    assert reopened.idempotency.recall(merchant, "refund", "key") is None
    reopened.store.close()


def test_absolute_request_targets_are_taken(simulators: Simulators) -> None:
    """As `alipay-sdk-python` sends them."""
    where = urlsplit(simulators.url)
    with (
        socket.create_connection((where.hostname, where.port)) as raw,
        simulators.trust.wrap_socket(raw, server_hostname=where.hostname) as wire,
    ):
        wire.sendall(f"GET {simulators.url}/alipay/gateway.do?x=1 HTTP/1.1\r\nHost: {where.netloc}\r\n\r\n".encode())
        assert wire.recv(4096).startswith(b"HTTP/1.1 200 OK")


# --- starting it


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    environment = {**os.environ, "EMPTY": ""}

    def run(*options: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "fixtures.providers", "--state", str(tmp_path / "state"), *options]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=20, env=environment, check=False)
        return ended.returncode, ended.stderr

    return run


def test_a_wrong_start_says_what_to_do(start: Any, simulators: Simulators, tmp_path: Path) -> None:
    taken = str(urlsplit(simulators.url).port)
    (tmp_path / "file").touch()
    for options, words in (
        (("--port", taken, "--control-token", "t"), f"cannot listen on 127.0.0.1:{taken}"),
        (("--control-token-env", "EMPTY"), "EMPTY is empty"),
        (("--control-token", "t", "--state", str(tmp_path / "file")), "another folder by --state"),
        (("--control-token", "t", "--host", "0.0.0.0"), "give --tls-certificate"),
        (("--control-token", "t", "--state", str(simulators.state)), "is locked; give another folder by --state"),
        (("--config", str(tmp_path / "file")), "give --control-token-env"),
        (("--config", "missing.toml"), "cannot read missing.toml"),
        (("--control-token", "t", "--ca", "missing.pem"), "CA bundle missing.pem"),
        (("--control-token", "t", "--tls-certificate", "missing.pem"), "certificate missing.pem"),
    ):
        status, said = start(*options)
        assert (status, words in said, "Traceback" in said) == (2, True, False), said


def test_an_interrupt_ends_it_without_a_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fixtures.providers", "--state", str(tmp_path), "--control-token", "t"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert '"ready": true' in program.stdout.readline()
        program.send_signal(signal.SIGINT)
        assert (program.wait(10), program.stderr.read()) == (130, "")
