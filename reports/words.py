"""How the report says things: titles, amounts, durations."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from fixtures.money import Money, MoneyError
from reports.journal import Record

_AMOUNT = re.compile(r"\b([A-Z]{3} -?\d[\d,]*(?:\.\d+)?)\b")


def title(test: Record) -> str:
    """A scenario's name, else the test's own words, with its parameters."""
    scenario = test.get("scenario")
    if scenario:
        return str(scenario["name"])
    name, bracket, parameters = str(test["name"]).partition("[")
    return name.removeprefix("test_").replace("_", " ") + (f" [{parameters}" if bracket else "")


def money(minor: int, currency: str) -> str:
    """`CNY 88.80`; an unknown currency is shown as the journal has it."""
    try:
        return str(Money(minor, currency))
    except MoneyError:
        return f"{currency} {minor} (minor units)"


def figure(minor: int, currency: str) -> str:
    """The number alone, with its thousands set apart, for a table that names the currency."""
    try:
        return f"{Money(minor, currency).decimal:,}"
    except MoneyError:
        return f"{minor} (minor units)"


def amounts(text: object) -> Markup:
    """The text, escaped, with its amounts of money set off."""
    return Markup(_AMOUNT.sub(r"<b>\1</b>", str(escape(text))))


def duration(value: float) -> str:
    """`0.4 s`, `12 s`, `2 min 5 s`."""
    if value < 10:
        return f"{value:.1f} s"
    minutes, rest = divmod(round(value), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def seconds(test: Record) -> float:
    return float(sum(test["seconds"].values()))


def checks(number: int) -> str:
    """`1 check`, `2 checks`."""
    return f"{number} check" if number == 1 else f"{number} checks"
