"""Old runs, and the command `python -m reports`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reports import journal
from reports.__main__ import main
from reports.housekeeping import KEPT_RUNS, clean
from tests.suite.journals import Sample

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ASHORE_RUNS", str(tmp_path))
    return tmp_path


def old(runs: Path, days: int, verdict: str | None = "go", number: int = 0) -> Path:
    """A finished run that began so many days ago."""
    folder = runs / f"{NOW - timedelta(days=days):%Y%m%d-%H%M%S}-{number:06x}"
    (folder / "journal").mkdir(parents=True)
    if verdict:
        (folder / "verdict.json").write_text(f'{{"verdict": "{verdict}"}}')
    return folder


def test_the_last_twenty_runs_and_the_no_gos_of_thirty_days_stay(runs: Path) -> None:
    latest = [old(runs, 0, number=number) for number in range(KEPT_RUNS)]
    fresh_no_go, stale_no_go = old(runs, 29, "no-go"), old(runs, 31, "no-go")
    passed, killed = old(runs, 1), old(runs, 2, None)
    assert set(clean(NOW)) == {stale_no_go, passed, killed}
    assert set(journal.all_runs()) == {*latest, fresh_no_go}


def test_a_folder_that_a_person_named_and_a_living_run_stay(runs: Path) -> None:
    for number in range(KEPT_RUNS):
        old(runs, 0, number=number)
    named = Sample(runs / "release-7").finish()
    living = Sample(old(runs, 3))
    assert clean(NOW) == []
    living.finish()
    assert clean(NOW) == [living.folder]
    assert named.exists()


def test_clean_says_what_it_removes(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(KEPT_RUNS + 1):
        old(runs, number, number=number)
    assert main(["clean"]) == 0
    assert "1 runs removed. The last 20 runs stay" in capsys.readouterr().out


def test_render_writes_every_format_and_returns_the_verdicts_status(
    runs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = Sample(runs / "20261122-161530-aaaaaa")
    sample.complete()
    folder = sample.finish()
    assert main(["render"]) == 0
    assert "GO  Every gate holds: 5 checks passed" in capsys.readouterr().out
    assert {path.name for path in folder.iterdir()} == {
        "journal",
        "verdict.json",
        "index.html",
        "junit.xml",
        "cucumber.json",
    }


def test_merge_judges_the_runs_together(runs: Path) -> None:
    first = Sample(runs / "first", session="flows")
    first.complete(except_for=["security"])
    second = Sample(runs / "second", session="security")
    second.test("failed", gate="security")
    second.finish()
    first.finish()
    assert main(["merge", "first", "second", "--into", str(runs / "both")]) == 1
    assert (runs / "both" / "index.html").exists()


@pytest.mark.parametrize("words", [["render", "nowhere"], ["merge", "nowhere", "--into", "x"], ["render"]])
def test_a_wrong_name_gives_one_line(runs: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(words) == 4
    assert capsys.readouterr().err.count("\n") == 1
