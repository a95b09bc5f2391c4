"""The trace of a check that failed: kept as evidence, and handed on without anybody's secrets."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from reports import traces
from reports.evidence import Evidence
from reports.redaction import redact_text

PAGE = "data:text/html,<label>Password<input type=password></label><label>Name<input></label>"


class Tracing:
    """Playwright's, as far as `traces` knows it."""

    def __init__(self, lines: list[Any]) -> None:
        self.lines = lines
        self.options: dict[str, bool] = {}

    def start(self, **options: bool) -> None:
        self.options = options

    def stop(self, path: str) -> None:
        with zipfile.ZipFile(path, "w") as written:
            written.writestr("trace.network", "\n".join(map(json.dumps, self.lines)))
            written.writestr("resources/1.html", "<p>ada@example.com")
            written.writestr("resources/2.png", b"\x89PNG\xff")


class Context:
    def __init__(self, *lines: Any) -> None:
        self.tracing = Tracing(list(lines))


def kept(context: Any, folder: Path) -> dict[str, bytes]:
    traces.keep(context, folder / "trace.zip")
    with zipfile.ZipFile(folder / "trace.zip") as found:
        return {name: found.read(name) for name in found.namelist()}


def test_cookies_tokens_and_addresses_are_masked(tmp_path: Path) -> None:
    cookie = {"name": "session", "value": "sesame-1"}
    header = {"name": "Authorization", "value": "Bearer sesame-22"}
    found = kept(Context({"cookies": [cookie], "headers": [header]}), tmp_path)
    assert b"sesame" not in found["trace.network"]
    assert found["resources/1.html"].decode() == redact_text("<p>ada@example.com") != "<p>ada@example.com"
    assert found["resources/2.png"] == b"\x89PNG\xff"
    assert not (tmp_path / "trace.raw").exists()


def test_a_context_is_traced_without_pictures_and_known_as_traced() -> None:
    context = Context()
    assert not traces.is_begun(context)
    traces.begin(context)
    assert traces.is_begun(context)
    assert context.tracing.options == {"screenshots": False, "snapshots": True, "sources": False}


def test_a_typed_password_is_not_in_a_real_trace(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context()
    traces.begin(context)
    page = context.new_page()
    page.goto(PAGE)
    page.get_by_label("Password").fill("open-sesame-333")
    page.get_by_label("Name").fill("Ali Baba")
    page.title()
    whole = b"".join(kept(context, tmp_path).values())
    context.close()
    assert b"open-sesame-333" not in whole
    assert b"Ali Baba" in whole


def test_evidence_names_the_trace() -> None:
    evidence = Evidence()
    evidence.trace("evidence/1.zip", "https://shop/order")
    assert evidence.take()["traces"] == [{"path": "evidence/1.zip", "caption": "https://shop/order"}]
    assert evidence.take()["traces"] == []
