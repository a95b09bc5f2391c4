"""bandit over the target's source, when its profile names it: nothing of medium severity or more."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from fixtures.targets import Target
from fixtures.targets.contract import NotCovered


@pytest.mark.check(
    rule="the source holds no weakness that a scanner knows",
    standards=["ASVS-v5.0.0-15.1.1", "CWE-710"],
    severity="medium",
    gate="source",
)
def test_the_scan_of_the_source_finds_nothing(target: Target) -> None:
    if target.profile.source is None:
        raise NotCovered("the source: the profile names none")
    folder = target.profile.file(target.profile.source)
    command = [sys.executable, "-m", "bandit", "-r", str(folder), "-f", "json", "-q", "--severity-level", "medium"]
    scan = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(scan.stdout)
    assert report["metrics"]["_totals"]["loc"] > 0, f"bandit found no Python source in {folder}"
    assert not report["errors"], f"bandit could not read {report['errors']}"
    found = [
        f"{issue['filename']}:{issue['line_number']}: {issue['issue_text']} "
        f"({issue['test_id']}, CWE-{issue['issue_cwe'].get('id')}, {issue['issue_severity'].lower()})"
        for issue in report["results"]
    ]
    assert not found, "\n".join(found)
