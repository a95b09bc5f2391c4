"""What came of it: refusals, the order by every channel, and the provider's own books."""

from __future__ import annotations

from pytest_bdd import then

from fixtures.actors.bank import Bank
from fixtures.actors.outcomes import refused
from fixtures.actors.shopper import Shopper
from fixtures.money import Money
from fixtures.targets.contract import OrderState, Outcome, Product, Provider, Reason
from tests.steps.words import phrase


@then(phrase("the {deed:Deed} is refused because {reason:Reason}"))
def _(attempt: Outcome[object], deed: str, reason: Reason) -> None:
    refused(attempt, reason, deed)


@then(phrase("the order is {state:State}"))
def _(shopper: Shopper, state: OrderState) -> None:
    shopper.finds_order(state=state)


@then(phrase("the order still shows {amount:Money} refundable"))
def _(shopper: Shopper, amount: Money) -> None:
    shopper.finds_order(refundable=amount)


@then(phrase("{provider:Provider} has taken {amount:Money} in all"))
def _(bank: Bank, shopper: Shopper, provider: Provider, amount: Money) -> None:
    bank.has_taken(provider, amount, shopper.payments)


@then(phrase("{provider:Provider} has paid back {amount:Money} in all"))
def _(bank: Bank, shopper: Shopper, provider: Provider, amount: Money) -> None:
    bank.has_paid_back(provider, amount, shopper.payments)


@then("no money has moved")
def _(bank: Bank, shopper: Shopper) -> None:
    shopper.finds_order(captured=Money.zero(shopper.order.total.currency))
    bank.has_moved_nothing(shopper.references)


@then(phrase("{stock:Count} pieces of the product are left"))
def _(shopper: Shopper, product: Product, stock: int) -> None:
    shopper.finds_in_stock(product, stock)
