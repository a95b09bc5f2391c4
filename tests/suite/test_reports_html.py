"""The report: everything is in the one page, nothing hostile is more than text, and every figure is the journal's."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page

from reports.html import render
from reports.words import amounts, duration, money
from tests.suite.journals import Sample, row, scenario

HOSTILE = "\"'><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\"></pre>{{ 7 * 7 }}"


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, str]:
    """A browser for a file; it needs no target."""
    return {}


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    return Sample(tmp_path / "run")


def exchange(**fields: object) -> dict[str, object]:
    sides = {
        f"{side}_{part}": empty for side in ("request", "response") for part, empty in (("headers", {}), ("body", ""))
    }
    return {"method": "GET", "url": "/", "status": 200, "milliseconds": 4.2, "note": "", "times": 1, **sides, **fields}


def hostile(sample: Sample) -> Path:
    """A run in which the target controls every text it can reach."""
    taken = exchange(
        url=HOSTILE, request_body=HOSTILE, response_body=HOSTILE, response_headers={HOSTILE: HOSTILE}, note=HOSTILE
    )
    evidence = {
        "exchanges": [taken],
        "exchanges_sent": 1,
        "screenshots": [{"path": "../../../etc/passwd", "caption": HOSTILE}],
        "notes": [HOSTILE],
        "books": [[{**row(ledger=1), "orders": [{"reference": HOSTILE, "why": HOSTILE}]}]],
        "comparison": {"op": "==", "seen": HOSTILE, "expected": HOSTILE},
        "trace": HOSTILE,
        "output": HOSTILE,
        "example": HOSTILE,
        "repeat": HOSTILE,
    }
    told = scenario("passed", "failed", "skipped", name=HOSTILE)
    told["steps"][0].update(text=HOSTILE, table=[[HOSTILE]], docstring=HOSTILE)
    told["feature"].update(name=HOSTILE, description=HOSTILE)
    check = {"rule": HOSTILE, "standards": [HOSTILE], "severity": HOSTILE}
    sample.test("failed", message=HOSTILE, scenario=told, check=check, tags=[HOSTILE], **evidence)
    sample.test("failed", gate=HOSTILE, id=HOSTILE, name=HOSTILE, message=HOSTILE, check=check, **evidence)
    sample.test("fault", gate="money", message=HOSTILE, **evidence)
    sample.test("not_covered", gate="security", message=HOSTILE)
    sample.planned(f"{HOSTILE}::test", "money")
    sample.journal.write("target", name=HOSTILE, version=HOSTILE, **{HOSTILE: HOSTILE})
    sample.journal.write("fault", message=HOSTILE)
    sample.balanced({**row(provider=HOSTILE, currency="CNY"), "orders": [{"why": HOSTILE}]}, environment="x")
    sample.balanced(row(currency=HOSTILE), environment="y")
    return render(sample.finish())


def test_hostile_evidence_stays_text(sample: Sample, page: Page) -> None:
    path = hostile(sample)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    assert page.title().startswith("NO-GO")
    assert complaints == []
    assert [url for url in requests if not url.startswith("data:")] == [path.as_uri()]
    assert page.locator("script").count() == 1
    assert page.get_by_text("{{ 7 * 7 }}").count() > 20
    assert path.read_text().count("<script") == 1


def test_the_page_needs_nothing_from_elsewhere(sample: Sample) -> None:
    sample.complete()
    text = render(sample.finish()).read_text()
    assert not re.findall(r"""(?:src|href|url\()\s*=?["'(]*(?:https?:)?//""", text)
    assert "default-src 'none'" in unescape(text)


def test_verdict_gates_and_figures_are_told(sample: Sample, page: Page) -> None:
    sample.complete()
    sample.test("not_covered", gate="money", message="the capability coupons")
    page.goto(render(sample.finish()).as_uri())
    assert page.get_by_role("heading", level=1).inner_text() == "Go"
    assert page.locator(".gate.passed").count() == 6
    assert page.locator(".gate", has_text="Money").get_by_text("1 of 2 passed").is_visible()
    assert page.locator("#uncovered").get_by_text("the capability coupons").is_visible()
    assert page.locator("#books").get_by_text("88.80").count() >= 4


def test_a_finding_shows_rule_amounts_steps_exchange_picture_and_command(sample: Sample, page: Page) -> None:
    picture = sample.journal.evidence_file(".png")
    Image.new("RGB", (320, 200), "white").save(picture)
    sample.test(
        "failed",
        scenario=scenario("passed", "passed", "failed"),
        message="the refund was taken\nassert Done() == Refused()",
        comparison={"op": "==", "seen": "CNY 88.81", "expected": "CNY 88.80"},
        exchanges=[exchange(method="POST", url="https://shop/refunds", status=201)],
        screenshots=[{"path": f"evidence/{picture.name}", "caption": "https://shop/order"}],
        repeat=".venv/bin/pytest 'tests/acceptance/test_refund.py::test_it' --via=web",
    )
    page.goto(render(sample.finish()).as_uri())
    finding = page.locator("#finding-1")
    assert (
        finding.get_by_role("heading", level=3)
        .inner_text()
        .startswith("1. Broken: “A refund never exceeds what is left")
    )
    assert finding.locator(".message").inner_text() == "the refund was taken"
    assert finding.locator(".comparison").inner_text().split("\n") == ["Seen", "CNY 88.81", "Expected", "CNY 88.80"]
    assert finding.locator("li.failed").inner_text().endswith("because it exceeds the captured amount 0.3 s")
    assert finding.locator(".status").inner_text() == "201"
    assert finding.locator("img").evaluate("(image) => image.naturalWidth") == 320
    assert "--via=web" in finding.locator(".command").inner_text()


def test_scenarios_are_filtered_by_outcome_and_words(sample: Sample, page: Page) -> None:
    sample.test(id="tests/acceptance/a.py::a", scenario=scenario(name="A refund in full"))
    sample.test("failed", id="tests/acceptance/a.py::b", scenario=scenario(name="A refund too large"))
    page.goto(render(sample.finish()).as_uri())
    shown = page.locator("details.scenario:visible .name")
    assert shown.all_inner_texts() == ["A refund in full", "A refund too large"]
    page.get_by_role("button", name="Failed").click()
    assert shown.all_inner_texts() == ["A refund too large"]
    page.get_by_role("button", name="All", exact=True).click()
    page.get_by_label("Find").fill("in full")
    assert shown.all_inner_texts() == ["A refund in full"]


def test_the_same_scenario_through_two_channels_is_told_apart(sample: Sample) -> None:
    for via in ("web", "api"):
        sample.begin(via, via=via)
        sample.test(scenario=scenario())
    text = render(sample.finish()).read_text()
    assert text.count('class="scenario"') == 2
    assert text.count('<span class="chip">web</span>') == text.count('<span class="chip">api</span>') == 1


def test_movements_of_other_merchants_are_told_by_merchant(sample: Sample, page: Page) -> None:
    foreign = {"provider": "wechatpay", "merchant": "1900000109", "reference": "D1_1", "amount": "CNY 81.00"}
    sample.journal.write("books", scope="run", rows=[], foreign=[foreign])
    page.goto(render(sample.finish()).as_uri())
    page.get_by_text("1 movement of other merchants").click()
    row = page.locator("#books details tbody tr")
    assert row.inner_text().split("\t") == ["WeChat Pay", "1900000109", "D1_1", "CNY 81.00"]


def test_a_finding_tells_the_channel_of_a_scenario_alone(sample: Sample, page: Page) -> None:
    sample.begin("one", via="web")
    sample.test("failed", scenario=scenario())
    sample.test("failed", id="tests/money/a.py::a", gate="money")
    page.goto(render(sample.finish()).as_uri())
    told = [" · through the pages" in where for where in page.locator(".finding .where").all_inner_texts()]
    assert sorted(told) == [False, True]


def test_coverage_counts_providers_by_flow_and_standards(sample: Sample, page: Page) -> None:
    sample.test(id="tests/acceptance/a.py::a", scenario=scenario())
    sample.test("failed", id="tests/security/a.py::test_forged[paypal]", gate="security")
    page.goto(render(sample.finish()).as_uri())
    rows = page.locator(".matrix tbody tr")
    assert [text.split() for text in rows.all_inner_texts()] == [
        ["Alipay", "1/1", "–"],
        ["WeChat", "Pay", "–", "–"],
        ["PayPal", "–", "0/1"],
    ]
    assert page.locator(".standards li", has_text="CWE-345").locator(".number").inner_text() == "1/2"


def test_an_empty_run_renders(tmp_path: Path) -> None:
    assert "incomplete" in render(tmp_path).read_text()


def test_words() -> None:
    assert (duration(0.44), duration(12.4), duration(125)) == ("0.4 s", "12 s", "2 min 5 s")
    assert (money(1250, "KWD"), money(5, "??")) == ("KWD 1.250", "?? 5 (minor units)")
    assert str(amounts("<CNY 88.80>")) == "&lt;<b>CNY 88.80</b>&gt;"
