"""Refunds and who may make them."""

from pytest_bdd import scenarios

scenarios("refund")
