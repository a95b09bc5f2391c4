"""What machines read: JUnit by its schema's words, Cucumber JSON as its readers know it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase

from reports import cucumber, junit
from reports.run import load
from tests.suite.journals import Sample, scenario


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return Sample(tmp_path / "run", session="flows")


def cases(folder: Path) -> dict[str, TestCase]:
    xml = JUnitXml.fromfile(str(junit.write(load(folder))))
    return {case.name: case for suite in xml for case in suite}


def test_junit_tells_each_outcome_in_its_own_element(sample: Sample) -> None:
    for outcome in ("passed", "failed", "fault", "error", "skipped", "not_covered"):
        sample.test(outcome, repeat=".venv/bin/pytest x")
    sample.planned("tests/flows/test_it.py::test_lost")
    found = cases(sample.finish())
    kinds = {name: [type(result) for result in case.result] for name, case in found.items()}
    assert kinds == {
        "test_passed_flows": [],
        "test_failed_flows": [Failure],
        "test_fault_flows": [Error],
        "test_error_flows": [Error],
        "test_skipped_flows": [Skipped],
        "test_not_covered_flows": [Skipped],
        "test_lost": [Error],
    }
    assert found["test_failed_flows"].result[0].message == "why it failed"
    assert "repeat: .venv/bin/pytest x" in found["test_failed_flows"].result[0].text
    assert found["test_failed_flows"].classname == "tests.flows.test_it"


def test_junit_counts_by_session_and_gate(sample: Sample) -> None:
    sample.test()
    sample.test("failed", gate="money")
    xml = JUnitXml.fromfile(str(junit.write(load(sample.finish()))))
    assert [(suite.name, suite.tests, suite.failures) for suite in xml] == [
        ("flows.flows", 1, 0),
        ("flows.money", 1, 1),
    ]
    assert (xml.tests, xml.failures, xml.errors) == (2, 1, 0)


def test_junit_holds_no_character_that_xml_cannot(sample: Sample) -> None:
    sample.test("failed", id="tests/money/test_it.py::test_x[\x00\ud800]", message="seen \x1b[31m\x00 & <b>")
    [case] = cases(sample.finish()).values()
    assert case.result[0].message == "seen �[31m� & <b>"


def features(folder: Path) -> list[dict[str, Any]]:
    return list(json.loads(cucumber.write(load(folder)).read_text()))


def test_cucumber_has_rule_table_doc_string_and_times_in_nanoseconds(sample: Sample) -> None:
    sample.test(scenario=scenario(), tags=["alipay", "refunds"])
    [feature] = features(sample.finish())
    [element] = feature["elements"]
    assert feature["uri"] == "features/refund/refunding.feature"
    assert element["id"].split(";") == [
        "refunds",
        "a-refund-never-exceeds-what-is-left",
        "a-second-refund-may-not-exceed-what-is-left",
        "flows",
    ]
    assert element["rule"]["name"] == "A refund never exceeds what is left"
    assert [tag["name"] for tag in element["tags"]] == ["@alipay", "@refunds", "@flows"]
    first, second, _ = element["steps"]
    assert (first["keyword"], first["result"]) == ("Given ", {"status": "passed", "duration": 300_000_000})
    assert first["rows"] == [{"cells": ["product", "quantity"]}, {"cells": ["tea", "2"]}]
    assert second["doc_string"]["value"] == "because it was broken"


def test_cucumber_shows_the_failed_step_with_its_message_and_picture(sample: Sample) -> None:
    picture = sample.journal.evidence_file(".png")
    picture.write_bytes(b"picture")
    shots = [{"path": f"evidence/{picture.name}", "caption": "https://shop/order"}]
    sample.test("failed", scenario=scenario("passed", "failed", "skipped"), screenshots=shots)
    [feature] = features(sample.finish())
    steps = feature["elements"][0]["steps"]
    assert [step["result"]["status"] for step in steps] == ["passed", "failed", "skipped"]
    assert steps[1]["result"]["error_message"] == "why it failed"
    assert steps[1]["embeddings"] == [{"mime_type": "image/png", "name": "https://shop/order", "data": "cGljdHVyZQ=="}]


def test_what_fails_after_the_steps_is_a_failed_hook_in_cucumber(sample: Sample) -> None:
    sample.test("failed", scenario=scenario(), message="the books do not balance")
    [feature] = features(sample.finish())
    [hook] = feature["elements"][0]["after"]
    assert hook["result"] == {"status": "failed", "duration": 0, "error_message": "the books do not balance"}


def test_checks_that_are_not_scenarios_are_not_in_cucumber(sample: Sample) -> None:
    sample.test(gate="money")
    assert features(sample.finish()) == []
