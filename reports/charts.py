"""Charts of the report: SVG without a script or a style of its own, so that the page colours it for light and dark."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element

import pygal
from markupsafe import Markup
from pygal.style import Style

from reports.balances import BooksRow
from reports.coverage import PROVIDERS
from reports.words import figure

# pygal 3.1 leaves a finder of the kind before Python 3.4, for its maps; pytest's later imports would stumble over it
sys.meta_path[:] = [finder for finder in sys.meta_path if hasattr(finder, "find_spec")]

LABEL_CHARACTERS = 58
_STYLE = Style(
    font_family="inherit", label_font_size=13, major_label_font_size=13, value_font_size=13, legend_font_size=13
)


def durations(slowest: Sequence[tuple[str, float]]) -> Markup:
    """Bars, the slowest first: (name, seconds)."""
    series = {"seconds": [round(seconds, 3) for _, seconds in slowest]}
    names = [_shortened(name) for name, _ in slowest]
    return _bars(names, series, lambda seconds: f"{seconds:.1f} s", width=1000, legend=False)


def books(rows: Sequence[BooksRow]) -> Markup:
    """What moved by the providers' ledger above what the target says, net of refunds; `rows` are of one currency."""
    currency = rows[0].currency
    series = {
        "ledger": [row.ledger_payments - row.ledger_refunds for row in rows],
        "statement": [row.statement_payments - row.statement_refunds for row in rows],
    }
    names = [PROVIDERS.get(row.provider, row.provider) for row in rows]
    return _bars(names, series, lambda minor: f"{currency} {figure(round(minor), currency)}", width=520, legend=True)


def _bars(
    names: Sequence[str],
    series: Mapping[str, Sequence[float]],
    words: Callable[[float], str],
    *,
    width: int,
    legend: bool,
) -> Markup:
    """Horizontal bars, the first name on top, each with its value in words at its end."""
    longest = max(max(values) for values in series.values())
    chart = pygal.HorizontalBar(
        js=(),
        css=(),
        no_prefix=True,
        disable_xml_declaration=True,
        style=_STYLE,
        width=width,
        height=(52 if legend else 16) + (14 + 18 * len(series)) * len(names),
        margin=6,
        spacing=8,
        show_legend=legend,
        legend_at_bottom=True,
        legend_box_size=10,
        show_x_labels=False,
        show_y_guides=False,
        print_values=True,
        print_values_position="top",
        formatter=words,
        range=(0, max(longest, 0) * 1.3 or 1),
    )
    chart.x_labels = list(reversed(names))
    for name, values in series.items():
        chart.add(name, list(reversed(values)))
    return _svg(chart)


def _svg(chart: Any) -> Markup:
    chart.add_xml_filter(_plain)
    return Markup(chart.render(is_unicode=True))


def _plain(root: Element) -> Element:
    """Without definitions (script and style), titles and hidden descriptions; a picture with a role."""
    for parent in list(root.iter()):
        parent.attrib.pop("style", None)
        for child in list(parent):
            if child.tag in ("defs", "desc", "title") or not isinstance(child.tag, str):
                parent.remove(child)
    root.attrib.pop("id", None)
    root.set("role", "img")
    return root


def _shortened(name: str) -> str:
    return name if len(name) <= LABEL_CHARACTERS else f"{name[: LABEL_CHARACTERS - 1]}…"
