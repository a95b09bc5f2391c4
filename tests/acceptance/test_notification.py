"""What the providers tell the shop, honestly or not."""

from pytest_bdd import scenarios

scenarios("notification")
