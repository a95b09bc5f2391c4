"""Accounts: registering, signing in and out, sessions, passwords."""

from __future__ import annotations

from collections.abc import Callable

from pytest_bdd import given, then, when

from fixtures.actors.outcomes import done, refused
from fixtures.actors.person import Person
from fixtures.actors.shopper import Shopper
from fixtures.actors.stage import Stage, good_password, unique
from fixtures.targets.contract import Outcome, Reason, Refused, Session
from tests.steps.words import phrase


def wide(email: str) -> str:
    """The full-width forms that stand for plain letters and digits, before the @ (Unicode, NFKC)."""
    user, _, host = email.partition("@")
    return "".join(chr(ord(letter) + 0xFEE0) if letter.isalnum() else letter for letter in user) + "@" + host


EMAILS: dict[str, Callable[[str], str]] = {"as it is": str, "in capital letters": str.upper, "in wide letters": wide}


@given(phrase("a visitor called {name}"), target_fixture="visitor")
def _(stage: Stage, name: str) -> Shopper:
    return Shopper(stage, name=name)


@when("the visitor registers", target_fixture="attempt")
def _(visitor: Shopper) -> Outcome[Session]:
    return visitor.registers()


@when(phrase("the visitor registers with the password {password}"), target_fixture="attempt")
def _(visitor: Shopper, password: str) -> Outcome[Session]:
    visitor.password = password
    return visitor.registers()


@when(phrase("the visitor registers with the shopper's e-mail {how}"), target_fixture="attempt")
def _(visitor: Shopper, shopper: Shopper, how: str) -> Outcome[Session]:
    return visitor.registers(EMAILS[how](shopper.email))


@then("the shop greets the visitor by name")
def _(visitor: Shopper) -> None:
    visitor.finds(lambda own: done(own.greeting(), "being greeted"), visitor.name, f"the name {visitor.name!r}")


@given("a shopper who is not signed in", target_fixture="visitor")
def _(stage: Stage, shopper: Shopper) -> Shopper:
    return Shopper(stage, name=shopper.name)


@when("the visitor signs in as the shopper", target_fixture="attempt")
def _(visitor: Shopper, shopper: Shopper) -> Outcome[Session]:
    return visitor.signs_in(shopper.email, shopper.password)


@when("the visitor signs in as the shopper with a wrong password", target_fixture="attempt")
def _(visitor: Shopper, shopper: Shopper) -> Outcome[Session]:
    return visitor.signs_in(shopper.email, good_password())


@then("an unknown user gets the same answer")
def _(stage: Stage, attempt: Refused) -> None:
    unknown = Shopper(stage).signs_in(unique("nobody") + "@example.com", good_password())
    assert unknown == attempt, f"a wrong password is answered by {attempt}, an unknown user by {unknown}"


@given("somebody has a copy of the shopper's session", target_fixture="elsewhere")
def _(shopper: Shopper) -> Person:
    return shopper.with_copied_session()


@given("the shopper is signed in on a second device", target_fixture="elsewhere")
def _(shopper: Shopper) -> Person:
    return shopper.on_second_device()


@when("the shopper signs out")
def _(shopper: Shopper) -> None:
    shopper.signs_out()


@given("the shopper has changed the password")
@when("the shopper changes the password")
def _(shopper: Shopper) -> None:
    done(shopper.changes_password(shopper.password, good_password()), "changing the password")


@when("the shopper changes the password giving a wrong old one", target_fixture="attempt")
def _(shopper: Shopper) -> Outcome[None]:
    return shopper.changes_password(good_password(), good_password())


@then("the copy is not signed in any more")
@then("the second device is not signed in any more")
def _(elsewhere: Person) -> None:
    refused(elsewhere.greeting(), Reason.NOT_SIGNED_IN, "greeting")
