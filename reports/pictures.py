"""Pictures of what the browser shows when a check fails: every open page, while it is still open."""

from __future__ import annotations

from typing import Any

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
        """Add a picture of each open page to the evidence. A page that cannot be taken leaves a note instead."""
        for page in self._pages()[:PAGES]:
            path = self._journal.evidence_file(".png")
            try:
                page.screenshot(path=str(path), timeout=MILLISECONDS)
                evidence.screenshot(path.relative_to(self._journal.folder), page.url)
            except Exception as error:
                evidence.note(f"no picture of {page.url}: {str(error).splitlines()[0]}")

    def _pages(self) -> list[Any]:
        contexts = [context for browser in self._browsers for context in browser.contexts]
        return [page for context in contexts for page in context.pages if page.url != "about:blank"]
