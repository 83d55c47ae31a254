"""Tables as Markdown, for notes and issues."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

# What would be a link, an image, HTML or other markup in a text from data. An underscore between letters is not, nor an
# ampersand or an angle bracket that stands by itself.
_MARKUP = re.compile(r"[\\|`*\[\]~]|<(?=[A-Za-z/!?])|(?<=\S)>|&(?=[#\w])|(?<![^\W_])_|_(?![^\W_])")


def markdown_table(headers: Sequence[str], rows: Sequence[Sequence[str]], numbers: Collection[int] = ()) -> str:
    """One table with a header line. Cells stay one cell each, and text alone, whatever is in them; but some
    who show Markdown make a link of an address by itself.

    ``numbers``: places of columns to set flush right.
    """
    under = ["---:" if place in numbers else "---" for place in range(len(headers))]
    lines = [[_cell(text) for text in headers], under, *([_cell(text) for text in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return _MARKUP.sub(lambda found: "\\" + found.group(), " ".join(text.split()))
