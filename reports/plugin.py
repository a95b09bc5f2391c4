"""The pytest plugin that keeps the journal: it joins or begins the run, and records each test as it ends.

`NotCovered` is reported to pytest as a skip with its reason. A run that pytest began itself (no ASHORE_RUN) is also
concluded here: its verdict is printed, its report rendered, and pytest's exit status 0 or 1 becomes the verdict's.
tests/suite judges the suite and not a target, so it leaves no run.
"""

from __future__ import annotations

import os
import secrets
import shlex
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from reports import journal
from reports.housekeeping import unfinished_words
from reports.journal import SESSION_VARIABLE, Journal, JournalError, Record
from reports.outcome import NOT_COVERED
from reports.pictures import Photographer
from reports.progress import show_progress
from reports.record import Running, gate_of
from reports.scenario import ScenarioRecorder

SUITE = "tests/suite"
LISTINGS = (
    "help",
    "collectonly",
    "defects",
    "markers",
    "showfixtures",
    "show_fixtures_per_test",
    "setuponly",
    "setupplan",
)
TAKING_OUT = ("keyword", "markexpr", "deselect", "lf", "stepwise")
"""The options that take checks out after collection."""
NARROWING = (*TAKING_OUT, "ignore", "ignore_glob", "override_ini", "inifilename", "rootdir")
REPEATED = ("target", "via", "defect", "base_url", "hypothesis_profile", "hypothesis_seed")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "check(rule, standards, severity, gate): what the test proves, in words, and the standards' ids for it",
    )
    worker = getattr(config, "workerinput", None)
    if worker is None and _leaves_no_run(config):
        return
    if worker is not None and "ashore_run" not in worker:
        return
    try:
        recorder = Recorder.of_worker(config, worker) if worker else Recorder.of_controller(config)
    except JournalError as error:
        raise pytest.UsageError(str(error)) from None
    config.pluginmanager.register(recorder, "ashore-recorder")
    config.pluginmanager.register(recorder.scenario, "ashore-scenarios")
    if worker is None:
        show_progress(config)


