"""The bills of the WeChat Pay simulator, as `wechatpayv3` applies for them and downloads them."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from fixtures.money import Money
from fixtures.providers.client import ProviderControl, ProvidersFault
from fixtures.providers.wechatpay import bills
from fixtures.providers.wechatpay.answers import BEIJING
from tests.suite.wechatpay import PROVIDER, Json, Shop, code_of, desk, open_shop, paid  # noqa: F401

DAY = 86400
Bill = tuple[list[dict[str, str]], dict[str, str]]


@pytest.fixture
def shop(open_shop: Callable[..., Shop], desk: ProviderControl) -> Shop:
    """A shop whose clock says noon in Beijing, tomorrow: midnight is far on both sides."""
    made = open_shop()
    now = datetime.now(BEIJING)
    noon = datetime.combine(now.date() + timedelta(days=1), time(12), BEIJING)
    desk.advance(PROVIDER, made.id, int((noon - now).total_seconds()))
    return made


def day_of(shop: Shop, order: str) -> str:
    day: str = shop.query(order)["success_time"][:10]
    return day


def download(shop: Shop, applied: Json, *, packed: bool = True) -> Bill:
    """The rows and the sums of a bill, downloaded by the SDK and checked against its hash."""
    status, file = shop.sdk.download_bill(applied["download_url"])
    assert status == 200
    whole = gzip.decompress(file) if packed else file
    assert (applied["hash_type"], applied["hash_value"]) == ("SHA1", hashlib.sha1(whole).hexdigest())
    lines = [line.split(",") for line in whole.decode("utf-8-sig").splitlines()]
    *rows, _, sums = [[field.removeprefix("`") for field in line] for line in lines[1:]]
    return [dict(zip(lines[0], row, strict=True)) for row in rows], dict(zip(lines[-2], sums, strict=True))


def test_the_bills_of_a_day_tell_what_the_ledger_tells(shop: Shop, desk: ProviderControl) -> None:
    order, other = paid(shop, desk), paid(shop, desk, 1)
    refunds = [shop.refund(order, amount)["out_refund_no"] for amount in (5000, 3800)]
    with desk.fault(PROVIDER, "refund", "pending"):
        held = shop.refund(order, 80)["out_refund_no"]
    shop.native()  # not paid, so in no bill
    desk.advance(PROVIDER, shop.id, 1)
    day = day_of(shop, order)
    desk.advance(PROVIDER, shop.id, DAY)
    paid(shop, desk)  # of another day

    rows, sums = download(shop, shop.ok(shop.sdk.trade_bill(day)))
    assert [(row["商户订单号"], row["交易状态"], row["订单金额"]) for row in rows] == [
        (order, "SUCCESS", "88.80"), (other, "SUCCESS", "0.01"), *[(order, "REFUND", "0.00")] * 3,
    ]  # fmt: skip
    assert [(row["商户退款单号"], row["退款金额"], row["退款状态"]) for row in rows[2:]] == [
        (refunds[0], "50.00", "SUCCESS"), (refunds[1], "38.00", "SUCCESS"), (held, "0.80", "PROCESSING"),
    ]  # fmt: skip
    assert (sums["总交易单数"], sums["订单总金额"], sums["退款总金额"]) == ("5", "88.81", "88.80")
    assert rows[0]["微信订单号"] == desk.trade(PROVIDER, order).id

    rows, sums = download(shop, shop.ok(shop.sdk.fundflow_bill(day)))
    signs = {"收入": 1, "支出": -1}
    moved = [signs[row["收支类型"]] * Money.of(row["收支金额(元)"], "CNY").minor for row in rows]
    ledger = [entry for name in (order, other) for entry in desk.ledger(PROVIDER, name)]
    assert sorted(moved) == sorted(entry.amount.minor * (1 if entry.kind == "payment" else -1) for entry in ledger)
    assert [row["账户结余(元)"] for row in rows] == ["88.80", "88.81", "38.81", "0.81"]
    assert (sums["资金流水总笔数"], sums["收入金额"], sums["支出金额"]) == ("4", "88.81", "88.00")
    assert len({row["资金流水单号"] for row in rows}) == 4

    desk.advance(PROVIDER, shop.id, DAY)
    (row,), _ = download(shop, shop.ok(shop.sdk.fundflow_bill(str(datetime.fromisoformat(day) + timedelta(1))[:10])))
    assert row["账户结余(元)"] == "89.61", "the balance is carried over"


@pytest.mark.parametrize(("kind", "states"), [("SUCCESS", ["SUCCESS"]), ("REFUND", ["REFUND"])])
def test_a_trade_bill_of_one_kind(shop: Shop, desk: ProviderControl, kind: str, states: list[str]) -> None:
    order = paid(shop, desk)
    shop.refund(order, 8880)
    desk.advance(PROVIDER, shop.id, 1)
    day = day_of(shop, order)
    desk.advance(PROVIDER, shop.id, DAY)
    target = f"/v3/bill/tradebill?bill_date={day}&bill_type={kind}"
    rows, _ = download(shop, shop.send("GET", target).json(), packed=False)
    assert [row["交易状态"] for row in rows] == states
    assert tuple(rows[0]) == bills.TRADE_COLUMNS[kind]
    if kind == "REFUND":
        assert rows[0]["退款成功时间"] >= rows[0]["退款申请时间"] > ""


def test_a_bill_once_made_never_changes(shop: Shop, desk: ProviderControl) -> None:
    order = paid(shop, desk)
    with desk.fault(PROVIDER, "refund", "pending"):
        number = shop.refund(order, 8880)["out_refund_no"]
    day = day_of(shop, order)
    desk.advance(PROVIDER, shop.id, DAY)
    first = download(shop, shop.ok(shop.sdk.trade_bill(day)))
    desk.settle_refund(PROVIDER, number, "abnormal")
    assert download(shop, shop.ok(shop.sdk.trade_bill(day))) == first


def test_a_merchants_words_break_no_column(shop: Shop, desk: ProviderControl) -> None:
    order, _ = shop.native(attach='a,b\n"c"')
    desk.approve(PROVIDER, order)
    day = day_of(shop, order)
    desk.advance(PROVIDER, shop.id, DAY)
    (row,), _ = download(shop, shop.ok(shop.sdk.trade_bill(day)))
    assert row["商户数据包"] == 'a\\ b\\n"c"'


def test_when_there_is_a_bill(shop: Shop, desk: ProviderControl) -> None:
    order = paid(shop, desk)
    day = day_of(shop, order)
    assert code_of(shop.sdk.trade_bill(day)) == (400, "INVALID_REQUEST"), "not of today"
    desk.advance(PROVIDER, shop.id, 21 * 3600)
    assert code_of(shop.sdk.trade_bill(day)) == (400, "STATEMENT_CREATING"), "at nine in the morning"
    desk.advance(PROVIDER, shop.id, 2 * 3600)
    assert shop.sdk.trade_bill(day)[0] == 200
    before = str(datetime.fromisoformat(day) - timedelta(1))[:10]
    assert code_of(shop.sdk.trade_bill(before)) == (400, "NO_STATEMENT_EXIST"), "nothing was paid"
    assert code_of(shop.sdk.trade_bill(day, bill_type="REFUND")) == (400, "NO_STATEMENT_EXIST")
    assert code_of(shop.sdk.fundflow_bill(day, account_type="FEES")) == (400, "NO_STATEMENT_EXIST")
    desk.advance(PROVIDER, shop.id, 91 * DAY)
    assert code_of(shop.sdk.trade_bill(day)) == (400, "INVALID_REQUEST"), "three months back at most"


def test_an_address_is_good_for_five_minutes_and_for_its_merchant(
    shop: Shop, open_shop: Callable[..., Shop], desk: ProviderControl
) -> None:
    order = paid(shop, desk)
    day = day_of(shop, order)
    desk.advance(PROVIDER, shop.id, DAY)
    url = shop.ok(shop.sdk.trade_bill(day))["download_url"]
    target = "/v3/" + urlsplit(url)._replace(scheme="", netloc="").geturl().partition("/v3/")[2]
    assert shop.wire.get(url, headers={"accept": "*/*"}).status_code == 401, "an address alone opens nothing"
    assert code_of(open_shop().send("GET", target)) == (403, "NO_AUTH")
    assert "wechatpay-signature" not in shop.send("GET", target).headers
    desk.advance(PROVIDER, shop.id, 300)
    assert code_of(shop.send("GET", target)) == (400, "INVALID_REQUEST")
    assert code_of(shop.send("GET", "/v3/billdownload/file")) == (400, "INVALID_REQUEST")


def test_the_address_of_a_bill_begins_where_the_caller_believes_wechat_pay_to_be(
    shop: Shop, desk: ProviderControl
) -> None:
    day = day_of(shop, paid(shop, desk))
    desk.advance(PROVIDER, shop.id, DAY)
    target = f"/v3/bill/tradebill?bill_date={day}"
    told = shop.send("GET", target).json()["download_url"]
    assert told.startswith(f"{shop.keys['gateway']}/v3/billdownload/file?token=")
    behind_the_proxy = replace(shop, keys={**shop.keys, "gateway": desk.public_url})
    told = behind_the_proxy.send("GET", target, host="api.mch.weixin.qq.com").json()["download_url"]
    assert told.startswith("https://api.mch.weixin.qq.com/v3/billdownload/file?token=")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("bill_type=ALL", "PARAM_ERROR"), ("bill_date=", "PARAM_ERROR"), ("bill_date=2026-9-1", "PARAM_ERROR"),
        ("bill_date=2026-02-30", "INVALID_REQUEST"), ("bill_date=9999-12-31", "INVALID_REQUEST"),
        ("bill_date=2026-09-01&bill_type=NONE", "PARAM_ERROR"), ("bill_date=2026-09-01&tar_type=ZIP", "PARAM_ERROR"),
        ("bill_date=%ff", "PARAM_ERROR"), ("bill_date=2026-09-01%0a", "PARAM_ERROR"),
    ],
)  # fmt: skip
def test_what_is_no_day(shop: Shop, query: str, code: str) -> None:
    assert code_of(shop.send("GET", f"/v3/bill/tradebill?{query}")) == (400, code)


def test_the_table_is_written_as_a_real_one_was() -> None:
    """The bill in the tests of wechatpay-go (services/payments, 2021-01-28), whose SHA1 WeChat Pay told."""

    def row(at: str, number: str, order: str) -> dict[str, str]:
        fields = (
            at, "wx81be3101902f7cb2", "1601959334", "0", "", number, order, "ofyak5qR_1wYsC99CsWA6R9MJazA", "NATIVE",
            "SUCCESS", "OTHERS", "CNY", "0.01", "0.00", "0", "0", "0.00", "0.00", "", "", "for testing", "cipher code",
            "0.00000", "1.00%", "0.01", "0.00", "",
        )  # fmt: skip
        return dict(zip(bills.TRADE_COLUMNS["ALL"], fields, strict=True))

    rows = [
        row("2021-01-28 17:07:11", "4200000925202101284997714292", "S20210128170702357723"),
        row("2021-01-28 15:35:18", "4200000910202101282955148400", "S20210128153505214586"),
        row("2021-01-28 16:59:46", "4200000926202101281412639609", "S20210128165824499930"),
    ]
    sums: dict[str, Any] = bills.trade_sums([], [])
    sums |= {"总交易单数": "3", "应结订单总金额": "0.03", "订单总金额": "0.03"}
    file = bills.table(bills.TRADE_COLUMNS["ALL"], rows, sums)
    assert hashlib.sha1(file).hexdigest() == "dcd7ceb3d382a1181798368bb15d8437de46c00f"


def test_on_command_the_bill_of_today_is_served_as_it_stands(shop: Shop, desk: ProviderControl) -> None:
    first = paid(shop, desk)
    day = day_of(shop, first)
    assert code_of(shop.sdk.trade_bill(day)) == (400, "INVALID_REQUEST")
    with desk.fault(PROVIDER, "bill", "early", times=2, merchant=shop.id):
        rows, _ = download(shop, shop.ok(shop.sdk.trade_bill(day)))
        assert [row["商户订单号"] for row in rows] == [first]
        second = paid(shop, desk)
        rows, _ = download(shop, shop.ok(shop.sdk.trade_bill(day)))
        assert [row["商户订单号"] for row in rows] == [first, second]


def test_nothing_but_a_bill_comes_too_early(desk: ProviderControl) -> None:
    with pytest.raises(ProvidersFault, match="early"), desk.fault(PROVIDER, "refund", "early"):
        pass
