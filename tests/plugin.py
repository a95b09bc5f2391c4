"""What all stages share: how long Hypothesis searches, and a stage for checks that are not scenarios."""

from __future__ import annotations

import gc

import hypothesis.core
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import engine
from hypothesis.vendor import pretty

from fixtures.actors.stage import Stage
from fixtures.books import Books
from fixtures.providers.client import ProviderControl
from fixtures.targets import Target

_REMOTE = settings(
    deadline=None,  # a remote target's time is not what is judged
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
    print_blob=True,
)
settings.register_profile("quick", _REMOTE, max_examples=6, stateful_step_count=12)
settings.register_profile("ci", _REMOTE, max_examples=20, stateful_step_count=20)
settings.register_profile("nightly", _REMOTE, max_examples=200, stateful_step_count=40)
settings.load_profile("quick")

if not hasattr(engine, "MAX_SHRINKING_SECONDS"):
    raise ImportError("this Hypothesis bounds its shrinking in another way: look for the new one")
engine.MAX_SHRINKING_SECONDS = 45  # five minutes by default: against a remote target each step of it is a request


def pytest_sessionstart() -> None:
    """Let Hypothesis tell its examples: schemathesis silences them for speed, and here they are the evidence."""
    hypothesis.core.RepresentationPrinter = pretty.RepresentationPrinter


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: looking through it for garbage again and again is time lost."""
    gc.freeze()


@pytest.fixture
def by_api(target: Target, providers: ProviderControl, books: Books) -> Stage:
    """The actors' stage through the API, for checks that are not scenarios."""
    return Stage(target, providers, books, new_page=None)
