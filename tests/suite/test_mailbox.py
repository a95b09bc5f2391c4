"""The mail server of launched targets takes what a shop sends, and the mailbox reads it back for whom it is."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from fixtures.mailbox import Mailbox, read
from fixtures.targets import Target, attached, sink
from fixtures.targets.contract import NotCovered
from fixtures.targets.launch import Certificates, Child, free_port
from fixtures.targets.profile import load

ADDRESSES = ["ada@example.com", "Ada@Example.COM", "łukasz.ñandú@example.com", "王小明@example.com"]


@dataclass(frozen=True)
class Server:
    port: int
    maildir: Path
    ca: Path

    def send(self, to: str, text: str, secure: bool = True) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "shop@shop.example", to, "上岸"
        message.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as server:
            if secure:
                server.starttls(context=ssl.create_default_context(cafile=str(self.ca)))
            server.send_message(message)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("mail")
    certificates, port = Certificates(folder), free_port()
    command = sink.command(port, certificates.chain, certificates.key, folder / "mail")
    child = Child(command, {}, folder / "mail.log")
    while not sink.answers(port):
        child.check()
    yield Server(port, folder / "mail", certificates.ca)
    child.stop()


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_mail_is_read_back_for_whom_it_is(server: Server, address: str) -> None:
    mailbox = Mailbox(server.maildir)
    before = len(mailbox.letters(address))
    server.send(address, f"Dear 王小明,\n\nhttps://shop.example/{'a' * 120}\n")
    letter = mailbox.letters(address)[before]
    assert (letter.subject, f"/{'a' * 120}\n" in letter.text) == ("上岸", True)
    assert mailbox.letters(f"not.{address}") == []


def test_letters_come_in_the_order_they_were_sent(server: Server) -> None:
    for number in range(5):
        server.send("order@example.com", str(number))
    letters = Mailbox(server.maildir).letters("order@example.com")
    assert [letter.text.strip() for letter in letters] == list("01234")


def test_without_tls_nothing_is_taken(server: Server) -> None:
    with pytest.raises(smtplib.SMTPException):
        server.send("plain@example.com", "in the clear", secure=False)
    assert Mailbox(server.maildir).letters("plain@example.com") == []


def test_a_mail_in_html_only_is_read_too() -> None:
    letter = read(b"To: a@example.com\r\nContent-Type: text/html\r\n\r\n<a href='https://shop.example/x'>x</a>\r\n")
    assert "https://shop.example/x" in letter.text


def test_a_target_whose_mail_is_not_named_is_not_covered(tmp_path: Path) -> None:
    profile = """\
name = "A shop"
driver = "{driver}"
capabilities = []
pays_with = ["alipay"]
[web]
url = "https://127.0.0.1:9"
[api]
url = "https://127.0.0.1:9/api"
"""
    driver = Path(sink.__file__).parent / "reference" / "driver.py"
    (tmp_path / "target.toml").write_text(profile.format(driver=driver))
    with contextlib.closing(_target(tmp_path)) as target, pytest.raises(NotCovered, match="the target's mail"):
        target.mailbox.letters("a@example.com")
    (tmp_path / "target.toml").write_text(profile.format(driver=driver) + '[mailbox]\nmaildir = "mail"\n')
    with contextlib.closing(_target(tmp_path)) as target:
        assert target.mailbox.letters("a@example.com") == []


def _target(folder: Path) -> Target:
    profile = load(str(folder))
    return Target(profile, attached(profile))
