"""Playwright's trace of a check that failed: each act, what the page was like at it, and the network's part in it.

Traced is without pictures, which costs 1.02 to 1.05 times an untraced scenario; with them it is 1.35 times. A trace is
written only when the check fails. It is redacted like the journal, so that a report may be handed on with it.
"""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path
from typing import Any
from weakref import WeakSet

from reports.redaction import redact, redact_text

PASSWORD = re.compile("passw", re.IGNORECASE)
TYPED = re.compile(r"\b(fill|type)\(.*\)", re.DOTALL)
MASKED = "***"

_begun: WeakSet[Any] = WeakSet()


def begin(context: Any) -> None:
    """Trace a Playwright browser context from now on."""
    context.tracing.start(screenshots=False, snapshots=True, sources=False)
    _begun.add(context)


def is_begun(context: Any) -> bool:
    """Whether `begin` traces it. With `--tracing` pytest-playwright does, in a folder of its own."""
    return context in _begun


def keep(context: Any, path: Path) -> None:
    """End the trace of a context and write it, redacted, as `path` (.zip). Raises what Playwright raises."""
    raw = path.with_suffix(".raw")
    try:
        context.tracing.stop(path=str(raw))
        with zipfile.ZipFile(raw) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                target.writestr(name, _redacted(name, source.read(name)))
    finally:
        raw.unlink(missing_ok=True)


def _redacted(name: str, content: bytes) -> bytes:
    try:
        text = content.decode()
    except UnicodeDecodeError:  # a picture or a font
        return content
    if name.endswith((".trace", ".network", ".stacks")):
        return b"\n".join(json.dumps(redact(_hide(json.loads(line)))).encode() for line in text.splitlines() if line)
    return redact_text(text).encode()


def _hide(value: Any) -> Any:
    """What redaction by key does not see: `{"name": "Cookie", "value": …}`, and what was typed as a password."""
    if isinstance(value, list):
        return [_hide(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _hide(item) for key, item in value.items()}
    if isinstance(found.get("name"), str) and isinstance(found.get("value"), str):
        found["value"] = redact(found["value"], found["name"])
    for cookie in found["cookies"] if isinstance(found.get("cookies"), list) else ():
        if isinstance(cookie, dict):
            cookie["value"] = MASKED
    if found.get("type") == "log":  # it repeats what is typed, and not where
        found["message"] = TYPED.sub(rf"\1({MASKED})", str(found.get("message")))
    if PASSWORD.search(str(found.get("selector", ""))):
        found = {key: MASKED if key in ("value", "text") else item for key, item in found.items()}
    if found.get("type") == "password" and "__playwright_value_" in found:
        found["__playwright_value_"] = MASKED
    return found
