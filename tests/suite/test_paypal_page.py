"""PayPal's approval page in a browser, through its page object."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Browser

from fixtures.money import Money
from fixtures.providers.paypal.cashier import PayPalCashier
from tests.suite.paypal import Shop, order_body
from tests.suite.providers import Simulators


@pytest.fixture(scope="module")
def shop(simulators: Simulators, control: httpx.Client) -> Shop:
    return Shop.open(simulators, control)


class TestApprovalPage:
    @pytest.mark.parametrize(
        ("decision", "state", "place"),
        [("approve", "APPROVED", "thanks"), ("decline", "APPROVED", "thanks"), ("abandon", "CREATED", "basket")],
    )
    def test_the_buyer_decides_and_comes_back(
        self, shop: Shop, simulators: Simulators, browser: Browser, decision: str, state: str, place: str
    ) -> None:
        answering = f"{simulators.url}/control/health"  # any page that answers can stand for the shop's
        context = {"return_url": f"{answering}?at=thanks", "cancel_url": f"{answering}?at=basket"}
        body = {**order_body("1234.50", description="Two bags of tea"), "application_context": context}
        order = shop.post("/v2/checkout/orders", body).json()
        page = browser.new_page(ignore_https_errors=True)
        page.goto(next(link["href"] for link in order["links"] if link["rel"] == "approve"))
        cashier = PayPalCashier(page)
        assert cashier.amount() == Money.of("1234.50", "USD")
        assert (cashier.subject(), cashier.merchant()) == ("Two bags of tea", "Mountain Tea House")
        getattr(cashier, decision)()
        page.wait_for_url(f"{answering}**")
        back = httpx.URL(page.url)
        assert (back.params["at"], back.params["token"]) == (place, order["id"])
        assert ("PayerID" in back.params) == (decision != "abandon")
        assert shop.wire.get(f"/v2/checkout/orders/{order['id']}").json()["status"] == state
        page.close()

    def test_a_payment_that_is_over_cannot_be_approved_again(self, shop: Shop, browser: Browser) -> None:
        order = shop.create()
        page = browser.new_page(ignore_https_errors=True)
        address = next(link.href for link in order.links if link.rel == "approve")
        page.goto(address)
        shop.approve(order.id)
        PayPalCashier(page).approve()
        assert page.get_by_role("heading", name="This payment can no longer be approved.").is_visible()
        assert page.goto(address).status == 409
        assert page.goto(address[:-5]).status == 404
        page.close()
