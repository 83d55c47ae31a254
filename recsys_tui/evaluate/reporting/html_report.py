"""A report as one HTML page that needs nothing else: no network, no script, no font, no file beside it."""

from __future__ import annotations

from itertools import count

from recsys_tui.evaluate.reporting.html_tags import Markup, tag
from recsys_tui.evaluate.reporting.sections import Report
from recsys_tui.evaluate.reporting.svg_charts import drawn
from recsys_tui.evaluate.reporting.tables import Table

# A browser loads nothing for the page whatever is in it.
POLICY = "; ".join(
    ("default-src 'none'", "style-src 'unsafe-inline'", "img-src data:", "base-uri 'none'", "form-action 'none'")
)
VIEWPORT = ", ".join(("width=device-width", "initial-scale=1"))
DEFAULT_CSS = """
:root { color-scheme: light dark; --page: #ffffff; --text: #1b1f24; --quiet: #57606a; --line: #d0d7de;
  --first: #0b5cad; --second: #9a3d00; --edge: #1b1f24; }
@media (prefers-color-scheme: dark) { :root { --page: #14171a; --text: #e8eaed; --quiet: #a8b0b9; --line: #3a4048;
  --first: #6cb2ff; --second: #ffa25c; --edge: #e8eaed; } }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; } h2 { font-size: 1.25rem; margin-top: 2.2rem; }
.made { color: var(--quiet); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; margin: .8rem 0; }
th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
th.figure, td.figure { text-align: right; }
svg { display: block; width: 100%; height: auto; margin: .8rem 0; }
svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
svg .tick { fill: var(--quiet); } svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .grid { stroke: var(--line); } svg .zero { stroke: var(--edge); stroke-width: 1.5; }
svg .kept { stroke: var(--edge); stroke-dasharray: 5 4; }
svg .whisker { stroke-width: 1.5; } svg .whisker.second { stroke-dasharray: 4 2; }
svg .curve { fill: none; stroke-width: 2; } svg .curve.second { stroke-dasharray: 7 3; }
svg .first { stroke: var(--first); } svg .second { stroke: var(--second); }
svg .mark.first { fill: var(--first); } svg .mark.second { fill: var(--page); stroke-width: 2; }
@media print { body { max-width: none; } svg, table { break-inside: avoid; } }
"""


def html_report(report: Report) -> str:
    """The whole page. Every text in it is escaped."""
    numbers = count(1)
    sections = [
        tag(
            "section",
            tag("h2", section.title),
            [tag("p", sentence) for sentence in section.sentences],
            list(drawn(section.charts, numbers)),
            [_table(table, section.title) for table in section.tables],
        )
        for section in report.sections
    ]
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content=VIEWPORT),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", report.title),
        tag("style", Markup(DEFAULT_CSS)),
    )
    body = tag("body", tag("main", tag("h1", report.title), tag("p", report.made, class_="made"), sections))
    return "<!doctype html>\n" + tag("html", head, body, lang="en").text + "\n"


def _table(table: Table, title: str) -> Markup:
    """A table that scrolls by itself where it is wider than the page."""

    def kind(place: int) -> str | None:
        return None if place < table.texts else "figure"

    head = [tag("th", text, class_=kind(place), scope="col") for place, text in enumerate(table.headers)]
    rows = [
        tag(
            "tr",
            [
                tag("th", text, scope="row") if not place else tag("td", text, class_=kind(place))
                for place, text in enumerate(row)
            ],
        )
        for row in table.rows
    ]
    return tag(
        "div",
        tag("table", tag("thead", tag("tr", head)), tag("tbody", rows)),
        class_="wide",
        role="region",
        aria_label=title,
        tabindex=0,
    )
