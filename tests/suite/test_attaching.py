"""A target that runs for a person is judged as it stands: whatever has happened there, and by two testers at once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.targets.launch import free_port
from tests.suite.commands import PYTEST, TARGETS, Command


@pytest.fixture
def running(tmp_path: Path) -> Iterator[str]:
    """The path of the profile that a running shop tells."""
    ports = ("--port", str(free_port()), "--providers-port", str(free_port()))
    shop = Command(tmp_path, *TARGETS, "run", "reference", *ports)
    shop.reaches(lambda: "Ctrl-C" in shop.output)
    [profile] = re.findall(r"make accept TARGET=(\S+)", shop.output)
    yield profile
    shop.interrupt(group=False)
    assert shop.ends() == 0
    assert not Path(profile).exists(), "the profile is left, with the secrets of what is gone"


def judge(folder: Path, profile: str) -> Command:
    folder.mkdir()
    return Command(folder, *PYTEST, "tests/acceptance", "-m", "smoke", f"--target={profile}", "--via", "api", "-q")


def test_two_testers_at_once_on_one_environment_are_both_green(running: str, tmp_path: Path) -> None:
    testers = [judge(tmp_path / name, running) for name in ("one", "other")]
    for tester in testers:
        assert tester.ends(240) == 0, tester.output
        assert tester.verdict["verdict"] == "selection passed", tester.verdict["sentence"]


def test_what_runs_is_not_attacked_unless_somebody_says_so(running: str, tmp_path: Path) -> None:
    attack = Command(tmp_path, *PYTEST, "tests/security/test_tampering.py", f"--target={running}", "--via", "api", "-q")
    attack.ends(120)
    assert attack.verdict["counts"].get("passed", 0) == 0, attack.output
