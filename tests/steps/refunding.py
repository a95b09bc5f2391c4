"""Refunds: asked for, approved, sent twice, and what the provider makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from pytest_bdd import given, then, when

from fixtures.actors.member import Member
from fixtures.actors.outcomes import done
from fixtures.actors.person import Person
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator, Approver, Clerk
from fixtures.actors.stage import Stage, unique
from fixtures.actors.waiting import eventually
from fixtures.money import Money
from fixtures.providers.client import ProviderControl
from fixtures.targets.contract import Outcome, Provider, Refund, RefundState, Role
from tests.steps.words import phrase

People = Callable[[str], Person]


@pytest.fixture
def refund_request() -> str:
    """The idempotency key under which a refund request is sent, and sent again."""
    return unique("refund")


@given(phrase("{who:Who} has refunded {amount:Money}"), target_fixture="refund")
def _(people: People, who: str, shopper: Shopper, amount: Money) -> Refund:
    return done(people(who).quietly.refunds(shopper.order.number, amount), f"refunding {amount}")


@when(phrase("{who:Who} refunds {amount:Money}"), target_fixture="attempt")
def _(people: People, who: str, shopper: Shopper, amount: Money) -> Outcome[Refund]:
    return people(who).refunds(shopper.order.number, amount)


@given(phrase("{who:Who} has approved the refund"))
def _(people: People, who: str, shopper: Shopper, refund: Refund) -> None:
    done(people(who).quietly.approves(shopper.order.number, refund.id), "approving the refund")


@given("an approver who has just been hired", target_fixture="approver")
def _(stage: Stage, administrator: Administrator) -> Approver:
    return Approver(stage, administrator.quietly.hires(Role.APPROVER))


@given("the approver has taken a new e-mail")
def _(approver: Approver, new_email: str) -> None:
    approver.session = Member(approver.stage, approver.session).quietly.moves_to(new_email)


@when(phrase("{who:Who} approves the refund"), target_fixture="attempt")
def _(people: People, who: str, shopper: Shopper, refund: Refund) -> Outcome[Refund]:
    return people(who).approves(shopper.order.number, refund.id)


@when(phrase("the clerk sends a refund request of {amount:Money}"), target_fixture="requested")
def _(clerk: Clerk, shopper: Shopper, refund_request: str, amount: Money) -> Money:
    clerk.refunds(shopper.order.number, amount, refund_request)
    return amount


@when("the clerk sends the same refund request again", target_fixture="attempt")
def _(clerk: Clerk, shopper: Shopper, refund_request: str, requested: Money) -> Outcome[Refund]:
    return clerk.refunds(shopper.order.number, requested, refund_request)


@when(phrase("the clerk sends the same refund request with {amount:Money}"), target_fixture="attempt")
def _(clerk: Clerk, shopper: Shopper, refund_request: str, amount: Money) -> Outcome[Refund]:
    return clerk.refunds(shopper.order.number, amount, refund_request)


@then(phrase("the refund is {state:RefundState}"))
def _(attempt: Outcome[Refund], clerk: Clerk, shopper: Shopper, state: RefundState) -> None:
    refund = done(attempt, "refunding")
    clerk.finds(
        lambda own: {known.id: known.state for known in own.refunds_of(shopper.order.number)}.get(refund.id),
        state,
        f"the refund of {refund.amount} as {state}",
    )


@given(phrase("{provider:Provider} makes the next refund but its answer gets lost"))
def _(providers: ProviderControl, shopper: Shopper, provider: Provider) -> Iterator[None]:
    with providers.fault(provider, "refund", "timeout_after", shopper.payment.reference):
        yield


@given(phrase("{provider:Provider} only accepts the next refund"))
def _(providers: ProviderControl, shopper: Shopper, provider: Provider) -> Iterator[None]:
    with providers.fault(provider, "refund", "pending", shopper.payment.reference):
        yield


@given(phrase("{provider:Provider} refuses the next refund because {trouble:RefundTrouble}"))
def _(providers: ProviderControl, shopper: Shopper, provider: Provider, trouble: dict[Provider, str]) -> Iterator[None]:
    code, reference = trouble[provider], shopper.payment.reference
    with providers.fault(provider, "refund", "business_error", reference, code=code):
        yield


@given(phrase("the payment with {provider:Provider} was made {days:Count} days ago"))
def _(providers: ProviderControl, shopper: Shopper, provider: Provider, days: int) -> None:
    providers.age(provider, shopper.payment.reference, timedelta(days=days).total_seconds())


@given(phrase("the clerk has refunded {amount:Money} {times:Count} times"))
def _(clerk: Clerk, shopper: Shopper, amount: Money, times: int) -> None:
    for _each in range(times):
        done(clerk.quietly.refunds(shopper.order.number, amount), f"refunding {amount}")


@given(phrase("the clerk has tried to refund {amount:Money}"))
def _(clerk: Clerk, shopper: Shopper, amount: Money) -> None:
    clerk.quietly.refunds(shopper.order.number, amount)


@when(phrase("the clerk refunds {amount:Money} without a reason"), target_fixture="attempt")
def _(clerk: Clerk, shopper: Shopper, amount: Money) -> Outcome[Refund]:
    return clerk.refunds(shopper.order.number, amount, reason=" ")


@when(phrase("{provider:Provider} reports the refund as a success"))
def _(providers: ProviderControl, provider: Provider, refund: Refund) -> None:
    providers.settle_refund(provider, refund.request_id or refund.id, "success")


@given(phrase("{provider:Provider} has reported the refund as closed"))
def _(providers: ProviderControl, provider: Provider, refund: Refund, clerk: Clerk, shopper: Shopper) -> None:
    providers.settle_refund(provider, refund.request_id or refund.id, "closed")
    eventually(
        lambda: [own.state for own in clerk.quietly.refunds_of(shopper.order.number)],
        lambda seen: seen == [RefundState.FAILED],
        "the refund to be known as failed",
    )


@when(phrase("the merchant refunds {amount:Money} in the console of {provider:Provider}"))
def _(providers: ProviderControl, shopper: Shopper, amount: Money, provider: Provider) -> None:
    providers.console_refund(provider, shopper.payment.reference, amount)
