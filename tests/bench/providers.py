"""What the provider simulators cost: processor time of the program itself, so that neither the client beside it nor a
busy machine counts. Over plain HTTP: TLS costs whoever uses it the same. Linux only: it reads `/proc`."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import httpx

from fixtures.money import Money
from fixtures.providers.client import ProviderControl
from fixtures.providers.common import keys
from fixtures.providers.common.ground import Ground
from tests.suite.providers_shops import Bought, Shops

PAIRS = 100
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


class Wire:
    def __init__(self, url: str) -> None:
        self.client = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def ask(self, method: str, target: str, body: bytes = b"", **headers: str) -> tuple[int | None, bytes]:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.client.request(method, target, content=body, headers=told)
        return answer.status_code, answer.content


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
    shops = Shops(Wire(url), {name: control.create_merchant(name) for name in ("alipay", "wechatpay", "paypal")})
    other = httpx.Client(base_url=beside, trust_env=False)
    asked = {"alipay": _alipay, "wechatpay": _wechatpay, "paypal": _paypal}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in asked}
    for _ in range(ROUNDS + 1):
        for name, ask in asked.items():
            mine = _cost(program, lambda ask=ask: ask(shops))
            if name == "paypal":
                payload = _paypal(shops)
                theirs = _cost(bare, lambda payload=payload: _same(other, payload))
            else:
                theirs = _signatures()
            found[name].append((mine, theirs))
        tick()
    warm = {name: rounds[1:] for name, rounds in found.items()}
    return {name: (median(a for a, _ in rounds), median(b for _, b in rounds)) for name, rounds in warm.items()}


def _alipay(shops: Shops) -> None:
    trade = _trade("alipay")
    assert shops.alipay("alipay.trade.create", {**_order(trade), "buyer_id": "2088000000000001"}).get("trade_no")
    assert shops.alipay("alipay.trade.query", {"out_trade_no": trade.reference})["code"] == "10000"


def _wechatpay(shops: Shops) -> None:
    trade = _trade("wechatpay")
    assert shops.open(trade)
    assert shops.wechat_query(trade)["trade_state"] == "NOTPAY"


def _paypal(shops: Shops) -> bytes:
    trade = _trade("paypal")
    assert shops.open(trade)
    return json.dumps(shops.paypal_query(trade)).encode()


def _same(client: httpx.Client, payload: bytes) -> None:
    """As many bytes to and fro as the PayPal simulator sends."""
    client.post("/payload", content=payload, headers={"content-type": "application/json"})
    client.get("/payload/any")


def _trade(provider: str) -> Bought:
    return Bought(provider, f"tea{secrets.token_hex(8)}", 8880)


def _order(trade: Bought) -> dict[str, Any]:
    return {"out_trade_no": trade.reference, "total_amount": trade.text, "subject": "Tea"}


def _cost(process: int, work: Callable[[], Any]) -> float:
    """Processor seconds of the process for each call of `work`."""
    before = _used(process)
    for _ in range(PAIRS):
        work()
    return (_used(process) - before) / PAIRS


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
    """Processor seconds of a process so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
