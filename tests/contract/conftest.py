"""Users and wire for the fuzzer: each operation gets users of its own, and every hop passes the guard."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.stage import Stage, good_password, unique
from fixtures.targets import Target, require
from fixtures.targets.contract import Accounts, Backoffice, Role, Session
from fixtures.targets.profile import ProfileError, load
from tests.contract import description


def pytest_configure(config: pytest.Config) -> None:
    with contextlib.suppress(ProfileError):  # told by the plugin that launches
        description.profile = load(config.option.target)


@pytest.fixture(params=[Role.SHOPPER, Role.ADMINISTRATOR], ids=str)
def user(by_api: Stage, request: pytest.FixtureRequest) -> Session:
    """A fresh user of the role, so that no operation's fuzzing can sign out another's."""
    if request.param is Role.SHOPPER:
        shopper = Shopper.registered(by_api)
        assert shopper.session is not None
        return shopper.session
    email, password = unique(request.param) + "@example.com", good_password()
    administrator = by_api.target.api(request.getfixturevalue("administrator_session"))
    done(require(administrator, Backoffice).create_staff(email, password, request.param), "hiring")
    return done(require(by_api.target.api(), Accounts).sign_in(email, password), "signing in")


@pytest.fixture
def call(target: Target) -> Iterator[dict[str, Any]]:
    """What every call of the fuzzer is sent with: where to, through the guard, trusting the target's authority."""
    where = description.address(target.addresses.api)
    with target.wire.session() as session:
        verify = session.verify  # schemathesis would put a choice of its own in its place
        yield {"base_url": where, "session": session, "verify": verify, "timeout": target.profile.access.seconds}


def identity(target: Target, session: Session) -> dict[str, str]:
    """The headers by which the target knows this user: what its driver's honest request has more than a stranger's."""
    own, anonymous = (
        require(target.api(who), Accounts).profile.prepare().request.headers  # type: ignore[attr-defined]
        for who in (session, None)
    )
    given = {name.decode(): value.decode() for name, value in own.raw}  # spelled as the driver does: the fuzzer minds
    return {name: value for name, value in given.items() if anonymous.get(name) != value}
