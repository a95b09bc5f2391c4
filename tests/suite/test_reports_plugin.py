"""The plugin, as a person meets it: tiny suites run by pytest in a process of their own, with xdist too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from reports.run import Run, load
from reports.verdict import Verdict, judge
from tests.suite.commands import clean_environment

ROOT = Path(__file__).parents[2]

CHECKS = """
    import pytest
    from reports.journal import evidence

    class NotCovered(Exception): pass
    class TargetFault(Exception): pass

    def send():
        evidence.exchange(method="POST", url="https://shop/login?token=abc123", status=200,
                          request_headers={"Authorization": "Bearer abcdefghijkl"},
                          request_body='{"password": "hunter2"}')

    @pytest.fixture
    def broken():
        raise KeyError("x")

    @pytest.fixture
    def unbalanced():
        yield
        assert 1 == 2, "the books do not balance: CNY 38.80"

    def test_passed(): send()
    @pytest.mark.check(rule="Money is never lost", standards=["CWE-682"], severity="critical")
    def test_failed(): send(); seen = 3881; assert seen == 3880, "too much was refunded"
    def test_failed_by_fail(): pytest.fail("it was not refused")
    def test_failed_group(): raise ExceptionGroup("several", [AssertionError("first"), ValueError("second")])
    def test_failed_at_its_end(unbalanced): pass
    def test_failed_subtest(subtests):
        for number in range(3):
            with subtests.test(number=number):
                assert number != 1, "one is bad"
    def test_not_covered(): raise NotCovered("the capability coupons")
    def test_fault(): raise TargetFault("GET / answered 502")
    def test_error(broken): pass
    def test_skipped(): pytest.skip("not today")
"""

HANGING = """
    import signal

    def test_first(): pass

    def test_that_hangs():
        with open("reached", "w"): pass
        signal.pause()
"""

FEATURE = """
    @refunds
    Feature: Refunds
      Rule: Never more than was paid
        @critical @WSTG-BUSL-10
        Scenario Outline: <amount> too much
          Given an order
            | product | quantity |
            | tea     | 2        |
          When the clerk refunds <amount>
          Then it is refused
          And nothing else

          @alipay
          Examples:
            | amount   |
            | CNY 0.01 |
"""

STEPS = """
    from pytest_bdd import given, parsers, scenarios, then, when

    scenarios("refund.feature")

    @given("an order")
    def _(datatable): assert datatable[1] == ["tea", "2"]
    @when(parsers.parse("the clerk refunds {amount}"))
    def _(amount): pass
    @then("it is refused")
    def _(): assert False, "it was accepted"
    @then("nothing else")
    def _(): pass
