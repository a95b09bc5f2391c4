"""The suite's own tests judge the suite: they start what they need themselves and need no target."""

import signal

import pytest

from tests.suite.providers import control, listener, simulators

__all__ = ["control", "listener", "simulators"]  # one program for all modules: its authority stands in the environment


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.option.target = "none"
    # a shell that starts this in the background has SIGINT ignored, and so would every program that the tests interrupt
    signal.signal(signal.SIGINT, signal.default_int_handler)
