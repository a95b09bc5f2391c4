"""The journal: lines survive a kill, secrets do not get in, runs are found again and merged."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reports import journal, redaction
from reports.evidence import BODY_BYTES, Evidence
from reports.journal import Journal, JournalError
from reports.redaction import redact, redact_text
from reports.verdict import conclude
from tests.suite.journals import Sample

KILLED = """
import os, signal
from reports import journal
journal.start(command=["pytest"], sessions=["main"]).write("note", text="before the kill")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASHORE_RUNS", str(tmp_path))
    monkeypatch.delenv("ASHORE_RUN", raising=False)
    monkeypatch.setattr(journal, "_current", None)
    return tmp_path


def texts(folder: Path) -> list[str]:
    return [record["text"] for record in journal.read(folder) if record["kind"] == "note"]


def test_a_killed_process_loses_no_finished_line_and_the_run_is_told_as_unfinished(runs: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED], check=False)
    assert done.returncode == -signal.SIGKILL
    [folder] = journal.unfinished()
    assert folder.parent == runs
    assert texts(folder) == ["before the kill"]
    assert conclude(folder).verdict == "incomplete"
    assert journal.unfinished() == []


def test_a_run_that_is_being_written_is_not_unfinished(runs: Path) -> None:
    started = journal.start(command=[])
    assert journal.unfinished() == []
    started.close()
    assert journal.unfinished() == [started.folder]


def test_children_join_the_run_by_the_environment(runs: Path) -> None:
    started = journal.start(command=[])
    code = "from reports import journal; journal.write('note', text='from a child')"
    subprocess.run([sys.executable, "-c", code], check=True)
    os.environ.pop("ASHORE_RUN")
    assert texts(started.folder) == ["from a child"]
    assert len(list((started.folder / "journal").iterdir())) == 2


def test_without_a_run_nothing_is_written(runs: Path) -> None:
    journal.write("note", text="nowhere")
    assert list(runs.iterdir()) == []


def test_a_torn_last_line_is_skipped(tmp_path: Path) -> None:
    part = Journal(tmp_path)
    part.write("note", text="whole")
    [path] = (tmp_path / "journal").iterdir()
    path.write_bytes(path.read_bytes() + b'{"kind":"note","at":"2026-11-22T16:00:00","text":"to')
    assert texts(tmp_path) == ["whole"]


def test_a_folder_that_cannot_be_written_gives_one_message_with_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match=r"cannot write the run's folder .*ASHORE_RUNS=FOLDER"):
        Journal(tmp_path / "file" / "run")


def test_a_run_is_found_by_id_by_path_and_as_the_latest(runs: Path) -> None:
    Sample(runs / "20261122-161530-aaaaaa").finish()
    latest = Sample(runs / "20261122-161531-aaaaaa").finish()
    assert journal.find() == journal.find(latest.name) == journal.find(str(latest)) == latest
    with pytest.raises(JournalError, match="20261122-161531-aaaaaa"):
        journal.find("unknown")


def test_merging_brings_records_and_evidence_together(tmp_path: Path) -> None:
    for name in ("one", "two"):
        sample = Sample(tmp_path / name, session=name)
        sample.journal.evidence_file(".png").write_bytes(name.encode())
        sample.test(id=f"tests/money/test_it.py::test_{name}", gate="money")
        sample.finish()
    merged = journal.merge([tmp_path / "one", tmp_path / "two"], tmp_path / "both")
    verdict = conclude(merged)
    assert verdict.counts == {"passed": 2}
    assert [session["name"] for session in verdict.run["sessions"]] == ["one", "two"]
    assert len(list((merged / "evidence").iterdir())) == 2
    with pytest.raises(JournalError, match="not empty"):
        journal.merge([tmp_path / "one"], merged)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abcdefghijklmnop", "abcdefghijklmnop"),
        ("Cookie: session=s3ss10n; theme=dark", "s3ss10n"),
        ("set-cookie: csrf=t0k3n; Path=/", "t0k3n"),
        ('{"password": "correct horse \\" battery"}', "battery"),
        ('{"access_token":"A21AAF"}', "A21AAF"),
        ("user[password]=hunter2&x=1", "hunter2"),
        ("user%5Bpassword%5D=hunter2", "hunter2"),
        ("next=%2F%3Fpassword%3Dhunter2", "hunter2"),
        ('--b\r\nContent-Disposition: form-data; name="password"\r\n\r\nhunter2\r\n--b--', "hunter2"),
        ("<password>hunter2</password>", "hunter2"),
        ('<input type="password" name="password" value="hunter2">', "hunter2"),
        ('{"password": 12345678}', "12345678"),
        ("cvv=737&pin=4821", "737"),
        ("cvv=737&pin=4821", "4821"),
        ('{"security_code":"737"}', "737"),
        ("https://shop.example/x;jsessionid=ABCDEF123", "ABCDEF123"),
        ("PHPSESSID=abcdef123", "abcdef123"),
        ("https://shop.example/?sid=abcdef", "abcdef"),
        ('{"refresh_token_v2":"A21AAxyz"}', "A21AAxyz"),
        ("card=4111111111111111", "4111111111111111"),
        ("4111 1111 1111 1111", "1111 1111 1111"),
        ('{"number":"4032-0393-1798-4658"}', "0393-1798"),
        ("grant_type=password&password=hunter2&x=1", "hunter2"),
        ("https://shop.example/reset?token=abc123#x", "abc123"),
        ("https://user:hunter2@shop.example/", "hunter2"),
        ("apiv3_key='0123456789abcdef0123456789abcdef'", "0123456789abcdef"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "MIIE"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE is cut here", "MIIE"),
        ("write to sam.smith@example.com", "sam.smith"),
        ("email=sam%40example.com", "sam%40"),
        ("call 13812345678 now", "13812345678"),
        ("call +447700900123 now", "7700900"),
        ("password='correct horse battery'", "battery"),
        ("pwd=hunter2", "hunter2"),
        ("authorization was bearer abcdefghijklmnop", "abcdefghijklmnop"),
        ("https://ghp0123456789@shop.example/", "ghp0123456789"),
        ("id: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "eyJzdWIiOiIxMjM0In0"),
    ],
)
def test_secrets_and_personal_data_are_masked(text: str, secret: str) -> None:
    masked = redact_text(text)
    assert secret not in masked
    assert redact_text(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "sign=MEUCIQDx+123/abc==&out_trade_no=20261122161530123456",
        '{"amount": {"minor": 3881, "currency": "CNY"}, "refunded": 88.81}',
        "Wechatpay-Signature: kWGwkTUx9HvbFYg==",
        "the token is missing; the password is weak",
        "2026-11-22T16:15:30.123+00:00 at 1795364130",
    ],
)
def test_what_is_evidence_stays(text: str) -> None:
    assert redact_text(text) == text


