"""What a user can get wrong, and what an environment can lack: one message with the cure, and the right status."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import trustme

from fixtures.targets.launch import free_port
from tests.suite.commands import PYTEST, RUNNER, TARGETS, Command

WAYS = {"the whole acceptance": RUNNER, "plain pytest": PYTEST}
WRONG, INCOMPLETE, WRONG_TARGETS_COMMAND = 4, 10, 2

PROFILE = """\
name = "A shop"
driver = "driver.py"
capabilities = []
pays_with = ["alipay"]
[web]
url = "{url}"
[api]
url = "{url}/api"
[access]
seconds = 1
"""

DRIVER = """\
class Driver:
    def __init__(self, target): pass
    def api(self, session): return self
    def web(self, page, session): return self
"""


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return (*WAYS[request.param], "--via", "api")


@pytest.fixture
def shop(tmp_path: Path) -> Callable[..., str]:
    """Write the profile of an attached target, with one change, and return its folder."""

    def write(url: str = "https://127.0.0.1:9", change: tuple[str, str] = ("", "")) -> str:
        (tmp_path / "target.toml").write_text(PROFILE.format(url=url).replace(*change, 1))
        (tmp_path / "driver.py").write_text(DRIVER)
        return str(tmp_path)

    return write


class Answering(ThreadingHTTPServer):
    """A target that answers in one way, or never when `status` is 0."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.ended = threading.Event()
        super().__init__(("127.0.0.1", 0), Answer)


class Answer(BaseHTTPRequestHandler):
    server: Answering

    def do_GET(self) -> None:
        if not self.server.status:
            self.server.ended.wait()
            return
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def target(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a target in the given state."""
    if request.param == "down":
        yield f"http://127.0.0.1:{free_port()}"
        return
    server = Answering({"hanging": 0, "answering 502": 502, "not trusted": 200}[request.param])
    scheme = "http"
    if request.param == "not trusted":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"{scheme}://127.0.0.1:{server.server_port}"
    server.ended.set()
    server.shutdown()
    server.server_close()


def assert_refused(command: Command, status: int, *words: str) -> None:
    """It ends with the status and says the words once, without a traceback; nothing of it goes on running."""
    ended, said = command.ends(), command.output
    assert ended == status, said
    for word in words:
        assert said.count(word) == 1, said
    assert "Traceback" not in said
    assert "INTERNALERROR" not in said
    command.leaves_nothing()


def assert_wrong(command: Command, *words: str) -> None:
    """The command line or the profile is wrong: nothing was judged, so there is no run."""
    assert_refused(command, WRONG, *words)
    assert not command.runs.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--target", "nowhere"), ("there is no target 'nowhere'; known targets: ", "make target NAME=")),
        (("--defect", "nowhere"), ("the catalogue has no defect 'nowhere'", "`pytest --defects` lists the catalogue")),
        (("--defect", "nowhere.py"), ("there is no file nowhere.py; --defect takes an id",)),
        (("--via", "phone"), ("argument --via: invalid choice: 'phone'",)),
    ],
)
def test_a_wrong_word_on_the_command_line(
    tmp_path: Path, way: tuple[str, ...], arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    assert_wrong(Command(tmp_path, *way, *arguments), *words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('pays_with = ["alipay"]\n', ""), "target.toml:1: pays_with: is missing; add it"),
        (("seconds", "second"), "target.toml:10: access.second: is not a key of a profile"),
        (("driver.py", "pilot.py"), "pilot.py, which does not exist"),
        (("seconds = 1", 'ca = "ca.pem"'), "ca.pem is no PEM file of an authority (No such file or directory)"),
        (("seconds = 1", 'headers = {"X-Key" = {env = "SHOP_KEY"}}'), "SHOP_KEY, which the profile names, is not set"),
    ],
)
def test_a_wrong_profile(
    tmp_path: Path, way: tuple[str, ...], shop: Callable[..., str], change: tuple[str, str], words: str
) -> None:
    assert_wrong(Command(tmp_path, *way, f"--target={shop(change=change)}"), words)


def test_a_profile_that_was_never_filled_in(tmp_path: Path, way: tuple[str, ...], shop: Callable[..., str]) -> None:
    words = "https://shop.example is a placeholder; put your target's addresses in [web] and [api]"
    assert_wrong(Command(tmp_path, *way, f"--target={shop('https://shop.example')}"), words)


def test_a_defect_needs_a_target_that_the_suite_launches(
    tmp_path: Path, way: tuple[str, ...], shop: Callable[..., str]
) -> None:
    command = Command(tmp_path, *way, f"--target={shop()}", "--defect", "paypal-webhook-unverified")
    assert_wrong(command, "only a target that the suite launches can carry a defect; leave --defect out")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("down", "cannot connect ([Errno 111] Connection refused); is it running, and is the address right?"),
        ("hanging", "no answer in time; is it hanging? ([access] seconds sets the limit)"),
        ("answering 502", "answers 502: is the application behind it up?"),
        (
            "not trusted",
            "its certificate is not trusted; name the authority that signed it in the profile: [access] ca",
        ),
    ],
    indirect=["target"],
)
def test_a_target_that_cannot_be_judged(
    tmp_path: Path, way: tuple[str, ...], shop: Callable[..., str], target: str, words: str
) -> None:
    command = Command(tmp_path, *way, f"--target={shop(target)}")
    assert_refused(command, INCOMPLETE, words, target)
    assert command.verdict["verdict"] == "incomplete"
    assert any(words in reason for reason in command.verdict["reasons"])


def test_no_browser(tmp_path: Path, way: tuple[str, ...]) -> None:
    command = Command(tmp_path, *way, "--via", "web", PATH="/nowhere", PLAYWRIGHT_BROWSERS_PATH="/nowhere")
    assert_refused(command, INCOMPLETE, "no browser found: run `.venv/bin/playwright install")
    assert command.verdict["verdict"] == "incomplete"


def test_runs_that_cannot_be_written(tmp_path: Path, way: tuple[str, ...]) -> None:
    (tmp_path / "runs").write_text("a file where the folder should be")
    command = Command(tmp_path, *way)
    assert_refused(command, WRONG, "cannot write the run's folder", "name another place with ASHORE_RUNS=FOLDER")


@pytest.mark.parametrize("option", ["--port", "--providers-port"])
def test_a_port_that_is_taken(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        others = {"--port": str(free_port()), "--providers-port": str(free_port()), option: port}
        command = Command(tmp_path, *TARGETS, "run", *(word for pair in others.items() for word in pair))
        assert_refused(command, INCOMPLETE, f"port {port} is taken", "give another, or stop what uses it")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "nowhere"), "there is no target 'nowhere'"),
        (("check", "nowhere"), "there is no target 'nowhere'"),
        (("new", "My Shop"), "'My Shop' cannot be a target's name"),
        (("new", "reference"), "is already there; choose another name"),
        (("run", "--port", "99999"), "'99999' is not a port; give a number from 1 to 65535"),
        (("run", "--port", "8444"), "--port and --providers-port are both 8444"),
    ],
)
def test_a_wrong_command_about_targets(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    assert_refused(Command(tmp_path, *TARGETS, *arguments), WRONG_TARGETS_COMMAND, words)
