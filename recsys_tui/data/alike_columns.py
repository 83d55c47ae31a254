"""One column of two files, each written in its own way: made alike, so that one reading of both is right for both."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from recsys_tui.data.cleaning import MOST_DATES
from recsys_tui.data.dataset import ITEM, TIME, USER, Mapping, TimeKind
from recsys_tui.data.id_codes import id_texts
from recsys_tui.data.times import time_kind_of, to_milliseconds, written_dates
from recsys_tui.data.written_dates import DateOrder, ReadDates
from recsys_tui.data.written_numbers import as_numbers
from recsys_tui.output.errors import UserError

_SPREADSHEET_FLOAT = r"^(\d+)\.0$"
SOME = 1_000
Pair = tuple[pl.Series, pl.Series]


def alike(role: str | None, left: pl.Series, right: pl.Series, mapping: Mapping, path: Path) -> Pair:
    """The column of the data (``left``) and of a file at ``path`` that came later, fit to be one column.

    Raises ``UserError`` (exit 2) where the data has dates and the file an order, or the other way round.
    """
    if role == TIME:
        left, right = _times(left, right, mapping, path)
    elif role in (USER, ITEM):
        left, right = _ids(left, right)
    if left.dtype != right.dtype and not (left.dtype.is_numeric() and right.dtype.is_numeric()):
        left, right = left.cast(pl.String, strict=False), right.cast(pl.String, strict=False)
    return left, right


def comparable(values: pl.Series) -> pl.Series:
    """A column as texts that are equal where the values are: ``4``, ``4.0`` and 4 are the same number."""
    text = values.cast(pl.String, strict=False)
    if values.dtype.is_temporal() or values.dtype.is_integer():
        return text
    numbers = text.str.strip_chars().cast(pl.Float64, strict=False)
    whole = pl.select(pl.when(numbers == numbers.round(0)).then(numbers)).to_series().cast(pl.Int64, strict=False)
    exact = text.str.strip_chars().cast(pl.Int64, strict=False)
    return pl.select(
        pl.coalesce(*(one.cast(pl.String) for one in (exact, whole, numbers)), text).alias(values.name)
    ).to_series()


def _ids(left: pl.Series, right: pl.Series) -> Pair:
    """Ids that a spreadsheet, or a column with gaps, made floats of in one of the files (``13085.0``) as integers."""
    if left.dtype.is_integer() and right.dtype.is_integer():
        return left, right
    known, fresh = id_texts(left), id_texts(right)
    if known.str.contains(_SPREADSHEET_FLOAT).any():
        return left, right  # among other ids they are ids like any other
    if left.dtype != pl.String or known.head(1).to_list() != left.head(1).to_list():
        fresh = fresh.str.replace(_SPREADSHEET_FLOAT, "$1")
    return known, fresh


def _times(left: pl.Series, right: pl.Series, mapping: Mapping, path: Path) -> Pair:
    kind, other = time_kind_of(left), time_kind_of(right)
    if kind is not None and kind is not other:
        raise UserError("data.added_no_dates" if kind is TimeKind.TIME else "data.added_no_order", path=path)
    if kind is not TimeKind.TIME:
        return left, right
    orders = _date_orders(left, right, mapping)
    apart = tuple(to_milliseconds(one, order) for one, order in zip((left, right), orders, strict=True))
    if _reads_together(left, right, orders[0], pl.concat([one.alias("") for one in apart])):
        return left, right
    dates = [pl.from_epoch(one, time_unit="ms").alias(left.name) for one in apart]
    return dates[0], dates[1]


def _date_orders(left: pl.Series, right: pl.Series, mapping: Mapping) -> tuple[DateOrder | None, DateOrder | None]:
    """Which of day and month comes first in either; what one file leaves open, the other decides."""
    if mapping.dates is not None:
        return mapping.dates, mapping.dates  # type: ignore[return-value]  # one of the two words
    read = [_read(one.drop_nulls().head(MOST_DATES)) for one in (left, right)]
    mine, its = (None if not one.sure else one.order for one in read)
    return mine or _where_open(read[0], its), its or _where_open(read[1], mine)


def _read(values: pl.Series) -> ReadDates:
    some = values.head(SOME)
    numbers = as_numbers(some).null_count() < some.len() / 2
    return ReadDates(values.clear()) if numbers else written_dates(values)


def _where_open(read: ReadDates, order: DateOrder | None) -> DateOrder | None:
    return read.order and (order or read.order)


def _reads_together(left: pl.Series, right: pl.Series, order: DateOrder | None, apart: pl.Series) -> bool:
    """Whether both columns, read as one, are read as they are apart."""
    if left.dtype != right.dtype:
        if not (left.dtype.is_numeric() and right.dtype.is_numeric()):
            return False
        left, right = left.cast(pl.Float64), right.cast(pl.Float64)
    whole = pl.concat([left.alias(""), right.alias("")])
    return to_milliseconds(whole, order).equals(apart, null_equal=True)
