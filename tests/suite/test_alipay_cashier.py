"""Alipay's cashier, as a buyer meets it on a computer and on a phone."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import io
import re
from urllib.parse import parse_qs, urlsplit

import httpx
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser

from fixtures.money import Money
from fixtures.providers.alipay.cashier import AlipayCashier
from tests.suite.alipay_shop import Shop, ear, reference, shop  # noqa: F401
from tests.suite.providers import Simulators

CNY = "CNY"


def test_a_page_payment_goes_to_the_cashier_and_returns_signed(shop: Shop) -> None:
    number = reference()
    query = shop.sdk.api_alipay_trade_page_pay("Mug", number, "8.00", return_url="https://shop.test/back?order=1")
    opened = shop.get(f"{shop.credentials['gateway']}?{query}", follow_redirects=True)
    assert opened.status_code == 200
    assert "确认付款" in opened.text
    assert re.search(r"请在北京时间 [-0-9]{10} [0-9:]{5} 前完成付款", opened.text)
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "WAIT_BUYER_PAY"

    declined = httpx.post(str(opened.url), data={"decision": "decline"}, verify=shop.trust, follow_redirects=True)
    assert "账户余额不足" in declined.text
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "WAIT_BUYER_PAY"

    paid = httpx.post(str(opened.url), data={"decision": "approve"}, verify=shop.trust)
    back = urlsplit(paid.headers["location"])
    returned = {name: values[0] for name, values in parse_qs(back.query).items()}
    assert f"{back.scheme}://{back.netloc}{back.path}" == "https://shop.test/back"
    assert returned.pop("order") == "1"
    assert shop.verifies(returned)
    assert (returned["out_trade_no"], returned["total_amount"]) == (number, "8.00")
    twice = httpx.post(str(opened.url), data={"decision": "approve"}, verify=shop.trust, follow_redirects=True)
    assert "付款成功" in twice.text
    assert shop.ledger(number) == [("payment", 800)]


def test_a_buyer_pays_in_a_browser(shop: Shop, simulators: Simulators, browser: Browser) -> None:
    number = reference()
    back = f"{simulators.url}/control/health"  # any page that answers can stand for the shop's
    query = shop.sdk.api_alipay_trade_page_pay("手冲壶 & 滤纸", number, "1288.80", return_url=back)
    page = browser.new_page(ignore_https_errors=True)
    page.goto(f"{shop.credentials['gateway']}?{query}")
    cashier = AlipayCashier(page)
    seen = (cashier.amount(), cashier.subject(), cashier.merchant())
    assert seen == (Money.of("1288.80", CNY), "手冲壶 & 滤纸", "上岸商店")

    cashier.decline()
    assert "余额不足" in page.get_by_role("alert").inner_text()
    cashier.approve()
    assert page.url.startswith(f"{back}?")
    assert shop.ledger(number) == [("payment", 128880)]
    page.close()


def test_a_phone_scans_pays_or_leaves(shop: Shop, browser: Browser) -> None:
    number = reference()
    code = shop.sdk.api_alipay_trade_precreate("Mug", number, "8.88")["qr_code"]
    phone = browser.new_page(ignore_https_errors=True, viewport={"width": 390, "height": 780})
    phone.goto(code)
    AlipayCashier(phone).abandon()
    assert "已取消付款" in phone.inner_text("h1")
    assert shop.ledger(number) == []
    phone.goto(code)
    AlipayCashier(phone).approve()
    assert "付款成功" in phone.inner_text("h1")
    assert shop.ledger(number) == [("payment", 888)]
    phone.close()


def test_the_code_on_the_page_is_read_as_a_phone_would(shop: Shop, browser: Browser) -> None:
    number = shop.precreate()
    trade = shop.control.get("/trades", params={"reference": number}).json()[0]
    page = browser.new_page(ignore_https_errors=True)
    page.goto(trade["cashier_url"])
    picture = Image.open(io.BytesIO(page.get_by_label("付款二维码").screenshot()))
    assert [found.text for found in zxingcpp.read_barcodes(picture)] == [trade["qr_code"]]
    page.close()


def test_a_refused_page_payment_is_a_page(shop: Shop) -> None:
    query = shop.sdk.api_alipay_trade_page_pay("Mug", reference(), "0.001")
    page = shop.get(f"{shop.credentials['gateway']}?{query}")
    assert (page.status_code, "ACQ.INVALID_PARAMETER" in page.text) == (200, True)
    forged = shop.get(f"{shop.credentials['gateway']}?{query.replace('Mug', 'Cup')}")
    assert "isv.invalid-signature" in forged.text
    assert shop.get(f"{shop.credentials['gateway']}".replace("gateway.do", "cashier/x/y")).status_code == 404
