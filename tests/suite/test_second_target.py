"""One suite, any shop: a target built quite differently, attached, is judged by the same features.

What it lacks comes out as not covered, by name; what was not authorised is not done to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from fixtures.providers.client import ProviderControl
from fixtures.targets.launch import free_port
from tests.suite.commands import clean_environment
from tests.suite.providers import Simulators, launch

KIOSK = Path(__file__).parent / "kiosk"

PROFILE = """\
name = "Kiosk"
driver = "{driver}"
pays_with = ["paypal"]
capabilities = ["accounts", "selling", "checkout", "orders", "notifications"]
[web]
url = "{url}"
[api]
url = "{url}/rpc"
[providers]
control = "{control}"
token = {{ env = "KIOSK_CONTROL_TOKEN" }}
ca = "{ca}"
merchants = ["{merchant}"]
"""


@dataclass
class Running:
    """The kiosk at work, and the folder of its profile."""

    profile: Path
    simulators: Simulators
    url: str

    def judge(self, *arguments: str) -> tuple[int, dict[str, object]]:
        """Judge it; returns pytest's exit status and the verdict."""
        runs = self.profile / "runs"
        environment = clean_environment(KIOSK_CONTROL_TOKEN=self.simulators.token, ASHORE_RUNS=str(runs))
        command = [sys.executable, "-m", "pytest", "-q", "--target", str(self.profile), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        verdicts = sorted(runs.glob("*/verdict.json"))
        assert verdicts, f"no verdict was written:\n{done.stdout}\n{done.stderr}"
        return done.returncode, json.loads(verdicts[-1].read_text())


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("kiosk")
    simulators = launch(folder)
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    control = ProviderControl(f"{simulators.url}/control", simulators.token, simulators.trust)
    who = control.create_merchant("paypal", f"{url}/paypal-events")
    control.close()
    command = [sys.executable, str(KIOSK / "app.py"), str(port), who["base_url"]]
    command += [who["client_id"], who["client_secret"], who["webhook_id"]]
    with (folder / "kiosk.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, "SSL_CERT_FILE": str(simulators.ca)}, stdout=log, stderr=subprocess.STDOUT
        )
    wait_for(url, process)
    names = {"url": url, "driver": KIOSK / "driver.py", "control": f"{simulators.url}/control", "ca": simulators.ca}
    (folder / "target.toml").write_text(PROFILE.format(**names, merchant=who["merchant"]))
    yield Running(folder, simulators, url)
    process.terminate()
    process.wait(10)
    simulators.stop()


@pytest.mark.parametrize("via", ["web", "api"])
def test_it_is_judged_by_the_same_features_and_lacks_what_it_lacks(kiosk: Running, via: str) -> None:
    _, verdict = kiosk.judge("tests/acceptance", "--via", via, "-k", "checkout or order")
    counts, gaps = verdict["counts"], verdict["not_covered"]
    assert isinstance(counts, dict)
    assert counts.get("passed", 0) >= 4, f"hardly anything could be driven: {counts}"
    assert not counts.get("failed"), verdict["findings"]
    assert not counts.get("fault"), verdict
    assert counts.get("not_covered", 0) > 0
    for name in ("backoffice", "refunds", "coupons"):
        assert f"'{name}'" in json.dumps(gaps), f"the lack of {name!r} is not named"


def test_nobody_authorised_an_attack_so_there_is_none(kiosk: Running) -> None:
    _, verdict = kiosk.judge("tests/security", "tests/money", "--via", "api")
    counts = verdict["counts"]
    assert isinstance(counts, dict)
    assert set(counts) - {name for name, count in counts.items() if not count} <= {"not_covered", "total"}, counts
    assert "must authorise it by name" in json.dumps(verdict["not_covered"])


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until it answers; it is a fault of this test if it ends first."""
    while process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            httpx.get(url, trust_env=False)
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    raise AssertionError(f"the kiosk ended at once with status {process.returncode}; see its log")
