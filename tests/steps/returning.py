"""Refunds by the piece: some of what was bought comes back, to be sold again or not."""

from __future__ import annotations

from pytest_bdd import given, when

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Clerk
from fixtures.targets.contract import Outcome, Product, Refund
from tests.steps.words import phrase


@given(phrase("the clerk has refunded {quantity:Pieces} of it"), target_fixture="refund")
def _(clerk: Clerk, shopper: Shopper, product: Product, quantity: int) -> Refund:
    return done(clerk.quietly.refunds_pieces(shopper.order.number, product, quantity), f"refunding {quantity} pieces")


@when(phrase("the clerk refunds {quantity:Pieces} of it"), target_fixture="attempt")
def _(clerk: Clerk, shopper: Shopper, product: Product, quantity: int) -> Outcome[Refund]:
    return clerk.refunds_pieces(shopper.order.number, product, quantity)


@given(phrase("the clerk has refunded {quantity:Pieces} of it and put them back in stock"))
def _(clerk: Clerk, shopper: Shopper, product: Product, quantity: int) -> None:
    done(clerk.quietly.refunds_pieces(shopper.order.number, product, quantity, restock=True), "refunding pieces")


@when(phrase("the clerk refunds {quantity:Pieces} of it and puts them back in stock"), target_fixture="attempt")
def _(clerk: Clerk, shopper: Shopper, product: Product, quantity: int) -> Outcome[Refund]:
    return clerk.refunds_pieces(shopper.order.number, product, quantity, restock=True)
