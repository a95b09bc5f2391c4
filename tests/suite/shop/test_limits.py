"""How often the shop writes to anybody, and on whose account that is put."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.shop.errors import Code, Refusal
from fixtures.shop.limits import neighbourhood
from fixtures.shop.models import User
from fixtures.shop.settings import Settings
from fixtures.shop.shop import Shop

PASSWORD = "tr0ub4dor and 3"
PER_ACCOUNT, PER_ADDRESS = 3, 4


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/shop.db",
        password_time_cost=1,
        password_memory_kib=64,
        mails_per_account=PER_ACCOUNT,
        mails_per_address=PER_ADDRESS,
    )
    made = Shop(settings)
    made.database.migrate()
    return made


@pytest.fixture
def register(shop: Shop) -> Callable[[str], User]:
    return lambda name: shop.accounts.register(name, f"{name}@shopper.example", PASSWORD)


def answer(shop: Shop, user: User, email: str, origin: str = "192.0.2.1") -> Code | None:
    try:
        shop.email_change.ask(user, PASSWORD, email, origin)
    except Refusal as refusal:
        return refusal.code
    return None


def test_an_account_asks_for_so_many_new_emails_whatever_they_are(shop: Shop, register: Callable[[str], User]):
    user = register("lilei")
    answers = [answer(shop, user, f"new{n}@shopper.example", f"192.0.2.{n}") for n in range(PER_ACCOUNT + 1)]
    assert answers == [None] * PER_ACCOUNT + [Code.TOO_MANY_REQUESTS]


def test_who_tries_out_which_emails_are_taken_is_stopped(shop: Shop, register: Callable[[str], User]):
    user, other = register("lilei"), register("hanmeimei")
    answers = [answer(shop, user, other.email) for _ in range(PER_ACCOUNT + 1)]
    assert answers == [Code.EMAIL_TAKEN] * PER_ACCOUNT + [Code.TOO_MANY_REQUESTS]


def test_a_network_address_asks_for_so_many_new_emails_whoever_asks(shop: Shop, register: Callable[[str], User]):
    users = [register(f"user{n}") for n in range(PER_ADDRESS + 1)]
    answers = [answer(shop, user, f"new-{user.email}") for user in users]
    assert answers == [None] * PER_ADDRESS + [Code.TOO_MANY_REQUESTS]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("testclient", "testclient"),
    ],
)
def test_a_limit_counts_whoever_has_the_address_alone(address: str, counted: str):
    assert neighbourhood(address) == counted
