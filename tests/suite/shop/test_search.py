"""Whose midnight ends a day of the search, which no driver knows; and that the file has what the search has."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from fixtures.shop.models import Order, User
from fixtures.shop.money import Money
from fixtures.shop.orders import Wanted
from fixtures.shop.settings import Settings
from fixtures.shop.shop import Shop

EVENING_IN_LONDON = datetime(2026, 3, 1, 17, 0, tzinfo=UTC)
FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    settings = Settings(
        database_url=f"sqlite:///{tmp_path}/shop.db",
        password_time_cost=1,
        password_memory_kib=64,
        time_zone="Asia/Shanghai",
    )
    made = Shop(settings)
    made.database.migrate()
    return made


@pytest.fixture
def buyer(shop: Shop) -> User:
    """Who has placed one order, on the second of March in Shanghai."""
    user = shop.accounts.register("Li Lei", "lilei@shopper.example", "tr0ub4dor and 3")
    shop.carts.put(user, shop.catalogue.create("Teapot", "", Money(8880, "CNY"), 1).id, 1)
    placed = shop.checkout.place(user)
    with shop.database.write() as db:
        db.get_one(Order, placed.id).placed_at = EVENING_IN_LONDON
    return user


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        (SECOND, SECOND, 1),
        (None, FIRST, 0),
        (None, SECOND, 1),
        (SECOND, None, 1),
        (THIRD, None, 0),
        (date.min, date.max, 1),
    ],
)
def test_a_day_of_the_search_is_the_business_own(
    shop: Shop, buyer: User, first: date | None, last: date | None, found: int
):
    wanted = Wanted(first=first, last=last)
    assert shop.orders.search(buyer, wanted, page=1, size=20).total == found
    assert len(list(shop.orders.every(buyer, wanted))) == found
