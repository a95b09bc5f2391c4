"""Drives the kiosk: what it has of the contract, and nothing more."""

from __future__ import annotations

import re
from typing import Any

import httpx
from playwright.sync_api import Page

from fixtures.money import Money
from fixtures.targets import Target
from fixtures.targets.contract import (
    Cart,
    Done,
    Line,
    NotCovered,
    Order,
    OrderState,
    Outcome,
    Payment,
    Product,
    Provider,
    Reason,
    Refused,
    Session,
    TargetFault,
)
from fixtures.targets.halves import Halves, verb

REASONS = {
    "not signed in": Reason.NOT_SIGNED_IN,
    "no such order": Reason.NOT_FOUND,
    "no such voucher": Reason.CURRENCY_UNSUPPORTED,
    "bad count": Reason.INVALID,
    "empty basket": Reason.INVALID,
    "not open": Reason.WRONG_STATE,
    "MAX_VALUE_EXCEEDED": Reason.AMOUNT_TOO_LARGE,
    "taken": Reason.EMAIL_TAKEN,
    "weak": Reason.WEAK_PASSWORD,
    "wrong": Reason.WRONG_CREDENTIALS,
}
CURRENCIES = ("USD", "EUR", "JPY")
STATES = {
    "open": OrderState.UNPAID,
    "in review": OrderState.PENDING,
    "paid": OrderState.PAID,
    "dropped": OrderState.CANCELLED,
}


def voucher(price: Money) -> str:
    return f"{price.text}{price.currency}"


def worth(code: str) -> Money:
    return Money.of(code[:-3], code[-3:])


def order_of(number: Any, currency: str, value: str, status: str) -> Order:
    total = Money.of(value, currency)
    captured = total if status == "paid" else Money.zero(currency)
    return Order(str(number), STATES[status], total, captured, Money.zero(currency), captured)


def basket_of(raw: dict[str, int]) -> Cart:
    lines = tuple(Line(code, count, worth(code) * count) for code, count in raw.items())
    currency = lines[0].total.currency if lines else "USD"
    return Cart(lines, Money.zero(currency), Money.sum((line.total for line in lines), currency))


class Selling:
    """Vouchers of any value are always on sale: there is nothing to create."""

    def create_product(self, name: str, price: Money, stock: int) -> Outcome[Product]:
        if price.currency not in CURRENCIES:
            raise NotCovered(f"prices in {price.currency}: the kiosk sells in {', '.join(CURRENCIES)}")
        return Done(Product(voucher(price), name, price, stock))


class Api(Selling):
    def __init__(self, target: Target, session: Session | None) -> None:
        self.wire = target.wire
        self._base = target.addresses.api
        self._web = target.addresses.web
        self._headers = {"Cookie": f"kiosk={session.token}"} if session else {}

    @verb
    def register(self, name: str, email: str, password: str) -> Halves[Outcome[Session]]:
        response = yield self._form("/join", name=name, email=email, password=password)
        return refusal(response) or Done(Session(email, response.cookies["kiosk"], password=password))

    @verb
    def sign_in(self, email: str, password: str) -> Halves[Outcome[Session]]:
        response = yield self._form("/enter", email=email, password=password)
        return refusal(response) or Done(Session(email, response.cookies["kiosk"], password=password))

    @verb
    def sign_out(self) -> Halves[Outcome[None]]:
        response = yield httpx.Request("POST", self._web + "/leave", headers=self._headers)
        return refusal(response) or Done(None)

    @verb
    def profile(self) -> Halves[Outcome[str]]:
        response = yield self._rpc("me")
        return refusal(response) or Done(response.json()["name"])

    @verb
    def put_in_cart(self, product: str, quantity: int) -> Halves[Outcome[Cart]]:
        response = yield self._rpc("put", voucher=product, count=quantity)
        return refusal(response) or Done(basket_of(response.json()["basket"]))

    set_quantity = put_in_cart

    @verb
    def cart(self) -> Halves[Outcome[Cart]]:
        response = yield self._rpc("basket")
        return refusal(response) or Done(basket_of(response.json()["basket"]))

    @verb
    def place_order(self) -> Halves[Outcome[Order]]:
        response = yield self._rpc("place")
        return refusal(response) or Done(_order(response.json()["order"]))

    @verb
    def pay(self, order: str, provider: Provider, key: str | None = None) -> Halves[Outcome[Payment]]:
        response = yield self._rpc("pay", number=order)
        if no := refusal(response):
            return no
        said = response.json()
        shown = self.order(order)
        assert isinstance(shown, Done)
        return Done(Payment(provider, said["paypal_order"], shown.value.total, cashier_url=said["approve"]))

    @verb
    def come_back(self, order: str) -> Halves[Outcome[Order]]:
        response = yield self._rpc("settle", number=order)
        return refusal(response) or Done(_order(response.json()["order"]))

    @verb
    def order(self, number: str) -> Halves[Outcome[Order]]:
        response = yield self._rpc("show", number=number)
        return refusal(response) or Done(_order(response.json()["order"]))

    @verb
    def orders(self) -> Halves[Outcome[tuple[Order, ...]]]:
        response = yield self._rpc("mine")
        return refusal(response) or Done(tuple(_order(raw) for raw in reversed(response.json()["orders"])))

    @verb
    def cancel(self, number: str) -> Halves[Outcome[Order]]:
        response = yield self._rpc("drop", number=number)
        return refusal(response) or Done(_order(response.json()["order"]))

    def notification_url(self, provider: Provider) -> str:
        return f"{self._web}/{provider}-events"

    def _rpc(self, name: str, **asked: Any) -> httpx.Request:
        return httpx.Request("POST", f"{self._base}/{name}", headers=self._headers, json=asked)

    def _form(self, path: str, **fields: str) -> httpx.Request:
        return httpx.Request("POST", self._web + path, data=fields)


