"""Keys of the WeChat Pay simulator that change while a shop runs, identities that are given, probes, and nonces."""

# ruff: noqa: F811  (a fixture is imported, and its name is an argument)
from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from wechatpayv3.utils import build_authorization, load_private_key

from fixtures.providers.client import ProviderControl
from fixtures.providers.common import keys as rsa
from fixtures.providers.common.faults import Refusal
from fixtures.providers.common.ground import Ground
from fixtures.providers.common.inspection import VALID, listening
from fixtures.providers.wechatpay.authentication import Gatekeeper
from fixtures.providers.wechatpay.fidelity import BEHAVIOURS, OPERATIONS
from tests.suite.providers import Listener, launch
from tests.suite.wechatpay import (  # noqa: F401
    NOBODY,
    PROVIDER,
    REFUNDS,
    Json,
    Shop,
    code_of,
    desk,
    open_shop,
    order_number,
    paid,
    sdk,
    shop,
    trust,
)

DAY = 86400

# A change of key while the shop runs


def test_a_platform_certificate_is_renewed_under_a_running_shop(
    open_shop: Callable[..., Shop], desk: ProviderControl, listener: Listener
) -> None:
    shop = open_shop(listener.url("/renewed"), by_certificate=True, certificate_days=30)
    old = serials(shop)
    assert old == [signer_of(shop)]
    desk.advance(PROVIDER, shop.id, 21 * DAY)
    both = serials(shop)
    assert (len(both), both[:1], signer_of(shop)) == (2, old, old[0]), "the next one can be had, the old one signs"
    desk.advance(PROVIDER, shop.id, 5 * DAY)
    assert (serials(shop), signer_of(shop)) == (both, both[1]), "for its last five days the next one signs"
    order = paid(shop, desk)
    heard = listener.wait(shop.path)
    assert heard.headers["wechatpay-serial"] == both[1]
    assert shop.understand(heard)["resource"]["out_trade_no"] == order, "the SDK fetched the certificate it lacked"
    assert shop.state(order) == "SUCCESS"
    desk.advance(PROVIDER, shop.id, 5 * DAY)
    assert serials(shop) == both[1:], "the old one has expired"
    desk.advance(PROVIDER, shop.id, 3650 * DAY)
    order, _ = shop.native()
    assert shop.state(order) == "NOTPAY", "years later there is a valid one still"


