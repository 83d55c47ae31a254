"""Whether the order of rows without times can be the order of events, and what to do where it cannot."""

from __future__ import annotations

import polars as pl

from recsys_tui.data.cleaning import finding
from recsys_tui.data.dataset import ITEM, QUANTITY, RATING, ROW, TIME, USER, Action, Finding

FEWEST_EVENTS, FEWEST_PEOPLE = 4, 3
ENOUGH_SORTED = 0.9
_MULTIPLIER = 2_654_435_761  # Knuth's, for a permutation of the rows that is the same on every machine


def order_of_rows(table: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """The table as it is, or each person's rows in a fixed random order where the file's order tells nothing.

    Without times the place in the file stands for the time. Where each person's rows are sorted by item, by rating or
    by quantity that would be no order of events: what is held out to judge a model would be the last items of a
    sorted list, which are unlike the rest. Only people with at least 4 events of different values count.
    """
    if TIME in table.columns or not table.height:
        return table, []
    for column in (QUANTITY, RATING, ITEM):
        if column in table.columns and _sorted_within(table, column):
            key = (pl.col(ROW).cast(pl.UInt64) * _MULTIPLIER) % 2**32
            shuffled = table.sort(USER, key, ROW)
            return shuffled, [finding(f"sorted_by_{column}", table.height, Action.CHANGED)]
    return table, []


def _sorted_within(table: pl.DataFrame, column: str) -> bool:
    step = pl.col(column).cast(pl.Float64).diff().drop_nulls()
    people = (
        table.lazy()
        .group_by(USER, maintain_order=True)
        .agg(
            pl.len().alias("events"),
            pl.col(column).n_unique().alias("values"),
            (step >= 0).all().alias("up"),
            (step <= 0).all().alias("down"),
        )
        .filter((pl.col("events") >= FEWEST_EVENTS) & (pl.col("values") >= FEWEST_EVENTS))
        .select(pl.len(), pl.col("up").mean(), pl.col("down").mean())
        .collect()
    )
    count, up, down = people.row(0)
    return count >= FEWEST_PEOPLE and max(up or 0.0, down or 0.0) >= ENOUGH_SORTED
