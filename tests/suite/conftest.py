"""The suite's own tests judge the suite: they start what they need themselves and need no target."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.option.target = "none"
