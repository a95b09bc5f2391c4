"""The OpenAPI description of the target this run is about: the file that its profile names.

It is read when the tests are collected, so that every operation is a test with an id of its own and collecting needs
no running target; the suite's own tests prove the reference's file equal to what the running shop serves.
"""

from __future__ import annotations

import schemathesis
from schemathesis.schemas import BaseSchema

from fixtures.targets.profile import Profile

profile: Profile | None = None
"""Set by the conftest before these modules are collected."""

NOTHING = {"openapi": "3.1.0", "info": {"title": "nothing described", "version": "0"}, "paths": {}}


def schema() -> BaseSchema:
    """The description, with our own limits; an empty one when the target has none."""
    if profile is None or profile.description is None:
        return schemathesis.openapi.from_dict(NOTHING)
    return schemathesis.openapi.from_path(profile.file(profile.description))


def described() -> bool:
    """Whether the target has a description at all."""
    return profile is not None and profile.description is not None
