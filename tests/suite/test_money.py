"""Money: exact in every currency, no float, no mixing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.money import Money, MoneyError, exponent

amounts = st.integers(-(10**15), 10**15)


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("CNY 88.80", 8880),
        ("JPY 500", 500),
        ("KWD 1.250", 1250),
        ("HUF 10.50", 1050),
        ("CLF 0.0001", 1),
        ("CNY 19.9", 1990),
    ],
)
def test_an_amount_is_read_exactly(text: str, minor: int) -> None:
    assert Money.parse(text).minor == minor


@pytest.mark.parametrize(
    "text", ["CNY 1.001", "JPY 0.5", "CNY 1e-3", "CNY NaN", "CNY Infinity", "CNY", "XXX 1", "QQQ 1", "CNY 一"]
)
def test_what_is_not_an_amount_of_the_currency_is_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        Money.parse(text)


def test_a_float_never_becomes_money() -> None:
    with pytest.raises(MoneyError):
        Money.of(19.9, "CNY")  # type: ignore[arg-type]
    with pytest.raises(MoneyError):
        Money(1990.0, "CNY")  # type: ignore[arg-type]


def test_currencies_do_not_mix() -> None:
    for operation in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__, Money.__gt__, Money.__ge__):
        with pytest.raises(MoneyError):
            operation(Money(1, "CNY"), Money(1, "USD"))


@given(amounts, st.sampled_from(["CNY", "JPY", "KWD", "CLF"]))
def test_an_amount_survives_being_written_and_read(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    assert Money.parse(str(money)) == money
    assert len(money.text.partition(".")[2]) == exponent(currency)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_an_allocation_sums_to_the_whole_and_no_part_is_a_unit_off(minor: int, weights: list[int]) -> None:
    parts = Money(minor, "CNY").allocate(weights)
    assert sum(part.minor for part in parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor * sum(weights) - minor * weight) < sum(weights)
