"""The control API: its token, its description, its refusals. Alipay stands for all of them."""

from __future__ import annotations

import httpx
import pytest

from tests.suite.alipay_shop import Shop, shop_of
from tests.suite.providers import Listener, Simulators


@pytest.fixture
def shop(control: httpx.Client, simulators: Simulators, listener: Listener) -> Shop:
    return shop_of(control, simulators, listener)


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic eDp5"}])
def test_everything_but_health_wants_the_token(simulators: Simulators, header: dict[str, str]) -> None:
    with httpx.Client(base_url=f"{simulators.url}/control", verify=simulators.trust, headers=header) as stranger:
        assert stranger.get("/health").json() == {"ok": True}
        for method, path in (("GET", "/ledger"), ("GET", "/openapi.json"), ("POST", "/merchants"), ("POST", "/clock")):
            answer = stranger.request(method, path)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), path


@pytest.mark.parametrize(
    "body", [b"{", b'{"a":"\xff"}', b"[" * 5000, b"x" * 10_000_000], ids=lambda body: str(body[:9])
)
def test_a_strangers_body_is_not_looked_at(simulators: Simulators, body: bytes) -> None:
    with httpx.Client(base_url=f"{simulators.url}/control", verify=simulators.trust) as stranger:
        headers = {"content-type": "application/json"}
        assert stranger.post("/merchants", content=body, headers=headers).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b"[" * 5000, 422),
        (b'{"provider":"\\ud800"}', 422),
        (b'{"provider":"alipay","name":"\\ud800"}', 422),
        (b'{"provider":"alipay","operation":"pay","effect":"slow","seconds":NaN}', 422),
        (b'{"provider":"alipay","operation":"pay","effect":"slow","seconds":1e400}', 422),
        (b"x" * 10_000_000, 413),
    ],
    ids=lambda part: str(part)[:60],
)
def test_a_body_that_is_none_is_refused(control: httpx.Client, body: bytes, status: int) -> None:
    for path in ("/merchants", "/faults", "/notifications", "/clock"):
        assert control.post(path, content=body, headers={"content-type": "application/json"}).status_code == status


def test_a_number_beyond_all_numbers_is_refused(control: httpx.Client) -> None:
    assert control.post(f"/deliveries/{10**23}/deliver").status_code == 422
    assert control.delete(f"/faults/{10**23}").status_code == 422


def test_no_clock_goes_where_the_calendar_ends(control: httpx.Client, shop: Shop) -> None:
    paid = shop.paid("8.00")
    step = {"provider": "alipay", "merchant": shop.app_id, "advance_seconds": 10**9}
    answers = [control.post("/clock", json=step).status_code for _ in range(7)]
    assert (answers[0], answers[-1]) == (200, 422)
    assert control.get("/trades", params={"provider": "alipay"}).status_code == 200
    ages = [control.post(f"/trades/alipay/{paid}/age", json={"seconds": 9 * 10**8}).status_code for _ in range(2)]
    assert ages == [200, 422]
    assert shop.sdk.api_alipay_trade_query(paid)["code"] == "10000"


def test_the_description_is_complete(control: httpx.Client) -> None:
    paths = control.get("/openapi.json").json()["paths"]
    for path, operations in paths.items():
        for name, operation in operations.items():
            assert operation["description"], (name, path)
            assert path == "/health" or {"401", "403", "404", "409", "422"} >= set(operation["responses"]) - {
                "200",
                "201",
                "204",
            }
    assert len(paths) == 17


def test_what_does_not_exist_is_404(control: httpx.Client) -> None:
    for method, path, body in (
        ("POST", "/trades/alipay/nothing/approve", {}),
        ("POST", "/refunds/alipay/nothing/settle", {"outcome": "success"}),
        ("POST", "/deliveries/999999/deliver", None),
        ("DELETE", "/faults/999999", None),
        ("POST", "/clock", {"provider": "alipay", "merchant": "nobody", "advance_seconds": 1}),
        ("POST", "/notifications", {"provider": "alipay", "merchant": "nobody", "reference": "x"}),
    ):
        answer = control.request(method, path, json=body)
        assert answer.status_code == 404, path
        assert answer.json()["detail"], path


def test_what_is_wrong_is_422(control: httpx.Client, shop: Shop) -> None:
    number = shop.paid()
    fault = {"provider": "alipay", "operation": "query", "effect": "slow"}
    for path, body in (
        ("/merchants", {"provider": "stripe"}),
        ("/merchants", {"provider": "alipay", "nmae": "misspelt"}),
        ("/merchants", {"provider": "alipay", "settings": {"unknown": 1}}),
        ("/merchants", {"provider": "alipay", "settings": {"refund_days": "many"}}),
        ("/faults", {**fault, "effect": "explode"}),
        ("/faults", {**fault, "effect": "drop"}),
        ("/faults", {**fault, "operation": "notify"}),
        ("/faults", {**fault, "effect": "business_error"}),
        ("/faults", {**fault, "times": 0}),
        ("/clock", {"provider": "alipay", "merchant": shop.app_id, "advance_seconds": -1}),
        (f"/trades/alipay/{number}/refund", {"amount": {"minor": 1, "currency": "XXX"}}),
        (f"/trades/alipay/{number}/refund", {"amount": {"minor": 1, "currency": "USD"}}),
        (f"/trades/alipay/{number}/refund", {"amount": {"minor": 0.5, "currency": "CNY"}}),
        (f"/trades/alipay/{number}/refund", {"amount": {"minor": -1, "currency": "CNY"}}),
        ("/notifications", {"provider": "alipay", "reference": number, "event": "eclipse"}),
        ("/notifications", {"provider": "alipay", "reference": number, "overrides": {"subject.deep.er": 1}}),
    ):
        answer = control.post(path, json=body)
        assert answer.status_code == 422, (path, body, answer.text)


def test_what_the_rules_forbid_is_409(shop: Shop) -> None:
    number = shop.paid()
    again = shop.control.post(f"/trades/alipay/{number}/approve")
    assert (again.status_code, again.json()["detail"]) == (409, "ACQ.TRADE_HAS_SUCCESS")
    over = shop.control.post(f"/trades/alipay/{number}/refund", json={"amount": {"minor": 8881, "currency": "CNY"}})
    assert over.status_code == 409
    assert shop.ledger(number) == [("payment", 8880)]


def test_a_refund_in_the_console_is_notified(shop: Shop) -> None:
    number = shop.paid()
    shop.heard(number)
    made = shop.control.post(f"/trades/alipay/{number}/refund", json={"amount": {"minor": 80, "currency": "CNY"}})
    assert made.status_code == 201
    assert shop.heard(number)["out_biz_no"] == made.json()["request_id"]
    assert shop.ledger(number) == [("payment", 8880), ("refund", 80)]
