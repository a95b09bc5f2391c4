"""The books of a day held against the provider's bill of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

from pytest_bdd import given, then, when

from fixtures.actors.bank import Bank
from fixtures.actors.outcomes import done
from fixtures.actors.postman import Postman
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator, Approver, Auditor, Staff
from fixtures.actors.waiting import eventually
from fixtures.money import Money
from fixtures.providers.client import ProviderControl
from fixtures.targets.contract import Cause, Discrepancy, Outcome, Provider
from tests.steps.words import phrase

People = Callable[[str], Staff]
Found = tuple[Discrepancy, ...]
ALWAYS = 1000
"""More bills than a scenario asks for."""


@given("the bills of today can be had already")
def _(providers: ProviderControl) -> Iterator[None]:
    """PayPal's can be had in any case."""
    with ExitStack() as bills:
        for provider in (Provider.ALIPAY, Provider.WECHATPAY):
            bills.enter_context(providers.fault(provider, "bill", "early", times=ALWAYS))
        yield


@given(phrase("the shopper has paid an order of {total:Money} with {provider:Provider}, unnoticed"))
def _(
    shopper: Shopper, administrator: Administrator, postman: Postman, total: Money, provider: Provider
) -> Iterator[None]:
    shopper.quietly.orders(administrator.quietly.sells(total, stock=10))
    done(shopper.quietly.chooses(provider), f"choosing {provider}")
    with postman.holds(shopper.payment):
        shopper.quietly.at_provider().approve()
        yield


@given(phrase("the merchant has refunded {amount:Money} in the console of {provider:Provider}, unnoticed"))
def _(
    providers: ProviderControl, postman: Postman, shopper: Shopper, amount: Money, provider: Provider
) -> Iterator[None]:
    with postman.holds(shopper.payment):
        providers.console_refund(provider, shopper.payment.reference, amount)
        yield


@when(phrase("{who:Who} holds the day against the bill of {provider:Provider}"), target_fixture="attempt")
def _(people: People, who: str, bank: Bank, shopper: Shopper, provider: Provider) -> Outcome[Found]:
    return people(who).reconciles(provider, bank.day_of(shopper.payment))


@when(phrase("the auditor holds the day after next against the bill of {provider:Provider}"), target_fixture="attempt")
def _(auditor: Auditor, bank: Bank, shopper: Shopper, provider: Provider) -> Outcome[Found]:
    return auditor.reconciles(provider, bank.day_of(shopper.payment) + timedelta(days=2))


@given(phrase("the auditor has found {amount:Money} that only the bill has"), target_fixture="missing")
def _(auditor: Auditor, bank: Bank, shopper: Shopper, amount: Money) -> Discrepancy:
    (found,) = eventually(lambda: own(auditor.quietly, bank, shopper), bool, "a difference")
    seen = found.cause, found.on_bill, found.in_books
    assert seen == (Cause.NOT_IN_TARGET, amount, None), f"expected {amount} on the bill alone; it is {found}"
    return found


@when("the approver brings it into the books")
def _(approver: Approver, bank: Bank, shopper: Shopper, missing: Discrepancy) -> None:
    done(approver.books(shopper.payment.provider, bank.day_of(shopper.payment), missing.number), "booking it")


@then("the bill and the books agree on the shopper's payments")
def _(auditor: Auditor, bank: Bank, shopper: Shopper) -> None:
    auditor.finds(lambda view: own(view, bank, shopper), (), "no difference in the shopper's payments")


def own(auditor: Staff, bank: Bank, shopper: Shopper) -> Found:
    """The differences in the shopper's payments. What is only late, by a midnight, is none in the money."""
    payment = shopper.payment
    found = done(auditor.reconciles(payment.provider, bank.day_of(payment)), "holding the day against the bill")
    references = {known.reference for known in shopper.payments}
    return tuple(one for one in found if one.reference in references and one.cause is not Cause.ANOTHER_DAY)
