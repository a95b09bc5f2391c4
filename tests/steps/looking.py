"""The buyer at the screen: opening and reading pages, and the habits of people with browsers."""

from __future__ import annotations

import pytest
from pytest_bdd import given, then, when

from fixtures.actors.onlooker import Onlooker, Viewer
from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Approver
from fixtures.targets.contract import Hand, Order, Outcome, Product, Provider, Screen
from tests.steps.words import phrase


@pytest.fixture
def onlooker(shopper: Shopper) -> Onlooker:
    """The shopper, by way of the browser."""
    return Onlooker(shopper)


@given(phrase("the shopper uses {hand:Hand}"))
def _(onlooker: Onlooker, hand: Hand) -> None:
    onlooker.uses(hand)


@given("the shopper uses a phone")
def _(onlooker: Onlooker) -> None:
    onlooker.takes_a_phone()


@given("the shopper's network is slow")
def _(onlooker: Onlooker) -> None:
    onlooker.has_a_slow_network()


@given("the approver is before the screen", target_fixture="onlooker")
def _(approver: Approver) -> Viewer:
    return Viewer(approver)


@given("the order is open in a second tab", target_fixture="second_tab")
def _(onlooker: Onlooker) -> Shopper:
    return onlooker.second_tab()


@when(phrase("the shopper opens {screen:Screen}"))
def _(onlooker: Onlooker, product: Product, screen: Screen) -> None:
    onlooker.opens(screen, product)


@when(phrase("the shopper opens {screen:Screen} in {language:Language}"))
def _(onlooker: Onlooker, product: Product, screen: Screen, language: str) -> None:
    onlooker.opens(screen, product, language)


@when(phrase("the shopper pays with {provider:Provider} in the second tab"), target_fixture="attempt")
def _(second_tab: Shopper, provider: Provider) -> Outcome[Order]:
    return second_tab.pays(provider)


@when("the shopper presses the browser's Back button")
def _(onlooker: Onlooker) -> None:
    onlooker.goes_back()


@when("the shopper reloads the page")
def _(onlooker: Onlooker) -> None:
    onlooker.reloads()


@when("the shopper closes the page")
def _(onlooker: Onlooker) -> None:
    onlooker.closes_the_page()


@then(phrase("the page shows the amount {text}"))
def _(onlooker: Onlooker, text: str) -> None:
    onlooker.finds_amount(text)


@then("the provider's page names the shop")
def _(onlooker: Onlooker) -> None:
    onlooker.finds_payee()


@then("the page breaks no rule of accessibility")
def _(onlooker: Viewer) -> None:
    onlooker.finds_no_barrier()


@then("the Tab key reaches every control of the page")
def _(onlooker: Viewer) -> None:
    onlooker.finds_all_by_keys()


@then("the whole page fits the width of the screen")
def _(onlooker: Onlooker) -> None:
    onlooker.finds_all_on_screen()


@then("the whole page is in Chinese")
def _(onlooker: Onlooker) -> None:
    onlooker.finds_all_in_chinese()


@then("the QR code leaves the screen by itself")
def _(onlooker: Onlooker) -> None:
    onlooker.finds_code_gone()


@then("the shopper has one order")
def _(shopper: Shopper) -> None:
    shopper.finds(
        lambda own: [order.number for order in done(own.looks_at_orders(), "looking at the orders")],
        [shopper.order.number],
        f"the one order {shopper.order.number}",
    )
