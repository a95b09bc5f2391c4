"""The official `alipay-sdk-python` at work in a process of its own: the package `alipay` is `python-alipay-sdk`'s here.

Run as a program it reads JSON lines: first the shop's settings, then one deed a line, and answers each with a line.
The SDK is unmodified. It cannot be given a port (it adds an integer to its URL), so it is told `https://localhost` and
its connections end at the simulator, as a port forward or a hosts file would have it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]


AT_START = dict(os.environ)
"""The environment before the simulators' authority was put into it, which would keep pip from trusting its registry."""


def sdk_folder() -> Path:
    """Where the SDK lies: beside the environment's own packages, installed on first need. Where it cannot be
    installed, the test is skipped with the reason; in CI it fails, for nobody would see the skip."""
    import pytest

    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["dependency-groups"]["alipay-sdk-python"]
    folder = Path(sys.prefix, wanted[0].replace("==", "-"))
    if failure := _install(folder, tuple(wanted)):
        missed = pytest.fail if os.environ.get("CI") else pytest.skip
        missed(f"{wanted[0]} cannot be installed here: {failure}")
    return folder


@cache
def _install(folder: Path, wanted: tuple[str, ...]) -> str | None:
    """Why it failed, if it did."""
    half = folder.with_name(f"{folder.name}.half")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    try:
        with folder.with_name(f"{folder.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # another worker may be at it
            if folder.exists():
                return None
            shutil.rmtree(half, ignore_errors=True)
            done = subprocess.run(
                [*pip, "--target", half, *wanted], env=AT_START, capture_output=True, text=True, check=False
            )
            if done.returncode:
                return done.stderr.strip().rpartition("\n")[2]
            half.replace(folder)
    except OSError as error:
        return str(error)
    return None


class Official:
    """The SDK of one shop. A deed it refuses raises RuntimeError with the SDK's own words."""

    def __init__(self, credentials: dict[str, Any]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-P", __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(sdk_folder()), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"},
        )
        self._say(credentials)

    def execute(self, request: str, content: dict[str, Any], notify_url: str | None = None) -> dict[str, Any]:
        """`execute("AlipayTradeQuery", {"out_trade_no": …})`: the content of a verified answer."""
        return dict(self._do(deed="execute", request=request, content=content, notify_url=notify_url))

    def page(self, request: str, content: dict[str, Any]) -> str:
        """The address that `page_execute` makes for a browser."""
        return str(self._do(deed="page", request=request, content=content, notify_url=None))

    def verifies(self, notification: dict[str, str]) -> bool:
        """What the SDK's own verifier says: it answers True or raises."""
        try:
            return bool(self._do(deed="verify", notification=notification))
        except RuntimeError as refused:
            if "VerificationError" in str(refused):
                return False
            raise

    def close(self) -> None:
        self._process.communicate()

    def _do(self, **deed: Any) -> Any:
        self._say(deed)
        assert self._process.stdout is not None
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["value"]

    def _say(self, line: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()


def _forward(gateway: str) -> str:
    """Let connections to localhost:443 end at the simulator; returns the gateway's address as the SDK is told it."""
    parts = urlsplit(gateway)
    connect = socket.create_connection

    def forwarded(address: tuple[str, int], *more: Any, **named: Any) -> socket.socket:
        assert address == ("localhost", 443)
        return connect((str(parts.hostname), int(parts.port or 443)), *more, **named)

    socket.create_connection = forwarded  # type: ignore[assignment]
    return f"https://localhost{parts.path}"


def _take_text() -> None:
    """Let PyCryptodome take text, as its forerunner PyCrypto did: the SDK gives it some, for which it raises."""
    aes = import_module("Crypto.Cipher.AES")
    made = aes.new

    class Cipher:
        def __init__(self, key: bytes, mode: int, iv: str) -> None:
            self._cipher = made(key, mode, iv.encode())
            self.decrypt = self._cipher.decrypt

        def encrypt(self, text: str) -> bytes:
            return bytes(self._cipher.encrypt(text.encode()))

    aes.new = Cipher  # type: ignore[attr-defined]


def _client(credentials: dict[str, Any]) -> Any:
    config = import_module("alipay.aop.api.AlipayClientConfig").AlipayClientConfig()
    config.server_url = _forward(credentials["gateway"])
    config.app_id = credentials["app_id"]
    config.app_private_key = credentials["app_private_key"]
    config.alipay_public_key = credentials["alipay_public_key"]
    if credentials.get("encrypt"):
        _take_text()
        config.encrypt_type, config.encrypt_key = "AES", credentials["aes_key"]
    return import_module("alipay.aop.api.DefaultAlipayClient").DefaultAlipayClient(config)


def _request(deed: dict[str, Any]) -> Any:
    name = deed["request"]
    model = getattr(import_module(f"alipay.aop.api.domain.{name}Model"), f"{name}Model").from_alipay_dict(
        deed["content"]
    )
    request = getattr(import_module(f"alipay.aop.api.request.{name}Request"), f"{name}Request")(biz_model=model)
    if deed["notify_url"]:
        request.notify_url = deed["notify_url"]
    return request


def _answer(client: Any, credentials: dict[str, Any], deed: dict[str, Any]) -> Any:
    if deed["deed"] == "execute":
        return json.loads(client.execute(_request(deed)))
    if deed["deed"] == "page":
        return client.page_execute(_request(deed), http_method="GET")
    signatures = import_module("alipay.aop.api.util.SignatureUtils")
    given = deed["notification"]
    content = signatures.get_sign_content({name: given[name] for name in given if name not in ("sign", "sign_type")})
    return signatures.verify_with_rsa(credentials["alipay_public_key"], content.encode(), given["sign"])


def _lines() -> Iterator[dict[str, Any]]:
    for line in sys.stdin:
        yield json.loads(line)


def main() -> None:
    lines = _lines()
    credentials = next(lines)
    client = _client(credentials)
    for deed in lines:
        try:
            told = {"value": _answer(client, credentials, deed)}
        except Exception as error:
            told = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
