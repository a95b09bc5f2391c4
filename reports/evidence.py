"""What the running test collects for its report: exchanges, screenshots, notes and books.

Nothing is redacted or written here: the journal does both, and keeps the evidence of a test that did not pass only.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

BODY_BYTES = 20_000
EXCHANGES = 40
NOTES = 100


class Evidence:
    """The collector of one process, which runs one test at a time. Threads of a test may share it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._begin()

    def _begin(self) -> None:
        self._exchanges: dict[tuple[object, ...], dict[str, Any]] = {}
        self._screenshots: list[dict[str, str]] = []
        self._traces: list[dict[str, str]] = []
        self._notes: deque[str] = deque(maxlen=NOTES)
        self._books: list[Sequence[Mapping[str, Any]]] = []
        self._sent = 0

    def exchange(
        self,
        *,
        method: str,
        url: str,
        status: int | None,
        request_headers: Mapping[str, str] | None = None,
        request_body: bytes | str | None = None,
        response_headers: Mapping[str, str] | None = None,
        response_body: bytes | str | None = None,
        milliseconds: float | None = None,
        note: str = "",
    ) -> None:
        """An HTTP request and its answer; `status` None when none came. Bodies are cut at 20 kB; the last 40 stay.

        A repetition with the same answer is counted, not kept: waiting on a condition must not push out what led to it.
        """
        asked, answered = _cut(request_body), _cut(response_body)
        kept = {
            "method": method,
            "url": url,
            "status": status,
            "request_headers": dict(request_headers or {}),
            "request_body": asked,
            "response_headers": dict(response_headers or {}),
            "response_body": answered,
            "milliseconds": None if milliseconds is None else round(milliseconds, 1),
            "note": note,
            "times": 1,
        }
        with self._lock:
            self._sent += 1
            first = self._exchanges.setdefault((method, url, asked, status, answered, note), kept)
            if first is not kept:
                first["times"] += 1
            elif len(self._exchanges) > EXCHANGES:
                del self._exchanges[next(iter(self._exchanges))]

    def screenshot(self, path: Path | str, caption: str) -> None:
        """A picture (PNG or JPEG). It is found again if it lies in the run's folder, else by its absolute path."""
        self._screenshots.append({"path": str(path), "caption": caption})

    def trace(self, path: Path | str, caption: str) -> None:
        """Playwright's trace of a browser, a .zip in the run's folder."""
        self._traces.append({"path": str(path), "caption": caption})

    def note(self, text: str) -> None:
        """A line that helps to understand a failure."""
        self._notes.append(text)

    def books(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """The books of the test's own orders, as they are now; the first and the last are kept."""
        self._books[1:] = [rows]

    def take(self) -> dict[str, Any]:
        """All that was collected, and begin anew."""
        taken = {
            "exchanges": list(self._exchanges.values()),
            "exchanges_sent": self._sent,
            "screenshots": self._screenshots,
            "traces": self._traces,
            "notes": list(self._notes),
            "books": self._books,
        }
        self._begin()
        return taken


def _cut(body: bytes | str | None) -> str:
    if not body:
        return ""
    raw = body.encode() if isinstance(body, str) else body
    text = raw[:BODY_BYTES].decode(errors="replace")
    return text if len(raw) <= BODY_BYTES else f"{text}\n… cut: {len(raw)} bytes in all"


evidence = Evidence()
