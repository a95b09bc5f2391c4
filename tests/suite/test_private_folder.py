"""What a killed run leaves in its private folder, keys and mail among it, goes with the next launch."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from fixtures.targets.private import private_folder


def test_the_next_launch_removes_what_a_killed_one_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    names = (f"ashore-{ended.pid}-killed", f"ashore-{os.getppid()}-lives", "ashore-mine-not", "else")
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "key.pem").touch()
    with private_folder() as mine:
        assert Path(mine).parent == tmp_path
        assert {each.name for each in tmp_path.iterdir()} == {*names[1:], Path(mine).name}
    assert not Path(mine).exists()
