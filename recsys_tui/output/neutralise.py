r"""Text from data made harmless once, at load: no control bytes, no escape sequences, no direction overrides.

What is removed (Unicode TR 36 and TR 39 name the reasons): C0 and C1 control characters, which steer terminals; the
bidirectional controls U+202A-202E and U+2066-2069 and the marks U+200E, U+200F, U+061C, which make text read as
something else; U+2028 and U+2029, the line and paragraph separators; U+FEFF and other zero-width marks at no place
of use in a title. Tabs and line ends become one space. HTML entities are decoded first, so that what they hide is
removed too.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

SPACE_PATTERN = r"[\t\n\v\f\r\u0085\u2028\u2029]+"
REMOVED_PATTERN = (
    r"[\u0000-\u0008\u000E-\u001F\u007F-\u009F\u061C\u200B\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF"
    r"\U000E0000-\U000E007F]"  # tag characters: text that nobody sees
)
_SPACE = re.compile(SPACE_PATTERN)
_REMOVED = re.compile(REMOVED_PATTERN)
_ESCAPE_SEQUENCE = re.compile(r"\x1b(?:\[[0-9;:?<=>]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")


def neutral_text(text: str) -> str:
    """Return ``text`` with entities decoded and everything that could steer a terminal or mislead a reader removed."""
    if "&" in text:
        text = html.unescape(text)
    return neutral_id(text).strip()


def neutral_id(text: str) -> str:
    """The same for an id, which is otherwise left exactly as it is: no entities, no trimming."""
    return _REMOVED.sub("", _SPACE.sub(" ", _ESCAPE_SEQUENCE.sub("", text)))


def neutral_series(values: pl.Series, ids: bool = False) -> tuple[pl.Series, int]:
    """Neutralise a column of strings (with ``ids``: a column of ids, see :func:`neutral_id`).

    Returns the new column and the number of values that changed. Only values that could need it are touched by
    Python, so a clean column costs one vectorised search.
    """
    import polars as pl

    controls = SPACE_PATTERN + "|" + REMOVED_PATTERN
    suspicious = values.str.contains(controls if ids else r"&|^\s|\s$|" + controls).fill_null(value=False)
    if not suspicious.any():
        return values, 0
    touched = values.filter(suspicious).unique()
    clean = neutral_id if ids else neutral_text
    neutral = pl.Series([clean(value) for value in touched.to_list()], dtype=pl.String)
    result = values.replace(touched, neutral)
    changed = int((result != values).fill_null(value=False).sum())
    return result, changed
