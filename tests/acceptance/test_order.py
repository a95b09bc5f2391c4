"""The life of an order and what is remembered of it."""

from pytest_bdd import scenarios

scenarios("order")
