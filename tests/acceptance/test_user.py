"""Accounts and privacy."""

from pytest_bdd import scenarios

scenarios("user")
