"""A report as Markdown: tables and sentences; what plots show stands in the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recsys_tui.evaluate.reporting.sections import Report
from recsys_tui.output.markdown import markdown_table

# What would be markup, a link, an image or HTML in a text that came from data.
_MARKUP = re.compile(r"[\\`*_\[\]<>&~|#]")


def markdown_report(report: Report) -> str:
    """The whole text. Nothing in it is markup but headings and tables."""
    return "\n".join(_parts(report))


def _parts(report: Report) -> Iterator[str]:
    yield f"# {plain(report.title)}\n"
    yield f"{plain(report.made)}\n"
    for section in report.sections:
        yield f"## {plain(section.title)}\n"
        for sentence in section.sentences:
            yield f"{plain(sentence)}\n"
        for table in section.tables:
            yield markdown_table(table.headers, table.rows, numbers=range(table.texts, len(table.headers)))


def plain(text: str) -> str:
    """A text on one line that Markdown takes for text alone."""
    return _MARKUP.sub(lambda found: "\\" + found.group(), " ".join(text.split()))
