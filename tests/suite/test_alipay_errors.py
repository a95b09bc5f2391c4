"""Alipay's tables of errors: each code can be had, from the method that documents it, in Alipay's own shape."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from fixtures.providers import alipay
from fixtures.providers.alipay import errors
from tests.suite.alipay_shop import Shop, ear, reference, refusal, shop  # noqa: F401

OPERATION = {
    "alipay.trade.create": "create",
    "alipay.trade.precreate": "create",
    "alipay.trade.pay": "pay",
    "alipay.trade.query": "query",
    "alipay.trade.close": "close",
    "alipay.trade.cancel": "cancel",
    "alipay.trade.refund": "refund",
    "alipay.trade.fastpay.refund.query": "refund_query",
    "alipay.data.dataservice.bill.downloadurl.query": "bill",
}


@pytest.mark.parametrize("method", errors.OF_METHOD)
def test_every_code_of_a_method_can_be_had(shop: Shop, method: str) -> None:
    for code in errors.OF_METHOD[method]:
        shop.fault(OPERATION[method], "business_error", code=code)
        answer = shop.sdk.server_api(method, biz_content={"out_trade_no": reference()})
        assert refusal(answer) == code
        assert answer["sub_msg"] == errors.REASONS[code]


def test_every_code_of_the_gateway_can_be_had(shop: Shop) -> None:
    for code, (number, text) in errors.GATEWAY.items():
        shop.fault("query", "business_error", code=code)
        data: dict[str, Any] = shop.sdk.build_body("alipay.trade.query", {"out_trade_no": "x"})
        told = shop.get(f"{shop.credentials['gateway']}?{shop.sdk.sign_data(data)}").json()
        [answer] = [value for name, value in told.items() if name != "sign"]
        assert (answer["code"], answer["msg"], answer["sub_code"]) == (number, errors.MESSAGES[number], code)
        assert answer["sub_msg"] == text


def test_no_words_are_kept_for_a_code_that_no_method_has() -> None:
    documented = {code for codes in errors.OF_METHOD.values() for code in codes}
    assert documented == set(errors.REASONS)
    assert all(len(codes) == len(set(codes)) for codes in errors.OF_METHOD.values())


def test_every_code_that_the_rules_themselves_answer_is_named_by_a_test() -> None:
    """The simulator's sources name the codes it refuses with; a test that meets such a refusal names its code, in
    REST v3 without its prefix."""
    sources = "".join(part.read_text("utf-8") for part in Path(alipay.__file__).parent.glob("*.py"))
    tests = "".join(part.read_text("utf-8") for part in Path(__file__).parent.glob("test_alipay*.py"))
    raised = set(re.findall(r'Refusal\("([A-Za-z_.-]+)"|, "(isv\.missing[a-z-]+)"\)', sources))
    codes = {code for pair in raised for code in pair if code} - {"settings", "identity", "event"}
    assert codes <= {*errors.REASONS, *errors.GATEWAY}
    reached = {code for code in codes if f'"{code}"' in tests or f'"{code.removeprefix("isv.")}"' in tests}
    assert sorted(codes - reached) == []
