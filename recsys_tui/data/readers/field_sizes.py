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


def check_frame(frame: pl.DataFrame, path: Path, most: int = MOST_FIELD) -> None:
    """Raise ``UserError`` (exit 2) where a field of a table is longer, which may be of many words in quotes."""
    for column in frame.get_columns():
        if column.dtype == pl.String and bool((column.str.len_bytes() > most).any()):
            raise _endless(path, most)


def _endless(path: Path, most: int) -> UserError:
    return UserError("data.endless_text", path=path, most=f"{most:,}")
