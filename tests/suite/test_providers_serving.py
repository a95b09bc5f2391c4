"""The simulators beside a staging environment: a file of settings, identities that are given and stay, named
merchants only; and started by a person, with nothing said at all."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from fixtures.providers.common import keys
from tests.suite.providers import Simulators, control_of, launch

OWN = keys.make_private_key()
CONFIG = """
state = "kept"
control_token_env = "TOKEN"
tls_certificate = "certificate.pem"
tls_key = "key.pem"
ca = "ca.pem"

[[merchants]]
provider = "alipay"
name = "Staging"
[merchants.settings]
app_id = "2021000000000001"
app_public_key_file = "shop.pem"

[[merchants]]
provider = "wechatpay"
name = "Staging"
[merchants.settings]
mchid = "1600000001"
appid = "wx0123456789abcdef"
merchant_serial = "0123456789ABCDEF0123456789ABCDEF01234567"
merchant_public_key_file = "shop.pem"
apiv3_key_env = "APIV3_KEY"

[[merchants]]
provider = "paypal"
name = "Staging"
[merchants.settings]
client_id = "staging-client"
client_secret_env = "APIV3_KEY"
"""
APIV3_KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def config(simulators: Simulators, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a team would keep it, with a certificate that the suite trusts."""
    for name in ("certificate.pem", "key.pem", "ca.pem"):
        (tmp_path / name).write_bytes((simulators.state.parent / name).read_bytes())
    (tmp_path / "shop.pem").write_text(keys.public_pem(OWN.public_key()))
    (tmp_path / "providers.toml").write_text(CONFIG)
    monkeypatch.setenv("APIV3_KEY", APIV3_KEY)
    return tmp_path / "providers.toml"


def serve(config: Path) -> Simulators:
    """Start on the file; what `launch` says on the command line comes first."""
    return launch(config.parent, 0, "--config", str(config))


def token(running: Simulators, client: str) -> httpx.Response:
    url = f"{running.url}/paypal/v1/oauth2/token"
    data = {"grant_type": "client_credentials"}
    return httpx.post(url, auth=(client, APIV3_KEY), data=data, verify=running.trust)


def test_identities_are_given_and_stay(config: Path) -> None:
    running = serve(config)
    card = running.state / "merchants" / "wechatpay" / "staging" / "merchant.json"
    first = json.loads(card.read_text())
    assert first["id"] == first["credentials"]["mchid"] == "1600000001"
    assert not first["credentials"].get("merchant_private_key"), "the team has its own"
    assert (card.parent / "public_key.pem").read_text().startswith("-----BEGIN PUBLIC KEY")
    assert token(running, "staging-client").status_code == 200
    assert token(running, "nobody").status_code == 401
    running.stop(kill=True)

    again = serve(config)
    try:
        assert json.loads(card.read_text()) == first
        assert token(again, "staging-client").status_code == 200
    finally:
        again.stop()


def test_only_named_merchants_are_served(config: Path) -> None:
    earlier = launch(config.parent)
    with control_of(earlier) as control:
        made = control.post("/merchants", json={"provider": "paypal", "settings": {"client_secret": APIV3_KEY}}).json()
    assert token(earlier, made["credentials"]["client_id"]).status_code == 200
    earlier.stop()

    running = serve(config)
    try:
        with control_of(running) as control:
            refused = control.post("/merchants", json={"provider": "paypal"})
            assert (refused.status_code, "named" in refused.json()["detail"]) == (403, True)
        assert token(running, made["credentials"]["client_id"]).status_code == 401
        assert token(running, "staging-client").status_code == 200
    finally:
        running.stop()


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('provider = "paypal"', 'provider = "stripe"', "merchants.2.provider"),
        ('name = "Staging"', 'nmae = "Staging"', "merchants.0"),
        ('state = "kept"', 'sate = "kept"', "where is the state to be kept"),
        ('state = "kept"', 'state = "kept"\nstrict = true', "strict"),
        ('state = "kept"', "state = ", "providers.toml"),
        ('"shop.pem"', '"missing.pem"', "missing.pem"),
        ('"APIV3_KEY"', '"NOT_THERE"', "NOT_THERE is not set"),
        ('mchid = "1600000001"', "mchid = 5", "wechatpay merchant 'Staging'"),
        ('tls_key = "key.pem"', 'tls_key = "shop.pem"', "cannot use the certificate"),
        ('state = "kept"', 'state = "kept"\nhost = "0.0.0.0"\n#', ""),
    ],
)
def test_a_wrong_file_says_what_to_do(config: Path, old: str, new: str, words: str) -> None:
    text = config.read_text().replace(old, new)
    if "0.0.0.0" in new:
        text = text.replace('tls_certificate = "certificate.pem"\n', "")
        words = "the control token must not travel bare"
    config.write_text(text)
    status, said = started(config, {"TOKEN": "t"})
    assert (status, words in said, "Traceback" in said) == (2, True, False), said


def test_an_identity_cannot_change_in_silence(config: Path) -> None:
    assert started(config, {"TOKEN": "t"}, seconds=8)[0] is None
    config.write_text(config.read_text().replace('"wx0123456789abcdef"', '"wx0000000000000000"'))
    status, said = started(config, {"TOKEN": "t"})
    assert (status, "was made with other settings" in said) == (2, True)


def started(config: Path, extra: dict[str, str], seconds: float = 30) -> tuple[int | None, str]:
    """The exit status and the words of a start; None when it was ready, and was stopped."""
    command = [sys.executable, "-m", "fixtures.providers", "--config", str(config)]
    with subprocess.Popen(
        command, env={**os.environ, **extra}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        if program.stdout.readline():
            program.terminate()
            program.wait(10)
            return None, ""
        return program.wait(seconds), program.stderr.read()


def test_a_person_starts_it_with_nothing_said(tmp_path: Path) -> None:
    ports: dict[str, str] = {}
    for name in ("--port", "--proxy-port"):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            ports[name] = str(probe.getsockname()[1])
    said = [by_a_person(tmp_path, ports) for _ in range(2)]
    assert said[0] == said[1], "the same merchants, the same token"
    home = tmp_path / "ashore-providers"
    assert {file.parent.parent.name for file in home.glob("merchants/*/demo-shop/merchant.json")} == {
        "alipay",
        "paypal",
        "wechatpay",
    }
    for kept in ("control-token", "authority.key", "providers.sqlite3", "merchants/alipay/demo-shop/merchant.json"):
        assert (home / kept).stat().st_mode & 0o077 == 0, f"others can read {kept}"


def by_a_person(home: Path, ports: dict[str, str]) -> list[Any]:
    """What it prints, and what its address answers; then Ctrl-C."""
    command = [sys.executable, "-m", "fixtures.providers", *(word for pair in ports.items() for word in pair)]
    with subprocess.Popen(
        command, env={**os.environ, "XDG_STATE_HOME": str(home)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    ) as program:  # fmt: skip
        assert program.stdout is not None
        assert program.stderr is not None
        lines = [program.stdout.readline() for _ in range(7)]
        address = lines[0].split()[-1]
        page = httpx.get(address.partition("#")[0], follow_redirects=True)
        assert (page.status_code, "Control token" in page.text) == (200, True)
        program.send_signal(signal.SIGINT)
        assert (program.wait(10), program.stderr.read()) == (0, "")
        assert program.stdout.read().strip() == "Stopped. What happened is kept."
    return lines
