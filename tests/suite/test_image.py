"""The image of the simulators, without an engine to build it: what the Containerfile copies and installs is enough."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
STEPS = re.sub(r"\\\n", " ", (ROOT / "Containerfile").read_text("utf-8"))


def test_it_starts_with_nothing_but_what_the_image_holds(tmp_path: Path) -> None:
    copy_into(tmp_path / "image")
    link_packages(tmp_path / "packages", installed())
    entry = re.findall(r"^ENTRYPOINT (.*)$", STEPS, re.M)[0]
    command = [sys.executable, "-S", *json.loads(entry)[1:], "--state", str(tmp_path / "state"), "--proxy-port", "0"]
    environment = {"PYTHONPATH": str(tmp_path / "packages"), "TOKEN": "t", "PATH": os.environ["PATH"]}
    with subprocess.Popen(
        [*command, "--control-token-env", "TOKEN"], cwd=tmp_path / "image", env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        said = process.stdout.readline()
        process.kill()
        rest = process.stdout.read()
    assert '"ready": true' in said, f"the image would not start:\n{said}{rest}"


def test_every_package_has_its_version_from_the_lock() -> None:
    pinned = {line.partition("==")[0] for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()}
    loose = {name for name in installed() if Requirement(name).name not in pinned}
    assert not loose, f"not in requirements.txt, so any version would do: {sorted(loose)}"


def test_what_it_copies_is_not_ignored() -> None:
    sent = set((ROOT / ".dockerignore").read_text("utf-8").splitlines())
    assert {f"!{source}" for source, _ in copied()} <= sent


def installed() -> list[str]:
    """The packages that pip is told to install, within the versions of the lock."""
    found = re.search(r"pip install .*-c requirements\.txt([^&\n]*)", STEPS)
    assert found, "the Containerfile installs nothing by `pip install … -c requirements.txt`"
    return shlex.split(found[1])


def copied() -> list[tuple[str, str]]:
    """Each COPY: what, and the file or folder it becomes."""
    found = []
    for line in re.findall(r"^COPY (.*)$", STEPS, re.M):
        *sources, target = line.split()
        into = target == "." or target.endswith("/")
        found += [(source, f"{target}/{Path(source).name}" if into else target) for source in sources]
    return found


def copy_into(folder: Path) -> None:
    for source, target in copied():
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, folder / target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, folder / target)


def link_packages(folder: Path, names: list[str]) -> None:
    """A folder for PYTHONPATH that holds these packages and what they require, and no others of this environment."""
    folder.mkdir()
    waiting = [Requirement(name) for name in names]
    seen = set()
    while waiting:
        wanted = waiting.pop()
        if str(wanted) in seen:
            continue
        seen.add(str(wanted))
        package = distribution(wanted.name)
        for top in {file.parts[0] for file in package.files or [] if file.parts[0] not in ("..", "__pycache__")}:
            if not (folder / top).exists():
                (folder / top).symlink_to(Path(str(package.locate_file(top))))
        for requirement in map(Requirement, package.requires or []):
            extras = wanted.extras or {""}
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
                waiting.append(requirement)
