"""`index.html`: one self-contained page for a customer and a regulator.

Everything shown may come from a hostile target: templates escape by default, and the page's own policy allows its one
style and its one script, by their hash, and nothing from elsewhere.
"""

from __future__ import annotations

import base64
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from reports import views, words
from reports.coverage import PROVIDERS
from reports.run import load
from reports.verdict import judge

TEMPLATES = Path(__file__).parent / "templates"


def render(folder: Path) -> Path:
    """Write the report of the run in `folder`, and return its path."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        amounts=words.amounts,
        title_of=words.title,
        seconds_of=words.seconds,
        duration=words.duration,
        provider=lambda name: PROVIDERS.get(name, name),
    )
    environment.globals.update(money=words.money, figure=words.figure)
    run = load(folder)
    style, script = _own("style.css"), _own("script.js")
    page = environment.get_template("index.html").render(
        views.context(run, judge(run)), style=style, script=script, policy=_policy(style, script)
    )
    path = folder / "index.html"
    path.write_text(page)
    return path


def _own(name: str) -> Markup:
    return Markup((TEMPLATES / name).read_text())


def _policy(style: str, script: str) -> str:
    hashes = [base64.b64encode(sha256(text.encode()).digest()).decode() for text in (style, script)]
    return f"default-src 'none'; img-src data:; style-src 'sha256-{hashes[0]}'; script-src 'sha256-{hashes[1]}'"
