"""However a run ends, nothing of it goes on running, and what it saw is reported, as incomplete."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.targets.launch import free_port
from tests.suite.commands import PYTEST, REPORTS, RUNNER, TARGETS, Command

INTERRUPTED, NOTHING_SELECTED, INCOMPLETE = 2, 5, 10

BY_PAGES = ("--via", "web")
BY_API = ("--via", "api")


@pytest.mark.parametrize("group", [True, False], ids=["Ctrl-C", "SIGINT for the runner alone"])
def test_an_interrupted_acceptance_reports_what_it_saw(tmp_path: Path, group: bool) -> None:
    command = Command(tmp_path, *RUNNER, *BY_API)
    command.reaches(command.has_judged)
    command.interrupt(group=group)
    assert command.ends() == INCOMPLETE, command.output
    assert "interrupted: what has run is reported, as incomplete" in command.output
    assert "Traceback" not in command.output
    assert command.verdict["verdict"] == "incomplete"
    assert "the session flows was interrupted" in command.verdict["reasons"]
    command.leaves_nothing()


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["one process", "xdist"])
def test_interrupted_pytest_reports_what_it_saw(tmp_path: Path, options: tuple[str, ...]) -> None:
    command = Command(tmp_path, *PYTEST, *BY_API, *options, "tests/acceptance")
    command.reaches(command.has_judged)
    command.interrupt(group=True)
    assert command.ends() == INTERRUPTED, command.output
    assert "Traceback" not in command.output
    assert command.verdict["verdict"] == "incomplete"
    command.leaves_nothing()


def test_pytest_interrupted_while_the_target_starts_leaves_nothing(tmp_path: Path) -> None:
    command = Command(tmp_path, *PYTEST, *BY_API)
    command.reaches(lambda: command.runs_a("fixtures.providers"))
    command.interrupt(group=True)
    assert command.ends() == INTERRUPTED, command.output
    assert "Traceback" not in command.output
    assert command.verdict["verdict"] == "incomplete"
    command.leaves_nothing()


def test_a_target_run_for_a_person_stops_at_ctrl_c(tmp_path: Path) -> None:
    ports = ("--port", str(free_port()), "--providers-port", str(free_port()))
    command = Command(tmp_path, *TARGETS, "run", *ports)
    command.reaches(lambda: "Ctrl-C stops it all" in command.output)
    assert command.runs_a("fixtures.shop", "fixtures.providers")
    command.interrupt(group=True)
    assert command.ends() == 0, command.output
    assert command.output.endswith("stopped\n")
    command.leaves_nothing()


@pytest.mark.parametrize(
    ("words", "group"),
    [
        pytest.param((*RUNNER, *BY_PAGES), False, id="the whole acceptance"),
        pytest.param((*PYTEST, *BY_PAGES, "tests/acceptance"), True, id="pytest and its group"),
        pytest.param((*PYTEST, *BY_PAGES, "-n2", "tests/acceptance"), False, id="pytest, its workers left"),
    ],
)
def test_a_killed_run_leaves_nothing_and_still_reports(tmp_path: Path, words: tuple[str, ...], group: bool) -> None:
    command = Command(tmp_path, *words)
    command.reaches(lambda: command.has_judged() and command.runs_a("fixtures.shop", "fixtures.providers", "chrom"))
    command.kill(group=group)
    command.leaves_nothing()
    [run] = command.runs.iterdir()

    told = Command(tmp_path, *PYTEST, *BY_API, "tests/acceptance", "-k", "nonesuch")
    assert told.ends() == NOTHING_SELECTED, told.output
    assert f"ended without a verdict (killed?): {run.name}" in told.output, told.output

    rendered = Command(tmp_path, *REPORTS, "render", run.name)
    assert rendered.ends() == INCOMPLETE, rendered.output
    assert "INCOMPLETE" in rendered.output
    assert (run / "index.html").exists()
