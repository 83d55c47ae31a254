"""Groups and the people behind them, against counting everybody."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recsys_tui.data.people_behind import counts_and_people


def table(users: list[int], groups: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame({"user": pl.Series(users, dtype=pl.UInt32), "of": pl.Series(groups, dtype=pl.String)})


def plainly(rows: pl.DataFrame) -> dict[str | None, tuple[int, int]]:
    grouped = rows.group_by("of").agg(pl.len().alias("count"), pl.col("user").n_unique().alias("people"))
    return {row["of"]: (row["count"], row["people"]) for row in grouped.iter_rows(named=True)}


@given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["a", "b", "c", None])), max_size=120), st.integers(1, 9))
def test_few_people_are_counted_exactly_and_many_are_known_to_be_many(rows: list[tuple[int, str | None]], enough: int):
    given_rows = table([user for user, _ in rows], [group for _, group in rows])
    expected = plainly(given_rows)
    found = counts_and_people(given_rows, ["of"], enough)
    assert found.height == len(expected)
    for row in found.iter_rows(named=True):
        count, people = expected[row["of"]]
        assert row["count"] == count
        assert (row["people"] == people) if people < enough else enough <= row["people"] <= people


@pytest.mark.parametrize("busy", [1, 40])
def test_one_busy_person_is_no_crowd(busy: int):
    """However many rows one person makes of a group, people are counted where they could be too few."""
    users = [0] * 200 + list(range(1, busy + 1))
    found = counts_and_people(table(users, ["x"] * len(users)), ["of"], 10)
    people = found["people"].item()
    assert (people == 2) if busy == 1 else (people >= 10)


def test_several_columns_make_a_group():
    random = np.random.default_rng(0)
    rows = pl.DataFrame(
        {
            "user": pl.Series(random.integers(0, 500, 3_000), dtype=pl.UInt32),
            "low": random.integers(0, 3, 3_000),
            "high": random.integers(0, 2, 3_000),
        }
    )
    found = counts_and_people(rows, ["low", "high"], 10)
    assert found.height == 6
    assert found["count"].sum() == 3_000
    assert (found["people"] >= 10).all()
