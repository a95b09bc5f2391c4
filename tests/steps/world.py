"""The people of a scenario, and what happens around it: its tags become markers, its books are balanced at its end."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fixtures.actors.bank import Bank
from fixtures.actors.person import Person
from fixtures.actors.postman import Postman
from fixtures.actors.shopper import Shopper
from fixtures.actors.staff import Administrator, Approver, Auditor, Clerk
from fixtures.actors.stage import Stage
from fixtures.books import Books
from fixtures.providers.client import ProviderControl, ProvidersFault
from fixtures.targets import Target
from fixtures.targets.contract import CAPABILITIES, NotCovered, Role, Session, TargetFault
from fixtures.targets.guard import ACCEPTANCE
from reports import traces
from reports.journal import evidence

TAGS = Path(__file__).parent.parent / "tags.toml"

FAILED = pytest.StashKey[bool]()
STEP_BEGAN = pytest.StashKey[datetime]()

Hire = Callable[[Role], Session]


def pytest_configure(config: pytest.Config) -> None:
    for tags in tomllib.loads(TAGS.read_text(encoding="utf-8")).values():
        for tag, meaning in tags.items():
            config.addinivalue_line("markers", f"{tag}: {meaning}")


def pytest_bdd_before_scenario(request: pytest.FixtureRequest) -> None:
    """A scenario needs the capabilities it is tagged with, and its channel."""
    having = request.getfixturevalue("target").capabilities
    for name in CAPABILITIES:
        if request.node.get_closest_marker(name) and name not in having:
            raise NotCovered(f"the target does not have the capability {name!r}")
    if request.node.get_closest_marker("web") and request.config.option.via == "api":
        raise NotCovered("through the API: the subject of this scenario is the page itself")


def pytest_bdd_before_step(request: pytest.FixtureRequest) -> None:
    request.node.stash[STEP_BEGAN] = datetime.now(UTC)


def pytest_bdd_step_error(request: pytest.FixtureRequest) -> None:
    """Keep the books as they stand. What hinders that is no news: the failed step is what the report is about."""
    request.node.stash[FAILED] = True
    try:
        request.getfixturevalue("books").record(request.node.stash[STEP_BEGAN])
    except (TargetFault, ProvidersFault, NotCovered) as error:
        evidence.note(f"the books could not be read: {error}")


def pytest_bdd_step_func_lookup_error(request: pytest.FixtureRequest) -> None:
    request.node.stash[FAILED] = True


def pytest_bdd_after_scenario(request: pytest.FixtureRequest) -> None:
    """Balance the books of the scenario's own orders, unless it has failed already for a reason of its own."""
    if not request.node.stash.get(FAILED, False):
        request.getfixturevalue("books").balanced()


@pytest.fixture
def stage(request: pytest.FixtureRequest, target: Target, providers: ProviderControl, books: Books, via: str) -> Stage:
    """Where the scenario plays. A browser is started only when a page is asked for."""

    def new_page(**options: Any) -> Any:
        attacks = target.guard.stage != ACCEPTANCE  # a buyer goes where pages lead; an attacker where it is authorised
        if attacks:
            options["proxy"] = {"server": target.gate.url, "bypass": "<-loopback>"}
        elif proxy := target.profile.access.proxy:
            options["proxy"] = {"server": proxy}
        context = request.getfixturevalue("new_context")(**options)
        if attacks:
            target.guard.watch(context)
        if request.config.option.tracing == "off":  # else pytest-playwright keeps traces of its own
            traces.begin(context)
        return context.new_page()

    return Stage(target, providers, books, new_page if via == "web" else None)


@pytest.fixture
def people(request: pytest.FixtureRequest) -> Callable[[str], Person]:
    """Whoever a phrase names."""
    return request.getfixturevalue


@pytest.fixture
def shopper(stage: Stage) -> Shopper:
    return Shopper.registered(stage)


@pytest.fixture
def another_shopper(stage: Stage) -> Shopper:
    return Shopper.registered(stage)


@pytest.fixture
def stranger(stage: Stage) -> Person:
    """Nobody in particular: not signed in."""
    return Person(stage)


@pytest.fixture
def administrator(request: pytest.FixtureRequest, stage: Stage) -> Administrator:
    """The administrator; where the target has none, somebody who can do what needs no signing in."""
    known = bool(stage.target.addresses.administrator)
    return Administrator(stage, request.getfixturevalue("administrator_session") if known else None)


@pytest.fixture(scope="session")
def hired() -> dict[Role, Session]:
    """The staff of this run, hired once per role and process: a password's hash costs more than a page."""
    return {}


@pytest.fixture
def hire(administrator: Administrator, hired: dict[Role, Session]) -> Hire:
    def by_role(role: Role) -> Session:
        if role not in hired:
            hired[role] = administrator.quietly.hires(role)
        return hired[role]

    return by_role


@pytest.fixture
def clerk(stage: Stage, hire: Hire) -> Clerk:
    return Clerk(stage, hire(Role.CLERK))


@pytest.fixture
def approver(stage: Stage, hire: Hire) -> Approver:
    return Approver(stage, hire(Role.APPROVER))


@pytest.fixture
def auditor(stage: Stage, hire: Hire) -> Auditor:
    return Auditor(stage, hire(Role.AUDITOR))


@pytest.fixture
def bank(providers: ProviderControl) -> Bank:
    return Bank(providers)


@pytest.fixture
def postman(providers: ProviderControl, target: Target) -> Postman:
    return Postman(providers, target.wire)
