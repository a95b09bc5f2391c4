"""The list of plugins, nothing else."""

pytest_plugins = [
    "fixtures.plugin",
    "reports.plugin",
    "tests.plugin",
]
