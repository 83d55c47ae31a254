"""Dates as people and programs write them: ISO 8601, day first or month first, with month names, or eight digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import polars as pl

DateOrder = Literal["day-first", "month-first"]
DAY_FIRST: DateOrder = "day-first"
MONTH_FIRST: DateOrder = "month-first"
ISO = ("%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%d")
# With an underscore for every stretch of blanks.
NAMED_MONTHS = (
    "%b_%d,_%Y", "%B_%d,_%Y", "%d_%b_%Y", "%d_%B_%Y", "%d-%b-%Y", "%d-%b-%y", "%b_%d_%Y", "%b_%d,_%Y_%I:%M:%S_%p",
    "%d_%b_%Y_%H:%M:%S", "%d_%b_%Y_%H:%M", "%d_%b_%Y,_%H:%M", "%b_%d,_%Y_%H:%M", "%b_%d,_%Y_%H:%M:%S", "%m_%d,_%Y",
    "%a_%b_%d_%H:%M:%S_%Y", "%a,_%d_%b_%Y_%H:%M:%S",
)  # fmt: skip
_OFFSET = r":\d\d(?:\.\d+)?\s?([+-])(\d\d):?(\d\d)(?:\s(\d{4}))?$"
_NUMERIC = r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:,?[\sT]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:\s?([AaPp])\.?[Mm]\.?)?)?$"  # noqa: E501
_CHINESE = (("年", "-"), ("月", "-"), ("日", " "))
_PLAIN_NUMBER = r"^\s*\d+(?:\.\d+)?\s*$"
LOOKED_AT_FIRST = 1_000
FIRST_YEAR_OF_1900S = 70


@dataclass(frozen=True)
class ReadDates:
    """``times`` (Datetime, null where a value is no date); ``order`` and ``sure`` where the day and month are numbers.

    ``sure`` is False where every date makes sense both ways.
    """

    times: pl.Series
    order: DateOrder | None = None
    sure: bool = True


def read_dates(values: pl.Series, order: DateOrder | None = None) -> ReadDates:
    """Read a column of texts as dates, the column as a whole in one way.

    Where day and month are both numbers, a number above 12 decides which is which; failing that, the reading under
    which the rows of the file are in the order of time; failing that, day first. ``order`` overrides.
    """
    if _are_plain_numbers(values):
        return ReadDates(pl.Series([None], dtype=pl.Datetime("ms")).new_from_index(0, values.len()))
    text = values.str.strip_chars().str.strip_chars_end("Z")
    for sign, plain in _CHINESE:
        text = text.str.replace(sign, plain, literal=True)
    text = (
        text.str.strip_chars()
        .str.replace(r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})", "$1-$2-$3")
        .str.replace("T", " ", literal=True)
    )
    offset = text.str.extract_groups(_OFFSET).struct.unnest()
    text = text.str.replace(r"(:\d\d(?:\.\d+)?)\s?[+-]\d\d:?\d\d(\s\d{4})?$", "$1$2")
    times = _first_of(text, ISO)
    known = values.len() - values.null_count()
    if times.len() - times.null_count() >= known / 2:
        return ReadDates(_less_offset(times, offset))
    numeric = text.str.extract_groups(_NUMERIC).struct.unnest()
    if numeric.height and numeric.to_series().null_count() < values.len() - known / 2:
        return _numeric(numeric, order)
    worded = values.str.strip_chars().str.replace(r"\s[+-]\d{4}\b", "").str.replace_all(r"\s+", "_")
    return ReadDates(_less_offset(_first_of(worded, NAMED_MONTHS), offset))


def _are_plain_numbers(values: pl.Series) -> bool:
    """Whether all are numbers, as seconds since 1970 are: no way to write a date has nothing but a number."""
    return all(
        bool(some.str.contains(_PLAIN_NUMBER).all(ignore_nulls=True)) for some in (values.head(LOOKED_AT_FIRST), values)
    )


def _first_of(text: pl.Series, patterns: tuple[str, ...]) -> pl.Series:
    best = pl.Series([None], dtype=pl.Datetime("ms")).extend_constant(None, max(0, text.len() - 1))[: text.len()]
    for pattern in patterns:
        parsed = text.str.to_datetime(pattern, strict=False, time_unit="ms")
        best = best.fill_null(parsed) if best.null_count() < best.len() else parsed
        if best.null_count() <= text.null_count():
            break
    return best


def _less_offset(times: pl.Series, offset: pl.DataFrame) -> pl.Series:
    sign, hours, minutes = offset.get_columns()[:3]
    if sign.null_count() == sign.len():
        return times
    ahead = (hours.cast(pl.Int64) * 60 + minutes.cast(pl.Int64)) * 60_000
    ahead = pl.select(pl.when(sign == "-").then(-ahead).otherwise(ahead)).to_series().fill_null(0)
    return times - ahead.cast(pl.Duration("ms"))


def _numeric(parts: pl.DataFrame, order: DateOrder | None) -> ReadDates:
    names = ("first", "second", "year", "hour", "minute", "second_of_minute")
    frame = pl.DataFrame(
        {name: column.cast(pl.Int32) for name, column in zip(names, parts.get_columns(), strict=False)}
        | {"half": parts.get_columns()[6].str.to_lowercase()}
    )
    first, second = (frame[name].max() for name in ("first", "second"))
    sure = True
    if order is None and isinstance(first, int) and isinstance(second, int) and (first > 12) != (second > 12):
        order = DAY_FIRST if first > 12 else MONTH_FIRST
    if order is None:
        forward = [one for one in (DAY_FIRST, MONTH_FIRST) if _datetimes(frame, one).drop_nulls().is_sorted()]
        sure = len(forward) == 1 and frame.height > 2
        order = forward[0] if sure else DAY_FIRST
    return ReadDates(_datetimes(frame, order), order, sure)


def _datetimes(frame: pl.DataFrame, order: str) -> pl.Series:
    day, month = ("first", "second") if order == DAY_FIRST else ("second", "first")
    short = pl.col("year") < 100
    century = pl.when(pl.col("year") < FIRST_YEAR_OF_1900S).then(2000).otherwise(1900)
    year = pl.col("year") + pl.when(short).then(century).otherwise(0)
    hour = pl.col("hour").fill_null(0)
    hour = (
        pl.when(pl.col("half").is_null()).then(hour).otherwise(hour % 12 + 12 * (pl.col("half") == "p").cast(pl.Int32))
    )
    fits = pl.col(month).is_between(1, 12) & pl.col(day).is_between(1, 31) & hour.is_between(0, 23)
    minute, second = pl.col("minute").fill_null(0), pl.col("second_of_minute").fill_null(0)
    fits = fits & minute.is_between(0, 59) & second.is_between(0, 59)
    # As text, so that the 31st of February is none rather than an error.
    written = pl.format(
        "{}-{}-{} {}:{}:{}",
        *(
            part.cast(pl.String).str.zfill(width)
            for part, width in ((year, 4), (pl.col(month), 2), (pl.col(day), 2), (hour, 2), (minute, 2), (second, 2))
        ),
    )
    return frame.select(
        pl.when(fits).then(written).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="ms").alias("time")
    ).to_series()


def eight_digits(numbers: pl.Series) -> pl.Series | None:
    """Whole numbers such as 20140102 as dates, or None where most of them are no dates of 1900 to 2099."""
    known = numbers.drop_nulls()
    if not known.len() or not bool(known.is_between(19_000_101, 20_991_231).all()):
        return None
    times = numbers.cast(pl.Int64, strict=False).cast(pl.String).str.to_datetime("%Y%m%d", strict=False, time_unit="ms")
    return times if times.null_count() - numbers.null_count() < 0.01 * known.len() + 1 else None