"""


class Suite:
    """A tiny suite in a folder, and the runs it leaves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("pytest.ini", f"[pytest]\npythonpath = {ROOT}\ntestpaths = tests\nbdd_features_base_dir = features")
        self.write("conftest.py", "pytest_plugins = ['reports.plugin']")

    def write(self, path: str, text: str) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text))

    def command(self, *words: str) -> list[str]:
        plugins = ("xdist", "pytest-bdd", "randomly", "hypothesispytest", "no:cacheprovider")
        named = [word for plugin in plugins for word in ("-p", plugin)]
        return [sys.executable, "-m", "pytest", *named, "--import-mode=importlib", *words]

    def environment(self, **extra: str) -> dict[str, str]:
        own = {"ASHORE_RUNS": str(self.folder / "runs"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return clean_environment(**own, **extra)

    def run(self, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words),
            cwd=self.folder,
            env=self.environment(**extra),
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def left(self) -> Run:
        """The one run that is left."""
        [folder] = (self.folder / "runs").iterdir()
        return load(folder)

    @property
    def verdict(self) -> Verdict:
        return judge(self.left)


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return Suite(tmp_path)


def record_of(run: Run, name: str) -> dict[str, Any]:
    return next(test for test in run.tests if test["name"] == name)


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["one process", "xdist"])
def test_each_outcome_is_told_apart(suite: Suite, options: tuple[str, ...]) -> None:
    suite.write("tests/money/test_it.py", CHECKS)
    done = suite.run(*options)
    run = suite.left
    assert {test["name"]: test["outcome"] for test in run.tests} == {
        "test_passed": "passed",
        "test_failed": "failed",
        "test_failed_by_fail": "failed",
        "test_failed_group": "failed",
        "test_failed_at_its_end": "failed",
        "test_failed_subtest": "failed",
        "test_not_covered": "not_covered",
        "test_fault": "fault",
        "test_error": "error",
        "test_skipped": "skipped",
    }
    assert (judge(run).verdict, done.returncode) == ("no-go", 1)
    assert "NO-GO" in done.stdout
    assert (run.folder / "index.html").exists()


def test_a_failure_comes_with_its_evidence_redacted_and_a_pass_without(suite: Suite) -> None:
    suite.write("tests/money/test_it.py", CHECKS)
    suite.run("--randomly-seed=7")
    run = suite.left
    failed, passed = record_of(run, "test_failed"), record_of(run, "test_passed")
    assert failed["message"].startswith("too much was refunded")
    assert failed["comparison"] == {"op": "==", "seen": "3881", "expected": "3880"}
    assert failed["check"] == {"rule": "Money is never lost", "standards": ["CWE-682"], "severity": "critical"}
    assert failed["repeat"] == ".venv/bin/pytest tests/money/test_it.py::test_failed --randomly-seed=7"
    assert "tests/money/test_it.py:" in failed["trace"]
    assert (passed["exchanges_sent"], "exchanges" in passed) == (1, False)
    written = "".join(path.read_text() for path in (run.folder / "journal").iterdir())
    assert "https://shop/login?token=***#" in written
    for secret in ("hunter2", "abcdefghijkl", "abc123"):
        assert secret not in written


def test_what_is_not_covered_is_a_skip_with_its_reason_for_pytest(suite: Suite) -> None:
    suite.write("tests/money/test_it.py", CHECKS)
    done = suite.run("-k", "not_covered", "-rs")
    assert "not covered: the capability coupons" in done.stdout
    assert (suite.verdict.verdict, done.returncode) == ("incomplete", 10)


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["one process", "xdist"])
def test_a_scenario_is_recorded_step_by_step(suite: Suite, options: tuple[str, ...]) -> None:
    suite.write("features/refund.feature", FEATURE)
    suite.write("tests/acceptance/test_refund.py", STEPS)
    suite.run(*options)
    [test] = suite.left.tests
    scenario = test["scenario"]
    assert test["gate"] == "flows"
    assert test["file"] == "tests/acceptance/test_refund.py"
    assert {"alipay", "critical", "refunds"} <= set(test["tags"])
    assert (test["check"]["standards"], test["check"]["severity"]) == (["WSTG-BUSL-10"], "critical")
    assert (scenario["rule"]["name"], scenario["name"]) == ("Never more than was paid", "CNY 0.01 too much")
    assert [step["status"] for step in scenario["steps"]] == ["passed", "passed", "failed", "skipped"]
    assert scenario["steps"][0]["table"] == [["product", "quantity"], ["tea", "2"]]
    assert scenario["feature"]["file"] == "features/refund.feature"
    assert test["check"]["rule"] == "CNY 0.01 too much"
    assert scenario["steps"][1]["text"] == "the clerk refunds CNY 0.01"


def test_a_step_that_is_not_defined_is_named(suite: Suite) -> None:
    suite.write("features/refund.feature", FEATURE)
    suite.write(
        "tests/acceptance/test_refund.py", STEPS.replace('@when(parsers.parse("the clerk', '@when(parsers.parse("a')
    )
    suite.run()
    [test] = suite.left.tests
    assert [step["status"] for step in test["scenario"]["steps"]] == ["passed", "undefined", "skipped", "skipped"]
    assert test["outcome"] == "fault"


def test_a_passed_selection_never_says_go(suite: Suite) -> None:
    suite.write("tests/money/test_it.py", CHECKS)
    done = suite.run("-k", "test_passed")
    assert (suite.verdict.verdict, done.returncode) == ("selection passed", 0)


def test_a_run_of_a_runner_is_joined_and_left_to_it(suite: Suite) -> None:
    suite.write("tests/money/test_it.py", CHECKS)
    folder = suite.folder / "runs" / "joined"
    done = suite.run("-n2", "-k", "passed", ASHORE_RUN=str(folder), ASHORE_SESSION="money")
    assert done.returncode == 0
    assert not (folder / "verdict.json").exists()
    run = load(folder)
    [session] = run.sessions.values()
    assert (session.name, session.exit, len(run.tests)) == ("money", 0, 1)


def test_a_broken_module_is_a_fault(suite: Suite) -> None:
    suite.write("tests/money/test_it.py", "import nowhere")
    done = suite.run()
    assert suite.verdict.verdict == "incomplete"
    assert any("nowhere" in reason for reason in suite.verdict.reasons)
    assert done.returncode == pytest.ExitCode.INTERRUPTED


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["one process", "xdist"])
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("import pytest\npytest.skip('not today', allow_module_level=True)", "was left out: Skipped: not today"),
        ("import pytest\npytest.importorskip('nowhere')", "was left out: Skipped: could not import 'nowhere'"),
        ("def helper(): pass", "holds no check"),
    ],
    ids=["skipped", "a package that is not there", "empty"],
)
def test_what_is_not_collected_is_told(suite: Suite, options: tuple[str, ...], text: str, why: str) -> None:
    suite.write("tests/money/test_it.py", "def test_passed(): pass")
    suite.write("tests/security/test_that.py", text)
    suite.run(*options)
    assert any(f"tests/security/test_that.py {why}" in reason for reason in suite.verdict.reasons)
    assert suite.verdict.verdict == "incomplete"


