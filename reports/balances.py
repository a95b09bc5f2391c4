"""The books of a run, added up by provider and currency."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from reports.run import Run
from reports.words import money

SUMS = ("ledger_payments", "ledger_refunds", "statement_payments", "statement_refunds", "difference")


class BooksRow(BaseModel):
    """The books of one provider and currency, in minor units; `orders` are the references that do not agree."""

    provider: str
    currency: str
    ledger_payments: int
    ledger_refunds: int
    statement_payments: int
    statement_refunds: int
    difference: int
    orders: list[dict[str, Any]]

    @property
    def unbalanced(self) -> bool:
        return bool(self.difference or self.orders)

    def __str__(self) -> str:
        """`alipay: ledger CNY 88.80, statement CNY 50.00, difference CNY 38.80`, refunds taken off."""
        ledger = money(self.ledger_payments - self.ledger_refunds, self.currency)
        statement = money(self.statement_payments - self.statement_refunds, self.currency)
        difference = money(self.difference, self.currency)
        return f"{self.provider}: ledger {ledger}, statement {statement}, difference {difference}"


def balances(run: Run) -> list[BooksRow]:
    """The rows of all environments, added up."""
    sums: dict[tuple[str, str], BooksRow] = {}
    for record in run.books:
        for row in map(BooksRow.model_validate, record.get("rows") or ()):
            total = sums.setdefault((row.provider, row.currency), row)
            if total is not row:
                for name in SUMS:
                    setattr(total, name, getattr(total, name) + getattr(row, name))
                total.orders += row.orders
    return [sums[key] for key in sorted(sums)]
