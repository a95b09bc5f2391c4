"""The states of an order, and the moves between them."""

from __future__ import annotations

import pytest
from pytest_bdd import given, when

from fixtures.actors.lives import Lives, Move
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator, Clerk
from fixtures.targets.contract import OrderState, Outcome
from tests.steps.words import phrase


@pytest.fixture
def lives(shopper: Shopper, clerk: Clerk, administrator: Administrator) -> Lives:
    return Lives(shopper, clerk, administrator)


@given(phrase("the shopper's order is {state:State}"))
def _(lives: Lives, state: OrderState) -> None:
    lives.reach(state)


@when(phrase("the order is to be {move:Move}"), target_fixture="attempt")
def _(lives: Lives, move: Move) -> Outcome[object]:
    return lives.tries(move)