@pytest.mark.parametrize("options", [(), ("-n2",)], ids=["one process", "xdist"])
def test_what_a_hook_takes_out_is_told(suite: Suite, options: tuple[str, ...]) -> None:
    suite.write("tests/money/test_it.py", "def test_passed(): pass\n\ndef test_dropped(): assert False")
    suite.write(
        "conftest.py",
        """
        pytest_plugins = ['reports.plugin']

        def pytest_collection_modifyitems(config, items):
            dropped = [item for item in items if item.name == "test_dropped"]
            items[:] = [item for item in items if item not in dropped]  # and pytest is not even told of it
        """,
    )
    suite.run(*options)
    told = "taken out of the run by something else than -k or -m: tests/money/test_it.py::test_dropped"
    assert told in suite.verdict.reasons


def test_settings_from_elsewhere_never_say_go(suite: Suite) -> None:
    suite.write("tests/money/test_it.py", "def test_passed(): pass")
    suite.write("other.ini", f"[pytest]\npythonpath = {ROOT}\ntestpaths = tests/money")
    suite.run("-c", "other.ini")
    suite.run(PYTEST_ADDOPTS="-q")
    assert [load(folder).narrowed for folder in (suite.folder / "runs").iterdir()] == [True, True]


def test_a_read_only_folder_gives_one_message_and_no_traceback(suite: Suite) -> None:
    suite.write("tests/money/test_it.py", CHECKS)
    suite.write("runs", "a file where the folder should be")
    done = suite.run()
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert done.stderr.strip().startswith("ERROR: cannot write the run's folder")
    assert "Traceback" not in done.stderr + done.stdout


@pytest.mark.parametrize("words", [("--collect-only",), ("--help",), ("--markers",)])
def test_a_listing_leaves_no_run(suite: Suite, words: tuple[str, ...]) -> None:
    suite.write("tests/money/test_it.py", CHECKS)
    suite.run(*words)
    assert not (suite.folder / "runs").exists()


def test_the_suites_own_tests_leave_no_run(suite: Suite) -> None:
    suite.write("tests/suite/test_it.py", CHECKS)
    suite.run("tests/suite")
    assert not (suite.folder / "runs").exists()


@pytest.mark.parametrize("options", [(), ("-n1",)], ids=["one process", "xdist"])
def test_a_killed_run_renders_as_incomplete(suite: Suite, options: tuple[str, ...]) -> None:
    os.mkfifo(suite.folder / "reached")
    suite.write("tests/money/test_it.py", HANGING)
    command = suite.command("-p", "no:randomly", *options)
    process = subprocess.Popen(
        command, cwd=suite.folder, env=suite.environment(), start_new_session=True, stdout=subprocess.DEVNULL
    )
    (suite.folder / "reached").read_text()  # returns when the test that hangs has begun
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    folder = suite.left.folder
    told = suite.run("-k", "first").stdout
    assert f"ended without a verdict (killed?): {folder.name}" in told
    render = [sys.executable, "-m", "reports", "render", folder.name]
    done = subprocess.run(render, cwd=ROOT, env=suite.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 10
    assert "INCOMPLETE" in done.stdout
    verdict = judge(load(folder))
    assert verdict.counts == {"passed": 1}
    assert "money: 1 check planned and never ended" in verdict.reasons
    assert (folder / "index.html").exists()


def test_a_failure_is_photographed_while_the_page_is_open(suite: Suite) -> None:
    suite.write(
        "tests/acceptance/test_it.py",
        """
        import pytest

        class Page:
            url = "https://shop/order"
            def screenshot(self, path, timeout): open(path, "wb").write(b"picture")

        class Crashed(Page):
            def screenshot(self, path, timeout): raise RuntimeError("Target crashed\\nmore")

        class Context:
            pages = [Page(), Crashed()]

        class Browser:
            contexts = [Context()]
            def new_context(self): pass

        @pytest.fixture
        def browser(): return Browser()

        def test_it(browser): assert False
        """,
    )
    suite.run()
    run = suite.left
    [test] = run.tests
    [picture] = test["screenshots"]
    assert picture["caption"] == "https://shop/order"
    assert (run.folder / picture["path"]).read_bytes() == b"picture"
    assert test["notes"] == ["no picture of https://shop/order: Target crashed"]


def test_a_falsifying_example_is_kept(suite: Suite) -> None:
    suite.write(
        "tests/money/test_it.py",
        """
        from hypothesis import given, strategies

        @given(strategies.integers())
        def test_it(number):
            assert number < 5
        """,
    )
    suite.run()
    [test] = suite.left.tests
    assert "number=5" in test["example"]
