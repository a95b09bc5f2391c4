"""What the suite costs, as ratios of two sides measured in turn in one run: `python -m tests.bench`.

Nothing is asserted: the table tells what was measured beside the limit that the suite sets itself.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from fixtures.targets.launch import Environment
from fixtures.targets.profile import load
from reports.journal import RUNS_VARIABLE
from tests.bench import ageing, checkout, collecting, providers

ROUNDS = 10
COLLECTIONS = 5


class Failed(Exception):
    """What was to be measured does not work; the text says what happened."""


def main() -> int:
    # a descriptor of its own: pytest puts its capture in the place of standard output
    console = Console(file=os.fdopen(os.dup(sys.stdout.fileno()), "w"))
    table = Table(title="What the suite costs", title_justify="left", caption_justify="left")
    table.add_column("")
    for name in ("this", "beside", "ratio", "limit"):
        table.add_column(name, justify="right")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console, transient=True, auto_refresh=False) as progress:
            measure(table, progress)
    except Failed as failure:
        console.print(str(failure), markup=False)
        return 1
    console.print(table)
    console.print(f"Medians, of {ROUNDS} purchases and {COLLECTIONS} collections a side. Tracing is off on both sides.")
    return 0


def measure(table: Table, progress: Progress) -> None:
    ready = _start(_ticker(progress, "starting", 1))
    times = _purchases(_ticker(progress, "buying", ROUNDS + 1))
    aged = _ageing(_ticker(progress, "ageing", ageing.LAST + ageing.AROUND))
    collected, imported = collecting.measure(COLLECTIONS, _ticker(progress, "collecting", COLLECTIONS + 1))
    scenario, bare, web, api = (
        times[what] for what in (checkout.SCENARIO, checkout.BARE, checkout.WHEN_WEB, checkout.WHEN_API)
    )
    _row(table, "browser scenario / bare script", scenario, bare, "at most 1.15")
    _row(table, "When-steps, browser / API", web, api, "at least 5")
    _row(table, "the 160th scenario / the 10th", aged.late, aged.early, "1")
    _row(table, "collecting all tests / importing", collected, imported, "at most 1.5")
    table.add_row("shop and simulators ready", f"{ready:.1f} s", "", "", "told only")
    _providers(table, providers.measure(_ticker(progress, "simulators", providers.ROUNDS + 4)))


def _providers(table: Table, measured: providers.Measured) -> None:
    """The simulators, by processor time: how near one core comes to what the work costs by itself."""
    limits = {"alipay": "RSA alone, at least 0.50", "wechatpay": "RSA alone, at least 0.50"}
    for name, (mine, beside) in measured.pairs.items():
        row = f"{name}: create and query a second", f"{1 / mine:.0f}", f"{1 / beside:.0f}", f"{beside / mine:.2f}"
        table.add_row(*row, limits.get(name, "bare endpoint, at least 0.33"))
    table.add_row("memory of 100,000 trades", f"{measured.bytes_per_trade / 10:.1f} MB", "", "", "told only")
    table.add_row("simulators' first answer", f"{measured.first_answer:.1f} s", "", "", "told only")
    table.add_row("notifications a second", f"{measured.notifications:.0f}", "", "", "told only")


def _start(tick: Callable[[], None]) -> float:
    """Seconds until the reference shop and the simulators are ready."""
    with tempfile.TemporaryDirectory() as folder:
        began = perf_counter()
        with Environment(load("reference"), Path(folder)):
            seconds = perf_counter() - began
            tick()
    return seconds


def _purchases(tick: Callable[[], None]) -> dict[str, list[float]]:
    measured = checkout.Checkout(ROUNDS + 1, tick)
    _session(checkout.ARGUMENTS, measured)
    return {what: seconds[1:] for what, seconds in measured.times.items()}  # the first round warms up


def _ageing(tick: Callable[[], None]) -> ageing.Ageing:
    measured = ageing.Ageing(tick)
    _session(ageing.ARGUMENTS, measured)
    return measured


def _session(arguments: list[str], plugin: object) -> None:
    """A pytest session of this process, whose run is kept out of the reports."""
    with tempfile.TemporaryDirectory() as runs, contextlib.redirect_stdout(io.StringIO()) as told:
        os.environ[RUNS_VARIABLE] = runs
        status = pytest.main(arguments, plugins=[plugin])
    if status != pytest.ExitCode.OK:
        raise Failed(f"the scenario did not pass, so there is nothing to measure:\n{told.getvalue()}")


def _row(table: Table, what: str, this: Sequence[float], beside: Sequence[float], limit: str) -> None:
    one, other = median(this), median(beside)
    table.add_row(what, f"{one * 1000:.0f} ms", f"{other * 1000:.0f} ms", f"{one / other:.2f}", limit)


def _ticker(progress: Progress, what: str, total: int) -> Callable[[], None]:
    """Call it after each round. The bar is drawn then only: drawing by itself it would disturb what is measured."""
    task = progress.add_task(what, total=total)

    def tick() -> None:
        progress.advance(task)
        progress.refresh()

    return tick


if __name__ == "__main__":
    sys.exit(main())