def test_what_follows_a_secret_stays_also_in_quoted_json() -> None:
    quoted = json.dumps(json.dumps({"password": 'a"b', "amount": 3881}))
    assert json.loads(json.loads(redact_text(quoted))) == {"password": "***", "amount": 3881}


def test_equal_values_are_still_seen_to_be_equal() -> None:
    sam, again, ann = (redact_text(text) for text in ("sam@example.com", "Sam@example.com", "ann@example.com"))
    assert sam.rpartition("#")[2] == again.rpartition("#")[2] != ann.rpartition("#")[2]
    assert sam.startswith("s***@example.com#")
    assert redact({"access_token": "t1"}) == redact({"access_token": "t1"}) != redact({"access_token": "t2"})


def test_values_are_masked_by_the_name_they_stand_under() -> None:
    masked = redact({"client_secret": "x", "headers": [{"Authorization": "y"}], "apiv3_key": b"z", "sign": "kept"})
    assert masked["client_secret"] == masked["apiv3_key"] == "***"
    assert masked["headers"][0]["Authorization"].startswith("***#")
    assert masked["sign"] == "kept"


def test_what_stands_under_a_hidden_name_is_masked_as_a_whole() -> None:
    assert redact({"password": {"old": "a", "new": "b"}, "passwords": ["c"]}) == {"password": "***", "passwords": "***"}
    assert redact({"number": 4111111111111111, "x-csrf": "abcdef"})["number"] == "411111******1111"


def test_a_number_that_is_no_cards_stays() -> None:
    for number in (
        "4111111111111112",
        "20261130220014294005",
        "2088102180000000",
        "4200002026113022001429400512345678",
    ):
        assert redact_text(f"trade_no={number}") == f"trade_no={number}"


def test_a_secret_that_is_known_is_masked_whatever_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_KNOWN", set())
    assert redaction.keep_secret("staging/only 42") == "staging/only 42"
    assert redact({"X-Staging-Key": "staging/only 42", "url": "/?key=staging%2Fonly%2042"}) == {
        "X-Staging-Key": "***",
        "url": "/?key=***",
    }
    assert redact(redaction.keep_secret("1234")) == "1234"  # too short to be told from anything else


def test_the_journal_holds_no_secret_and_keeps_node_ids(tmp_path: Path) -> None:
    part = Journal(tmp_path)
    part.write("test", id="test_it.py::test_sign_in[sam@example.com]", message="sam@example.com has token=abc")
    [record] = journal.read(tmp_path)
    assert record["id"] == "test_it.py::test_sign_in[sam@example.com]"
    assert "sam@" not in record["message"]
    assert "abc" not in record["message"]


def test_evidence_is_bounded(tmp_path: Path) -> None:
    evidence = Evidence()
    for number in range(100):
        evidence.exchange(method="GET", url=f"/{number}", status=200, response_body=b"x" * (BODY_BYTES + 1))
    taken = evidence.take()
    assert (taken["exchanges_sent"], len(taken["exchanges"]), taken["exchanges"][-1]["url"]) == (100, 40, "/99")
    assert taken["exchanges"][0]["response_body"].endswith("… cut: 20001 bytes in all")
    assert evidence.take()["exchanges_sent"] == 0


def test_polling_does_not_push_out_what_led_to_it() -> None:
    evidence = Evidence()
    evidence.exchange(method="POST", url="/notify", status=200, request_body="paid")
    for _ in range(100):
        evidence.exchange(method="GET", url="/order", status=200, response_body="unpaid")
        evidence.exchange(method="GET", url="/ledger", status=200, response_body="[]")
    taken = evidence.take()
    assert [(one["url"], one["times"]) for one in taken["exchanges"]] == [
        ("/notify", 1),
        ("/order", 100),
        ("/ledger", 100),
    ]
    assert taken["exchanges_sent"] == 201


def test_the_first_and_the_last_books_of_a_test_are_kept() -> None:
    evidence = Evidence()
    for number in range(3):
        evidence.books([{"difference": number}])
    assert json.dumps(evidence.take()["books"]) == '[[{"difference": 0}], [{"difference": 2}]]'


@pytest.mark.parametrize(
    "unit", ["a", "\\", '"', "password", "secret", '"secret', "a@", "a.", '\\"', "-----BEGIN PRIVATE KEY-----"]
)
def test_masking_a_hostile_body_takes_no_time(unit: str) -> None:
    body = '"' + unit * (BODY_BYTES // len(unit))
    began = time.perf_counter()
    redact_text(body)
    assert time.perf_counter() - began < 0.5
