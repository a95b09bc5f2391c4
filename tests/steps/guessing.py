"""Guessing passwords, and sessions that somebody else has prepared."""

from __future__ import annotations

from pytest_bdd import given, then, when

from fixtures.actors.guesser import Guesser
from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.stage import Stage, unique
from fixtures.targets.contract import Done, Outcome, Reason, Refused, Session
from tests.steps.words import phrase

MOST_LOOKED_AT = 10
"""PCI DSS v4.0.1, requirement 8.3.4: an account is locked after no more than ten wrong passwords."""


@given(phrase("somebody has guessed {count:Count} wrong passwords for the shopper"))
def _(stage: Stage, shopper: Shopper, count: int) -> None:
    Guesser(stage.by_api).guesses(shopper.email, count)


@given(
    phrase("somebody has guessed {count:Count} wrong passwords for an unknown e-mail"), target_fixture="unknown_email"
)
def _(stage: Stage, count: int) -> str:
    email = unique("nobody") + "@example.com"
    Guesser(stage.by_api).guesses(email, count)
    return email


@when("the visitor signs in with the unknown e-mail", target_fixture="attempt")
def _(visitor: Shopper, unknown_email: str) -> Outcome[Session]:
    return visitor.signs_in(unknown_email, visitor.password)


@given("the visitor has signed in as the shopper")
def _(visitor: Shopper, shopper: Shopper) -> None:
    done(visitor.signs_in(shopper.email, shopper.password), "signing in as the shopper")


@when(phrase("somebody guesses {count:Count} passwords for the shopper at the same moment"), target_fixture="answers")
def _(stage: Stage, shopper: Shopper, count: int) -> list[Outcome[Session]]:
    return Guesser(stage.by_api).guesses_at_once(shopper.email, count)


@then("no more than ten of the guesses are looked at")
def _(answers: list[Outcome[Session]]) -> None:
    looked_at = [a for a in answers if not (isinstance(a, Refused) and a.reason is Reason.LOCKED_OUT)]
    assert 0 < len(looked_at) <= MOST_LOOKED_AT, f"{len(looked_at)} of {len(answers)} guesses were looked at"


@given("the visitor's browser holds a session that somebody else began", target_fixture="planter")
def _(stage: Stage, visitor: Shopper) -> Shopper:
    planter = Shopper.registered(stage, name="Mallory")
    planter.prepares_browser_of(visitor)
    return planter


@then("that session does not become the shopper's")
def _(planter: Shopper, shopper: Shopper) -> None:
    seen = planter.greeting()
    assert seen != Done(shopper.name), f"whoever planted the session is now signed in as {shopper.name}"
