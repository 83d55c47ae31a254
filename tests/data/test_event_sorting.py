"""The order of events, against sorting by three columns."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_tui.data.event_sorting import sorted_events

TIMES = st.one_of(st.integers(0, 3), st.integers(-(10**13), 10**13))


def table(rows: list[tuple[int, int]], timed: bool = True) -> pl.DataFrame:
    columns = {
        "row": pl.Series(range(3, 3 + 2 * len(rows), 2), dtype=pl.UInt32),
        "user": pl.Series([user for user, _ in rows], dtype=pl.UInt32),
    }
    if timed:
        columns["time"] = pl.Series([time for _, time in rows], dtype=pl.Int64)
    return pl.DataFrame(columns)


@given(st.lists(st.tuples(st.integers(0, 4), TIMES), max_size=60), st.booleans())
def test_it_is_the_order_of_three_columns(rows: list[tuple[int, int]], timed: bool):
    events = table(rows, timed)
    expected = events.sort([name for name in ("user", "time", "row") if name in events.columns])
    assert sorted_events(events).equals(expected)


@pytest.mark.parametrize("far", [2**62, -(2**63), 2**63 - 1])
def test_times_that_span_everything(far: int):
    events = table([(1, far), (0, -(2**62)), (1, 0), (0, far), (1, far)])
    assert sorted_events(events).equals(events.sort("user", "time", "row"))


def test_rows_that_are_in_no_order():
    events = table([(0, 5), (0, 5), (1, 2), (0, 5)])[[3, 1, 2, 0]]
    assert sorted_events(events).equals(events.sort("user", "time", "row"))
