"""Every check is seen to fail: with its defect it is red, by a finding and not by a fault; without any it is green.

Each defect starts an environment of its own, in a pytest process of its own, and runs its one check only. That takes
time: `make test` proves one of each family, drawn anew at each run, and `make proofs` all of them.
"""

import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from fixtures import defects
from fixtures.defects import Defect, Family
from fixtures.defects.patching import patched
from reports import journal
from tests.suite.commands import clean_environment

CATALOGUE = defects.catalogue()
SUITE = Path(__file__).parents[2]
GREEN = {"passed", "not_covered"}
"""A row that does not apply to a provider is not covered, by name."""


@dataclass(frozen=True)
class Seen:
    """What one pytest process saw: the outcomes of each check's rows, and its last words."""

    outcomes: dict[str, list[str]]
    told: str

    def of(self, check: str) -> list[str]:
        return self.outcomes.get(check, [])


IMPATIENT = {"ASHORE_PATIENCE": "4"}
"""A check that fails waits for what never comes: two thirds of these proofs' time, at the usual ten seconds."""


def run(folder: Path, checks: list[str], *options: str, **environment: str) -> Seen:
    """Run the checks in a new environment. Its journal and its defect's hits go to `folder`."""
    own = {"ASHORE_RUNS": str(folder / "runs"), "ASHORE_DEFECT_HITS": str(folder / "hits"), **environment}
    command = [sys.executable, "-m", "pytest", *checks, *options, "-q", "-p", "no:randomly", "-p", "no:xdist"]
    done = subprocess.run(command, cwd=SUITE, env=clean_environment(**own), capture_output=True, text=True, check=False)
    outcomes: dict[str, list[str]] = {}
    for each in (folder / "runs").glob("*"):
        for record in journal.read(each):
            if record["kind"] == "test":
                outcomes.setdefault(record["id"].partition("[")[0], []).append(record["outcome"])
    return Seen(outcomes, "\n".join([*done.stdout.splitlines()[-60:], done.stderr]))


def chosen(config: pytest.Config) -> list[Defect]:
    """One defect of each family, drawn by the run's seed; all of them for `make proofs`, and to choose from with -k."""
    if os.environ.get("ASHORE_PROOFS") == "all" or config.option.keyword:
        return list(CATALOGUE.values())
    drawn = random.Random(config.option.randomly_seed)
    return [drawn.choice([each for each in CATALOGUE.values() if each.family is family]) for family in Family]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "defect" in metafunc.fixturenames:
        metafunc.parametrize("defect", chosen(metafunc.config), ids=lambda defect: defect.id)


def test_its_check_is_red_with_the_defect(defect: Defect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ASHORE_DEFECT_HITS", str(tmp_path / "red" / "hits"))
    shortest = ["--exitfirst"] if len(defect.checks) == 1 else []
    checks = list(defect.checks)
    seen = run(tmp_path / "red", checks, "--defect", defect.id, "--via", defect.via, *shortest, **IMPATIENT)
    for check in checks:
        assert "failed" in seen.of(check), f"{check} stays green with {defect.id}: {seen.of(check)}\n{seen.told}"
        assert set(seen.of(check)) <= {"failed", *GREEN}, f"a fault proves nothing: {seen.of(check)}\n{seen.told}"
    assert defects.hits(defects.environment(defect.id))


@pytest.mark.parametrize("via", sorted({defect.via for defect in CATALOGUE.values()}))
def test_every_check_is_green_without_a_defect(via: str, tmp_path: Path, pytestconfig: pytest.Config):
    checks = list(dict.fromkeys(check for each in chosen(pytestconfig) if each.via == via for check in each.checks))
    if not checks:
        pytest.skip("none was drawn whose check needs this channel")
    seen = run(tmp_path, checks, "--via", via)
    not_green = {check: of for check in checks if not GREEN >= set(of := seen.of(check)) >= {"passed"}}
    assert not not_green, seen.told


def test_every_defect_fits_the_code_as_it_stands():
    for defect in CATALOGUE.values():
        for module in defect.modules:
            file = SUITE.joinpath(*module.split(".")).with_suffix(".py")
            compile(patched(defect, module, file.read_text("utf-8"), str(file)), str(file), "exec")


def test_every_family_has_defects_and_every_defect_tells_its_whole_story():
    assert {defect.family for defect in CATALOGUE.values()} == set(Family)
    for defect in CATALOGUE.values():
        told = (defect.title, defect.mechanism, defect.origin, defect.rule, *defect.checks)
        assert all(told), defect.id
        assert defect.cwe.startswith("CWE-"), defect.id
        assert f"fixtures.defects.{defect.family}" == _home(defect), f"{defect.id} stands in another family's file"


def test_every_scenario_is_one_that_a_defect_turns_red():
    command = [sys.executable, "-m", "pytest", "tests/acceptance", "--collect-only", "-q", "-p", "no:randomly"]
    listed = subprocess.run(command, cwd=SUITE, env=clean_environment(), capture_output=True, text=True, check=True)
    scenarios = {line.partition("[")[0] for line in listed.stdout.splitlines() if "::" in line}
    named = {check for each in CATALOGUE.values() for check in each.checks}
    assert scenarios - named == set(), "no defect shows that these can fail"
    assert {check for check in named if check.startswith("tests/acceptance/")} - scenarios == set(), "renamed or gone"


def test_every_defect_is_listed_with_its_id():
    listing = defects.listing()
    assert [defect for defect in CATALOGUE if defect not in listing] == []


def _home(defect: Defect) -> str:
    modules = (sys.modules[f"fixtures.defects.{family}"] for family in Family)
    return next(module.__name__ for module in modules if defect in module.DEFECTS)
