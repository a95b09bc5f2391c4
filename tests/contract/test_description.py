"""Every operation of the OpenAPI description, fuzzed: the answers are the documented ones, and nothing breaks."""

from __future__ import annotations

from typing import Any

import pytest
from schemathesis import Case

from fixtures.targets.contract import NotCovered, Session
from tests.contract import description
from tests.contract.description import schema

SCHEMA = schema()


@pytest.mark.check(
    rule="every answer is one that the description documents, and never a 5xx",
    standards=["WSTG-ERRH-01", "API8:2023", "CWE-20"],
    severity="high",
)
@SCHEMA.parametrize()
def test_operation(case: Case, call: dict[str, Any], user: Session) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {user.token}"}, **call)


def test_there_is_a_description() -> None:
    if not description.described():
        raise NotCovered("the OpenAPI description: the profile names none")
    assert list(SCHEMA.get_all_operations()), "the description describes no operation"
