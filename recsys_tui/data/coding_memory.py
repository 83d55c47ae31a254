"""Whether the ids of some rows can become codes in the memory that is free: what is not known before they are read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from recsys_tui.data.memory import addresses_are_limited, free_memory, too_large

# Bytes of a row, of an id that comes for the first time, and of each of its letters. Measured with five million rows
# of .06, 5 and 10 million different ids, of numbers and of 36 letters; three times as many addresses were mapped.
ROW, DISTINCT, LETTER, TIMES_ADDRESSES = 50, 65, 3, 3
LOOKED_AT = 1_000


def check_can_code(path: Path, ids: pl.DataFrame) -> None:
    """Raise ``UserError`` (exit 1) where making codes of the columns ``ids`` would take more memory than is free, by
    how many different ids there are, about."""
    free = free_memory()
    if free is None or _needed(ids, [ids.height] * ids.width) <= free:
        return
    needed = _needed(ids, [_about_distinct(column) for column in ids])
    if needed > free:
        raise too_large(path, needed, free)


def _needed(ids: pl.DataFrame, distinct: Sequence[int]) -> int:
    each = sum(count * (DISTINCT + LETTER * _letters(column)) for column, count in zip(ids, distinct, strict=True))
    return (TIMES_ADDRESSES if addresses_are_limited() else 1) * (ids.height * ROW + each)


def _letters(column: pl.Series) -> int:
    """How long ids are that are texts; 0 for numbers."""
    if column.dtype != pl.String or not column.len():
        return 0
    return round(float(column.head(LOOKED_AT).fill_null("").str.len_bytes().to_numpy().mean()))


def _about_distinct(column: pl.Series) -> int:
    """How many different values a column has, about; as many as rows where that cannot be estimated."""
    if isinstance(column.dtype, pl.Categorical | pl.Enum):
        column = column.to_physical()
    elif column.dtype.is_float():  # ids are whole numbers then
        column = column.cast(pl.Int64, strict=False)
    if column.dtype != pl.String and not column.dtype.is_integer():
        return column.len()
    return int(column.to_frame().select(pl.all().approx_n_unique()).item())
