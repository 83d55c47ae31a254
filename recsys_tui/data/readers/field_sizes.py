"""Fields of millions of characters, which are none: everything that is looked up in columns takes long over them."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl

from recsys_tui.output.errors import UserError

MOST_FIELD = 10_000_000  # bytes: a picture that is written as text in a column beside is shorter
_BREAK = re.compile(rb"[\s,;|:]")


def check_text(text: bytes, path: Path, most: int = MOST_FIELD) -> None:
    """Raise ``UserError`` (exit 2) where a text goes on for so long that whatever parts fields is in none of a stretch.

    That is before anything is made of it. Of each stretch little more than the first bytes are looked at.
    """
    for start in range(0, len(text) - most, most):
        if not _BREAK.search(text, start, start + most):
            raise _endless(path, most)


class UnbrokenText:
    """Looks at a text part by part while it is unpacked, so that one without end is refused early."""

    def __init__(self, path: Path, most: int = MOST_FIELD) -> None:
        self._path, self._most, self._unbroken = path, most, 0

    def check(self, part: bytes) -> None:
        """Raise ``UserError`` (exit 2) where the parts since the last in which anything parts fields are too long."""
        self._unbroken = 0 if _BREAK.search(part) else self._unbroken + len(part)
        if self._unbroken > self._most:
            raise _endless(self._path, self._most)


def check_quote(text: bytes, separator: str, path: Path, most: int = MOST_FIELD) -> None:
    """Raise ``UserError`` (exit 2) where a field begins with the last quote of a text, closed by none, and is longer.

    Readers look for the other quote in each of the lines that follow, which takes long and many times the memory.
    """
    last = text.rfind(b'"')
    ends = (separator.encode(), b"\n", b"\r")
    opens = last == 0 or text.endswith(ends, 0, max(0, last))
    if 0 <= last < len(text) - most and opens and not text.startswith(ends, last + 1):
        raise _endless(path, most)


def check_frame(frame: pl.DataFrame, path: Path, most: int = MOST_FIELD) -> None:
    """Raise ``UserError`` (exit 2) where a field of a table is longer, which may be of many words in quotes."""
    for column in frame.get_columns():
        if column.dtype == pl.String and bool((column.str.len_bytes() > most).any()):
            raise _endless(path, most)


def _endless(path: Path, most: int) -> UserError:
    return UserError("data.endless_text", path=path, most=f"{most:,}")
