"""Tables as Markdown, for notes and issues."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def markdown_table(headers: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[int] = ()) -> str:
    """One table with a header line. Cells stay one cell each whatever is in them.

    ``numbers``: places of columns to set flush right.
    """
    under = ["---:" if place in numbers else "---" for place in range(len(headers))]
    lines = [[_cell(text) for text in headers], under, *([_cell(text) for text in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace("|", "\\|").split())
