"""The locks that PostgreSQL and MySQL take row by row. SQLite takes one for everything, so no race of it shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from fixtures.shop.database import Database
from fixtures.shop.models import User
from fixtures.shop.money import Money
from fixtures.shop.outbox import ASK
from fixtures.shop.settings import Settings
from fixtures.shop.shop import Shop

KEY = "the-same-form"


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(Settings(database_url=f"sqlite:///{tmp_path}/shop.db", password_time_cost=1, password_memory_kib=64))
    made.database.migrate()
    return made


@pytest.fixture
def buyer(shop: Shop) -> User:
    return shop.accounts.register("Li Lei", "lilei@shopper.example", "tr0ub4dor and 3")


def statements(database: Database) -> list[str]:
    """What is sent to the database from now on."""
    sent: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda _c, _u, statement, *_: sent.append(statement))
    return sent


def test_a_checkout_looks_for_its_key_behind_the_lock_of_the_cart(shop: Shop, buyer: User):
    shop.carts.put(buyer, shop.catalogue.create("Teapot", "", Money(8000, "USD"), 5).id, 1)
    sent = statements(shop.database)
    shop.checkout.place(buyer, KEY)
    tables = [table for each in sent for table in ("carts", "idempotency_keys") if f"FROM {table}" in each]
    assert tables[0] == "carts"
    assert "idempotency_keys" in tables


FIRST_USES: dict[str, Callable[[Shop, Session, User], Any]] = {
    "a cart": lambda shop, db, buyer: shop.carts.open(db, buyer),
    "a task": lambda shop, db, _: shop.outbox.add(db, ASK, "A_1"),
}


@pytest.mark.parametrize("first_use", FIRST_USES.values(), ids=FIRST_USES)
def test_of_two_who_need_a_row_first_the_second_finds_it(
    first_use: Callable[[Shop, Session, User], Any], shop: Shop, buyer: User, monkeypatch: pytest.MonkeyPatch
):
    with shop.database.write() as db:
        first_use(shop, db, buyer)
    with shop.database.write() as db, monkeypatch.context() as looking:
        looking.setattr(db, "scalar", lambda *_, **__: None)  # it looks a moment before the first one commits
        looking.setattr(db, "get", lambda *_, **__: None)
        first_use(shop, db, buyer)