class Web(Selling):
    def __init__(self, target: Target, page: Page, session: Session | None) -> None:
        self.page = page
        self._base = target.addresses.web
        if session is not None and page is not None:
            page.context.add_cookies([{"name": "kiosk", "value": session.token, "url": self._base}])

    def put_in_cart(self, product: str, quantity: int) -> Outcome[Cart]:
        self.page.goto(self._base)
        self.page.get_by_label("Voucher").fill(product)
        self.page.get_by_label("How many").fill(str(quantity))
        self.page.get_by_role("button", name="Put").click()
        return self.cart()

    set_quantity = put_in_cart

    def cart(self) -> Outcome[Cart]:
        shown = self.page.locator("#basket").inner_text()
        pairs = re.findall(r"(\d+) x (\S+[A-Z]{3})", shown)
        return Done(basket_of({code: int(count) for count, code in pairs}))

    def place_order(self) -> Outcome[Order]:
        self.page.get_by_role("button", name="Order").click()
        return self._shown()

    def pay(self, order: str, provider: Provider, key: str | None = None) -> Outcome[Payment]:
        total = self.order(order)
        assert isinstance(total, Done)
        if total.value.state is not OrderState.UNPAID:
            return Refused(Reason.WRONG_STATE, "the page has no button to pay")
        with self.page.expect_navigation() as going:
            self.page.get_by_role("button", name="Pay with PayPal").click()
        if no := refused_page(going.value):
            return no
        reference = self.page.url.rpartition("token=")[2]
        return Done(Payment(provider, reference, total.value.total, cashier_url=self.page.url))

    def come_back(self, order: str) -> Outcome[Order]:
        self.page.goto(f"{self._base}/orders/{order}/back")
        return self._shown()

    def order(self, number: str) -> Outcome[Order]:
        if not self.page.url.endswith(f"/orders/{number}"):
            self.page.goto(f"{self._base}/orders/{number}")
        else:
            self.page.reload()
        return self._shown()

    def orders(self) -> Outcome[tuple[Order, ...]]:
        self.page.goto(f"{self._base}/mine")
        lines = self.page.locator(".order").all_inner_texts()
        return Done(tuple(order_of(*line.split(" ", 3)) for line in lines))

    def cancel(self, number: str) -> Outcome[Order]:
        shown = self.order(number)
        assert isinstance(shown, Done)
        if shown.value.state is not OrderState.UNPAID:
            return Refused(Reason.WRONG_STATE, "the page has no button to drop it")
        self.page.get_by_role("button", name="Drop").click()
        return self._shown()

    def _shown(self) -> Outcome[Order]:
        number, value, status = (self.page.locator(f"#{name}").inner_text() for name in ("number", "value", "status"))
        currency, _, amount = value.partition(" ")
        return Done(order_of(number, currency, amount, status))


def refused_page(answer: Any) -> Refused | None:
    """The kiosk's pages refuse as its procedures do, with a JSON object."""
    return refusal(httpx.Response(answer.status, text=answer.text(), request=httpx.Request("GET", answer.url)))


class Driver:
    def __init__(self, target: Target) -> None:
        self._target = target

    def api(self, session: Session | None) -> Api:
        return Api(self._target, session)

    def web(self, page: Page, session: Session | None) -> Web:
        return Web(self._target, page, session)


def _order(raw: dict[str, Any]) -> Order:
    return order_of(raw["number"], raw["currency"], raw["value"], raw["status"])


def refusal(response: httpx.Response) -> Refused | None:
    if response.status_code >= 500:
        raise TargetFault(f"{response.request.url} answered {response.status_code}: {response.text[:200]}")
    if response.status_code < 400:
        return None
    why = response.json().get("why", "")
    if why not in REASONS:
        raise TargetFault(f"{response.request.url} refused for a reason the driver does not know: {why!r}")
    return Refused(REASONS[why], why, response.status_code, why)
