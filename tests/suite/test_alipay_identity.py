"""Alipay's merchants: identities that are given, settings; what is told of signatures and of fidelity."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import secrets
from datetime import date
from typing import Any

import httpx
import pytest
from alipay import AliPay

from fixtures.providers.alipay import fidelity, signing
from fixtures.providers.common import keys
from fixtures.providers.common.faults import Refusal
from fixtures.providers.common.inspection import VALID, listening
from fixtures.providers.common.merchants import Merchant
from tests.suite.alipay_shop import Shop, ear, reference, shop  # noqa: F401
from tests.suite.providers import Simulators


def merchant(control: httpx.Client, **settings: Any) -> httpx.Response:
    return control.post("/merchants", json={"provider": "alipay", "name": "上岸商店", "settings": settings})


def test_a_teams_own_identity_is_used(control: httpx.Client, simulators: Simulators) -> None:
    own = keys.make_private_key()
    app_id, public = secrets.token_hex(8), keys.public_pem(own.public_key())
    bare = "".join(public.splitlines()[1:-1])  # as Alipay's key tool hands it out
    made = merchant(control, app_id=app_id, seller_id="2088123412341234", app_public_key=bare)
    assert made.status_code == 201, made.text
    credentials = made.json()["credentials"]
    assert (made.json()["id"], credentials["seller_id"]) == (app_id, "2088123412341234")
    assert "app_private_key" not in credentials

    sdk = AliPay(app_id, None, keys.private_pem(own, pkcs1=True), credentials["alipay_public_key"])
    sdk._gateway = credentials["gateway"]
    number = reference()
    assert sdk.api_alipay_trade_precreate("Mug", number, "1.00")["code"] == "10000"

    again = merchant(control, app_id=app_id, seller_id="2088123412341234", app_public_key=public)
    assert (again.status_code, again.json()["credentials"]) == (201, credentials)
    assert sdk.api_alipay_trade_query(out_trade_no=number)["sub_code"] == "ACQ.TRADE_NOT_EXIST"
    other = keys.public_pem(keys.make_private_key().public_key())
    assert merchant(control, app_id=app_id, app_public_key=other).status_code == 409
    assert merchant(control, app_id=app_id, seller_id="2088000000000000").status_code == 409
    assert merchant(control, app_id=app_id).json()["credentials"] == credentials


def test_a_given_key_gets_its_certificate(control: httpx.Client) -> None:
    app_id = secrets.token_hex(8)
    public = keys.public_pem(keys.make_private_key().public_key())
    made = merchant(control, app_id=app_id, app_public_key=public).json()["credentials"]
    assert "app_certificate" not in made
    changed = merchant(control, app_id=app_id, mode="certificate").json()["credentials"]
    assert {"app_certificate", "alipay_certificate", "alipay_root_certificate"} <= set(changed)
    assert merchant(control, app_id=app_id).json()["credentials"] == changed


@pytest.mark.parametrize(
    "wrong",
    [
        {"app_id": "no spaces"},
        {"app_id": 2021},
        {"seller_id": "me"},
        {"app_public_key": "AAAA"},
        {"mode": "both"},
        {"notify_close": "yes"},
        {"refund_days": 0},
        {"certificate_days": 1.5},
        {"colour": "blue"},
    ],
    ids=str,
)
def test_a_wrong_setting_is_one_clear_message(control: httpx.Client, wrong: dict[str, Any]) -> None:
    answer = merchant(control, **wrong)
    assert answer.status_code == 422
    assert f"Alipay's setting {next(iter(wrong))}" in answer.json()["detail"]


def test_a_verification_explains_itself() -> None:
    own = keys.make_private_key()
    public = own.public_key()
    someone = Merchant("alipay", "2021", "x", None, 0, 0, {"keys": {"app_public": keys.public_pem(public)}})
    with listening() as told:
        signing.check(someone, ("a=1",), keys.sign(own, b"a=1"))
        for signature in ("!", "AAAA", keys.sign(own, b"a=2")):
            with pytest.raises(Refusal):
                signing.check(someone, ("a=1",), signature)
    assert {one.signed for one in told} == {"a=1"}
    assert all(signing.fingerprint(public)[:16] in one.key for one in told)
    assert told[0].verdict == VALID
    assert ["not base64" in told[1].verdict, "3 bytes" in told[2].verdict, "another" in told[3].verdict] == [True] * 3


def test_each_behaviour_says_what_it_rests_on() -> None:
    for behaviour in fidelity.BEHAVIOURS:
        assert behaviour.operation in {"*", *fidelity.OPERATIONS}, behaviour
        assert behaviour.what
        assert behaviour.source
        assert date.fromisoformat(behaviour.date) <= date.today()  # noqa: DTZ011
    assert {behaviour.operation for behaviour in fidelity.BEHAVIOURS} >= set(fidelity.OPERATIONS)


def test_every_operation_can_be_disturbed(shop: Shop) -> None:
    """Each name of OPERATIONS is met by a request; `notify` and `bill_download` have tests of their own."""
    methods = {
        "create": "alipay.trade.precreate", "pay": "alipay.trade.pay", "query": "alipay.trade.query",
        "close": "alipay.trade.close", "cancel": "alipay.trade.cancel", "refund": "alipay.trade.refund",
        "refund_apply": "alipay.trade.refund.apply", "refund_query": "alipay.trade.fastpay.refund.query",
        "bill": "alipay.data.dataservice.bill.downloadurl.query",
        "certificate": "alipay.open.app.alipaycert.download",
    }  # fmt: skip
    assert {*methods, "notify", "bill_download"} == set(fidelity.OPERATIONS)
    for operation, method in methods.items():
        shop.fault(operation, "error_5xx")
        answer = shop.get(f"{shop.credentials['gateway']}?{shop.sdk.client_api(method, {})}")
        assert answer.status_code == 503, operation
