"""What the provider simulators cost: processor time of the program itself, so that neither the client beside it nor a
busy machine counts. It is kept busy, by requests that were signed before and come over several connections: a core that
goes to sleep between two requests would pay for each waking, which no limit beside it does. Over plain HTTP: TLS costs
whoever uses it the same. Linux only: it asks for the clock and the memory of another process."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from fixtures.money import Money
from fixtures.providers.client import ProviderControl
from fixtures.providers.common import keys
from fixtures.providers.common.ground import Ground
from tests.suite.providers_shops import Bought, Shops

PAIRS = 400
CONNECTIONS = 8
ROUNDS = 5
TRADES = 100_000
NOTIFICATIONS = 400
TOKEN = "bench"
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of processor time for one order made and asked for, this side and beside it; and what is told only."""

    pairs: dict[str, tuple[float, float]]
    bytes_per_trade: float
    first_answer: float
    notifications: float


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    target: str
    body: bytes
    headers: dict[str, str]


class Wire:
    """Sends what a shop asks; within `kept` it only keeps it, to be sent by `Crowd`."""

    def __init__(self, url: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=30, trust_env=False)
        self._kept: list[Asked] | None = None

    def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> tuple[int | None, bytes]:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if self._kept is not None:
            self._kept.append(Asked(method, target, body, told))
            return None, b"{}"
        answer = self._client.request(method, target, content=body, headers=told)
        return answer.status_code, answer.content

    def kept(self, requests: Callable[[], Any]) -> list[Asked]:
        """What `requests` would have sent."""
        self._kept = kept = []
        requests()
        self._kept = None
        return kept


class Crowd:
    """Several connections that ask all at once, so that the program always has something to do."""

    def __init__(self, process: int, url: str) -> None:
        self._process = process
        self._place = httpx.URL(url)

    def ask(self, requests: Sequence[Asked]) -> tuple[float, list[bytes]]:
        """Processor seconds of the program for all the requests, and its answers."""
        answers = []
        connections = [HTTPConnection(self._place.host, self._place.port, timeout=30) for _ in range(CONNECTIONS)]
        before = _used(self._process)
        for first in range(0, len(requests), CONNECTIONS):
            pairs = list(zip(requests[first : first + CONNECTIONS], connections, strict=False))
            for asked, connection in pairs:
                connection.request(asked.method, asked.target, asked.body, asked.headers)
            for _, connection in pairs:
                with connection.getresponse() as answer:
                    assert answer.status in (200, 201), answer.read()
                    answers.append(answer.read())
        used = _used(self._process) - before
        for connection in connections:
            connection.close()
        return used, answers


def measure(tick: Callable[[], None]) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with _program(Path(folder) / "state") as (program, url):
            first_answer = time.perf_counter() - began
            tick()
            with _bare() as (bare, beside):
                pairs = _pairs(program, url, bare, beside, tick)
                notifications = _notifications(url, beside)
                tick()
        memory = _memory(Path(folder))
        tick()
    return Measured(pairs, memory, first_answer, notifications)


def _pairs(program: int, url: str, bare: int, beside: str, tick: Callable[[], None]) -> dict[str, tuple[float, float]]:
    control = ProviderControl(f"{url}/control", TOKEN)
    wire, crowd, other = Wire(url), Crowd(program, url), Crowd(bare, beside)
    shops = Shops(wire, {name: control.create_merchant(name) for name in ("alipay", "wechatpay", "paypal")})
    assert shops.open(_trade("paypal"))  # it has its token from here on
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in shops.credentials}
    for _ in range(ROUNDS + 1):
        found["alipay"].append((_alipay(shops, wire, crowd), _signatures()))
        found["wechatpay"].append((_wechatpay(shops, wire, crowd), _signatures()))
        found["paypal"].append(_paypal(shops, wire, crowd, other))
        tick()
    warm = {name: rounds[1:] for name, rounds in found.items()}
    return {name: (median(a for a, _ in rounds), median(b for _, b in rounds)) for name, rounds in warm.items()}


def _alipay(shops: Shops, wire: Wire, crowd: Crowd) -> float:
    trades = [_trade("alipay") for _ in range(PAIRS)]
    create = [{**_order(trade), "buyer_id": "2088000000000001"} for trade in trades]
    made, one = crowd.ask(wire.kept(lambda: [shops.alipay("alipay.trade.create", order) for order in create]))
    query = [{"out_trade_no": trade.reference} for trade in trades]
    found, two = crowd.ask(wire.kept(lambda: [shops.alipay("alipay.trade.query", order) for order in query]))
    assert all(b'"trade_no"' in answer for answer in (*one, *two))
    return (made + found) / PAIRS


def _wechatpay(shops: Shops, wire: Wire, crowd: Crowd) -> float:
    trades = [_trade("wechatpay") for _ in range(PAIRS)]
    made, one = crowd.ask(wire.kept(lambda: [shops.open(trade) for trade in trades]))
    found, two = crowd.ask(wire.kept(lambda: [shops.wechat_query(trade) for trade in trades]))
    assert all(b'"code_url"' in answer for answer in one)
    assert all(b'"NOTPAY"' in answer for answer in two)
    return (made + found) / PAIRS


