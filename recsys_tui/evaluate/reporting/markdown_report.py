"""A report as Markdown: tables and sentences; what plots show stands in the tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recsys_tui.evaluate.reporting.sections import Report
from recsys_tui.output.markdown import markdown_table

_ENTITY = "&#{};"
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
            headers = [_cell(text) for text in table.headers]
            rows = [[_cell(text) for text in row] for row in table.rows]
            yield markdown_table(headers, rows, numbers=range(table.texts, len(headers)))


def plain(text: str) -> str:
    """A text on one line that Markdown takes for text alone."""
    return _MARKUP.sub(lambda found: "\\" + found.group(), " ".join(text.split()))


def _cell(text: str) -> str:
    """The same without what the table's writer escapes itself."""
    return re.sub(r"[`*_\[\]<>&~#]", lambda found: _ENTITY.format(ord(found.group())), text)
