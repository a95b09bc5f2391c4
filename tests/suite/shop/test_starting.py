"""Two processes of the shop that start at the same moment on one empty database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fixtures.shop.settings import Settings
from fixtures.shop.shop import Shop

EMAIL, PASSWORD = "administrator@shop.example", "tr0ub4dor and 3"


def test_both_find_the_administrator_made_although_only_one_made_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/shop.db", password_time_cost=1, password_memory_kib=64)
    one, other = Shop(settings), Shop(settings)
    one.database.migrate()
    registers = one.accounts.register

    def is_overtaken(*account: Any) -> Any:
        other.accounts.ensure_administrator(EMAIL, PASSWORD)
        return registers(*account)

    monkeypatch.setattr(one.accounts, "register", is_overtaken)
    one.accounts.ensure_administrator(EMAIL, PASSWORD)
    assert [user.email for user in one.accounts.staff()] == [EMAIL]
    one.database.close()
    other.database.close()
