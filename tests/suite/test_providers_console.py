"""The live page of the simulators: who gets in, what it shows, what its buttons do. In a browser, as a person."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from alipay.exceptions import AliPayException
from playwright.sync_api import Browser, Page, expect

from fixtures.actors.eyes import barriers
from fixtures.providers.common import keys
from tests.suite.alipay_shop import Shop, ear, shop  # noqa: F401
from tests.suite.providers import Simulators

PAGES = ("", "requests", "phone", "breaking", "fidelity")


@pytest.fixture
def page(browser: Browser, simulators: Simulators) -> Iterator[Page]:
    """Signed in by the address that the program prints."""
    page = browser.new_page(ignore_https_errors=True)
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"{simulators.url}/#token={simulators.token}")
    expect(page.get_by_role("heading", name="What is going on")).to_be_visible()
    assert simulators.token not in page.url
    yield page
    page.close()
    assert not troubles


def test_a_stranger_sees_only_the_door(simulators: Simulators) -> None:
    with httpx.Client(base_url=simulators.url, verify=simulators.trust, follow_redirects=True) as stranger:
        for path in ("/", "/console", *(f"/console/{name}" for name in PAGES), "/console/trades/1"):
            answer = stranger.get(path)
            assert (answer.url.path, answer.status_code) == ("/console/sign-in", 200), path
        assert stranger.post("/console/faults", data={"provider": "alipay"}).url.path == "/console/sign-in"
        wrong = stranger.post("/console/sign-in", data={"token": "wrong"})
        assert (wrong.status_code, "not the control token" in wrong.text, bool(stranger.cookies)) == (403, True, False)


def test_the_cookie_is_for_these_pages_only_and_no_other_site_can_use_it(simulators: Simulators) -> None:
    with httpx.Client(base_url=simulators.url, verify=simulators.trust) as person:
        signed = person.post("/console/sign-in", data={"token": simulators.token})
        cookie = signed.headers["set-cookie"]
        assert all(word in cookie for word in ("Path=/console/", "HttpOnly", "Secure", "SameSite=strict"))
        assert simulators.token not in cookie
        assert person.get("/control/trades").status_code == 401, "the control API wants its token, whoever asks"
        fault = {"provider": "alipay", "operation": "query", "effect": "slow", "reference": secrets.token_hex(8)}
        foreign = person.post("/console/faults", data=fault, headers={"origin": "https://evil.example"})
        assert foreign.status_code == 403
        assert person.post("/console/faults", data=fault, headers={"origin": simulators.url}).status_code == 303


@pytest.mark.parametrize("path", ["/alipay", "/alipay/", "/wechatpay/", "/paypal", "/control", "/control/"])
def test_the_roots_say_what_is_there(simulators: Simulators, path: str) -> None:
    answer = httpx.get(simulators.url + path, verify=simulators.trust)
    assert (answer.status_code, simulators.url in answer.text) == (200, True)


def test_a_payment_is_seen_as_it_goes_through(page: Page, shop: Shop) -> None:
    number = shop.precreate("88.80")
    row = page.get_by_role("row").filter(has_text=number).first
    expect(row).to_contain_text("WAIT_BUYER_PAY")  # nobody reloaded the page
    row.get_by_role("button", name=f"Approve {number}").click()
    expect(page.get_by_role("status")).to_contain_text(f"{number}: TRADE_SUCCESS")
    deliveries = page.get_by_role("region", name="Notifications").get_by_role("row").filter(has_text=number)
    expect(deliveries.first).to_contain_text("delivered")
    assert shop.heard(number)["trade_status"] == "TRADE_SUCCESS"

    page.get_by_role("link", name=number).click()
    page.get_by_label("Refund in the provider's own console").fill("8.80")
    page.get_by_role("button", name="Refund", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("refund of CNY 8.80")
    expect(page.get_by_role("region", name="Refunds")).to_contain_text("CNY 8.80")
    assert shop.ledger(number) == [("payment", 8880), ("refund", 880)]
    assert shop.heard(number)["refund_fee"] == "8.80"
    page.get_by_role("button", name="Resend").first.click()
    expect(page.get_by_role("status")).to_contain_text("the shop answered 200")

    page.get_by_label("Refund in the provider's own console").fill("80.01")
    page.get_by_role("button", name="Refund", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Refused: ACQ.")
    page.get_by_label("Refund in the provider's own console").fill("a lot")
    page.get_by_role("button", name="Refund", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("This is no amount")
    assert shop.ledger(number) == [("payment", 8880), ("refund", 880)]


def test_a_refused_signature_is_explained(page: Page, shop: Shop, simulators: Simulators) -> None:
    number = secrets.token_hex(8)
    stranger = replace(shop, sdk=type(shop.sdk)(
        appid=shop.app_id, app_notify_url=None,
        app_private_key_string=keys.private_pem(keys.stranger(), pkcs1=True),
        alipay_public_key_string=shop.credentials["alipay_public_key"],
    ))  # fmt: skip
    stranger.sdk._gateway = shop.credentials["gateway"]
    try:
        refused = stranger.sdk.api_alipay_trade_query(out_trade_no=number)["sub_code"]
    except AliPayException as error:
        refused = str(error)
    assert "isv.invalid-signature" in refused
    page.get_by_role("link", name="Requests").click()
    page.get_by_role("row").filter(has_text="alipay.trade.query").filter(has_text="not valid").first.get_by_role(
        "link"
    ).click()
    signature = page.get_by_role("region", name="The signature")
    expect(signature).to_contain_text(f'biz_content={{"out_trade_no":"{number}"}}')
    expect(signature).to_contain_text(shop.app_id)
    expect(signature.locator(".tag.bad")).to_be_visible()


def test_a_valid_signature_is_shown_and_secrets_are_not(page: Page, control: httpx.Client) -> None:
    wanted = {"provider": "paypal"}
    made = control.post("/merchants", json=wanted).json()["credentials"]
    basic = (made["client_id"], made["client_secret"])
    url = f"{made['base_url']}/v1/oauth2/token"
    httpx.post(url, auth=basic, data={"grant_type": "client_credentials"}, verify=False).raise_for_status()
    page.get_by_role("link", name="Requests").click()
    page.get_by_role("link", name="POST /paypal/v1/oauth2/token").first.click()
    page.locator("#request-headers summary").click()
    expect(page.locator("#request-headers")).to_contain_text("Basic ••••")
    assert made["client_secret"] not in page.content()


def test_the_phone_lists_a_code_until_it_is_paid(page: Page, shop: Shop) -> None:
    number = shop.precreate("12.50")
    page.get_by_role("link", name="Phone").click()
    code = page.get_by_role("listitem").filter(has_text=number)
    with page.context.expect_page() as opened:
        code.get_by_role("link", name="Scan").click()
    phone = opened.value
    expect(phone.locator("body")).to_contain_text("12.50")
    phone.close()
    shop.act(number, "approve")
    expect(code).to_have_count(0)


def test_things_break_and_are_mended_again(page: Page, shop: Shop) -> None:
    number = shop.precreate()
    page.get_by_role("link", name="Break things").click()
    for label, value in (("Only this reference", number), ("Code (business_error)", "ACQ.SYSTEM_ERROR")):
        page.get_by_label(label).fill(value)
    assert page.get_by_label("Provider").locator("option").all_inner_texts() == ["Alipay", "WeChat Pay", "PayPal"]
    page.get_by_label("Operation").select_option("query")
    page.get_by_label("Effect").select_option("business_error")
    page.get_by_label("Times").fill("2")
    page.get_by_role("button", name="Add the fault").click()
    expect(page.get_by_role("status")).to_contain_text("business_error on query of Alipay")
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["sub_code"] == "ACQ.SYSTEM_ERROR"
    row = page.get_by_role("row").filter(has_text=number)
    row.get_by_role("button", name="Take back").click()
    expect(row).to_have_count(0)
    assert shop.sdk.api_alipay_trade_query(out_trade_no=number)["code"] == "10000"

    page.get_by_label("Effect").select_option("drop")
    page.get_by_role("button", name="Add the fault").click()
    expect(page.get_by_role("alert")).to_contain_text("the effect on * is one of")


def test_each_behaviour_says_what_it_rests_on(page: Page, simulators: Simulators) -> None:
    page.get_by_role("link", name="Fidelity").click()
    for name in ("Alipay", "WeChat Pay", "PayPal"):
        table = page.get_by_role("region", name=name)
        assert table.get_by_role("row").count() > 10, name


@pytest.mark.parametrize("width", [390, 1280])
def test_everybody_can_use_it(page: Page, shop: Shop, simulators: Simulators, width: int) -> None:
    number = shop.paid()
    page.set_viewport_size({"width": width, "height": 800})
    for path in (*(f"/console/{name}" for name in PAGES), "/alipay", "/control", "/console/requests/1"):
        page.goto(simulators.url + path)
        assert barriers(page) == [], path
        # nothing is cut: neither the page nor, on a phone, a table has to be scrolled sideways
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        cut = "[...document.querySelectorAll('.card, .scroll')].filter(box => box.scrollWidth > box.clientWidth).length"
        assert width > 390 or page.evaluate(cut) == 0, path
    page.goto(f"{simulators.url}/console/")
    page.get_by_role("link", name=number).click()
    assert barriers(page) == []
