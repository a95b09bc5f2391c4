"""Every operation of the OpenAPI description, fuzzed: the answers are the documented ones, and nothing breaks."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from schemathesis import Case
from schemathesis.schemas import BaseSchema

from fixtures.targets import Target
from fixtures.targets.contract import NotCovered, Session
from tests.contract import description
from tests.contract.conftest import identity

OPERATIONS = description.operations()

described = schemathesis.pytest.from_fixture("operation")
"""An operation's cases are thought up when its test runs: for all of them at collection it took seconds."""


@pytest.fixture(params=OPERATIONS or ["any"])
def operation(request: pytest.FixtureRequest) -> BaseSchema:
    """The description of this one operation."""
    if not description.described():
        raise NotCovered("the OpenAPI description: the profile names none")
    return description.schema(request.param)


@pytest.mark.check(
    rule="every answer is one that the description documents, and never a 5xx",
    standards=["WSTG-ERRH-01", "API8:2023", "CWE-20"],
    severity="high",
)
@pytest.mark.usefixtures("call", "user")
@described.parametrize()
def test_operation(case: Case, call: dict[str, Any], target: Target, user: Session) -> None:
    case.call_and_validate(headers=identity(target, user), **call)


def test_there_is_a_description() -> None:
    if not description.described():
        raise NotCovered("the OpenAPI description: the profile names none")
    assert OPERATIONS, "the description describes no operation"
