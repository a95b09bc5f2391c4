"""The books: any difference between ledger and statement is found, with its order and amount."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.books import AT_ONCE, Books, balance, balance_everything
from fixtures.money import Money
from fixtures.providers.client import LedgerEntry
from fixtures.targets.contract import Done, Outcome, Provider, StatementEntry


def moved(reference: str, amount: str, kind: str = "payment", merchant: str = "m1") -> LedgerEntry:
    return LedgerEntry("alipay", merchant, reference, kind, Money.parse(amount), "trade", None)


def told(reference: str, amount: str, kind: str = "payment") -> StatementEntry:
    return StatementEntry(f"order of {reference}", Provider.ALIPAY, reference, kind, Money.parse(amount))


class Ledger:
    """A provider's side that never changes."""

    def __init__(self, *entries: LedgerEntry) -> None:
        self.entries = entries

    def ledger(self, provider: str | None = None, reference: str | None = None) -> list[LedgerEntry]:
        return [e for e in self.entries if provider in (None, e.provider) and reference in (None, e.reference)]


class Told:
    """A target's side that never changes."""

    def __init__(self, *entries: StatementEntry) -> None:
        self.entries = entries

    def statement(self, orders: list[str]) -> Outcome[tuple[StatementEntry, ...]]:
        assert len(orders) <= AT_ONCE
        return Done(tuple(e for e in self.entries if e.order in orders))

    def whole_statement(self) -> Outcome[tuple[StatementEntry, ...]]:
        return Done(self.entries)


def test_equal_sides_balance() -> None:
    found = balance(
        [moved("a", "CNY 88.80"), moved("a", "CNY 50.00", "refund")],
        [told("a", "CNY 88.80"), told("a", "CNY 50.00", "refund")],
    )
    assert found.differences == ()
    assert [row.difference for row in found.rows] == [0]


@pytest.mark.parametrize(
    ("ledger", "statement", "words"),
    [
        ([moved("a", "CNY 88.80")], [], "the provider moved CNY 88.80, the target says CNY 0.00"),
        ([], [told("a", "CNY 88.80")], "the provider moved CNY 0.00, the target says CNY 88.80"),
        ([moved("a", "CNY 88.80")], [told("a", "CNY 88.79")], "the target says CNY 88.79"),
        ([moved("a", "CNY 1.00"), moved("a", "CNY 1.00")], [told("a", "CNY 1.00")], "the provider moved CNY 2.00"),
        ([moved("a", "JPY 500")], [told("a", "CNY 5.00")], "the provider moved JPY 500, the target says JPY 0"),
        ([moved("a", "CNY 5.00", "refund")], [told("a", "CNY 5.00")], "refund: the provider moved CNY 5.00"),
        ([moved("a", "CNY 5.00"), moved("b", "CNY 5.00")], [told("a", "CNY 10.00")], "alipay b"),
    ],
)
def test_a_difference_is_named_with_its_amount(
    ledger: list[LedgerEntry], statement: list[StatementEntry], words: str
) -> None:
    found = balance(ledger, statement)
    assert words in "; ".join(map(str, found.differences))


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 999), st.sampled_from(["payment", "refund"])), min_size=1)
)
def test_leaving_any_entry_out_is_found(entries: list[tuple[str, int, str]]) -> None:
    ledger = [LedgerEntry("alipay", "m1", ref, kind, Money(minor, "CNY"), "", None) for ref, minor, kind in entries]
    lines = [StatementEntry("o", Provider.ALIPAY, ref, kind, Money(minor, "CNY")) for ref, minor, kind in entries]
    assert not balance(ledger, lines).differences
    assert balance(ledger[1:], lines).differences
    assert balance(ledger, lines[1:]).differences


def test_a_scenario_sees_money_of_an_attempt_that_the_target_never_tells_of() -> None:
    books = Books(Ledger(moved("a", "CNY 1.00"), moved("second", "CNY 1.00")), lambda: Told(told("a", "CNY 1.00")))  # type: ignore[arg-type]
    books.watch("order of a")
    books.balanced(0)
    books.watch_payment("alipay", "second")
    with pytest.raises(AssertionError, match=r"alipay second .* the provider moved CNY 1.00"):
        books.balanced(0)


def test_another_merchants_money_is_foreign_and_the_targets_own_is_not() -> None:
    ledger = Ledger(moved("a", "CNY 1.00"), moved("b", "CNY 9.00", merchant="m2"))
    found, foreign = balance_everything(ledger, Told(told("a", "CNY 1.00")), ["m1"], 0)  # type: ignore[arg-type]
    assert not found.differences
    assert [entry.reference for entry in foreign] == ["b"]
    found, _ = balance_everything(ledger, Told(), ["m1"], 0)  # type: ignore[arg-type]
    assert found.differences, "a target that tells nothing does not get away with it"


def test_the_books_of_many_orders_are_asked_for_in_parts() -> None:
    references = [str(number) for number in range(2 * AT_ONCE + 1)]
    ledger = Ledger(*(moved(each, "CNY 1.00") for each in references))
    books = Books(ledger, lambda: Told(*(told(each, "CNY 1.00") for each in references[:-1])))  # type: ignore[arg-type]
    for each in references:
        books.watch(f"order of {each}")
        books.watch_payment("alipay", each)
    with pytest.raises(AssertionError, match=rf"alipay {references[-1]} .* the provider moved CNY 1.00") as found:
        books.balanced(0)
    assert str(found.value).count("alipay") == 1, "the orders of every part are told"
