"""Money that a provider holds: authorized by the buyer, taken or let go by the shop."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from pytest_bdd import given, then, when

from fixtures.actors.outcomes import done
from fixtures.actors.person import Person
from fixtures.actors.postman import ALL, Postman
from fixtures.actors.shopper import Shopper
from fixtures.actors.waiting import eventually
from fixtures.money import Money
from fixtures.providers.client import ProviderControl
from fixtures.targets.contract import Order, OrderState, Outcome, Provider, Refused
from tests.steps.words import phrase

People = Callable[[str], Person]


@given(phrase("the shopper has authorized the payment with {provider:Provider}"))
def _(shopper: Shopper, provider: Provider) -> None:
    done(shopper.quietly.authorizes(provider), "authorizing the payment")


@given("PayPal holds the money, and the shop learns nothing of it")
def _(trouble: ExitStack, providers: ProviderControl, postman: Postman, shopper: Shopper) -> None:
    trouble.enter_context(_held_unheard(trouble, providers, postman, shopper))
    shopper.finds_order(state=OrderState.UNPAID)


@given("PayPal holds the money and lets it go again before the shop learns of it")
def _(trouble: ExitStack, providers: ProviderControl, postman: Postman, shopper: Shopper) -> None:
    with _held_unheard(trouble, providers, postman, shopper):
        shopper.finds_order(state=OrderState.UNPAID)
        providers.expire(Provider.PAYPAL, shopper.payment.reference)
    shopper.quietly.comes_back()


def _held_unheard(
    trouble: ExitStack, providers: ProviderControl, postman: Postman, shopper: Shopper
) -> AbstractContextManager[None]:
    """PayPal's answer and its notifications get lost, and while the block runs it says to know of no such order."""
    begun = shopper.quietly.chooses_to_authorize(Provider.PAYPAL)
    reference = done(begun, "choosing PayPal").reference
    trouble.enter_context(postman.holds(shopper.payment))
    trouble.enter_context(providers.fault(Provider.PAYPAL, "authorize", "timeout_after", reference))
    shopper.quietly.at_provider().approve()
    shopper.quietly.comes_back()
    return providers.fault(Provider.PAYPAL, "query", "business_error", reference, ALL, code="INVALID_RESOURCE_ID")


@when(phrase("the shopper authorizes the payment with {provider:Provider}"), target_fixture="attempt")
def _(shopper: Shopper, provider: Provider) -> Outcome[Order]:
    return shopper.authorizes(provider)


@given(phrase("the clerk has captured {amount:Money}"))
def _(people: People, shopper: Shopper, amount: Money) -> None:
    done(people("clerk").quietly.captures(shopper.order.number, amount), "capturing")


@given(phrase("the clerk has tried in vain to capture {amount:Money}"))
def _(people: People, shopper: Shopper, amount: Money) -> None:
    tried = people("clerk").quietly.captures(shopper.order.number, amount)
    assert isinstance(tried, Refused), f"expected a refusal; it came to {tried}"


@given(phrase("PayPal will not answer the next capture"))
def _(trouble: ExitStack, providers: ProviderControl, shopper: Shopper) -> None:
    trouble.enter_context(providers.fault(Provider.PAYPAL, "capture", "timeout_before", shopper.payment.reference))


@given(phrase("PayPal will refuse the next capture"))
def _(trouble: ExitStack, providers: ProviderControl, shopper: Shopper) -> None:
    refusal = providers.fault(
        Provider.PAYPAL, "capture", "business_error", shopper.payment.reference, code="TRANSACTION_REFUSED"
    )
    trouble.enter_context(refusal)


@given(phrase("the next capture will be declined"))
def _(trouble: ExitStack, providers: ProviderControl, shopper: Shopper) -> None:
    declined = providers.fault(
        Provider.PAYPAL, "capture", "business_error", shopper.payment.reference, code="CAPTURE_DECLINED"
    )
    trouble.enter_context(declined)


@when(phrase("{who:Who} captures {amount:Money}"), target_fixture="attempt")
def _(people: People, who: str, shopper: Shopper, amount: Money) -> Outcome[Order]:
    return people(who).captures(shopper.order.number, amount)


@when("PayPal lets the held money go")
def _(providers: ProviderControl, shopper: Shopper) -> None:
    providers.expire(Provider.PAYPAL, shopper.payment.reference)


@given("the shopper has authorized the payment with PayPal, which has let the money go and told nobody anything")
def _(trouble: ExitStack, providers: ProviderControl, postman: Postman, shopper: Shopper) -> None:
    begun = shopper.quietly.chooses_to_authorize(Provider.PAYPAL)
    reference = done(begun, "choosing PayPal").reference
    trouble.enter_context(postman.holds(shopper.payment))  # news of the approval would make the target ask, and learn
    shopper.quietly.at_provider().approve()
    shopper.quietly.comes_back()
    shopper.finds_order(state=OrderState.AUTHORIZED)
    providers.expire(Provider.PAYPAL, reference)


@then("the money that was held first is let go")
def _(providers: ProviderControl, shopper: Shopper) -> None:
    first = shopper.payments[0].reference
    eventually(
        lambda: providers.trade(Provider.PAYPAL, first).state,
        lambda state: state == "VOIDED",
        "PayPal to have let the money of the first payment go",
    )


@then(phrase("{provider:Provider} holds nothing of the shopper's any more"))
def _(providers: ProviderControl, shopper: Shopper, provider: Provider) -> None:
    eventually(
        lambda: providers.trade(provider, shopper.payment.reference).state,
        lambda state: state == "VOIDED",
        f"{provider} to have let the money go",
    )
