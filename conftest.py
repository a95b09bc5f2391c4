"""The list of plugins, nothing else."""

pytest_plugins = [
    "fixtures.plugin",
    "reports.plugin",
    "tests.plugin",
    "tests.steps.world",
    "tests.steps.signing_in",
    "tests.steps.keeping_account",
    "tests.steps.guessing",
    "tests.steps.buying",
    "tests.steps.bargaining",
    "tests.steps.totalling",
    "tests.steps.paying",
    "tests.steps.notifying",
    "tests.steps.refunding",
    "tests.steps.returning",
    "tests.steps.moving",
    "tests.steps.racing",
    "tests.steps.recording",
    "tests.steps.looking",
    "tests.steps.troubling",
    "tests.steps.results",
]
