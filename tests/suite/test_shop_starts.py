"""The reference shop as a program: it starts, says so, refuses to start with one message, and stops when told."""

from __future__ import annotations

import ast
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2.ext import babel_extract

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "fixtures" / "shop"

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start the shop in an empty folder with these settings."""

    def start(*arguments: str, **settings: str) -> subprocess.Popen[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("SHOP_")}
        environment = {**clean, "PYTHONPATH": str(ROOT), "SHOP_PORT": "0", "SHOP_SECRET_KEY": "s" * 32, **settings}
        command = [sys.executable, "-m", "fixtures.shop", *arguments]
        return subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)

    return start


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_says_when_it_is_ready_and_stops_when_told(start: Start, how: signal.Signals, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    shop = start(TMPDIR=str(temporary))
    assert shop.stderr
    assert "makes its own" in shop.stderr.readline()
    assert shop.stderr.readline().startswith("shop: ready on https://127.0.0.1:")
    shop.send_signal(how)
    rest = shop.communicate(timeout=10)[1]
    assert "Traceback" not in rest
    assert shop.returncode in (0, -how)
    assert list(temporary.iterdir()) == [], "its own key stays behind"


def test_a_taken_port_is_one_message(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert_refuses(start(SHOP_PORT=str(port)), f"cannot listen on 127.0.0.1:{port}")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"SHOP_PORT": "http"}, "SHOP_PORT"),
        ({"SHOP_UNPAID_MINUTES": "0"}, "SHOP_UNPAID_MINUTES"),
        ({"SHOP_CLERK_REFUND_LIMITS": "CNY 500.001"}, "SHOP_CLERK_REFUND_LIMITS: Value error, CNY has 2 decimals"),
        ({"SHOP_CLERK_REFUND_LIMITS": "CNY 5, CNY 6"}, "CNY stands in it twice"),
        ({"SHOP_TIME_ZONE": "Mars/Olympus"}, "'Mars/Olympus' is not a time zone"),
        ({"SHOP_TLS_CERTIFICATE": "certificate.pem"}, "SHOP_TLS_CERTIFICATE and SHOP_TLS_KEY go together"),
        ({"SHOP_TLS_CERTIFICATE": "c.pem", "SHOP_TLS_KEY": "k.pem"}, "no such file: c.pem, k.pem"),
        ({"SHOP_DATABASE_URL": "sqlite:////nowhere/shop.db"}, "SHOP_DATABASE_URL"),
        ({"SHOP_DATABASE_URL": "shop.db"}, "SHOP_DATABASE_URL"),
        ({"SHOP_ALIPAY_APP_ID": "2021000000000001"}, "also needs SHOP_ALIPAY_GATEWAY"),
        (
            {"SHOP_ADMINISTRATOR_EMAIL": "a@shop.example", "SHOP_ADMINISTRATOR_PASSWORD": "password"},
            "too easy to guess",
        ),
    ],
)
def test_bad_settings_are_one_message(start: Start, settings: dict[str, str], said: str) -> None:
    assert_refuses(start(**settings), said)


def test_the_committed_description_is_the_shops_own() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "fixtures.shop", "openapi"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    committed = (ROOT / "fixtures/targets/reference/openapi.json").read_text()
    assert json.loads(printed) == json.loads(committed), "run: python -m fixtures.shop openapi"


def test_every_word_of_the_pages_is_known_in_chinese() -> None:
    with (SHOP / "locale/zh.po").open("rb") as file:
        known = {
            message.id if isinstance(message.id, str) else message.id[0]
            for message in read_po(file)
            if message.string and not message.context
        }
    assert words_of_templates() | words_of_tables() <= known


def assert_refuses(shop: subprocess.Popen[str], said: str) -> None:
    errors = shop.communicate(timeout=20)[1]
    messages = [line for line in errors.splitlines() if "makes its own" not in line]
    assert shop.returncode == 2, errors
    assert len(messages) == 1, errors
    assert messages[0].startswith("shop: ")
    assert said in messages[0]


def words_of_templates() -> set[str]:
    found = set()
    for template in (SHOP / "templates").glob("*.html"):
        with template.open("rb") as file:
            for _, _, message, _ in babel_extract(file, ("_", "ngettext"), [], {}):
                first = message[0] if isinstance(message, tuple) else message
                found |= {first} if first else set()
    return found


def words_of_tables() -> set[str]:
    """The values of the tables MESSAGES, FIELDS, WORDS, WAYS and NOTICES, and the cures."""
    found = set()
    for source in (SHOP / "errors.py", SHOP / "cures.py", SHOP / "web/words.py"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
                found |= {value.value for value in node.value.values if isinstance(value, ast.Constant)}
    return {word for word in found if isinstance(word, str)}
