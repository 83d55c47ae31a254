"""A part of a dataset as a dataset of its own: fewer events, and only the people who still have any."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from recsys_tui.data.dataset import COUNT, FRIEND, ID, ITEM, TAGS, TAGS_SINCE, USER, Dataset
from recsys_tui.data.histories import Flags
from recsys_tui.data.meanings import repeat_share


def subset(dataset: Dataset, keep: Flags, items: pl.Series | None = None) -> Dataset:
    """The dataset as it would be had only the events ``keep`` (events,) happened.

    People without an event go; every item stays in the catalogue, those without events behind the others, as when a
    file of items names them. ``items``: ids of the catalogue in the order that the codes shall have instead, so that
    two parts of one dataset can be seen by one model.
    """
    table = dataset.interactions.filter(pl.Series(keep))
    people = table[USER].unique().sort()
    counts = np.bincount(table[ITEM].to_numpy(), minlength=dataset.items.height)
    if items is None:
        order = np.argsort(counts == 0, kind="stable")
    else:
        order = dataset.items.select(ID, pl.int_range(pl.len()).alias("place")).join(
            pl.DataFrame({ID: items}), on=ID, how="right", maintain_order="right"
        )["place"].to_numpy()  # fmt: skip
    user_code, item_code = _codes(people.to_numpy(), dataset.user_count), _codes(order, dataset.items.height)
    table = table.with_columns(
        pl.Series(USER, user_code[table[USER].to_numpy()], pl.UInt32),
        pl.Series(ITEM, item_code[table[ITEM].to_numpy()], pl.UInt32),
    )
    links = dataset.links.with_columns(
        pl.Series(name, user_code[dataset.links[name].to_numpy()]) for name in (USER, FRIEND)
    )
    events = np.bincount(table[USER].to_numpy(), minlength=people.len())
    return replace(
        dataset,
        interactions=table,
        items=dataset.items[order].with_columns(pl.Series(COUNT, counts[order], pl.UInt32)),
        users=dataset.users[people.to_numpy()].with_columns(pl.Series(COUNT, events, pl.UInt32)),
        links=links.filter((pl.col(USER) >= 0) & (pl.col(FRIEND) >= 0)).cast({USER: pl.UInt32, FRIEND: pl.UInt32}),
        repeat_share=repeat_share(table, dataset.time_kind)[0],
    )


def known_before(items: pl.DataFrame, moment: int) -> tuple[pl.DataFrame, bool]:
    """The table of items as it could be known before a ``moment`` (epoch milliseconds): without tags that people gave
    only then or later, or of which nobody says when; and whether there were such undated ones.
    """
    if TAGS_SINCE not in items.columns:
        return items, False
    given = pl.col(TAGS).list.len() == pl.col(TAGS_SINCE).list.len()
    rows = items.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"), TAGS, TAGS_SINCE).filter(given)
    each = rows.explode(TAGS, TAGS_SINCE).drop_nulls(TAGS)
    early = each.filter(pl.col(TAGS_SINCE) < moment).group_by("row", maintain_order=True).agg(TAGS, TAGS_SINCE)
    kept = items.drop(TAGS, TAGS_SINCE).with_row_index("row").join(early, on="row", how="left", maintain_order="left")
    return kept.select(items.columns), bool(each[TAGS_SINCE].null_count())


def _codes(
    kept: np.ndarray[tuple[int], np.dtype[np.integer]], count: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For each old code its new one, or -1."""
    result = np.full(count, -1, np.int64)
    result[kept] = np.arange(len(kept))
    return result
