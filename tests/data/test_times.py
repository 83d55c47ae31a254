"""Times of every kind become epoch milliseconds; numbers that are no dates are an order."""

from __future__ import annotations

from datetime import date, time

import polars as pl
import pytest

from recsys_tui.data.dataset import TimeKind
from recsys_tui.data.times import is_order_within, time_kind_of, to_milliseconds, to_order

# 2001-09-09 01:46:40 UTC is the second 1,000,000,000.
MOMENT = 1_000_000_000_000


@pytest.mark.parametrize(
    "values",
    [
        [1_000_000_000],
        [1_000_000_000_000],
        [1_000_000_000_000_000],
        [1_000_000_000_000_000_000],
        ["1000000000"],
        ["1000000000.0"],
        ["1.0e9"],
        [1_000_000_000.0],
        ["2001-09-09 01:46:40"],
        ["2001-09-09T01:46:40Z"],
        ["2001-09-09T01:46:40.000+00:00"],
        ["2001-09-09T03:46:40+02:00"],
        ["2001-09-08T18:16:40-0730"],
        ["2001/09/09 01:46:40"],
    ],
)
def test_one_moment_in_many_forms(values: list[object]) -> None:
    series = pl.Series(values)
    assert time_kind_of(series) is TimeKind.TIME
    assert to_milliseconds(series).to_list() == [MOMENT]


@pytest.mark.parametrize("kind", [pl.Int32, pl.UInt32, pl.Int64, pl.UInt64, pl.Int128])
def test_whole_numbers_of_all_sizes_are_moments(kind: type[pl.DataType]) -> None:
    """As those of Parquet files are."""
    values = pl.Series("t", [1_000_000_000] * 3, dtype=kind)
    assert time_kind_of(values) is TimeKind.TIME
    assert to_milliseconds(values).to_list() == [MOMENT] * 3
    days = pl.Series("t", [20010909] * 3, dtype=kind)
    assert to_milliseconds(days).to_list() == [999_993_600_000] * 3


def test_days_are_midnights() -> None:
    assert to_milliseconds(pl.Series(["1970-01-02", "1969-12-31"])).to_list() == [86_400_000, -86_400_000]
    assert to_milliseconds(pl.Series([date(1970, 1, 2)])).to_list() == [86_400_000]


def test_the_magnitude_of_most_decides_the_unit() -> None:
    assert to_milliseconds(pl.Series([0, 1_000_000_000, 1_000_000_001])).to_list() == [0, MOMENT, MOMENT + 1_000]


def test_what_no_calendar_shows_is_no_time() -> None:
    values = pl.Series([1_000_000_000, 9_999_999_999_999_999, 1_000_000_000, -(10**18)])
    assert to_milliseconds(values).to_list() == [MOMENT, None, MOMENT, None]


def test_unreadable_dates_are_null() -> None:
    values = pl.Series(["2020-01-01", "soon", "2020-02-30", None, "2020-01-01"])
    assert to_milliseconds(values).to_list() == [1_577_836_800_000, None, None, None, 1_577_836_800_000]


def test_small_numbers_are_an_order() -> None:
    assert time_kind_of(pl.Series([0, 1, 2])) is TimeKind.ORDER
    assert to_order(pl.Series(["0", "2", "x"])).to_list() == [0, 2, None]


@pytest.mark.parametrize("values", [["a", "b"], [0.5, 0.25], [None, None], [time(1, 2)]])
def test_neither_dates_nor_an_order(values: list[object]) -> None:
    assert time_kind_of(pl.Series(values)) is None


def test_counting_from_zero_for_each_person() -> None:
    users = pl.Series(["a", "a", "a", "b", "b"])
    assert is_order_within(users, pl.Series([2, 0, 1, 1, 0]))
    assert is_order_within(users, pl.Series(["2", "0", "1", "1", "0"]))
    assert not is_order_within(users, pl.Series([2, 0, 1, 2, 0]))  # a gap
    assert not is_order_within(users, pl.Series([0, 0, 1, 1, 0]))  # a tie
    assert not is_order_within(users, pl.Series([3, 1, 2, 2, 1]))  # from one
    assert not is_order_within(pl.Series(["a", "b"]), pl.Series([0, 0]))  # nobody has two


@pytest.mark.parametrize("value", ["9" * 30, "1e308", "-1e300"])
def test_numbers_beyond_any_calendar_are_neither_dates_nor_an_order(value: str):
    assert time_kind_of(pl.Series("t", [value, "1" + value[1:], value])) is None
