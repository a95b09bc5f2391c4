"""Alipay's certificate mode, as `DCAliPay` of the unmodified `python-alipay-sdk` meets it."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from alipay import DCAliPay
from alipay.exceptions import AliPayValidationError

from fixtures.providers.common import keys
from tests.suite.alipay_shop import Shop, ear, reference, shop, shop_of  # noqa: F401
from tests.suite.providers import Listener, Simulators


def certified(control: httpx.Client, simulators: Simulators, ear: Listener, **settings: Any) -> Shop:
    """A shop in certificate mode; its SDK is DCAliPay."""
    made = shop_of(control, simulators, ear, settings={"mode": "certificate", **settings})
    made.sdk = sdk_of(made)
    return made


def sdk_of(shop: Shop, **other: str) -> DCAliPay:
    """The SDK with the shop's certificates, or others."""
    credentials = {**shop.credentials, **other}
    made = DCAliPay(
        appid=credentials["app_id"],
        app_private_key_string=credentials["app_private_key"],
        app_public_key_cert_string=credentials["app_certificate"],
        alipay_public_key_cert_string=credentials["alipay_certificate"],
        alipay_root_cert_string=credentials["alipay_root_certificate"],
        app_notify_url=shop.ear.url(shop.path),
    )
    made._gateway = credentials["gateway"]
    return made


@pytest.fixture(scope="module")
def holder(control: httpx.Client, simulators: Simulators, ear: Listener) -> Shop:
    return certified(control, simulators, ear)


def test_a_payment_and_its_refunds(holder: Shop) -> None:
    number = holder.paid("88.80")
    assert holder.verifies(holder.heard(number))
    for request, amount in (("a", "50.00"), ("b", "38.79")):
        refunded = holder.sdk.api_alipay_trade_refund(amount, out_trade_no=number, out_request_no=request)
        assert refunded["fund_change"] == "Y"
        told = holder.heard(number)
        assert holder.verifies(told)
        assert (told["out_biz_no"], told["trade_status"]) == (request, "TRADE_SUCCESS")
    found = holder.sdk.api_alipay_trade_fastpay_refund_query("b", out_trade_no=number)
    assert (found["refund_status"], found["refund_amount"]) == ("REFUND_SUCCESS", "38.79")
    assert holder.sdk.api_alipay_trade_query(out_trade_no=number)["trade_status"] == "TRADE_SUCCESS"
    unpaid = holder.precreate()
    assert holder.sdk.api_alipay_trade_close(out_trade_no=unpaid)["out_trade_no"] == unpaid
    assert holder.ledger(number) == [("payment", 8880), ("refund", 5000), ("refund", 3879)]


def raw(shop: Shop, query: str) -> dict[str, Any]:
    return dict(shop.get(f"{shop.credentials['gateway']}?{query}").json())


def test_alipays_certificate_is_downloaded_by_its_number(holder: Shop) -> None:
    number = holder.precreate()
    query = holder.sdk.client_api("alipay.trade.query", {"out_trade_no": number})
    answer = raw(holder, query)
    assert list(answer) == ["alipay_trade_query_response", "alipay_cert_sn", "sign"]
    assert answer["alipay_cert_sn"] == DCAliPay.get_cert_sn(holder.credentials["alipay_certificate"])

    downloaded = raw(holder, holder.sdk.api_alipay_open_app_alipaycert_download(answer["alipay_cert_sn"]))
    content = downloaded["alipay_open_app_alipaycert_download_response"]
    assert base64.b64decode(content["alipay_cert_content"]).decode() == holder.credentials["alipay_certificate"]
    other = raw(holder, holder.sdk.api_alipay_open_app_alipaycert_download("0" * 32))
    assert other["alipay_open_app_alipaycert_download_response"]["sub_code"] == "isv.alipay-cert-not-exist"


Changed = Callable[[dict[str, Any]], None]
WRONG: list[tuple[Changed, str]] = [
    (lambda data: data.pop("app_cert_sn"), "isv.missing-app-cert-sn"),
    (lambda data: data.pop("alipay_root_cert_sn"), "isv.missing-alipay-root-cert-sn"),
    (lambda data: data.update(app_cert_sn="0" * 32), "isv.app-cert-not-exist"),
    (lambda data: data.update(alipay_root_cert_sn="0" * 32), "isv.invalid-alipay-root-cert-sn"),
]


@pytest.mark.parametrize(("change", "code"), WRONG, ids=[code for _, code in WRONG])
def test_a_wrong_certificate_number_is_refused(holder: Shop, change: Changed, code: str) -> None:
    data = holder.sdk.build_body("alipay.trade.query", {"out_trade_no": "x"})
    change(data)
    assert raw(holder, holder.sdk.sign_data(data))["alipay_trade_query_response"]["sub_code"] == code


def test_a_certificate_ends_in_business_time(control: httpx.Client, simulators: Simulators, ear: Listener) -> None:
    shop = certified(control, simulators, ear, certificate_days=30)
    shop.later(30 * 86400 - 60)
    assert shop.sdk.api_alipay_trade_query(out_trade_no="x")["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    shop.later(120)
    assert shop.sdk.api_alipay_trade_query(out_trade_no="x")["sub_code"] == "isv.app-cert-expired"


def test_another_key_is_refused_both_ways(
    holder: Shop, control: httpx.Client, simulators: Simulators, ear: Listener
) -> None:
    stranger = keys.private_pem(keys.make_private_key(), pkcs1=True)
    assert sdk_of(holder, app_private_key=stranger).api_alipay_trade_query("x")["sub_code"] == "isv.invalid-signature"
    elsewhere = certified(control, simulators, ear)
    deceived = sdk_of(holder, alipay_certificate=elsewhere.credentials["alipay_certificate"])
    with pytest.raises(AliPayValidationError):
        deceived.api_alipay_trade_query(out_trade_no="x")
    number = holder.paid()
    told = holder.heard(number)
    assert not deceived.verify(dict(told), told["sign"])
    holder.fault("query", "mis_sign", number)
    with pytest.raises(AliPayValidationError):
        holder.sdk.api_alipay_trade_query(out_trade_no=number)


def test_key_mode_has_no_certificates(shop: Shop) -> None:
    assert not any("certificate" in name for name in shop.credentials)
    query = shop.sdk.client_api("alipay.open.app.alipaycert.download", {"alipay_cert_sn": "0" * 32})
    answer = raw(shop, query)["alipay_open_app_alipaycert_download_response"]
    assert answer["sub_code"] == "isv.alipay-cert-not-exist"
