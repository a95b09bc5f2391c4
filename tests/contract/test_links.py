"""The description's links followed as a user would: order, pay, refund, and back; and no step makes or loses money."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
import schemathesis
from hypothesis import settings
from schemathesis import Case, Response

from fixtures.actors.stage import Stage
from fixtures.money import Money
from fixtures.providers.client import ProvidersFault
from fixtures.targets.contract import NotCovered, Session
from tests.contract import description
from tests.contract.description import schema


@schemathesis.check
def no_order_shows_money_from_nowhere(ctx: schemathesis.CheckContext, response: Response, case: Case) -> None:
    """Every order an answer shows has total >= captured >= refunded >= 0 and says what may be refunded."""
    for order in _orders(_json(response)):
        total, captured, refunded, refundable = (
            Money.of(order[name]["amount"], order[name]["currency"])
            for name in ("total", "captured", "refunded", "refundable")
        )
        nothing = Money.zero(total.currency)
        assert total >= captured >= refunded >= nothing, (
            f"{case.method} {case.path}: an order of {total} shows {captured} captured and {refunded} refunded"
        )
        assert nothing <= refundable <= captured - refunded, (
            f"{case.method} {case.path}: {captured} captured, {refunded} refunded, and yet {refundable} refundable"
        )


@pytest.mark.check(
    rule="no sequence of documented calls makes or loses money",
    standards=["CWE-682", "CWE-841", "WSTG-BUSL-06"],
    severity="critical",
)
def test_following_the_links_makes_and_loses_no_money(call: dict[str, Any], user: Session, by_api: Stage) -> None:
    if not description.described():
        raise NotCovered("the OpenAPI description: the profile names none")

    class Follower(schema().as_state_machine()):  # type: ignore[misc]
        """Whatever the links lead to; every payment it happens to begin is approved, so that money really moves."""

        def get_call_kwargs(self, case: Case) -> dict[str, Any]:
            return {"headers": {"Authorization": f"Bearer {user.token}"}, **call}

        def after_call(self, response: Response, case: Case) -> None:
            body = _json(response)
            if isinstance(body, dict) and {"provider", "reference"} <= body.keys() and response.status_code < 300:
                by_api.books.watch_payment(body["provider"], body["reference"])
                with contextlib.suppress(ProvidersFault):  # already paid, or closed meanwhile
                    by_api.providers.approve(body["provider"], body["reference"])
            for order in _orders(body):
                by_api.books.watch(order["number"])

        def validate_response(self, response: Response, case: Case, **kwargs: Any) -> None:  # type: ignore[override]
            super().validate_response(response, case, additional_checks=[no_order_shows_money_from_nowhere])

    examples = max(3, settings.default.max_examples // 2) if settings.default else 3
    Follower.run(settings=settings(max_examples=examples))
    by_api.books.balanced()


def _json(response: Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _orders(body: Any) -> list[dict[str, Any]]:
    """The orders in an answer: the answer itself, or the items of a page of them."""
    found = body.get("items", [body]) if isinstance(body, dict) else body if isinstance(body, list) else []
    return [
        each for each in found if isinstance(each, dict) and {"number", "total", "captured", "refunded"} <= each.keys()
    ]
