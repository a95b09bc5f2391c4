"""What people do with their account: a forgotten password, a new e-mail, name, addresses, and its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_bdd import given, then, when

from fixtures.actors.outcomes import done, refused, until_refused
from fixtures.actors.person import Person
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator
from fixtures.actors.stage import good_password, unique
from fixtures.actors.waiting import eventually
from fixtures.targets.contract import Address, Done, Outcome, Reason
from tests.steps.words import phrase

HOME = Address("王小明", "南京西路 1266 号", "上海", "200040", "CN")
ABROAD = Address("Łukasz O'Brien-Ñandú", "Åsögatan 7 & 9", "Stockholm", "116 29", "SE")
BOOK = {"at home": HOME, "abroad": ABROAD}


@pytest.fixture
def new_email() -> str:
    return unique("ada.new") + "@example.com"


@given("an hour has passed for the shopper")
def _(administrator: Administrator, shopper: Shopper) -> None:
    administrator.quietly.lets_time_pass(shopper, timedelta(hours=1))


@given(phrase("{hours:Count} hours have passed for the shopper"))
def _(administrator: Administrator, shopper: Shopper, hours: int) -> None:
    administrator.quietly.lets_time_pass(shopper, timedelta(hours=hours))


@given(phrase("the shopper has come by every hour for {hours:Count} hours"))
def _(administrator: Administrator, shopper: Shopper, hours: int) -> None:
    for _ in range(hours):
        shopper.quietly.greeting()
        administrator.quietly.lets_time_pass(shopper, timedelta(hours=1))


@then("the shopper is still signed in")
def _(shopper: Shopper) -> None:
    done(shopper.greeting(), "greeting")


@then("the shopper is not signed in any more")
def _(shopper: Shopper) -> None:
    refused(shopper.greeting(), Reason.NOT_SIGNED_IN, "greeting")


@given("the visitor has asked for a new password", target_fixture="ticket")
def _(visitor: Shopper, shopper: Shopper) -> str:
    return visitor.asks_for_mailed_reset(shopper.email)


@given("the visitor has asked for a new password once more", target_fixture="new_ticket")
def _(visitor: Shopper, shopper: Shopper) -> str:
    return visitor.asks_for_mailed_reset(shopper.email)


@given("another shopper has asked for a new password", target_fixture="ticket")
def _(visitor: Shopper, another_shopper: Shopper) -> str:
    return visitor.asks_for_mailed_reset(another_shopper.email)


@when(phrase("the visitor asks up to {count:Count} times for a new password"), target_fixture="attempt")
def _(visitor: Shopper, shopper: Shopper, count: int) -> Outcome[None]:
    return until_refused(lambda: visitor.asks_for_reset(shopper.email), count)[-1]


@then("an unknown e-mail is refused after as many requests")
def _(visitor: Shopper, shopper: Shopper, another_shopper: Shopper, new_email: str) -> None:
    known = until_refused(lambda: visitor.asks_for_reset(another_shopper.email), 20)
    unknown = until_refused(lambda: visitor.asks_for_reset(new_email), 20)
    assert unknown == known, f"an unknown e-mail is answered by {unknown}, a known one by {known}"


@when("the visitor asks for a new password for an unknown e-mail", target_fixture="attempt")
def _(visitor: Shopper, new_email: str) -> Outcome[None]:
    return visitor.asks_for_reset(new_email)


@then("the answer is the same for the shopper's e-mail")
def _(visitor: Shopper, shopper: Shopper, attempt: Outcome[None]) -> None:
    known = visitor.asks_for_reset(shopper.email)
    assert known == attempt, f"an unknown e-mail is answered by {attempt}, a known one by {known}"


@then("only the shopper is sent a mail")
def _(visitor: Shopper, shopper: Shopper, new_email: str) -> None:
    eventually(lambda: visitor.has_had_mail(shopper.email), bool, "a mail to the shopper")
    assert not visitor.has_had_mail(new_email), "a mail went to an address that nobody has registered"


@given("the visitor has chosen a new password with the mailed link")
def _(visitor: Shopper, shopper: Shopper, ticket: str) -> None:
    done(choose(visitor, shopper, ticket), "choosing a new password")


@when("the visitor chooses a new password with the mailed link", target_fixture="attempt")
@when("the visitor chooses a new password with that link", target_fixture="attempt")
@when("the visitor chooses a new password with the first link", target_fixture="attempt")
def choose(visitor: Shopper, shopper: Shopper, ticket: str) -> Outcome[str]:
    return _chosen(shopper, visitor.chooses_password(shopper.email, ticket))


@when("the visitor chooses a new password with the second link", target_fixture="attempt")
def _(visitor: Shopper, shopper: Shopper, new_ticket: str) -> Outcome[str]:
    return choose(visitor, shopper, new_ticket)


@when("the visitor chooses a new password with a made-up link", target_fixture="attempt")
def _(visitor: Shopper, shopper: Shopper) -> Outcome[str]:
    return choose(visitor, shopper, good_password())


@when(phrase("the visitor chooses the password {password} with a made-up link"), target_fixture="attempt")
def _(visitor: Shopper, shopper: Shopper, password: str) -> Outcome[str]:
    return visitor.chooses_password(shopper.email, good_password(), password)


@when(phrase("the visitor chooses the password {password} with the mailed link"), target_fixture="attempt")
def _(visitor: Shopper, shopper: Shopper, ticket: str, password: str) -> Outcome[str]:
    return _chosen(shopper, visitor.chooses_password(shopper.email, ticket, password))


def _chosen(owner: Shopper, outcome: Outcome[str]) -> Outcome[str]:
    """What the owner of the account signs in with from now on."""
    if isinstance(outcome, Done):
        owner.password = outcome.value
    return outcome


@then("the new password opens the account")
def _(visitor: Shopper, shopper: Shopper, attempt: Outcome[str]) -> None:
    password = done(attempt, "choosing a new password")
    done(visitor.signs_in(shopper.email, password), "signing in with the new password")


@then("the visitor can sign in as the shopper")
def _(visitor: Shopper, shopper: Shopper) -> None:
    done(visitor.signs_in(shopper.email, shopper.password), "signing in as the shopper")


@given("the shopper has asked for a new e-mail")
@when("the shopper asks for a new e-mail")
def _(shopper: Shopper, new_email: str) -> None:
    done(shopper.asks_for_email(new_email), "asking for a new e-mail")


@when("the shopper asks for a new e-mail giving a wrong password", target_fixture="attempt")
def _(shopper: Shopper, new_email: str) -> Outcome[None]:
    return shopper.asks_for_email(new_email, good_password())


@when("the shopper asks for another shopper's e-mail", target_fixture="attempt")
def _(shopper: Shopper, another_shopper: Shopper) -> Outcome[None]:
    return shopper.asks_for_email(another_shopper.email)


@when(phrase("the shopper asks for up to {count:Count} new e-mails"), target_fixture="attempt")
def _(shopper: Shopper, count: int) -> Outcome[None]:
    return until_refused(lambda: shopper.asks_for_email(f"{unique('ada.other')}@example.com"), count)[-1]


@when("the shopper opens the link mailed to the new e-mail", target_fixture="attempt")
def _(shopper: Shopper, new_email: str) -> Outcome[None]:
    return shopper.opens_mailed_link(new_email)


@given("the mail to the new e-mail has come")
def _(shopper: Shopper, new_email: str) -> None:
    eventually(lambda: shopper.has_had_mail(new_email), bool, "a mail to the new address")


@when("the visitor signs in with the new e-mail", target_fixture="attempt")
def _(visitor: Shopper, shopper: Shopper, new_email: str) -> Outcome[object]:
    return visitor.signs_in(new_email, shopper.password)


@then("the old e-mail is warned")
def _(shopper: Shopper) -> None:
    eventually(lambda: shopper.has_had_mail(shopper.email), bool, "a mail to the old address")


LONG = {"a name of 200 Chinese characters": "龘靐齉爩" * 50}


@given(phrase("the shopper is called {name}"))
@when(phrase("the shopper is called {name}"))
def _(shopper: Shopper, name: str) -> None:
    shopper.name = LONG.get(name, name)
    done(shopper.is_called(shopper.name), "taking another name")


@then("the shop greets the shopper by name")
def _(shopper: Shopper) -> None:
    shopper.finds(lambda own: done(own.greeting(), "being greeted"), shopper.name, f"the name {shopper.name!r}")


@given(phrase("the shopper has noted the address {where}"))
@when(phrase("the shopper notes the address {where}"))
def _(shopper: Shopper, where: str) -> None:
    done(shopper.notes_address(BOOK[where]), f"noting the address {where}")


@when("the shopper strikes the first address out")
def _(shopper: Shopper) -> None:
    done(shopper.strikes_address(shopper.quietly.addresses()[0].id), "striking an address out")


@when("another shopper strikes the shopper's address out", target_fixture="attempt")
def _(shopper: Shopper, another_shopper: Shopper) -> Outcome[None]:
    return another_shopper.strikes_address(shopper.quietly.addresses()[0].id)


@then(phrase("the address book holds {book}"))
def _(shopper: Shopper, book: str) -> None:
    expected = () if book == "nothing" else tuple(BOOK[where] for where in book.split(" and "))
    shopper.finds(_without_ids, expected, f"an address book of {book}")


@then("another shopper's address book holds nothing")
def _(another_shopper: Shopper) -> None:
    another_shopper.finds(_without_ids, (), "an empty address book")


def _without_ids(shopper: Shopper) -> tuple[Address, ...]:
    return tuple(replace(address, id="") for address in shopper.addresses())


@given("the shopper has closed the account")
@when("the shopper closes the account")
def _(shopper: Shopper) -> None:
    done(shopper.closes_account(), "closing the account")


@when("the shopper tries to close the account", target_fixture="attempt")
def _(shopper: Shopper) -> Outcome[None]:
    return shopper.closes_account()


@when("the shopper closes the account giving a wrong password", target_fixture="attempt")
def _(shopper: Shopper) -> Outcome[None]:
    return shopper.closes_account(good_password())


@when("the visitor registers with the shopper's old e-mail", target_fixture="attempt")
def _(visitor: Shopper, shopper: Shopper) -> Outcome[object]:
    return visitor.registers(shopper.email)


@then("the visitor has no orders")
def _(visitor: Shopper) -> None:
    visitor.finds(lambda own: done(own.looks_at_orders(), "reading the orders"), (), "no orders")


@then(phrase("{who:Who} finds no order by the shopper's e-mail"))
def _(people: Callable[[str], Person], shopper: Shopper, who: str) -> None:
    found = done(people(who).quietly.searches(shopper.email), "searching")
    assert not found, f"the e-mail still leads to {[order.number for order in found]}"


@then(phrase("neither the order nor its history names the shopper to {who:Who}"))
def _(people: Callable[[str], Person], shopper: Shopper, who: str) -> None:
    told = people(who).quietly.all_that_is_told_of(shopper.order.number)
    assert shopper.email not in told, f"the order still tells the e-mail: {told}"
    assert shopper.name not in told, f"the order still tells the name: {told}"
