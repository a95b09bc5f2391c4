"""Each role against each operation of the target's description: who is not named for it is refused before anything."""

from __future__ import annotations

import contextlib

import pytest

from fixtures.actors.outcomes import done
from fixtures.actors.shopper import Shopper
from fixtures.actors.stage import Stage
from fixtures.targets import require
from fixtures.targets.contract import Accounts, Guests, NotCovered, Provider, Role, Session
from fixtures.targets.profile import ProfileError
from tests.contract.conftest import identity
from tests.security.conftest import Buy
from tests.security.roles import GUEST, Operation, Roles, roles_of
from tests.steps.world import Hire

REFUSED_TO_NOBODY, REFUSED = 401, 403


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each operation; one that is not covered where the profile does not say who may."""
    if "operation" not in metafunc.fixturenames:
        return
    operations: list[Operation | None] = []
    with contextlib.suppress(ProfileError):  # told by the plugin that launches
        operations = list(roles_of(metafunc.config.option.target).operations)
    metafunc.parametrize("operation", operations or [None], ids=lambda one: one.id if one else "none")


@pytest.fixture
def roles(request: pytest.FixtureRequest) -> Roles:
    found = roles_of(request.config.option.target)
    if not found.operations:
        raise NotCovered("who may call which operation: the profile names no description with its roles")
    return found


@pytest.mark.check(
    rule="every operation is for those who are named for it, and for nobody else",
    standards=["CWE-862", "CWE-863", "WSTG-ATHZ-02", "API5:2023", "ASVS-v5.0.0-8.2.1"],
    severity="critical",
)
def test_an_operation_is_for_its_roles_only(
    by_api: Stage, hire: Hire, shopper_with_order: Buy, roles: Roles, operation: Operation
) -> None:
    buyer = shopper_with_order(Provider.ALIPAY)
    names = {"order": buyer.order.number, "product": buyer.order.lines[0].product}
    wrong = []
    guests = [GUEST] if "guests" in by_api.target.capabilities else []
    for role in (None, *Role, *guests):
        request = roles.request(operation, by_api.target.addresses.api, **names)
        request.headers.update(identity(by_api.target, _session(by_api, buyer, hire, role)) if role else {})
        status = by_api.target.wire.send(request).status_code
        allowed = roles.allow(role, operation)
        expected = "neither 401 nor 403" if allowed else str(REFUSED if role else REFUSED_TO_NOBODY)
        right = status not in (REFUSED_TO_NOBODY, REFUSED) if allowed else str(status) == expected
        if not right or status >= 500:
            wrong.append(f"{role or 'nobody'}: {status}, not {expected}")
    assert not wrong, f"{operation.method} {operation.path}: {'; '.join(wrong)}"


@pytest.mark.check(
    rule="somebody has said who may call each operation",
    standards=["CWE-862", "API9:2023", "ASVS-v5.0.0-8.1.1"],
    severity="high",
)
def test_every_operation_has_its_roles(roles: Roles) -> None:
    described = {operation.id for operation in roles.operations}
    assert described - roles.named() == set(), "nobody is named for these operations"
    assert roles.named() - described == set(), "these operations are not in the description"


def _session(stage: Stage, buyer: Shopper, hire: Hire, role: Role | str) -> Session:
    """A session of its own for each call: one of the operations ends it."""
    if role == GUEST:
        return done(require(stage.target.api(), Guests).arrive(), "going on as a guest")
    session = buyer.session if role is Role.SHOPPER else hire(Role(role))
    assert session is not None
    return done(require(stage.target.api(), Accounts).sign_in(session.email, session.password), "signing in")
