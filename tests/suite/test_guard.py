"""Nothing but a launched target is fuzzed or attacked, unless the profile names the stage and the host."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
from playwright.sync_api import Browser
from playwright.sync_api import Error as PlaywrightError

from fixtures.targets.gate import Gate
from fixtures.targets.guard import ACCEPTANCE, Forbidden, Guard, GuardedSession, host_and_port

OWN = frozenset({"127.0.0.1:8443"})


def test_a_launched_target_is_open_to_every_stage_but_nothing_else_is() -> None:
    guard = Guard(launched=True, own=OWN)
    for stage in (ACCEPTANCE, "fuzz", "attack", "load", "faults"):
        guard.stage = stage
        assert guard.allows(stage)
        guard.check("https://127.0.0.1:8443/api")
        with pytest.raises(Forbidden):
            guard.check("https://127.0.0.1:8444/api")
        with pytest.raises(Forbidden):
            guard.check("https://shop.example/")


def test_an_attached_target_gets_acceptance_only() -> None:
    guard = Guard(launched=False, own=OWN)
    guard.check("https://127.0.0.1:8443/api")
    assert not guard.allows("attack")
    guard.stage = "attack"
    with pytest.raises(Forbidden, match=r'stages = \["attack"\] and hosts = \["127.0.0.1:8443"\]'):
        guard.check("https://127.0.0.1:8443/api")


@pytest.mark.parametrize(
    ("stages", "hosts", "allowed"),
    [
        ({"attack"}, {"127.0.0.1:8443"}, True),
        ({"attack"}, {"127.0.0.1"}, True),
        ({"fuzz"}, {"127.0.0.1:8443"}, False),
        ({"attack"}, {"other.example"}, False),
        ({"attack"}, set(), False),
    ],
)
def test_an_attack_needs_its_stage_and_its_host_by_name(stages: set[str], hosts: set[str], allowed: bool) -> None:
    guard = Guard(launched=False, own=OWN, stages=frozenset(stages), hosts=frozenset(hosts), stage="attack")
    if allowed:
        guard.check("https://127.0.0.1:8443/api")
    else:
        with pytest.raises(Forbidden):
            guard.check("https://127.0.0.1:8443/api")


def test_the_port_of_the_scheme_is_meant_where_none_is_written() -> None:
    assert host_and_port("https://shop.example/a") == "shop.example:443"
    assert host_and_port("http://shop.example/a") == "shop.example:80"


class Elsewhere(BaseHTTPRequestHandler):
    """Answers every request, and redirects one path to the address in its query."""

    protocol_version = "HTTP/1.1"  # it keeps its connections, as a proxy does
    seen: list[str]
    page = ""

    def do_GET(self) -> None:
        type(self).seen.append(self.path)
        if self.path == "/page":
            self._show(self.page.encode())
            return
        self.send_response(302 if "?" in self.path else 200)
        self.send_header("Location", self.path.partition("?")[2])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _show(self, page: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        """Quiet."""


Servers = tuple[ThreadingHTTPServer, ThreadingHTTPServer]


@pytest.fixture
def servers() -> Iterator[Servers]:
    Elsewhere.seen = []
    pair = tuple(ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) for _ in range(2))
    for server in pair:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield pair  # type: ignore[misc]
    for server in pair:
        server.shutdown()
        server.server_close()


def test_a_redirect_to_elsewhere_is_not_followed(servers: Servers) -> None:
    own, other = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    session = GuardedSession(Guard(launched=True, own=frozenset({host_and_port(own)}), stage="fuzz"))
    assert session.get(f"{own}/?{own}/here").status_code == requests.codes.ok
    with pytest.raises(Forbidden):
        session.get(f"{own}/?{other}/there")
    assert Elsewhere.seen[-1] == f"/?{other}/there", "the redirect's destination was never asked"


def test_a_watched_browser_goes_where_it_may_and_nowhere_else(browser: Browser, servers: Servers) -> None:
    own, other = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    context = browser.new_context()
    Guard(launched=False, own=frozenset(), stages=frozenset({"attack"}), hosts=frozenset({host_and_port(own)})).watch(
        context
    )
    page = context.new_page()
    page.goto(f"{own}/here")
    with pytest.raises(PlaywrightError, match="ERR_BLOCKED_BY_CLIENT"):
        page.goto(f"{other}/there")
    context.close()
    assert Elsewhere.seen[-1] != "/there"


PAGE = """<img src="{own}/?{other}/image"><script>
fetch("{own}/?{other}/fetch", {{mode: "no-cors"}}).catch(() => 0);
new Worker(URL.createObjectURL(new Blob(["fetch('{other}/worker', {{mode: 'no-cors'}})"])));
const socket = new WebSocket("{other}/socket".replace("http", "ws"));
socket.onerror = () => document.title = "over";
</script>"""


@pytest.fixture
def gate(servers: Servers) -> Iterator[Gate]:
    """A way out to the first of the servers alone."""
    own = frozenset({f"127.0.0.1:{servers[0].server_port}"})
    with Gate(Guard(launched=False, own=frozenset(), stages=frozenset({"attack"}), hosts=own, stage="attack")) as made:
        yield made
        made.shutdown()


def test_an_attacking_browser_gets_nowhere_else_by_any_way(browser: Browser, servers: Servers, gate: Gate) -> None:
    own, other = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    with browser.new_context(proxy={"server": gate.url, "bypass": "<-loopback>"}) as context:
        page = context.new_page()
        assert page.goto(f"{own}/here").ok  # type: ignore[union-attr]
        with pytest.raises(PlaywrightError):
            page.goto(f"{own}/?{other}/navigation")
        Elsewhere.page, page = PAGE.format(own=own, other=other), context.new_page()
        page.goto(f"{own}/page")
        page.wait_for_function("document.title == 'over'")
        page.wait_for_load_state()
    asked = set(Elsewhere.seen)
    assert {f"/?{other}/image", f"/?{other}/fetch"} <= asked, "the first hops are its own to ask"
    assert asked & {"/navigation", "/image", "/fetch", "/worker", "/socket"} == set()


def test_a_connection_through_the_profiles_proxy_is_judged_for_its_second_request_too(servers: Servers) -> None:
    """A browser keeps its connection to a proxy, and asks for another host on it."""
    upstream = f"http://127.0.0.1:{servers[0].server_port}"
    guard = Guard(launched=True, own=frozenset({"own.invalid:80"}), stage="attack")
    asked = "".join(f"GET http://{host}.invalid/ HTTP/1.1\r\nHost: {host}.invalid\r\n\r\n" for host in ("own", "other"))
    with Gate(guard, upstream) as gate, socket.create_connection(gate.server_address, 5) as client:
        client.sendall(asked.encode())
        client.settimeout(2)
        with contextlib.suppress(OSError):
            while client.recv(65_536):
                pass
        gate.shutdown()
    assert Elsewhere.seen == ["http://own.invalid/"]


def test_an_attacking_browser_goes_on_through_the_profiles_proxy(browser: Browser, servers: Servers) -> None:
    guard = Guard(launched=True, own=frozenset({"own.invalid:80"}), stage="attack")
    with Gate(guard, f"127.0.0.1:{servers[0].server_port}") as gate:
        with browser.new_context(proxy={"server": gate.url, "bypass": "<-loopback>"}) as context:
            page = context.new_page()
            page.goto("http://own.invalid/here")
            with pytest.raises(PlaywrightError):
                page.goto("http://own.invalid/?http://other.invalid/there")
        gate.shutdown()
    assert "http://own.invalid/here" in Elsewhere.seen
    assert "http://other.invalid/there" not in Elsewhere.seen
