"""Alipay's bills: what a shop downloads, unzips and compares with its books."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import csv
import io
import struct
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from fixtures.providers.alipay.rules import BEIJING
from tests.suite.alipay_shop import Shop, ear, refusal, shop_of  # noqa: F401
from tests.suite.providers import Listener, Simulators

DAY = 86400


@pytest.fixture
def day() -> str:
    return f"{datetime.now(BEIJING):%Y-%m-%d}"


@pytest.fixture
def shop(control: httpx.Client, simulators: Simulators, ear: Listener) -> Shop:
    """A shop of its own: bills are of all of a merchant's trades, and its clock is moved."""
    return shop_of(control, simulators, ear)


def ask(shop: Shop, bill_type: Any, bill_date: Any) -> dict[str, Any]:
    wanted = {"bill_type": bill_type, "bill_date": bill_date}
    return dict(shop.sdk.server_api("alipay.data.dataservice.bill.downloadurl.query", biz_content=wanted))


def files(content: bytes) -> dict[str, list[str]]:
    """The files of a bill by name, as a shop in China reads them."""
    with zipfile.ZipFile(io.BytesIO(content), metadata_encoding="gbk") as archive:
        return {name: archive.read(name).decode("gbk").split("\r\n") for name in archive.namelist()}


def rows(lines: list[str]) -> list[dict[str, str]]:
    """The table between the rulers, without the tabs that keep spreadsheets from rounding numbers."""
    table = [line for line in lines if line and not line.startswith("#")]
    return [{name: value.strip() for name, value in row.items()} for row in csv.DictReader(table)]


def download(shop: Shop, bill_type: str, date: str) -> dict[str, list[str]]:
    answer = ask(shop, bill_type, date)
    assert answer["code"] == "10000", answer
    fetched = shop.get(answer["bill_download_url"])
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "application/zip")
    return files(fetched.content)


def test_a_days_bill_lists_every_payment_and_refund(shop: Shop, day: str) -> None:
    first = shop.paid("88.80")
    second = shop.paid("0.10")
    shop.precreate("5.00")
    shop.sdk.api_alipay_trade_refund("50.00", out_trade_no=first, out_request_no="r1", refund_reason="x")
    shop.sdk.api_alipay_trade_refund("38.80", out_trade_no=first, out_request_no="r2")
    shop.later(DAY)

    bill = download(shop, "trade", day)

    account, compact = f"{shop.credentials['seller_id']}0156", day.replace("-", "")
    assert list(bill) == [f"{account}_{compact}_业务明细(汇总).csv", f"{account}_{compact}_业务明细.csv"]
    summary, details = bill.values()
    assert details[:2] == ["#支付宝业务明细查询", f"#账号：[{account}]"]
    assert (
        details[3] == "#-----------------------------------------业务明细列表----------------------------------------"
    )
    assert [
        (row["商户订单号"], row["业务类型"], row["订单金额（元）"], row["退款批次号/请求号"]) for row in rows(details)
    ] == [
        (first, "交易", "88.80", ""),
        (second, "交易", "0.10", ""),
        (first, "退款", "-50.00", "r1"),
        (first, "退款", "-38.80", "r2"),
    ]
    assert "#交易合计：2笔，商家实收共88.90元，商家优惠共0.00元" in details
    assert "#退款合计：2笔，商家实收退款共-88.80元，商家优惠退款共0.00元" in details
    total = rows(summary)[-1]
    assert (total["交易订单总笔数"], total["退款订单总笔数"], total["实收净额（元）"]) == ("2", "2", "0.10")


def test_the_account_bill_keeps_the_balance(shop: Shop, day: str) -> None:
    number = shop.paid("10.00")
    shop.later(DAY)
    tomorrow = f"{datetime.now(BEIJING) + timedelta(days=1):%Y-%m-%d}"
    shop.sdk.api_alipay_trade_refund("4.00", out_trade_no=number, out_request_no="r1")
    shop.later(DAY)
    before, after = (rows(list(download(shop, "signcustomer", date).values())[1]) for date in (day, tomorrow))
    assert [(row["收入金额（+元）"], row["账户余额（元）"]) for row in before] == [("10.00", "10.00")]
    assert [(row["支出金额（-元）"], row["账户余额（元）"]) for row in after] == [("-4.00", "6.00")]
    assert sum(Decimal(row["收入金额（+元）"]) + Decimal(row["支出金额（-元）"]) for row in before + after) == Decimal(
        "6"
    )


def test_a_months_bill(shop: Shop, day: str) -> None:
    number = shop.paid("10.00")
    shop.later(31 * DAY)
    [row] = rows(list(download(shop, "trade", day[:7]).values())[1])
    assert (row["商户订单号"], row["商家实收（元）"]) == (number, "10.00")


def test_names_are_gbk_without_the_flag_of_utf8(shop: Shop, day: str) -> None:
    shop.paid("10.00", body='a,"b"')
    shop.later(DAY)
    content = shop.get(ask(shop, "trade", day)["bill_download_url"]).content
    flags, length = struct.unpack_from("<H", content, 6)[0], struct.unpack_from("<H", content, 26)[0]
    assert flags & 0x800 == 0
    assert content[30 : 30 + length].decode("gbk").endswith("业务明细(汇总).csv")
    assert rows(list(files(content).values())[1])[0]["备注"] == 'a,"b"'


def test_a_link_ends(shop: Shop, day: str) -> None:
    shop.paid("10.00")
    shop.later(DAY)
    link = ask(shop, "trade", day)["bill_download_url"]
    assert shop.get(link).status_code == 200
    shop.fault("bill_download", "error_5xx")
    assert shop.get(link).status_code == 503
    shop.later(31)
    assert shop.get(link).status_code == 404
    assert shop.get(f"{link}x").status_code == 404
    assert shop.get(link.partition("?")[0]).status_code == 404


def test_a_bill_that_is_not_there_is_refused(shop: Shop, day: str) -> None:
    yesterday = f"{datetime.now(BEIJING) - timedelta(days=1):%Y-%m-%d}"
    for kind, date, code in (
        ("trade", day, "BILL_NOT_EXIST"),
        ("trade", day[:7], "BILL_NOT_EXIST"),
        ("trade", "2999-01-01", "BILL_NOT_EXIST"),
        ("trade", yesterday, "BILL_DATE_BEFORE_REGISTRATION"),
        ("all", day, "TYPE_NOT_SUPPORTED"),
        ("trade", "2015-12-31", "INVAILID_ARGUMENTS"),
        ("trade", "2026-02-30", "INVAILID_ARGUMENTS"),
        ("trade", "yesterday", "INVAILID_ARGUMENTS"),
        ("trade", "9999-12", "INVAILID_ARGUMENTS"),
        ("trade", "9999-12-31", "INVAILID_ARGUMENTS"),
        ("trade", 20261101, "INVAILID_ARGUMENTS"),
        (None, day, "INVAILID_ARGUMENTS"),
    ):
        assert refusal(ask(shop, kind, date)) == code, (kind, date)
    shop.later(DAY)
    assert refusal(ask(shop, "trade", day)) == "NO_BILL_DATA"


def test_on_command_the_bill_of_today_is_served_as_it_stands(shop: Shop, day: str) -> None:
    paid = shop.paid("88.80")
    assert refusal(ask(shop, "trade", day)) == "BILL_NOT_EXIST"
    shop.fault("bill", "early")
    _, details = download(shop, "trade", day).values()
    assert [row["商户订单号"] for row in rows(details)] == [paid]
