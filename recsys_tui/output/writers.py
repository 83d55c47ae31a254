"""The one writer for JSON and the one for CSV. Both write data only; narration goes elsewhere."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# Set by --spreadsheet-safe for the whole process.
_escapes_ids = False
# The wide forms too: some spreadsheets take them for the same.
FORMULA_STARTS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
# Also behind what parts cells where commas are those of numbers, and quotes there, which come to be doubled and so are
# an empty text before it; but for the smiley behind a semicolon.
_BEFORE_FORMULA = re.compile(rf'\A(?=[{FORMULA_STARTS}\t\r])|(?<=[;\t])(?="*+[{FORMULA_STARTS}])(?!-\))')


def escape_ids(wanted: bool = True) -> None:
    """From here on, whether formulas are escaped in every column of text, ids too. Numbers never are."""
    global _escapes_ids  # noqa: PLW0603 - one process, one command
    _escapes_ids = wanted


def ids_are_escaped() -> bool:
    """Whether formulas are escaped in ids too."""
    return _escapes_ids


def json_document(document: Mapping[str, Any] | Sequence[Any]) -> str:
    """Return exactly one JSON document. Not-a-number and infinities become ``null``, as JSON knows neither."""
    return json.dumps(_plain(document), ensure_ascii=False, indent=2, allow_nan=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, str | bool | int) or value is None:
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "tolist"):  # NumPy arrays and scalars
        return _plain(value.tolist())
    if isinstance(value, Iterable):
        return [_plain(inner) for inner in value]
    return str(value)


def csv_table(columns: Sequence[str], rows: Iterable[Sequence[object]], text_columns: Iterable[str] = ()) -> str:
    """Return one CSV table with a header line.

    In ``text_columns`` (titles, names, reasons) a value that a spreadsheet would run as a formula gets a leading
    apostrophe; ids and numbers are written untouched, so that they can be joined back (but see :func:`escape_ids`).
    """
    escaped = [_escapes_ids or column in set(text_columns) for column in columns]
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value, escape) for value, escape in zip(row, escaped, strict=True)])
    return buffer.getvalue()


def _cell(value: object, escape: bool) -> str:
    if value is None:
        return ""
    text = repr(value) if isinstance(value, float) else str(value)
    return no_formula(text) if escape and isinstance(value, str) else text


def no_formula(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would run as a formula: all of it, or what follows a
    semicolon or a tab, where spreadsheets of many languages begin a cell."""
    return _BEFORE_FORMULA.sub("'", text)
