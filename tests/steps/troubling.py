"""Providers in trouble: silent, slow, broken or unwilling, and what the buyer is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from pytest_bdd import given, then

from fixtures.actors.postman import Postman
from fixtures.actors.shopper import Shopper
from fixtures.providers.client import ProviderControl
from fixtures.targets.contract import OrderState, Provider, Refused
from tests.steps.words import phrase

LONG = 1000
"""More requests than any scenario makes: the trouble lasts until it is ended."""

CODE = re.compile(r"[A-Z]{3,}[._][A-Z]|\b[45]\d\d\b|[a-z]\.[a-z]")
"""What nobody but an engineer understands: a provider's code, an HTTP status, a name from the source."""


@pytest.fixture
def trouble() -> Iterator[ExitStack]:
    """What troubles the providers until it is closed."""
    with ExitStack() as lasting:
        yield lasting


@given(phrase("{provider:Provider} {effect:Trouble} and tells nobody of the payment"))
def _(
    trouble: ExitStack, providers: ProviderControl, postman: Postman, shopper: Shopper, provider: Provider, effect: str
) -> None:
    trouble.enter_context(postman.holds(shopper.payment))
    trouble.enter_context(providers.fault(provider, "query", effect, shopper.payment.reference, times=LONG))


@given(phrase("{provider:Provider} answers slowly and tells nobody of the payment"))
def _(trouble: ExitStack, providers: ProviderControl, postman: Postman, shopper: Shopper, provider: Provider) -> None:
    trouble.enter_context(postman.holds(shopper.payment))
    trouble.enter_context(providers.fault(provider, "query", "slow", shopper.payment.reference, times=LONG, seconds=1))


@given("PayPal takes the money, but its answer and all that it tells get lost")
def _(trouble: ExitStack, providers: ProviderControl, postman: Postman, shopper: Shopper) -> None:
    trouble.enter_context(postman.holds(shopper.payment))
    reference = shopper.payment.reference
    trouble.enter_context(providers.fault(Provider.PAYPAL, "capture", "timeout_after", reference))


@given(phrase("{provider:Provider} {effect:Trouble} when the next payment is begun"))
def _(trouble: ExitStack, providers: ProviderControl, shopper: Shopper, provider: Provider, effect: str) -> None:
    trouble.enter_context(providers.fault(provider, "create", effect, shopper.foresees(provider)))


@given(phrase("{provider:Provider} will refuse the payment because {code:Refusal}"))
def _(trouble: ExitStack, providers: ProviderControl, shopper: Shopper, provider: Provider, code: str) -> None:
    operation = "capture" if provider is Provider.PAYPAL else "create"
    reference = shopper.foresees(provider)
    # more than once: the buyer's return and the notification of the approval may both ask for the money
    refusal = providers.fault(provider, operation, "business_error", reference, times=100, code=code)
    trouble.enter_context(refusal)


@then(phrase("once {provider:Provider} answers again the order is {state:State}"))
def _(trouble: ExitStack, shopper: Shopper, provider: Provider, state: OrderState) -> None:
    trouble.close()
    shopper.finds_order(state=state)


@then("the message holds no word that only engineers understand")
def _(attempt: Refused) -> None:
    found = CODE.search(attempt.message)
    assert attempt.message, "there is no message at all"
    assert found is None, f"{attempt.message!r} holds {found and found[0]!r}"
