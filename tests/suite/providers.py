"""One launched simulator program for the suite's own tests, over HTTPS, and a shop's ear to hear its notifications.

The conftest gives them to every module, so that there is one program and one authority in the environment.
"""

from __future__ import annotations

import json
import os
import queue
import secrets
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme


@dataclass
class Simulators:
    """The running program. `ca` is a PEM file that its certificate, and the listener's, chain to."""

    url: str
    token: str
    ca: Path
    certificate: Path
    key: Path
    state: Path
    process: subprocess.Popen[str] = field(repr=False)
    said: dict[str, Any] = field(default_factory=dict)
    """The line it printed when it was ready."""

    @property
    def trust(self) -> ssl.SSLContext:
        """What a client needs to trust the program and the listeners."""
        return ssl.create_default_context(cafile=self.ca)

    def stop(self, *, kill: bool = False) -> None:
        (self.process.kill if kill else self.process.terminate)()
        self.process.wait(10)
        if self.process.stdout:
            self.process.stdout.close()


def launch(folder: Path, port: int = 0, *options: str) -> Simulators:
    """Start the program on `folder`; a second start on the same folder (and port) finds its state, CA and keys."""
    ca, certificate, key = folder / "ca.pem", folder / "certificate.pem", folder / "key.pem"
    if not ca.exists():
        authority = trustme.CA()
        issued = authority.issue_cert("127.0.0.1", "localhost")
        authority.cert_pem.write_to_path(ca)
        certificate.write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
        issued.private_key_pem.write_to_path(key)
    token = secrets.token_hex()
    process = subprocess.Popen(
        [
            sys.executable, "-m", "fixtures.providers", "--port", str(port), "--state", folder / "state",
            "--tls-certificate", certificate, "--tls-key", key, "--ca", ca, "--control-token-env", "TOKEN", *options,
        ],
        env={**os.environ, "TOKEN": token}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"the simulators ended at once with status {process.wait()}; see their standard error above"
    said = json.loads(line)
    return Simulators(said["url"], token, ca, certificate, key, folder / "state", process, said)


@dataclass(frozen=True)
class Heard:
    """One request the listener received."""

    path: str
    headers: dict[str, str]
    body: bytes


class Listener:
    """A shop's notification endpoint over HTTPS. `answer` is what it replies to each request: (status, body)."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.answer: Callable[[Heard], tuple[int, str]] = lambda _: (200, "success")
        self._heard: queue.Queue[Heard] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def url(self, path: str = "") -> str:
        """An address of this listener; take a path of your own (`f"/{secrets.token_hex(8)}"`) to hear only yours."""
        return f"https://127.0.0.1:{self._server.server_port}{path}"

    def wait(self, path: str, seconds: float = 10, *, matching: Callable[[Heard], bool] = lambda _: True) -> Heard:
        """The next request to `path` that matches; others are put back."""
        deadline = time.monotonic() + seconds
        others = []
        try:
            while True:
                heard = self._heard.get(timeout=max(0.0, deadline - time.monotonic()))
                if heard.path == path and matching(heard):
                    return heard
                others.append(heard)
        except queue.Empty:
            raise AssertionError(f"nothing came to {path} within {seconds} s") from None
        finally:
            for heard in others:
                self._heard.put(heard)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                heard = Heard(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                status, text = listener.answer(heard)
                self.send_response(status)
                self.send_header("content-length", str(len(text.encode())))
                self.end_headers()
                with suppress(OSError):  # the simulator reads no more than it keeps
                    self.wfile.write(text.encode())
                listener._heard.put(heard)

            def log_message(self, *_: Any) -> None: ...

        return Handler


@pytest.fixture(scope="session")
def simulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulators]:
    """The program; `SSL_CERT_FILE` and `REQUESTS_CA_BUNDLE` make every SDK in this process trust it."""
    running = launch(tmp_path_factory.mktemp("providers"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(running.ca))
        patch.setenv("REQUESTS_CA_BUNDLE", str(running.ca))
        yield running
    running.stop()


def control_of(running: Simulators) -> httpx.Client:
    """A client of the control API: paths are relative to `/control`, the token is sent."""
    return httpx.Client(
        base_url=f"{running.url}/control",
        headers={"authorization": f"Bearer {running.token}"},
        verify=running.trust,
        timeout=30,
    )


@pytest.fixture(scope="session")
def control(simulators: Simulators) -> Iterator[httpx.Client]:
    with control_of(simulators) as client:
        yield client


@pytest.fixture
def listener(simulators: Simulators) -> Iterator[Listener]:
    """A listener of the test's own; it acknowledges with Alipay's `success` and status 200 unless told otherwise."""
    made = Listener(simulators.certificate, simulators.key)
    yield made
    made.close()
