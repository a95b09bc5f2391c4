"""An assertion is a finding only where it judges the target: in a driver it is the driver's own fault."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.targets.contract import OutOfReach, TargetFault
from reports.outcome import FAILED, FAULT, classify, example, message


@pytest.mark.parametrize(
    ("module", "outcome"),
    [("ashore_driver_my_shop", FAULT), ("fixtures.targets.reference.web", FAULT), ("fixtures.actors.outcomes", FAILED)],
)
def test_an_assertion_counts_by_where_it_was_raised(module: str, outcome: str) -> None:
    made = ModuleType(module)
    exec("def judge():\n    assert 1 == 2, 'the page is another'", vars(made))
    with pytest.raises(AssertionError) as alone:
        made.judge()
    assert classify(alone.value, "call") == outcome
    assert classify(ExceptionGroup("several", [alone.value]), "call") == outcome


def test_a_property_that_fails_tells_its_example() -> None:
    """schemathesis silences Hypothesis in the whole process."""

    @given(pieces=st.integers(1, 100))
    def fits_in_a_parcel(pieces: int) -> None:
        assert pieces < 7

    with pytest.raises(AssertionError) as failed:
        fits_in_a_parcel()
    assert "pieces=7" in example(failed.value)


@pytest.mark.parametrize(("kind", "outcome"), [(OutOfReach, FAILED), (TargetFault, FAULT)])
def test_what_a_driver_cannot_reach_is_a_finding_and_what_it_cannot_do_a_fault(
    kind: type[Exception], outcome: str
) -> None:
    driver = ModuleType("ashore_driver_my_shop")
    exec("def press(kind):\n    raise kind('Tab does not lead to Pay')", vars(driver))
    with pytest.raises(kind) as raised:
        driver.press(kind)
    assert (classify(raised.value, "call"), message(raised.value)) == (outcome, "Tab does not lead to Pay")
