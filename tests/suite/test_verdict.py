"""The verdict from journals made by hand: every way to *go*, *no-go*, *incomplete*, and the verdicts of a selection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reports.run import load
from reports.verdict import Verdict, conclude
from tests.suite.journals import GATES, Sample, row, scenario


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return Sample(tmp_path / "run")


def verdict_of(sample: Sample) -> Verdict:
    return conclude(sample.finish())


def test_a_full_run_in_which_everything_passed_is_go(sample: Sample) -> None:
    sample.complete()
    verdict = verdict_of(sample)
    assert (verdict.verdict, verdict.exit_status) == ("go", 0)
    assert {gate.state.value for gate in verdict.gates} == {"passed"}


def test_a_failed_check_is_no_go_and_names_the_rule(sample: Sample) -> None:
    sample.complete()
    sample.test("failed", gate="security", message="seen USD 0.01, expected USD 49.99")
    verdict = verdict_of(sample)
    assert (verdict.verdict, verdict.exit_status) == ("no-go", 1)
    [finding] = verdict.findings
    assert finding.rule == "The rule of security"
    assert finding.rule in verdict.sentence
    assert "USD 0.01" in finding.message


def test_no_go_wins_over_incomplete(sample: Sample) -> None:
    sample.complete()
    sample.test("failed", gate="flows")
    sample.test("fault", gate="money")
    verdict = verdict_of(sample)
    assert verdict.verdict == "no-go"
    assert verdict.reasons == ["money: 1 check broke before the end"]


@pytest.mark.parametrize("outcome", ["fault", "error"])
def test_what_broke_is_incomplete_and_never_a_finding(sample: Sample, outcome: str) -> None:
    sample.complete()
    sample.test(outcome, gate="flows")
    verdict = verdict_of(sample)
    assert (verdict.verdict, verdict.exit_status, verdict.findings) == ("incomplete", 10, [])
    assert [fault.reason for fault in verdict.faults] == [f"why it {outcome}"]


def test_a_session_that_failed_without_a_word_is_incomplete(sample: Sample) -> None:
    sample.complete()
    verdict = conclude(sample.finish(exit=1))
    assert (verdict.verdict, verdict.exit_status) == ("incomplete", 10)
    assert verdict.reasons == ["the session main failed, and the journal does not tell by which check"]


def test_a_planned_check_that_never_ended_is_incomplete(sample: Sample) -> None:
    sample.complete()
    sample.planned("tests/money/test_it.py::test_lost", "money")
    verdict = verdict_of(sample)
    assert verdict.verdict == "incomplete"
    assert verdict.reasons == ["money: 1 check planned and never ended"]


def test_a_session_without_an_end_is_incomplete(sample: Sample) -> None:
    sample.complete()
    verdict = conclude(sample.folder)
    assert verdict.verdict == "incomplete"
    assert verdict.reasons == ["the session main did not end"]


def test_a_session_that_never_began_is_incomplete(tmp_path: Path) -> None:
    sample = Sample(tmp_path, sessions=["main", "security"])
    sample.complete()
    assert verdict_of(sample).reasons == ["the session security never began"]


@pytest.mark.parametrize(("status", "words"), [(2, "was interrupted"), (3, "had an internal error")])
def test_a_session_that_ended_badly_is_incomplete(sample: Sample, status: int, words: str) -> None:
    sample.complete()
    assert conclude(sample.finish(status)).reasons == [f"the session main {words}"]


def test_a_fault_outside_any_test_is_incomplete(sample: Sample) -> None:
    sample.complete()
    sample.journal.write("fault", message="https://shop.example: connection refused")
    assert verdict_of(sample).verdict == "incomplete"


@pytest.mark.parametrize("missing", GATES)
def test_a_required_gate_that_was_not_run_is_incomplete(sample: Sample, missing: str) -> None:
    sample.complete(except_for=[missing])
    verdict = verdict_of(sample)
    assert verdict.verdict == "incomplete"
    assert verdict.reasons == [f"{missing}: no check of it ran"]


def test_a_gate_of_which_nothing_is_covered_is_not_passed(sample: Sample) -> None:
    sample.complete(except_for=["security"])
    sample.test("not_covered", gate="security")
    verdict = verdict_of(sample)
    assert verdict.reasons == ["security: nothing of it is covered"]
    assert [check.reason for check in verdict.not_covered] == ["why it not_covered"]


def test_a_gate_that_the_run_does_not_require_may_be_left_out(tmp_path: Path) -> None:
    sample = Sample(tmp_path, gates=["flows", "contract", "money", "security", "books"])
    sample.complete(except_for=["source"])
    assert verdict_of(sample).verdict == "go"


def test_books_that_differ_are_no_go_with_the_amount(sample: Sample) -> None:
    sample.complete()
    sample.balanced(row(ledger=8880, statement=5000), environment="another")
    verdict = verdict_of(sample)
    assert verdict.verdict == "no-go"
    [finding] = verdict.findings
    assert "difference CNY 38.80" in finding.message
    assert "the target does not tell" in finding.message
    assert finding.severity == "critical"


def test_books_that_differ_by_order_are_no_go_though_the_sums_agree(sample: Sample) -> None:
    sample.complete()
    sample.balanced({**row(), "orders": [{"reference": "R1", "why": "a refund booked on another order"}]})
    assert verdict_of(sample).verdict == "no-go"


def test_missing_books_are_incomplete(sample: Sample) -> None:
    for gate in GATES:
        sample.test(gate=gate)
    assert verdict_of(sample).reasons == ["books: they were not drawn up"]


def test_books_in_which_no_money_moved_prove_nothing(sample: Sample) -> None:
    for gate in GATES:
        sample.test(gate=gate)
    sample.journal.write("books", scope="run", rows=[], foreign=[])
    assert verdict_of(sample).reasons == ["books: no money moved, so they prove nothing"]


def test_books_of_one_environment_replace_each_other_and_environments_add_up(sample: Sample) -> None:
    sample.complete()
    sample.balanced(row(ledger=100, statement=100), environment="a")
    sample.balanced(row(ledger=300, statement=300), environment="a")
    sample.balanced(row(ledger=500, statement=500), environment="b")
    [books] = verdict_of(sample).books
    assert books.ledger_payments == 8880 + 300 + 500


def test_books_of_a_scenario_are_not_the_runs(sample: Sample) -> None:
    sample.complete()
    sample.journal.write("books", scope="scenario", rows=[row(ledger=1, statement=2)])
    assert verdict_of(sample).verdict == "go"


@pytest.mark.parametrize(
    ("outcome", "word", "status"), [("passed", "selection passed", 0), ("failed", "selection failed", 1)]
)
def test_a_narrowed_run_never_says_go(tmp_path: Path, outcome: str, word: str, status: int) -> None:
    sample = Sample(tmp_path, narrowed=True)
    sample.test(outcome)
    verdict = verdict_of(sample)
    assert (verdict.verdict, verdict.exit_status) == (word, status)


def test_a_selection_that_checks_nothing_is_incomplete(tmp_path: Path) -> None:
    sample = Sample(tmp_path, narrowed=True)
    sample.test("not_covered")
    assert verdict_of(sample).reasons == ["no check was made"]


def test_an_empty_folder_is_incomplete(tmp_path: Path) -> None:
    assert conclude(tmp_path).verdict == "incomplete"


def test_findings_are_told_the_gravest_first(sample: Sample) -> None:
    for severity in ("low", "critical", "medium"):
        check = {"rule": severity, "standards": [], "severity": severity}
        sample.test("failed", id=f"tests/money/test_it.py::test_{severity}", check=check)
    assert [finding.rule for finding in verdict_of(sample).findings] == ["critical", "medium", "low"]


def test_a_finding_of_a_scenario_names_rule_scenario_and_feature_line(sample: Sample) -> None:
    sample.test("failed", scenario=scenario("passed", "passed", "failed"))
    [finding] = verdict_of(sample).findings
    assert finding.rule == "A refund never exceeds what is left: A second refund may not exceed what is left"
    assert finding.where == "features/refund/refunding.feature:8"


def test_verdict_json_is_the_verdict(sample: Sample) -> None:
    sample.complete()
    verdict = verdict_of(sample)
    written = json.loads((sample.folder / "verdict.json").read_text())
    assert written == json.loads(verdict.model_dump_json())
    assert written["run"]["sessions"][0]["seed"] == 7
    assert written["counts"] == {"passed": 5}


def test_a_test_that_two_workers_ran_counts_once_with_the_graver_outcome(sample: Sample) -> None:
    sample.test("failed", id="tests/money/test_it.py::test_one", gate="money")
    sample.test("passed", id="tests/money/test_it.py::test_one", gate="money")
    assert [test["outcome"] for test in load(sample.finish()).tests] == ["failed"]


def test_go_names_what_the_target_says_it_cannot(sample: Sample) -> None:
    sample.complete()
    sample.journal.write("target", name="Kiosk", lacks=["refunds", "coupon_terms", *"abcdefg"])
    verdict = verdict_of(sample)
    assert verdict.verdict == "go"
    assert verdict.sentence.endswith("says that it cannot: a, b, c, coupon terms, d, e and 3 more.")


@pytest.mark.parametrize(("others", "word"), [("not_covered", "incomplete"), ("passed", "go")])
def test_a_part_of_the_business_that_is_not_covered_at_all_is_incomplete(
    sample: Sample, others: str, word: str
) -> None:
    sample.complete()
    sample.test("not_covered", id="tests/acceptance/a.py::a", scenario=scenario())
    sample.test(others, id="tests/acceptance/a.py::b", scenario=scenario())
    verdict = verdict_of(sample)
    assert (verdict.verdict, "flows: nothing of refund is covered" in verdict.reasons) == (word, word == "incomplete")