class Recorder:
    """Records one process of a session."""

    def __init__(
        self,
        config: pytest.Config,
        journal: Journal,
        repeat: list[str],
        about: Record | None = None,
        *,
        owner: bool = False,
    ) -> None:
        """`repeat`: the options that repeat a test. `about`: the session, told by its controller only.
        `owner`: this process began the run and concludes it."""
        self.config = config
        self.journal = journal
        self.repeat = repeat
        self.about = about
        self.owner = owner
        self.scenario = ScenarioRecorder()
        self.photographer = Photographer(journal)
        self.parent = os.getppid()
        self.running: Running | None = None
        self.told = ""
        self.collected: dict[str, None] = {}

    @classmethod
    def of_worker(cls, config: pytest.Config, worker: dict[str, Any]) -> Recorder:
        joined = journal.join(Path(worker["ashore_run"]))
        joined.session = worker["ashore_session"]
        return cls(config, joined, worker["ashore_repeat"])

    @classmethod
    def of_controller(cls, config: pytest.Config) -> Recorder:
        name = os.environ.get(SESSION_VARIABLE, "pytest")
        running = journal.current()
        words = [
            Path(word).name if i == 0 else word for i, word in enumerate(["pytest", *config.invocation_params.args])
        ]
        kept = running or journal.start(command=words, narrowed=_narrowed(config), sessions=[name])
        kept.session = f"{name}-{secrets.token_hex(2)}"
        options = {option: value for option in REPEATED if (value := getattr(config.option, option, None))}
        about = {"id": kept.session, "name": name, "command": words, "options": options}
        repeat = [f"--{option.replace('_', '-')}={value}" for option, value in options.items()]
        return cls(config, kept, repeat, about, owner=running is None)

    def pytest_sessionstart(self) -> None:
        """Tell of the session: by now the target is there and the seed is drawn."""
        if self.about:
            self.journal.write("session", **self.about, seed=getattr(self.config.option, "randomly_seed", None))

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker which run and session it belongs to."""
        node.workerinput.update(
            ashore_run=str(self.journal.folder), ashore_session=self.journal.session, ashore_repeat=self.repeat
        )

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        self.collected[item.nodeid] = None

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Checks may be taken out by the command line alone; what else has lost one is told."""
        if not any(getattr(self.config.option, name, None) for name in TAKING_OUT):
            left = {item.nodeid for item in session.items}
            if lost := [id for id in self.collected if id not in left]:
                told = f"{lost[0]} and {len(lost) - 1} more" if len(lost) > 1 else lost[0]
                self.journal.write("fault", message=f"taken out of the run by something else than -k or -m: {told}")
        if session.items:
            self.journal.write("collected", tests={item.nodeid: gate_of(item) for item in session.items})

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """What is not collected is not judged, and is told: a module that is broken, skips itself, or holds nothing."""
        where = report.nodeid or "collection"
        if report.failed:
            self.journal.write("fault", message=f"{where}: {report.longreprtext[-4000:]}")
        elif report.skipped:
            self.journal.write("fault", message=f"{where} was left out: {_skipped_because(report)}")
        elif where.endswith(".py") and not report.result:
            self.journal.write("fault", message=f"{where} holds no check")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self.scenario.take()
        journal.evidence.take()
        self.running = Running(item)
        result = yield  # a test that is interrupted here is one that never ended
        if hasattr(self.config, "workerinput") and os.getppid() != self.parent:
            return result  # the controller was killed, and the target went with it: what was seen proves nothing
        seed = getattr(self.config.option, "randomly_seed", None)
        seeded = [*self.repeat, f"--randomly-seed={seed}"] if isinstance(seed, int) else self.repeat
        command = shlex.join([".venv/bin/pytest", item.nodeid, *seeded])
        self.journal.write("test", **self.running.record(self.scenario.take(), journal.evidence.take(), command))
        self.running = None
        return result

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if self.running is None:
            return report
        outcome = self.running.phase(report, call)
        if outcome == NOT_COVERED:
            path, line, _ = item.location
            report.outcome = "skipped"
            report.longrepr = (path, (line or 0) + 1, f"not covered: {self.running.messages[-1]}")
        elif report.failed:
            self.photographer.take()
        return report

    def pytest_assertrepr_compare(self, op: str, left: object, right: object) -> None:
        if self.running is not None:
            self.running.compared(op, left, right)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self) -> Generator[None, object, object]:
        value = yield
        self.photographer.notice(value)
        return value

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if hasattr(self.config, "workerinput"):
            return
        self.journal.write("finish", exit=int(exitstatus))
        if not self.owner:
            return
        from reports.publish import finish  # not needed before, and not by the workers

        verdict, self.told = finish(self.journal.folder)
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            session.exitstatus = verdict.exit_status

    def pytest_unconfigure(self) -> None:
        """Conclude a run that ended before its session began: the target could not be reached, or Ctrl-C."""
        if self.owner and not self.told:
            from reports.publish import publish

            publish(self.journal.folder)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.told:
            first, *others = self.told.splitlines()
            terminalreporter.section("verdict")
            terminalreporter.line(first, bold=True)
            for line in others:
                terminalreporter.line(line)

    def pytest_report_header(self) -> list[str]:
        lines = [f"run: {_short(self.journal.folder)}"]
        if self.owner and (earlier := unfinished_words()):
            lines.append(earlier)
        return lines


def _leaves_no_run(config: pytest.Config) -> bool:
    if any(getattr(config.option, name, False) for name in LISTINGS) or getattr(config.option, "target", "") == "none":
        return True
    suite = config.rootpath / SUITE
    paths = [(config.invocation_params.dir / word.split("::")[0]).resolve() for word in config.args]
    return bool(paths) and all(path.is_relative_to(suite) for path in paths)


def _narrowed(config: pytest.Config) -> bool:
    """Whether less runs than plain `pytest` would: by expression, by path, or because it stops early."""
    options = config.option
    return (
        config.args_source is pytest.Config.ArgsSource.ARGS
        or any(getattr(options, name, None) for name in NARROWING)
        or bool(getattr(options, "maxfail", 0))
        or bool(os.environ.get("PYTEST_ADDOPTS"))
    )


def _skipped_because(report: pytest.CollectReport) -> str:
    why = report.longrepr
    return str(why[2]) if isinstance(why, tuple) else report.longreprtext[-4000:]


def _short(folder: Path) -> str:
    return os.path.relpath(folder) if folder.is_relative_to(Path.cwd()) else str(folder)