def test_a_shop_that_never_fetches_a_certificate_again_refuses_the_next_one(
    open_shop: Callable[..., Shop], desk: ProviderControl, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop(by_certificate=True, certificate_days=30)
    monkeypatch.setattr(shop.sdk._core, "_update_certificates", lambda: None)
    desk.advance(PROVIDER, shop.id, 26 * DAY)
    with pytest.raises(Exception, match="failed to verify the signature"):
        shop.native()


def test_a_merchant_changes_from_certificates_to_the_public_key(
    open_shop: Callable[..., Shop], desk: ProviderControl, listener: Listener
) -> None:
    shop = open_shop(listener.url("/changed"), by_certificate=True)
    ready = sdk(shop.keys, shop.notify_url)  # knows the public key already, so its answers come signed by it
    assert ready.query(out_trade_no=paid(shop, desk))[0] == 200
    assert not listener.wait(shop.path).headers["wechatpay-serial"].startswith("PUB_KEY_ID_")
    again = desk.create_merchant(PROVIDER, mchid=shop.id, signs_with="public_key")
    assert again["mchid"] == shop.id
    order = paid(Shop(shop.id, shop.keys, ready, shop.notify_url, shop.wire), desk)
    heard = listener.wait(shop.path)
    assert heard.headers["wechatpay-serial"] == shop.keys["public_key_id"]
    assert ready.callback(heard.headers, heard.body)["resource"]["out_trade_no"] == order
    with pytest.raises(Exception):  # noqa: B017  (it takes the id for a hexadecimal number)
        shop.query(order)


def serials(shop: Shop) -> list[str]:
    return [one["serial_no"] for one in shop.send("GET", "/v3/certificates").json()["data"]]


def signer_of(shop: Shop) -> str:
    serial: str = shop.send("GET", "/v3/certificates").headers["wechatpay-serial"]
    return serial


# Identities


def identity() -> tuple[rsa.PrivateKey, Json]:
    """A team's own key, and what it tells of itself."""
    own = rsa.make_private_key()
    return own, {
        "mchid": f"19{secrets.randbelow(10**8):08d}",
        "appid": "wxd678efh567hg6787",
        "merchant_serial": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
        "merchant_public_key": rsa.public_pem(own.public_key()),
        "apiv3_key": secrets.token_hex(16),
    }


def test_a_team_brings_its_own_identity(desk: ProviderControl, open_shop: Callable[..., Shop]) -> None:
    own, given = identity()
    made = desk.create_merchant(PROVIDER, **given)
    assert {name: made[name] for name in ("mchid", "appid", "merchant_serial", "apiv3_key")} == {
        name: given[name] for name in ("mchid", "appid", "merchant_serial", "apiv3_key")
    }
    assert "merchant_private_key" not in made
    keys = {**made, "merchant_private_key": rsa.private_pem(own)}
    shop = Shop(made["mchid"], keys, sdk(keys, NOBODY), NOBODY, open_shop().wire)
    order = paid(shop, desk)
    assert shop.state(order) == "SUCCESS"
    assert desk.create_merchant(PROVIDER, **given) == made, "the same identity is the same merchant"
    assert desk.create_merchant(PROVIDER, mchid=given["mchid"]) == made
    for name, other in (("appid", "wx0"), ("merchant_public_key", identity()[1]["merchant_public_key"]),
                        ("merchant_serial", "00"), ("apiv3_key", "0" * 32)):  # fmt: skip
        with pytest.raises(Exception, match="409"):
            desk.create_merchant(PROVIDER, **{**given, name: other})


def test_a_certificate_tells_the_key_and_the_serial(desk: ProviderControl) -> None:
    own = rsa.make_private_key()
    made = rsa.certificate("1900000001", own.public_key(), "Tenpay", own)
    merchant = desk.create_merchant(PROVIDER, merchant_certificate=rsa.certificate_pem(made))
    assert merchant["merchant_serial"] == rsa.serial(made)
    assert "merchant_private_key" not in merchant


@pytest.mark.parametrize(
    "wrong",
    [
        {"mchid": "shop"}, {"mchid": 1900000001}, {"appid": ""}, {"appid": "wx 1"}, {"merchant_serial": "serial"},
        {"apiv3_key": "short"}, {"apiv3_key": "长" * 32}, {"merchant_public_key": "no PEM"},
        {"merchant_certificate": "no PEM"}, {"certificate_days": 10}, {"probe_every": -1}, {"pacing": "perhaps"},
        {"products": ["cash"]}, {"signs_with": "a pen"}, {"misspelt": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_setting_is_named(desk: ProviderControl, wrong: Json) -> None:
    with pytest.raises(Exception, match=f"422.*{next(iter(wrong))}"):
        desk.create_merchant(PROVIDER, **wrong)


def test_a_certificate_and_something_else_do_not_go_together(desk: ProviderControl) -> None:
    own = rsa.make_private_key()
    certificate = rsa.certificate_pem(rsa.certificate("1900000001", own.public_key(), "Tenpay", own))
    for other in ({"merchant_public_key": rsa.public_pem(own.public_key())}, {"merchant_serial": "00"}):
        with pytest.raises(Exception, match="422"):
            desk.create_merchant(PROVIDER, merchant_certificate=certificate, **other)


# Probes


def test_a_probe_comes_with_the_notification_and_is_refused(
    open_shop: Callable[..., Shop], desk: ProviderControl, listener: Listener
) -> None:
    shop = open_shop(listener.url("/probed"), probe_every=2)
    listener.answer = lambda heard: (200 if shop.sdk.callback(heard.headers, heard.body) else 401, "")
    first, _ = shop.native()
    second = order_number()
    with pytest.raises(Exception, match="failed to verify the signature"):
        shop.native(number=second)  # of two answers one is a probe
    for order in (first, second):
        desk.approve(PROVIDER, order)
    heard = [listener.wait(shop.path) for _ in range(3)]
    (probe,) = (one for one in heard if one.headers["wechatpay-signature"].startswith("WECHATPAY/SIGNTEST/"))
    told = {shop.understand(one)["resource"]["out_trade_no"]: one for one in heard if one is not probe}
    assert set(told) == {first, second}
    assert shop.sdk.callback(probe.headers, probe.body) is None
    assert json.loads(probe.body)["id"] == json.loads(told[second].body)["id"], "it passes for the true one"
    listener.answer = lambda _: (200, "")
    (probing,) = (one for one in desk.deliveries(PROVIDER, second) if one.event == "probe")
    assert desk.deliver(probing).state == "delivered", "which betrays a shop that does not verify"


# Nonces


def test_a_nonce_is_not_good_twice_even_over_a_restart(tmp_path: Path) -> None:
    first = launch(tmp_path)
    control = ProviderControl(f"{first.url}/control", first.token, trust(first))
    keys = control.create_merchant(PROVIDER)
    target = f"{REFUNDS}/R1"
    private = load_private_key(keys["merchant_private_key"])
    authorization = build_authorization(target, "GET", keys["mchid"], keys["merchant_serial"], private)
    with httpx.Client(verify=trust(first)) as wire:
        shop = Shop(keys["mchid"], keys, sdk(keys, NOBODY), NOBODY, wire)
        assert code_of(shop.send("GET", target, authorization=authorization)) == (404, "RESOURCE_NOT_EXISTS")
        first.stop(kill=True)
        second = launch(tmp_path, port=int(first.url.rpartition(":")[2]))
        assert code_of(shop.send("GET", target, authorization=authorization)) == (401, "SIGN_ERROR")
        second.stop()


# What was verified, explained


@pytest.mark.parametrize("right", [True, False])
def test_a_verification_is_explained(tmp_path: Path, right: bool) -> None:
    own = rsa.make_private_key()
    ground = Ground(tmp_path, "https://127.0.0.1")
    data = {"serial": "00AA", "keys": {"merchant": rsa.public_pem(own.public_key())}}
    ground.merchants.add(PROVIDER, "1900000001", "", data=data)
    key = load_private_key(rsa.private_pem(own if right else rsa.stranger()))
    authorization = build_authorization("/v3/certificates", "GET", "1900000001", "00AA", key)
    headers = {"authorization": authorization, "accept": "*/*", "user-agent": "test"}
    request = Request(
        {
            "type": "http", "method": "GET", "raw_path": b"/wechatpay/v3/certificates", "root_path": "/wechatpay",
            "query_string": b"", "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
    )  # fmt: skip
    with listening() as told, nullcontext() if right else pytest.raises(Refusal, match="SIGN_ERROR"):
        Gatekeeper(ground).admit(request, b"")
    (explained,) = told
    assert explained.signed.startswith("GET\n/v3/certificates\n")
    assert explained.key == "API certificate 00AA of merchant 1900000001"
    assert explained.verdict == (VALID if right else "签名错误")
    ground.store.close()


# Fidelity


def test_each_operation_says_what_it_rests_on() -> None:
    told: dict[str, list[Any]] = {}
    for behaviour in BEHAVIOURS:
        told.setdefault(behaviour.operation, []).append(behaviour)
    assert set(told) == {"*", *OPERATIONS}
    assert all(behaviour.source and behaviour.date and behaviour.what for behaviour in BEHAVIOURS)


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name != "notify"])
def test_each_operation_can_be_disturbed(shop: Shop, desk: ProviderControl, operation: str) -> None:
    targets = {
        "create": ("POST", "/v3/pay/transactions/native"),
        "query": ("GET", f"/v3/pay/transactions/out-trade-no/T1?mchid={shop.id}"),
        "close": ("POST", "/v3/pay/transactions/out-trade-no/T1/close"),
        "codepay": ("POST", "/v3/pay/transactions/codepay"),
        "reverse": ("POST", "/v3/pay/transactions/out-trade-no/T1/reverse"),
        "combine": ("POST", "/v3/combine-transactions/native"),
        "combine_query": ("GET", "/v3/combine-transactions/out-trade-no/T1"),
        "combine_close": ("POST", "/v3/combine-transactions/out-trade-no/T1/close"),
        "refund": ("POST", REFUNDS),
        "refund_query": ("GET", f"{REFUNDS}/R1"),
        "abnormal_refund": ("POST", f"{REFUNDS}/5030/apply-abnormal-refund"),
        "bill": ("GET", "/v3/bill/fundflowbill?bill_date=2026-09-01"),
        "bill_download": ("GET", "/v3/billdownload/file?token=T"),
        "certificates": ("GET", "/v3/certificates"),
    }
    amount = {"refund": 1, "total": 1, "currency": "CNY"}
    part, total = {"mchid": shop.id, "out_trade_no": "T12345"}, {"total_amount": 1, "currency": "CNY"}
    bodies: dict[str, Json] = {
        "create": shop.order(),
        "close": {"mchid": shop.id},
        "codepay": shop.order(payer={"auth_code": "130061098828009406"}, scene_info={"store_info": {"id": "1"}}),
        "reverse": {"mchid": shop.id, "appid": shop.keys["appid"]},
        "combine": {
            "combine_appid": shop.keys["appid"], "combine_mchid": shop.id, "combine_out_trade_no": "C1",
            "notify_url": shop.notify_url, "sub_orders": [{**part, "attach": "1", "description": "1", "amount": total}],
        },
        "combine_close": {"combine_appid": shop.keys["appid"], "sub_orders": [part]},
        "refund": {"out_trade_no": "T12345", "out_refund_no": "R1", "amount": amount},
        "abnormal_refund": {"out_refund_no": "R1", "type": "MERCHANT_BANK_CARD"},
    }  # fmt: skip
    body = json.dumps(bodies[operation]) if operation in bodies else ""
    with desk.fault(PROVIDER, operation, "error_5xx", merchant=shop.id):
        assert shop.send(*targets[operation], body).status_code == 503
    assert shop.send(*targets[operation], body).status_code < 500
