"""How many events a group has, and whether enough people stand behind them, without counting people where many must."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from recsys_tui.data.dataset import USER

COUNT, PEOPLE = "count", "people"


def counts_and_people(table: pl.DataFrame, by: Sequence[str], enough: int) -> pl.DataFrame:
    """One row a group of ``table`` (with a column ``user``): the columns ``by``, ``count`` (rows) and ``people``.

    ``people`` is exact where it is below ``enough``, and ``enough`` or more elsewhere: a group of more rows than
    ``enough`` − 1 of the busiest people have is of ``enough`` people at least, so that nobody needs to be counted.
    Counting different people costs several times what counting rows does.
    """
    grouped = table.group_by(by).agg(pl.len().alias(COUNT))
    if not table.height:
        return grouped.with_columns(pl.lit(0, pl.UInt32).alias(PEOPLE))
    busiest = int(np.bincount(table[USER].to_numpy()).max())
    unsure = grouped.filter(pl.col(COUNT) <= (enough - 1) * busiest)
    counted = (
        table.join(unsure.select(by), on=list(by), how="semi", nulls_equal=True)
        .group_by(by)
        .agg(pl.col(USER).n_unique().alias(PEOPLE))
    )
    people = grouped.join(counted, on=list(by), how="left", nulls_equal=True)
    return people.with_columns(pl.col(PEOPLE).fill_null(enough))
