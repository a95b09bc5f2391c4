"""At the provider and back: choosing, approving, declining, leaving, and what the provider's page shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pytest_bdd import given, then, when

from fixtures.actors.cashier import ByControl
from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator
from fixtures.money import Money
from fixtures.providers.client import ProviderControl
from fixtures.targets.contract import Order, Outcome, Payment, Product, Provider
from tests.steps.words import phrase

People = Callable[[str], Shopper]


@given(phrase("{who:Who} has paid an order of {total:Money} with {provider:Provider}"), target_fixture="product")
def _(people: People, administrator: Administrator, who: str, total: Money, provider: Provider) -> Product:
    product = administrator.quietly.sells(total, stock=10)
    people(who).quietly.buys(product, provider)
    return product


@given(phrase("the shopper has chosen {provider:Provider}"))
def _(shopper: Shopper, provider: Provider) -> None:
    done(shopper.quietly.chooses(provider), f"choosing {provider}")


@when(phrase("the shopper chooses {provider:Provider}"), target_fixture="attempt")
def _(shopper: Shopper, provider: Provider) -> Outcome[Payment]:
    return shopper.chooses(provider)


@given(phrase("the shopper has paid with {provider:Provider}"))
def _(shopper: Shopper, provider: Provider) -> None:
    done(shopper.quietly.pays(provider), f"paying with {provider}")


@when(phrase("the shopper pays with {provider:Provider}"), target_fixture="attempt")
def _(shopper: Shopper, provider: Provider) -> Outcome[Order]:
    return shopper.pays(provider)


@when("the shopper approves the payment and never returns")
def _(shopper: Shopper) -> None:
    shopper.quietly.at_provider().approve()


@when("the shopper approves the first payment as well")
def _(shopper: Shopper, providers: ProviderControl) -> None:
    ByControl(providers, shopper.payments[0]).approve()


@given("the bank has declined the payment")
def _(shopper: Shopper) -> None:
    shopper.quietly.at_provider().decline()
    shopper.quietly.comes_back()


@when("the shopper leaves the provider's page")
def _(shopper: Shopper) -> None:
    shopper.at_provider().abandon()


@when("the shopper comes back to the shop", target_fixture="attempt")
def _(shopper: Shopper) -> Outcome[Order]:
    return shopper.comes_back()


CLOSING_REFUSED = {Provider.ALIPAY: "ACQ.TRADE_STATUS_ERROR", Provider.WECHATPAY: "ORDERPAID"}


@given(phrase("{provider:Provider} does not close the payment when asked"))
def _(providers: ProviderControl, shopper: Shopper, provider: Provider) -> Iterator[None]:
    code = CLOSING_REFUSED[provider]
    with providers.fault(provider, "close", "business_error", shopper.payment.reference, code=code):
        yield


@given("PayPal puts the payment under review")
def _(providers: ProviderControl, shopper: Shopper) -> Iterator[None]:
    with providers.fault(Provider.PAYPAL, "capture", "pending", shopper.payment.reference):
        yield


@then(phrase("the provider's page asks for {amount:Money}"))
def _(shopper: Shopper, amount: Money) -> None:
    seen = shopper.at_cashier().amount()
    assert seen == amount, f"expected the provider's page to ask for {amount}; it asks for {seen}"


@then("the provider's page names the order")
def _(shopper: Shopper) -> None:
    seen = shopper.at_cashier().subject()
    assert shopper.order.number in seen, (
        f"expected the provider's page to name {shopper.order.number}; it says {seen!r}"
    )


@then(phrase("the QR code on the screen is the provider's code for {amount:Money}"))
def _(shopper: Shopper, providers: ProviderControl, amount: Money) -> None:
    trade = providers.trade(shopper.payment.provider, shopper.payment.reference)
    seen = shopper.code_on_screen()
    assert (seen, trade.amount) == (trade.qr_code, amount), f"the screen shows {seen!r}; the provider has {trade}"
