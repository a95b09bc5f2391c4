"""A market for the properties of money: one administrator, a shopper per check, products at any price."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator
from fixtures.actors.stage import Stage
from fixtures.money import Money
from fixtures.targets import require
from fixtures.targets.contract import Cart, Catalogue, Checkout, Order, Product, Provider, Refunds, Role, Session


@dataclass(repr=False)  # as Hypothesis tells it with an example: a shelf of products would hide what matters
class Market:
    """Sells to one shopper at a time. Products are kept by price, so that many examples cost few products."""

    stage: Stage
    administrator: Administrator
    shelf: dict[tuple[Money, int], Product] = field(default_factory=dict)
    refunder: Refunds | None = None

    def product(self, price: Money, number: int = 0) -> Product:
        """The `number`-th product at this price, with stock enough."""
        if (price, number) not in self.shelf:
            self.shelf[price, number] = self.administrator.sells(price, stock=10**6)
        return self.shelf[price, number]

    def shopper(self) -> Shopper:
        return Shopper.registered(self.stage)

    def clerk(self) -> Refunds:
        """Somebody who may refund; hired once."""
        if self.refunder is None:
            session = self.administrator.hires(Role.CLERK)
            self.refunder = require(self.stage.target.api(session), Refunds)
        return self.refunder

    def stock_of(self, product: Product) -> int:
        catalogue = require(self.administrator.channel, Catalogue)
        return done(catalogue.product(product.id), "looking at the product").stock

    def fill(self, shopper: Shopper, *lines: tuple[Product, int]) -> Cart:
        """Empty the cart and put these lines in, in this order."""
        checkout = require(shopper.channel, Checkout)
        cart = done(checkout.cart(), "reading the cart")
        for line in cart.lines:
            done(checkout.set_quantity(line.product, 0), "emptying the cart")
        for product, quantity in lines:
            cart = done(checkout.put_in_cart(product.id, quantity), "filling the cart")
        return cart

    def paid(self, shopper: Shopper, total: Money, provider: Provider = Provider.ALIPAY) -> Order:
        """An order of this total, paid in full."""
        shopper.orders(self.product(total))
        return done(shopper.pays(provider), "paying")


@pytest.fixture
def market(by_api: Stage, administrator_session: Session) -> Market:
    return Market(by_api, Administrator(by_api, administrator_session))


@pytest.fixture
def shopper(market: Market) -> Shopper:
    return market.shopper()
