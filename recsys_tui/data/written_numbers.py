"""Numbers as people and programs write them: with a decimal point or comma, with or without marked thousands."""

from __future__ import annotations

import polars as pl

_DECIMAL_COMMA = r"^[+-]?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$"
MICROSECONDS = 1e6
_MARKED_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"


def as_numbers(values: pl.Series) -> pl.Series:
    """A column as Float64, null where it is no number.

    Text with commas is read in the one way that fits every value with a comma: as marked thousands where three digits
    follow each, else as a decimal comma; where neither fits all of them, none of them is a number.
    """
    if values.dtype.is_nested() or values.dtype in (pl.Binary, pl.Object):
        return pl.Series(values.name, [None], pl.Float64).extend_constant(None, max(0, values.len() - 1))[
            : values.len()
        ]
    if isinstance(values.dtype, pl.Categorical | pl.Enum):
        values = values.cast(pl.String)
    numbers = values.cast(pl.Float64, strict=False)
    if values.dtype == pl.String and numbers.null_count() > values.null_count():
        texts = values.str.strip_chars()
        numbers = _without_commas(texts).cast(pl.Float64, strict=False)
    return numbers


def durations_as_seconds(frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of durations as seconds, the others as they are."""
    return frame.with_columns(pl.col(pl.Duration).dt.total_microseconds() / MICROSECONDS)


def finite_numbers(values: pl.Series) -> pl.Series:
    """A column as Float64, null where it is no number or has no end."""
    numbers = as_numbers(values)
    return pl.select(pl.when(numbers.is_finite()).then(numbers)).to_series()


def _without_commas(texts: pl.Series) -> pl.Series:
    """The texts as the decimal point has it, where one reading of their commas fits all of them."""
    commas = texts.str.contains(",", literal=True)
    written = texts.filter(commas.fill_null(False))
    if not written.len():
        return texts
    if written.str.contains(_MARKED_THOUSANDS).all():
        return texts.str.replace_all(",", "", literal=True)
    if written.str.contains(_DECIMAL_COMMA).all():
        # A point marks thousands only beside a decimal comma; "3.500" alone stays as it is.
        changed = texts.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
        return pl.select(pl.when(commas).then(changed).otherwise(texts)).to_series()
    return texts