def _paypal(shops: Shops, wire: Wire, crowd: Crowd, bare: Crowd) -> tuple[float, float]:
    """And what the bare endpoint takes for requests and answers of as many bytes."""
    trades = [_trade("paypal") for _ in range(PAIRS)]
    create = wire.kept(lambda: [shops.open(trade) for trade in trades])
    made, answers = crowd.ask(create)
    for trade, answer in zip(trades, answers, strict=True):
        trade.id = json.loads(answer)["id"]
    query = wire.kept(lambda: [shops.paypal_query(trade) for trade in trades])
    found, shown = crowd.ask(query)
    posts = [replace(asked, target="/payload", body=payload) for asked, payload in zip(create, shown, strict=True)]
    gets = [replace(asked, target="/payload/any") for asked in query]
    mine = made + found
    theirs = bare.ask(posts)[0] + bare.ask(gets)[0]
    return mine / PAIRS, theirs / PAIRS


def _trade(provider: str) -> Bought:
    return Bought(provider, f"tea{secrets.token_hex(8)}", 8880)


def _order(trade: Bought) -> dict[str, Any]:
    return {"out_trade_no": trade.reference, "total_amount": trade.text, "subject": "Tea"}


def _signatures() -> float:
    """Processor seconds of what two signed requests cannot do without: verify each, sign each answer."""
    key, message = keys.stranger(), secrets.token_bytes(300)
    signature = keys.sign(key, message)
    public = key.public_key()
    before = time.process_time()
    for _ in range(2 * PAIRS):
        assert keys.verifies(public, message, signature)
        keys.sign(key, message)
    return (time.process_time() - before) / PAIRS


def _notifications(url: str, beside: str) -> float:
    """Notifications a second to a shop that answers at once: all of them fall due at the same moment."""
    control = ProviderControl(f"{url}/control", TOKEN)
    credentials = control.create_merchant("alipay", f"{beside}/ear")
    shops = Shops(Wire(url), {"alipay": credentials}, notify_url=f"{beside}/ear")
    with control.fault("alipay", "notify", "late", times=NOTIFICATIONS, merchant=credentials["app_id"], seconds=3600):
        for _ in range(NOTIFICATIONS):
            trade = _trade("alipay")
            assert shops.open(trade)
            control.approve("alipay", trade.reference)
        _until(lambda: not control.faults())
    shop = httpx.Client(base_url=beside, timeout=120, trust_env=False)
    shop.get("/heard/1")  # what `_bare` asked, to see whether it is there
    began = time.perf_counter()
    control.advance("alipay", credentials["app_id"], 3601)
    shop.get(f"/heard/{NOTIFICATIONS}").raise_for_status()
    return NOTIFICATIONS / (time.perf_counter() - began)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the simulators did not get there within two minutes")


def _memory(folder: Path) -> float:
    """Bytes of memory that each of many trades takes: the program over them beside the program over none."""
    ground = Ground(folder / "many", "http://127.0.0.1")
    with ground.store.transaction():
        merchant = ground.merchants.add("alipay", "2021000000000000", "Shop", data={"keys": {}})
        for number in range(TRADES):
            ground.trades.open(
                merchant, id=f"20261122{number:020}", reference=f"tea{number}", state="WAIT_BUYER_PAY",
                amount=Money(8880, "CNY"), data={"subject": "Tea", "notify_url": None, "buyer_id": None},
            )  # fmt: skip
    ground.store.close()
    sizes = []
    for state in ("many", "none"):
        with _program(folder / state) as (process, url):
            control = ProviderControl(f"{url}/control", TOKEN)
            for number in range(0, TRADES, TRADES // 50):
                control.trades("alipay", f"tea{number}")
            sizes.append(int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
    return max(0, sizes[0] - sizes[1]) / TRADES


def _used(process: int) -> float:
    """Processor seconds of a process so far, by its clock (clock_getcpuclockid(3)): finer than the ticks of `/proc`."""
    return time.clock_gettime(~process << 3 | 2)


@contextmanager
def _program(state: Path) -> Iterator[tuple[int, str]]:
    command = ["-m", "fixtures.providers", "--state", str(state), "--control-token-env", "TOKEN"]
    with _running(command) as program:
        assert program.stdout is not None
        yield program.pid, json.loads(program.stdout.readline())["url"]


@contextmanager
def _bare() -> Iterator[tuple[int, str]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--http", "httptools", "--no-access-log", "--log-level", "critical"]
    with _running(["-m", "uvicorn", "tests.bench.bare:app", *options]) as bare:
        url = f"http://127.0.0.1:{port}"
        _until(lambda: _answers(url))
        yield bare.pid, url


def _answers(url: str) -> bool:
    try:
        httpx.post(f"{url}/ear", trust_env=False)
    except httpx.TransportError:
        return False
    return True


@contextmanager
def _running(arguments: list[str]) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, "TOKEN": TOKEN}
    with subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
