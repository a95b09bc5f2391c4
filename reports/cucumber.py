"""Cucumber JSON from the journal, for the tools that read it (Jenkins, Xray, cucumber-html-reporter).

pytest-bdd's own is empty under xdist and leaves out rules, tables and doc strings. The format knows no element for a
Rule: as the official formatter does, the rule's name is a part of the scenario's id; it is also given as `rule`.
What fails outside the steps (the books at the end of a scenario) is the result of an `after` hook.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

from reports.journal import Record
from reports.outcome import ERROR, FAILED, FAULT, NOT_COVERED, PASSED, SKIPPED
from reports.run import Run

STATUS = {
    PASSED: "passed",
    FAILED: "failed",
    FAULT: "failed",
    ERROR: "failed",
    SKIPPED: "skipped",
    NOT_COVERED: "skipped",
    "undefined": "undefined",
}


def write(run: Run) -> Path:
    """Write `cucumber.json` into the run's folder."""
    path = run.folder / "cucumber.json"
    features: dict[str, dict[str, Any]] = {}
    for test in run.tests:
        if test.get("scenario"):
            feature = test["scenario"]["feature"]
            shown = features.setdefault(feature["file"], _feature(feature))
            shown["elements"].append(_element(test, run))
    path.write_text(json.dumps(list(features.values()), ensure_ascii=False, indent=1) + "\n")
    return path


def _feature(feature: dict[str, Any]) -> dict[str, Any]:
    return {
        "uri": feature["file"],
        "id": _slug(feature["name"]),
        "keyword": feature["keyword"],
        "name": feature["name"],
        "description": feature["description"],
        "line": feature["line"],
        "tags": _tags(feature["tags"], feature["line"]),
        "elements": [],
    }


def _element(test: Record, run: Run) -> dict[str, Any]:
    scenario, session = test["scenario"], run.sessions[test["session"]].name
    rule = scenario.get("rule")
    names = [scenario["feature"]["name"], *([rule["name"]] if rule else []), scenario["name"], session]
    element: dict[str, Any] = {
        "id": ";".join(map(_slug, names)),
        "keyword": scenario["keyword"],
        "type": "scenario",
        "name": scenario["name"],
        "description": scenario["description"],
        "line": scenario["line"],
        "tags": _tags([*test["tags"], session], scenario["line"]),
        "steps": [_step(step, test, run.folder) for step in scenario["steps"]],
    }
    if rule:
        element["rule"] = {key: rule[key] for key in ("keyword", "name", "description")}
    if test["outcome"] in (FAILED, FAULT, ERROR) and not any(_broken(step) for step in scenario["steps"]):
        element["after"] = [
            {
                "match": {"location": test["id"]},
                "result": {"status": "failed", "duration": 0, "error_message": test["message"]},
                "embeddings": _pictures(test, run.folder),
            }
        ]
    return element


def _step(step: dict[str, Any], test: Record, folder: Path) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "keyword": f"{step['keyword'].strip()} ",
        "name": step["text"],
        "line": step["line"],
        "match": {"location": f"{test['file']}:{test['line']}"},
        "result": {"status": STATUS[step["status"]], "duration": round(step["seconds"] * 1e9)},  # nanoseconds
    }
    if step.get("table"):
        shown["rows"] = [{"cells": row} for row in step["table"]]
    if step.get("docstring") is not None:
        shown["doc_string"] = {"value": step["docstring"], "content_type": "", "line": step["line"] + 1}
    if _broken(step):
        shown["result"]["error_message"] = test.get("message", "")
        shown["embeddings"] = _pictures(test, folder)
    return shown


def _broken(step: dict[str, Any]) -> bool:
    return step["status"] not in (PASSED, SKIPPED, NOT_COVERED)


def _pictures(test: Record, folder: Path) -> list[dict[str, str]]:
    return [
        {"mime_type": "image/png", "name": picture["caption"], "data": base64.b64encode(path.read_bytes()).decode()}
        for picture in test.get("screenshots", ())
        if (path := folder / picture["path"]).is_file()
    ]


def _tags(names: list[str], line: int) -> list[dict[str, Any]]:
    return [{"name": f"@{name}", "line": line} for name in names]


def _slug(name: str) -> str:
    return re.sub(r"\W+", "-", name.lower()).strip("-")
