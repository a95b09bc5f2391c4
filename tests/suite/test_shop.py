"""The reference shop's own core, through its HTTP interface and without providers: two processes serve one database."""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from itertools import cycle
from pathlib import Path
from queue import Queue
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
import trustme
from aiosmtpd.controller import Controller

from fixtures.targets.launch import free_port

ROOT = Path(__file__).parents[2]
PASSWORD = "tr0ub4dor and 3"
AT_ONCE = 12
GUESTS, MAILS = 6, 4

Json = dict[str, Any]


@dataclass(frozen=True)
class Shop:
    """Two processes of the shop on one database file."""

    processes: tuple[httpx.Client, httpx.Client]
    file: Path
    administrator: str

    def call(self, method: str, path: str, token: str = "", process: int = 0, **parts: Any) -> httpx.Response:
        headers = {**parts.pop("headers", {}), **({"Authorization": f"Bearer {token}"} if token else {})}
        return self.processes[process].request(method, f"/api{path}", headers=headers, **parts)

    def get(self, method: str, path: str, token: str = "", process: int = 0, **parts: Any) -> Json:
        """The answer to a call that succeeds."""
        response = self.call(method, path, token, process, **parts)
        assert response.is_success, response.text
        return dict(response.json()) if response.content else {}

    def shopper(self) -> str:
        wish = {"name": "Han Meimei", "email": f"{secrets.token_hex(6)}@shopper.example", "password": PASSWORD}
        return str(self.get("POST", "/users", json=wish)["token"])

    def product(self, amount: str = "88.80", currency: str = "CNY", stock: int = 5) -> str:
        price = {"amount": amount, "currency": currency}
        wish = {"name": "Teapot", "price": price, "stock": stock}
        return str(self.get("POST", "/admin/products", self.administrator, json=wish)["id"])

    def coupon(self, amount: str, currency: str, uses: int) -> str:
        code = f"C-{secrets.token_hex(6)}".upper()
        wish = {"code": code, "amount": {"amount": amount, "currency": currency}, "uses": uses}
        self.get("POST", "/admin/coupons", self.administrator, json=wish)
        return code

    def fill_cart(self, token: str, product: str, quantity: int = 1) -> Json:
        return self.get("PUT", f"/cart/lines/{product}", token, json={"quantity": quantity})


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@contextmanager
def running_shop(folder: Path, **more: str) -> Iterator[Shop]:
    """`more` settings than it needs."""
    authority = trustme.CA()
    issued = authority.issue_cert("127.0.0.1")
    (folder / "certificate.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    issued.private_key_pem.write_to_path(folder / "key.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    settings = {
        "SHOP_DATABASE_URL": f"sqlite:///{folder}/shop.db",
        "SHOP_PORT": "0",
        "SHOP_SECRET_KEY": secrets.token_hex(16),
        "SHOP_TLS_CERTIFICATE": str(folder / "certificate.pem"),
        "SHOP_TLS_KEY": str(folder / "key.pem"),
        "SHOP_ADMINISTRATOR_EMAIL": "administrator@shop.example",
        "SHOP_ADMINISTRATOR_PASSWORD": PASSWORD,
        "SHOP_BUSINESS_TIME_MOVES": "1",
        "SHOP_GUESTS_PER_ADDRESS": str(GUESTS),
        "SHOP_MAILS_PER_ADDRESS": str(MAILS),
        "SHOP_PASSWORD_TIME_COST": "1",
        "SHOP_PASSWORD_MEMORY_KIB": "64",
        **more,
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SHOP_")}
    command = [sys.executable, "-m", "fixtures.shop"]
    running = [
        subprocess.Popen(command, cwd=ROOT, env={**clean, **settings}, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    try:
        trust = ssl.create_default_context(cafile=folder / "ca.pem")
        one, two = (httpx.Client(base_url=address_of(process), verify=trust, timeout=30) for process in running)
        wish = {"email": "administrator@shop.example", "password": PASSWORD}
        token = one.post("/api/sessions", json=wish).json()["token"]
        yield Shop((one, two), folder / "shop.db", token)
        one.close()
        two.close()
    finally:
        for process in running:
            process.terminate()
            process.communicate(timeout=10)


def address_of(process: subprocess.Popen[str]) -> str:
    assert process.stderr
    line = process.stderr.readline()
    assert line.startswith("shop: ready on "), line
    return line.split()[3]


@pytest.mark.parametrize(
    ("amount", "currency", "quantity", "total"),
    [
        ("0.07", "CNY", 999, "69.93"),
        ("19.90", "USD", 3, "59.70"),
        ("1800", "JPY", 2, "3600"),
        ("1.005", "KWD", 7, "7.035"),
        ("12900.5", "HUF", 1, "12900.50"),
        ("9999999999.99", "CNY", 999, "9989999999990.01"),
    ],
)
def test_totals_are_exact_in_every_currency(shop: Shop, amount: str, currency: str, quantity: int, total: str) -> None:
    token = shop.shopper()
    cart = shop.fill_cart(token, shop.product(amount, currency, stock=1000), quantity)
    assert cart["total"] == {"amount": total, "currency": currency}
    order = shop.get("POST", "/orders", token, process=1)
    assert (order["total"], order["state"]) == ({"amount": total, "currency": currency}, "unpaid")


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("88.801", "CNY"), ("1.5", "JPY"), ("1.2345", "KWD"), ("-1", "CNY"), ("0", "CNY"), ("1e3", "CNY"), (88, "CNY")],
)
def test_what_is_not_an_amount_of_its_currency_is_refused(shop: Shop, amount: object, currency: str) -> None:
    wish = {"name": "Teapot", "price": {"amount": amount, "currency": currency}, "stock": 1}
    assert shop.call("POST", "/admin/products", shop.administrator, json=wish).status_code == 422


def test_the_last_items_are_sold_once_by_two_processes(shop: Shop) -> None:
    product = shop.product(stock=3)
    answers = place_at_once(shop, product)
    assert sorted(answers) == [201] * 3 + [409] * (AT_ONCE - 3)
    assert shop.get("GET", f"/products/{product}")["stock"] == 0


def test_the_last_uses_of_a_coupon_are_redeemed_once_by_two_processes(shop: Shop) -> None:
    code = shop.coupon("10", "CNY", uses=3)
    answers = place_at_once(shop, shop.product(stock=AT_ONCE), code)
    assert sorted(answers) == [201] * 3 + [409] * (AT_ONCE - 3)


def test_an_order_that_dies_gives_back_its_stock_and_its_coupon(shop: Shop) -> None:
    token, product, code = shop.shopper(), shop.product(stock=2), shop.coupon("10", "CNY", uses=1)
    for end in ("cancel", "expire"):
        shop.fill_cart(token, product, 2)
        shop.get("PUT", "/cart/coupon", token, json={"code": code})
        number = shop.get("POST", "/orders", token)["number"]
        assert shop.get("GET", f"/products/{product}")["stock"] == 0
        if end == "cancel":
            order = shop.get("POST", f"/orders/{number}/cancel", token, process=1)
        else:
            wish = {"order": number, "as_of": "2099-01-01T00:00:00Z"}
            order = shop.get("POST", "/admin/expiry", shop.administrator, process=1, json=wish)
        assert order["state"] == {"cancel": "cancelled", "expire": "expired"}[end]
        assert shop.get("GET", f"/products/{product}")["stock"] == 2
        assert shop.call("POST", f"/orders/{number}/cancel", token).json()["error"]["code"] == "WRONG_STATE"


def test_a_coupon_that_covers_all_settles_without_a_provider(shop: Shop) -> None:
    token = shop.shopper()
    shop.fill_cart(token, shop.product("5.00"))
    cart = shop.get("PUT", "/cart/coupon", token, json={"code": shop.coupon("10", "CNY", uses=1)})
    assert (cart["discount"]["amount"], cart["total"]["amount"]) == ("5.00", "0.00")
    order = shop.get("POST", "/orders", token)
    assert (order["state"], order["providers"]) == ("paid", [])


class Forgetful:
    """A mail server that takes every mail, and hangs up on the first one before it says so."""

    def __init__(self) -> None:
        self.mails: Queue[bytes] = Queue()
        self._hung_up = False

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:
        self.mails.put(envelope.content)
        if not self._hung_up:
            self._hung_up = True
            server.transport.close()
        return "250 OK"


def test_a_mail_whose_answer_got_lost_is_sent_again_as_the_same_mail(tmp_path: Path) -> None:
    """What a crash between sending and noting it looks like; the reader drops the second by its Message-ID."""
    forgetful = Forgetful()
    server = Controller(forgetful, hostname="127.0.0.1", port=free_port())
    server.start()
    mailing = {"SHOP_SMTP_HOST": "127.0.0.1", "SHOP_SMTP_PORT": str(server.port), "SHOP_SMTP_SECURITY": "none"}
    try:
        with running_shop(tmp_path, **mailing) as shop:
            token = shop.shopper()
            shop.fill_cart(token, shop.product("5.00"))
            shop.get("PUT", "/cart/coupon", token, json={"code": shop.coupon("5", "CNY", uses=1)})
            number = shop.get("POST", "/orders", token)["number"]
            first, second = (message_from_bytes(forgetful.mails.get(timeout=10)) for _ in range(2))
    finally:
        server.stop()
    assert number in first["Subject"]
    assert (first["Message-ID"], first["Subject"]) == (second["Message-ID"], second["Subject"])


def test_a_changed_price_is_told_before_it_is_charged(shop: Shop) -> None:
    token, product = shop.shopper(), shop.product("5.00")
    shop.fill_cart(token, product)
    change = {"price": {"amount": "6.00", "currency": "CNY"}}
    shop.get("PATCH", f"/admin/products/{product}", shop.administrator, json=change)
    assert shop.get("GET", "/cart", token)["lines"][0]["price_changed"]
    assert shop.call("POST", "/orders", token).json()["error"]["code"] == "PRICE_CHANGED"
    assert shop.get("POST", "/orders", token)["total"]["amount"] == "6.00"


def test_a_provider_is_offered_only_for_what_it_takes(shop: Shop) -> None:
    token = shop.shopper()
    offered = {}
    for amount, currency in (("1", "CNY"), ("1.000", "KWD"), ("1", "HUF"), ("1.50", "HUF"), ("10000000", "JPY")):
        shop.fill_cart(token, shop.product(amount, currency))
        offered[f"{currency} {amount}"] = shop.get("POST", "/orders", token)["providers"]
    assert offered == {
        "CNY 1": ["alipay", "wechatpay"],
        "KWD 1.000": [],
        "HUF 1": ["paypal"],
        "HUF 1.50": [],
        "JPY 10000000": [],
    }


def test_another_shoppers_order_does_not_exist(shop: Shop) -> None:
    token = shop.shopper()
    shop.fill_cart(token, shop.product())
    number = shop.get("POST", "/orders", token)["number"]
    for method, path in (("GET", ""), ("GET", "/history"), ("POST", "/cancel"), ("POST", "/return")):
        assert shop.call(method, f"/orders/{number}{path}", shop.shopper()).status_code == 404


def test_ten_wrong_passwords_lock_an_account_whether_it_exists_or_not(shop: Shop) -> None:
    wish = {"name": "Li Lei", "email": f"{secrets.token_hex(6)}@shopper.example", "password": PASSWORD}
    shop.get("POST", "/users", json=wish)
    for email in (wish["email"], f"{secrets.token_hex(6)}@nobody.example"):
        process = cycle((0, 1))
        wrong = {"email": email, "password": "wrong"}
        answers = [shop.call("POST", "/sessions", process=next(process), json=wrong) for _ in range(11)]
        assert [answer.status_code for answer in answers] == [401] * 10 + [429]
        right = shop.call("POST", "/sessions", json={**wrong, "password": PASSWORD})
        assert right.json()["error"]["code"] == "LOCKED_OUT"


@pytest.mark.parametrize(("path", "most"), [("/guests", GUESTS), ("/password-resets", MAILS)])
def test_one_network_address_asks_so_often_and_another_still_may(shop: Shop, path: str, most: int) -> None:
    def ask(address: str, process: int) -> int:
        """As a reverse proxy on loopback passes it on."""
        wish = {"email": f"{secrets.token_hex(6)}@shopper.example"} if path == "/password-resets" else None
        return shop.call("POST", path, process=process, json=wish, headers={"X-Forwarded-For": address}).status_code

    asked = [ask("2001:db8:0:7::1", number % 2) for number in range(most + 2)]
    assert (max(asked[:most]), asked[most:]) == (asked[0], [429, 429])
    assert ask("2001:db8:0:7:ffff::2", 0) == 429, "the neighbour in the same /64 is the same customer"
    assert ask("2001:db8:0:8::1", 0) == asked[0] < 300


def test_a_refusal_names_the_field_and_the_cure(shop: Shop) -> None:
    price = {"amount": "1.234", "currency": "CNY"}
    answer = shop.call("POST", "/admin/products", shop.administrator, json={"name": "", "price": price, "stock": 1})
    error = answer.json()["error"]
    assert error["message"] == "The request is not valid. body.name: one line of at most 200 characters."
    cures = {problem["where"]: problem["cure"] for problem in error["details"]["problems"]}
    assert cures["body.price"].startswith("a number such as 88.80")


def test_a_refused_form_comes_back_with_what_was_typed_and_without_secrets(shop: Shop) -> None:
    browser, base = shop.processes[0], "/reset-password/a-made-up-token"
    proof = re.findall('name="csrf" value="([^"]+)"', browser.get(f"{base}?lang=zh").text)[0]
    form = {"csrf": proof, "email": "nobody.at.example", "password": PASSWORD}
    seen = browser.post(base, data=form, follow_redirects=True).text
    assert "邮箱地址，例如 ada@example.com" in seen
    assert 'value="nobody.at.example"' in seen
    assert PASSWORD not in seen
    assert "nobody.at.example" not in browser.get(f"{base}?lang=en").text, "it is shown once"


def test_a_row_of_the_products_that_was_refused_holds_what_was_typed_and_the_others_do_not(shop: Shop) -> None:
    wrong, other = shop.product("7.70"), shop.product("8.80")
    browser = shop.processes[0]
    browser.cookies.set("__Host-session", shop.administrator)
    proof = re.findall('name="csrf" value="([^"]+)"', browser.get("/staff/products?lang=en").text)[0]
    form = {"csrf": proof, "from": "1", "price": "9.999", "tax_percent": "13", "shipping": "0.00", "stock": "41"}
    seen = browser.post(f"/staff/products/{wrong}", data=form, follow_redirects=True).text
    browser.cookies.clear()
    rows = {id: seen.partition(f'data-product="{id}"')[2].partition("</tr>")[0] for id in (wrong, other)}
    assert re.findall('value="(9.999|13|41|8.80)"', rows[wrong]) == ["9.999", "13", "41"]
    assert re.findall('value="(9.999|13|41|8.80)"', rows[other]) == ["8.80"]
    assert [" checked" in rows[id] for id in (wrong, other)] == [False, True]


def test_a_visitor_who_fills_a_cart_comes_back_to_the_product(shop: Shop) -> None:
    browser, product = shop.processes[1], f"/products/{shop.product()}"
    proof = re.findall('name="csrf" value="([^"]+)"', browser.get(product).text)[0]
    answer = browser.post(f"/cart/lines/{product.rpartition('/')[2]}", data={"csrf": proof, "quantity": "2"})
    assert answer.headers["location"] == f"/sign-in?{urlencode({'next': product})}"


def test_a_password_change_ends_the_other_sessions(shop: Shop) -> None:
    wish = {"name": "Li Lei", "email": f"{secrets.token_hex(6)}@shopper.example", "password": PASSWORD}
    here = shop.get("POST", "/users", json=wish)["token"]
    there = shop.get("POST", "/sessions", json={"email": wish["email"], "password": PASSWORD})["token"]
    shop.get("POST", "/me/password", here, json={"old": PASSWORD, "new": "a wholly new one"})
    assert (shop.call("GET", "/me", here).status_code, shop.call("GET", "/me", there, 1).status_code) == (200, 401)


@pytest.mark.parametrize("taken", ["LI@shopper.example", "ｌｉ@shopper.example"])
def test_an_e_mail_is_taken_in_every_spelling(shop: Shop, taken: str) -> None:
    unique = secrets.token_hex(6)
    wish = {"name": "Li", "email": f"{unique}li@shopper.example", "password": PASSWORD}
    shop.get("POST", "/users", json=wish)
    again = shop.call("POST", "/users", json={**wish, "email": f"{unique}{taken}"})
    assert again.json()["error"]["code"] == "EMAIL_TAKEN"


def test_a_form_that_the_shop_did_not_give_does_nothing(shop: Shop) -> None:
    form = {"name": "Li", "email": f"{secrets.token_hex(6)}@shopper.example", "password": PASSWORD, "next": "/"}
    assert shop.processes[0].post("/register", data=form).status_code == 403
    assert shop.call("POST", "/sessions", json={k: form[k] for k in ("email", "password")}).status_code == 401


def test_cookies_are_for_this_host_and_pages_are_not_stored(shop: Shop) -> None:
    shop.processes[0].cookies.clear()
    page = shop.processes[0].get("/sign-in?lang=zh")
    for cookie in page.headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-")
        assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert page.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert "登录" in page.text


def test_the_ledger_refuses_changes_in_the_database_itself(shop: Shop) -> None:
    with sqlite3.connect(shop.file) as connection:
        columns = "(subject, kind, order_id, provider, reference, provider_id, at)"
        values = "('probe', 'payment', 1, 'alipay', 'probe', 'probe', '2026-01-01')"  # of an order there need not be
        connection.execute(f"INSERT INTO ledger_transfers {columns} VALUES {values}")
        for statement in ("UPDATE ledger_transfers SET kind = 'refund'", "DELETE FROM ledger_transfers"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)
        connection.rollback()


def place_at_once(shop: Shop, product: str, coupon: str | None = None) -> list[int]:
    """Many shoppers, half of them at each process, order one each at the same time; the statuses they get."""
    shoppers = [shop.shopper() for _ in range(AT_ONCE)]
    for token in shoppers:
        shop.fill_cart(token, product)
        if coupon:
            shop.get("PUT", "/cart/coupon", token, json={"code": coupon})
    with ThreadPoolExecutor(AT_ONCE) as threads:
        placed = threads.map(lambda n: shop.call("POST", "/orders", shoppers[n], n % 2).status_code, range(AT_ONCE))
        return list(placed)
