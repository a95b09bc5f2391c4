"""A victim with an order, and an attacker with a wire: what every attack starts from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator
from fixtures.actors.stage import Stage
from fixtures.money import Money
from fixtures.targets.contract import NotCovered, Provider, Session

PRICE = {
    Provider.ALIPAY: Money(8880, "CNY"),
    Provider.WECHATPAY: Money(8880, "CNY"),
    Provider.PAYPAL: Money(4999, "USD"),
}
"""What the victim's order costs, in a currency the provider takes."""

Buy = Callable[..., Shopper]


@pytest.fixture
def administrator(by_api: Stage, administrator_session: Session) -> Administrator:
    return Administrator(by_api, administrator_session)


@pytest.fixture
def shopper_with_order(by_api: Stage, administrator: Administrator) -> Buy:
    """A new shopper who has placed an order, at a price that this provider takes unless another is given."""

    def buy(provider: Provider, price: Money | None = None) -> Shopper:
        if not by_api.target.pays_with(provider):
            raise NotCovered(f"{provider}: the target does not pay with it")
        shopper = Shopper.registered(by_api)
        shopper.orders(administrator.sells(price or PRICE[provider], stock=5))
        return shopper

    return buy


@pytest.fixture
def shopper_at_cashier(shopper_with_order: Buy) -> Buy:
    """… and who has begun to pay it."""

    def begin(provider: Provider) -> Shopper:
        shopper = shopper_with_order(provider)
        done(shopper.chooses(provider), "beginning to pay")
        return shopper

    return begin


@pytest.fixture(params=list(Provider), ids=str)
def provider(request: pytest.FixtureRequest) -> Provider:
    found: Provider = request.param
    return found
