"""Buying: cart, coupons, currencies, and paying with each provider."""

from pytest_bdd import scenarios

scenarios("checkout")
