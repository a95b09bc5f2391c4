"""What the browser leaves of a check that fails, while it is open: a picture of each page, a trace of each context."""

from __future__ import annotations

from typing import Any

from reports import traces
from reports.journal import Journal, evidence

PAGES = 4
MILLISECONDS = 5_000


class Photographer:
    """Knows the Playwright browsers of this process: whatever fixture returned one."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._browsers: list[Any] = []

    def notice(self, value: object) -> None:
        """Remember `value` if it is a browser. Told by shape, so that Playwright is not imported."""
        if hasattr(value, "contexts") and hasattr(value, "new_context") and value not in self._browsers:
            self._browsers.append(value)

    def take(self) -> None:
        """Add what the open pages show and how they got there to the evidence; what cannot be had leaves a note."""
        for page in self._pages()[:PAGES]:
            path = self._journal.evidence_file(".png")
            try:
                page.screenshot(path=str(path), timeout=MILLISECONDS)
                evidence.screenshot(path.relative_to(self._journal.folder), page.url)
            except Exception as error:
                evidence.note(f"no picture of {page.url}: {str(error).splitlines()[0]}")

        for context in list(filter(traces.is_begun, self._contexts()))[:PAGES]:
            self._keep_trace(context)

    def _keep_trace(self, context: Any) -> None:
        path = self._journal.evidence_file(".zip")
        urls = ", ".join(page.url for page in context.pages)
        try:
            traces.keep(context, path)
        except Exception as error:
            evidence.note(f"no trace of {urls}: {str(error).splitlines()[0]}")
        else:
            evidence.trace(path.relative_to(self._journal.folder), urls)

    def _contexts(self) -> list[Any]:
        return [context for browser in self._browsers for context in browser.contexts]

    def _pages(self) -> list[Any]:
        return [page for context in self._contexts() for page in context.pages if page.url != "about:blank"]
