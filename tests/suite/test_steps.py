"""The language of the features: one phrase for one deed, all of them spoken, and only words of the business."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_bdd import parsers
from pytest_bdd.feature import get_feature
from pytest_bdd.steps import StepFunctionContext

from tests.steps import glossary
from tests.steps.glossary import Phrase, alike, ambiguous, faults_of, scenarios, spoken, templates


@pytest.fixture(scope="module")
def known() -> list[Phrase]:
    return spoken(glossary.phrases())


def phrase(words: str, kind: str = "when") -> Phrase:
    context = StepFunctionContext(kind, lambda: None, parsers.parse(words))  # type: ignore[arg-type]
    return Phrase(kind, words, "tests.steps.imagined", context)


def test_every_phrase_is_spoken_by_a_scenario(known: list[Phrase]) -> None:
    unused = [str(one) for one in known if not one.scenarios]
    assert not unused, "nobody says: " + "; ".join(unused)


def test_every_step_is_said_by_one_phrase(known: list[Phrase]) -> None:
    found = ambiguous(known)
    assert not found, "; ".join(found)


def test_no_two_phrases_say_one_thing(known: list[Phrase]) -> None:
    found = [f"{one} | {other}" for one, other in alike(known)]
    assert not found, "; ".join(found)


def test_every_scenario_is_short_and_in_the_words_of_the_business() -> None:
    found = [fault for template in templates() for fault in faults_of(template)]
    assert not found, "\n".join(found)


def test_a_scenario_says_what_came_of_it() -> None:
    mute = [one.name for one in templates() if not any(step.type == "then" for step in one.steps)]
    assert not mute, f"nothing is expected of {mute}"


def test_names_of_scenarios_are_not_used_twice_in_a_folder() -> None:
    """pytest-bdd makes a test of each name; two of one name in a folder would hide one another."""
    folders: dict[Path, list[str]] = {}
    for one in templates():
        folders.setdefault(Path(one.feature.filename).parent, []).append(one.name)
    twice = {name for names in folders.values() for name in names if names.count(name) > 1}
    assert not twice, f"several scenarios are called {', '.join(sorted(twice))}"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("the order is refunded", "the order was refunded"),
        ("the shopper refunds {amount:Money}", "the shopper refunded {money:Money}"),
        ("the shopper puts it in the cart", "the shopper puts it to the cart"),
    ],
)
def test_two_ways_to_say_one_thing_are_found(one: str, other: str) -> None:
    assert alike([phrase(one.replace(":Money", "")), phrase(other.replace(":Money", ""))])


def test_two_deeds_are_not_taken_for_one() -> None:
    assert not alike([phrase("the shopper pays"), phrase("the clerk pays")])
    assert not alike([phrase("it is signed"), phrase("it is not signed")])
    assert not alike([phrase("the order is paid", "given"), phrase("the order is paid", "then")])


def test_long_and_technical_scenarios_are_found(tmp_path: Path) -> None:
    steps = "\n".join(f"    And the shopper posts to the endpoint {number}" for number in range(7))
    text = f"Feature: F\n  Scenario: S\n    Given a shopper\n{steps}\n    Then it returns HTTP 200\n"
    (tmp_path / "odd.feature").write_text(text)
    [template] = get_feature(str(tmp_path), "odd.feature").scenarios.values()
    found = faults_of(template)
    assert "9 steps" in found[0]
    assert any("'endpoint'" in fault for fault in found)
    assert any("'HTTP'" in fault for fault in found)


def test_the_glossary_tells_each_phrase_with_its_uses(known: list[Phrase]) -> None:
    command = [sys.executable, "-m", "tests.steps"]
    told = subprocess.run(command, cwd=glossary.FEATURES.parent, capture_output=True, text=True, check=True).stdout
    assert told.count("\n| Given ") + told.count("\n| When ") + told.count("\n| Then ") == len(known)
    assert "| Then | the order is {state} |" in told


def test_every_row_of_an_outline_counts() -> None:
    def rows() -> Iterator[int]:
        for template in templates():
            yield len(list(scenarios(template)))

    assert max(rows()) > 1
    assert min(rows()) == 1
