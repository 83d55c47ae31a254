"""Times of every kind as epoch milliseconds; numbers that are no dates as a bare order."""

from __future__ import annotations

import polars as pl

from recsys_tui.data.calendar import EARLIEST, LATEST
from recsys_tui.data.dataset import TimeKind
from recsys_tui.data.written_dates import DateOrder, ReadDates, eight_digits, read_dates
from recsys_tui.data.written_numbers import finite_numbers

# Epoch values lie within these bounds from 1973 to 2286, so the magnitude tells the unit: (bound, milliseconds a unit).
EARLIEST_SECOND = 1e8
UNITS = ((1e11, 1_000.0), (1e14, 1.0), (1e17, 1e-3), (float("inf"), 1e-6))
ENOUGH = 0.5
LOOKED_AT_FIRST = 100
SPREAD = 20_000  # values are enough for their magnitude
LARGEST_PLACE = 2.0**63


def epoch_like(values: pl.Series) -> bool:
    """Whether a column holds dates: a date type, epoch numbers by magnitude, or text that parses as dates."""
    if values.dtype.is_temporal():
        return isinstance(values.dtype, pl.Date | pl.Datetime)
    if not values.len() or values.null_count() == values.len():
        return False
    numbers = finite_numbers(values)
    if numbers.null_count() - values.null_count() < (1 - ENOUGH) * values.len():
        middle = _middle(numbers)
        if middle >= EARLIEST_SECOND:
            return middle <= LATEST / UNITS[-1][1]
        return eight_digits(numbers) is not None
    return _parsed_share(values) > ENOUGH


def to_milliseconds(values: pl.Series, order: DateOrder | None = None) -> pl.Series:
    """Int64 epoch milliseconds of a column for which :func:`epoch_like` holds; null where a value does not parse."""
    times = _milliseconds(values, order)
    return pl.select(pl.when(times.is_between(EARLIEST, LATEST)).then(times)).to_series()


def _milliseconds(values: pl.Series, order: DateOrder | None) -> pl.Series:
    if values.dtype.is_temporal():
        return values.cast(pl.Datetime("ms")).dt.epoch("ms")
    whole = values if values.dtype.is_integer() else values.cast(pl.Int64, strict=False)
    numbers = whole if whole.null_count() == values.null_count() else finite_numbers(values)
    if numbers.null_count() - values.null_count() < (1 - ENOUGH) * values.len():
        dates = eight_digits(numbers)
        if dates is not None:
            return dates.dt.epoch("ms")
        middle = _middle(numbers)
        factor = next(scale for bound, scale in UNITS if middle < bound)
        if numbers.dtype.is_integer() and factor <= 1:
            return (numbers // round(1 / factor)).cast(pl.Int64)
        if numbers.dtype.is_integer():
            # What would overflow is beyond the calendar anyhow. Small integers hold neither bound, nor what comes out.
            numbers = numbers.clip(upper_bound=LATEST) if numbers.dtype == pl.UInt64 else numbers
            return numbers.cast(pl.Int64, strict=False).clip(EARLIEST, LATEST) * int(factor)
        return (numbers * factor).round().cast(pl.Int64, strict=False)
    return written_dates(values, order).times.dt.epoch("ms")


def _middle(numbers: pl.Series) -> float:
    """The median of numbers, of many that of some spread over all of them; 0 where there are none."""
    known = numbers.drop_nulls()
    return float(str(known.gather_every(max(1, known.len() // SPREAD)).median() or 0))


def to_order(values: pl.Series) -> pl.Series:
    """Int64 positions of a column of numbers that are no dates; null where a value is no number."""
    if values.dtype.is_integer():
        return values.cast(pl.Int64)
    return finite_numbers(values).cast(pl.Int64, strict=False)


def time_kind_of(values: pl.Series) -> TimeKind | None:
    """Dates, an order, or None where the column holds neither."""
    if epoch_like(values):
        return TimeKind.TIME
    if values.dtype.is_temporal():
        return None
    known = finite_numbers(values).drop_nulls()
    if known.len() < ENOUGH * values.len() or not known.len():
        return None
    whole = (known == known.round(0)) & (known.abs() < LARGEST_PLACE)
    return TimeKind.ORDER if bool(whole.all()) else None


def is_order_within(users: pl.Series, values: pl.Series) -> bool:
    """Whether integers count 0, 1, 2, … for each person (for nine of ten who have more than one)."""
    if not values.dtype.is_integer():
        values = values.cast(pl.Int64, strict=False)
        if values.null_count():
            return False
    place = pl.col("place")
    people = (
        pl.LazyFrame({"user": users, "place": values})
        .group_by("user")
        .agg(
            pl.len().alias("events"),
            ((place.min() == 0) & (place.max() == pl.len() - 1) & (place.n_unique() == pl.len())).alias("counts"),
        )
        .filter(pl.col("events") > 1)
        .collect()
    )
    return people.height > 0 and float(str(people["counts"].mean())) > 0.9


def written_dates(values: pl.Series, order: DateOrder | None = None) -> ReadDates:
    """How a column of texts reads as dates; of any other type: all null."""
    if values.dtype != pl.String:
        nothing = pl.Series([None], dtype=pl.Datetime("ms")).extend_constant(None, max(0, values.len() - 1))
        return ReadDates(nothing[: values.len()])
    return read_dates(values, order)


def _parsed_share(values: pl.Series) -> float:
    some = values.drop_nulls().head(2_000)
    if values.dtype == pl.String and not some.head(LOOKED_AT_FIRST).str.contains(r"\d").any():
        return 0.0  # no date is without a digit
    return 1 - written_dates(some).times.null_count() / some.len() if some.len() else 0.0
