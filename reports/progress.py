"""Progress for people: one line that moves, instead of a letter a test, when standard output is a terminal."""

from __future__ import annotations

import os
import sys
from collections import Counter
from typing import Any

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from reports.outcome import NOT_COVERED


def show_progress(config: pytest.Config) -> None:
    """Show a bar if someone is watching and asked for nothing else (-v and -s keep pytest's own output)."""
    if sys.stdout.isatty() and config.get_verbosity() <= 0 and config.option.capture != "no":
        config.pluginmanager.register(Bar(), "ashore-progress")


class Bar:
    """The bar, its counts, and the silence of pytest's letters."""

    def __init__(self) -> None:
        # a descriptor of its own: pytest puts its capture in the place of standard output
        self._console = Console(file=os.fdopen(os.dup(sys.stdout.fileno()), "w"))
        self._progress = Progress(
            SpinnerColumn(),
            BarColumn(32),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
            console=self._console,
            transient=True,
        )
        self._task: TaskID | None = None
        self._seen: Counter[str] = Counter()
        self._ended: set[str] = set()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._silence(session.config)
        self._begin(len(session.items))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: Any, ids: list[str]) -> None:
        self._silence(node.config)
        self._begin(len(ids))

    def pytest_report_teststatus(self, report: pytest.CollectReport | pytest.TestReport) -> tuple[str, str, str] | None:
        """Keep the counts of pytest's last line, and print nothing for a test."""
        if isinstance(report, pytest.TestReport) and (report.when == "call" or not report.passed):
            return ("error" if report.failed and report.when != "call" else report.outcome), "", ""
        return None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._task is None:
            return
        if report.when == "teardown" and report.nodeid not in self._ended:
            self._ended.add(report.nodeid)
            self._progress.advance(self._task)
        if report.when == "call" or not report.passed:
            self._seen[report.outcome] += 1
        self._progress.update(self._task, description=self._counts())

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        self._progress.stop()

    def pytest_keyboard_interrupt(self) -> None:
        self._progress.stop()

    def _begin(self, total: int) -> None:
        if self._task is None and total:
            self._task = self._progress.add_task("", total=total)
            self._progress.start()

    def _silence(self, config: pytest.Config) -> None:
        reporter = config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.ensure_newline()
            reporter.showfspath = False

    def _counts(self) -> str:
        failed, skipped = self._seen["failed"], self._seen["skipped"]
        words = [f"[red]{failed} failed[/red]"] if failed else []
        words += [f"[yellow]{skipped} {NOT_COVERED.replace('_', ' ')}[/yellow]"] if skipped else []
        return " · ".join(words)
