"""The reference shop's driver by itself: what it asks, how it reads an answer, and what preflight sees of it."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from fixtures.money import Money
from fixtures.providers.client import Known
from fixtures.targets.contract import (
    Done,
    Order,
    OrderState,
    Provider,
    Reason,
    Refused,
    Session,
    TargetFault,
)
from fixtures.targets.preflight import contract_problems, merchant_problems
from fixtures.targets.profile import load
from fixtures.targets.reference.api import Api, outcome
from fixtures.targets.reference.reading import history_entry, order
from fixtures.targets.reference.web import Web
from fixtures.targets.reference.web.amounts import amount
from fixtures.targets.reference.words import BY_CODE, BY_SENTENCE

ADA = Session("ada@example.com", "a-token")
SAID_BY_THE_API_ONLY = {
    "Business time does not move in this environment.",
    "The signature does not verify.",
    "The message does not match a payment of this shop.",
    "A coupon with this code already exists.",
    "The body has to be of another content type.",
    "Something went wrong on our side.",
}
ORDER: dict[str, Any] = {
    "number": "0123456789AB",
    "state": "partially_refunded",
    "shopper": "ada@example.com",
    "lines": [{"product_id": "tea", "quantity": 3, "total": {"amount": "88.80", "currency": "CNY"}}],
    "discount": {"amount": "0.00", "currency": "CNY"},
    "tax": {"amount": "0.00", "currency": "CNY"},
    "shipping": {"amount": "0.00", "currency": "CNY"},
    "total": {"amount": "88.80", "currency": "CNY"},
    "captured": {"amount": "88.80", "currency": "CNY"},
    "refunded": {"amount": "50.00", "currency": "CNY"},
    "refundable": {"amount": "38.80", "currency": "CNY"},
}


def api(session: Session | None = ADA) -> Api:
    """A channel that would fail if it sent anything: it has no wire."""
    addresses = SimpleNamespace(api="https://shop.example/api", web="https://shop.example")
    return Api(SimpleNamespace(wire=None, addresses=addresses), session)  # type: ignore[arg-type]


def answer(status: int, **parts: Any) -> httpx.Response:
    return httpx.Response(status, request=httpx.Request("GET", "https://shop.example/api/orders/1"), **parts)


def problem(status: int, code: str) -> httpx.Response:
    return answer(status, json={"error": {"code": code, "message": "Because.", "details": {}}})


def test_an_order_is_read_whole() -> None:
    read = outcome(answer(200, json=ORDER), order)
    assert isinstance(read, Done)
    assert isinstance(read.value, Order)
    assert read.value.state is OrderState.PARTIALLY_REFUNDED
    assert read.value.refundable == Money.parse("CNY 38.80")
    assert read.value.lines[0].total == Money.parse("CNY 88.80")


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (401, "NOT_SIGNED_IN", Reason.NOT_SIGNED_IN),
        (403, "OWN_REQUEST", Reason.OWN_REQUEST),
        (404, "NOT_FOUND", Reason.NOT_FOUND),
        (409, "EXCEEDS_CAPTURED", Reason.EXCEEDS_CAPTURED),
        (422, "INVALID", Reason.INVALID),
        (424, "PROVIDER_UNAVAILABLE", Reason.PROVIDER_UNAVAILABLE),
        (429, "LOCKED_OUT", Reason.LOCKED_OUT),
    ],
)
def test_a_refusal_keeps_its_evidence(status: int, code: str, reason: Reason) -> None:
    assert outcome(problem(status, code), order) == Refused(reason, "Because.", status, code)


@pytest.mark.parametrize(
    ("problems", "reason"),
    [
        ([("body.password", "String should have at least 10 characters")], Reason.WEAK_PASSWORD),
        ([("body.new", "String should have at least 10 characters")], Reason.WEAK_PASSWORD),
        ([("body.password", "String should have at least 1 character")], Reason.INVALID),
        ([("body.email", "no"), ("body.password", "String should have at least 10 characters")], Reason.INVALID),
    ],
)
def test_a_short_password_is_a_weak_one(problems: list[tuple[str, str]], reason: Reason) -> None:
    details = {"problems": [{"where": where, "problem": text} for where, text in problems]}
    refusal = {"code": "INVALID", "message": "No.", "details": details}
    assert outcome(answer(422, json={"error": refusal}), order) == Refused(reason, "No.", 422, "INVALID")


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (problem(500, "INTERNAL"), "the answer 500 to GET"),
        (problem(503, "NOT_FOUND"), "the answer 503 to GET"),
        (problem(409, "TEAPOT"), "the code TEAPOT, which the driver does not know"),
        (answer(404, text="<h1>Not Found</h1>"), "without the shop's error envelope: '<h1>Not Found</h1>'"),
        (answer(404, json={"detail": "Not Found"}), "without the shop's error envelope"),
        (answer(404, json=["error"]), "without the shop's error envelope"),
        (answer(303, headers={"Location": "/"}), "the answer 303 to GET"),
        (answer(200, text="<p>Hello</p>"), "not what its description says"),
        (answer(200, json={**ORDER, "state": "molten"}), "not what its description says"),
        (answer(200, json={**ORDER, "total": {"amount": "88.805", "currency": "CNY"}}), "more digits than CNY has"),
        (answer(200, json={name: ORDER[name] for name in ORDER if name != "captured"}), "KeyError('captured')"),
    ],
)
def test_what_is_neither_an_answer_nor_a_refusal_is_a_fault(response: httpx.Response, words: str) -> None:
    with pytest.raises(TargetFault) as fault:
        outcome(response, order)
    assert words in str(fault.value)


def test_every_refusal_that_the_shop_describes_is_known_by_its_code_and_by_its_sentence() -> None:
    described = load("reference").file("openapi.json").read_text("utf-8")
    pairs = dict(re.findall(r"([A-Z][A-Z_]+): ([A-Z][^·\"\\]+[.])", described))
    assert len(pairs) > 20
    unknown = {code: sentence for code, sentence in pairs.items() if code not in BY_CODE}
    untold = {
        code: sentence
        for code, sentence in pairs.items()
        if code in BY_CODE and BY_SENTENCE.get(sentence, BY_CODE[code]) is not BY_CODE[code]
    }
    assert (unknown, untold) == ({}, {})
    assert set(pairs.values()) - set(BY_SENTENCE) <= SAID_BY_THE_API_ONLY


@pytest.mark.parametrize(
    ("event", "moves"),
    [("order paid", "CNY 88.80"), ("refunded", "CNY -88.80"), ("refund requested", None), ("order refunded", None)],
)
def test_a_history_counts_money_once(event: str, moves: str | None) -> None:
    told = {"at": "2026-11-22T17:00:00Z", "actor": "alipay", "event": event, "amount": ORDER["total"]}
    assert history_entry(told).amount == (Money.parse(moves) if moves else None)


def test_a_prepared_refund_is_the_honest_request() -> None:
    prepared = api().refund.prepare("0123456789AB", Money.parse("CNY 38.80"), "Too cold", key="key-of-clerk")
    request = prepared.request
    assert (request.method, str(request.url)) == ("POST", "https://shop.example/api/orders/0123456789AB/refunds")
    assert request.headers["Authorization"] == "Bearer a-token"
    assert request.headers["Idempotency-Key"] == "key-of-clerk"
    assert json.loads(request.content) == {"amount": {"amount": "38.80", "currency": "CNY"}, "reason": "Too cold"}


def test_an_attack_changes_one_thing_and_reads_the_answer_as_the_honest_call_would() -> None:
    attack = api().pay.prepare("0123456789AB", Provider.ALIPAY).changed(amount="0.01")
    assert json.loads(attack.request.content) == {"provider": "alipay", "amount": "0.01"}
    assert attack.request.headers["Idempotency-Key"]
    assert attack.read(problem(422, "INVALID")) == Refused(Reason.INVALID, "Because.", 422, "INVALID")


def test_an_idempotency_key_that_is_not_given_is_made_anew() -> None:
    keys = {api().pay.prepare("0123456789AB", Provider.PAYPAL).request.headers["Idempotency-Key"] for _ in range(20)}
    assert len(keys) == 20


def test_a_stranger_sends_no_token() -> None:
    assert "Authorization" not in api(None).order.prepare("0123456789AB").request.headers


def test_an_order_number_never_leaves_its_place_in_the_address() -> None:
    request = api().order.prepare("../admin/products?x=1").request
    assert request.url.raw_path == b"/api/orders/..%2Fadmin%2Fproducts%3Fx%3D1"


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        ("partially refunded", {"state": "partially_refunded", "size": "100"}),
        ("ada@example.com", {"q": "ada@example.com", "size": "100"}),
    ],
)
def test_a_search_by_state_is_a_search_by_state(query: str, sent: dict[str, str]) -> None:
    assert dict(api().find_orders.prepare(query).request.url.params) == sent


@pytest.mark.parametrize(
    ("shown", "money"),
    [
        ("CN¥88.80", "CNY 88.80"),
        (" CN¥1,234.50\n", "CNY 1234.50"),
        ("CN¥100,000,000.01", "CNY 100000000.01"),
        ("$49.99", "USD 49.99"),
        ("HK$49.99", "HKD 49.99"),
        ("€0.01", "EUR 0.01"),
        ("¥8,880", "JPY 8880"),
        ("KWD\u00a01.250", "KWD 1.250"),
        ("HUF\u00a01,990.00", "HUF 1990.00"),
        ("-CN¥50.00", "CNY -50.00"),
        ("−CN¥50.00", "CNY -50.00"),
        ("CNY -50.00", "CNY -50.00"),
    ],
)
def test_an_amount_on_a_page_is_read_exactly(shown: str, money: str) -> None:
    assert amount(shown) == Money.parse(money)


@pytest.mark.parametrize(
    "shown",
    [
        "88.80",
        "88.80 €",
        "CN¥88,80",
        "$1,23.45",
        "$12,34,567.00",
        "€1.234,50",
        "CN¥88.805",
        "¥0.5",
        "A$5.00",
        "CNY",
        "",
    ],
)
def test_what_is_not_exactly_an_amount_is_not_guessed_at(shown: str) -> None:
    with pytest.raises(ValueError, match=r"amount|digits|currency"):
        amount(shown)


class OnePage:
    """A browser page that shows one thing wherever it is sent."""

    url = "https://shop.example/"

    def __init__(self, status: int = 200, **seen: Any) -> None:
        self._status = status
        nothing: dict[str, Any] = {"title": "Order", "path": "", "heading": "", "alert": "", "notice": "", "pairs": {}}
        self._seen = {**nothing, "rows": [], "entries": [], "sentences": [], "buttons": [], "choices": [], **seen}

    def goto(self, url: str, **_: Any) -> SimpleNamespace:
        return SimpleNamespace(url=url, status=self._status)

    def title(self) -> str:
        return str(self._seen["title"])

    def evaluate(self, _: str) -> dict[str, Any]:
        return self._seen


def web(page: OnePage) -> Web:
    target = SimpleNamespace(
        addresses=SimpleNamespace(web="https://shop.example"), guard=SimpleNamespace(check=lambda _: None)
    )
    return Web(target, page, None)  # type: ignore[arg-type]


def test_the_visible_message_of_a_refusal_is_its_evidence() -> None:
    page = OnePage(status=404, alert="There is nothing here.")
    assert web(page).order("0123456789AB") == Refused(Reason.NOT_FOUND, "There is nothing here.")


def test_a_button_that_is_not_there_is_a_refusal_by_the_state_or_by_the_role() -> None:
    paid = OnePage(heading="Order 0123456789AB", sentences=["Paid"])
    unpaid = OnePage(heading="Order 0123456789AB", sentences=["Unpaid"])
    refund, cancel = (lambda it: it.refund("1", Money.parse("CNY 1.00"))), (lambda it: it.cancel("1"))
    for page, verb, reason in (
        (paid, cancel, Reason.WRONG_STATE),
        (paid, refund, Reason.NOT_ALLOWED),
        (unpaid, refund, Reason.WRONG_STATE),
        (unpaid, cancel, Reason.NOT_ALLOWED),
    ):
        outcome = verb(web(page))
        assert isinstance(outcome, Refused)
        assert (outcome.reason, "does not offer" in outcome.message) == (reason, True)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (OnePage(status=502, title="Bad Gateway"), "answers 502, a page titled 'Bad Gateway'"),
        (OnePage(alert="The moon is full."), "it says 'The moon is full.', which the driver does not know"),
        (OnePage(title="Under construction"), "the page 'Under construction' at https://shop.example/ is not"),
        (OnePage(heading="Order 0123456789AB", sentences=["Molten", "Placed today"]), "molten"),
    ],
)
def test_an_unknown_page_is_a_fault_that_names_it(page: OnePage, words: str) -> None:
    with pytest.raises(TargetFault) as fault:
        web(page).order("0123456789AB")
    assert words in str(fault.value)


def test_the_driver_keeps_the_contract_in_full() -> None:
    assert contract_problems(load("reference"), {"api": Api, "web": Web}) == []


SERVED = [Known("alipay", "2021", 0.0), Known("wechatpay", "1900", 86_400.0)]


@pytest.mark.parametrize(
    ("own", "pays_with", "words"),
    [
        (["2021", "1"], ["alipay"], "merchants names '1', which the simulators do not serve"),
        (["2021"], ["alipay", "paypal"], "pays_with names paypal, and none of [providers] merchants is one"),
        (["2021", "1900"], ["alipay", "wechatpay"], "for 1900 it is 24 hours later than it is"),
    ],
)
def test_preflight_names_a_merchant_that_is_not_the_targets(own: list[str], pays_with: list[str], words: str) -> None:
    [problem] = merchant_problems(own, pays_with, SERVED)
    assert words in problem
    assert list(merchant_problems(["2021"], ["alipay"], SERVED)) == []


def test_preflight_names_a_verb_that_is_missing() -> None:
    without = {name: getattr(Api, name) for name in dir(Api) if name != "expire" and not name.startswith("__")}
    problems = contract_problems(load("reference"), {"api": type("Without", (), without), "web": Web})
    assert problems == ["the profile claims 'expiry', but the driver has no expire"]


def test_preflight_names_a_verb_with_other_parameters() -> None:
    class Swapped(Api):
        def expire(self, number: str) -> None: ...  # type: ignore[override]

    problems = contract_problems(load("reference"), {"api": Swapped, "web": Web})
    assert problems == ["api: expire(number) should be expire(order)"]
