"""Events merged to pairs: what each person has taken, how strongly, how often, and what they took back."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from recsys_tui.data.dataset import EVENT, ITEM, QUANTITY, RATING, ROW, STRENGTH, TIME, USER, Dataset

EVENTS, LAST, NET = "events", "last", "net"
LOOK = 1.0
LEAST = 1e-3  # what rounding may leave of a sum that is zero


@dataclass(frozen=True)
class MergedPairs:
    """``taken``: one row a pair, sorted by user and the time of its first event that counts for it; columns ``user``,
    ``item``, ``row``, where there are any ``rating`` (the first that was given) and ``time``, and ``events`` (how many
    count for it), ``last`` (time of the last of them; without times its place in the table) and ``net`` (strength of
    all its events together). ``against``: pairs of which somebody took back all they gave, but for mere looks:
    ``user``, ``item``.
    """

    taken: pl.DataFrame
    against: pl.DataFrame


def merged_pairs(dataset: Dataset) -> MergedPairs:
    """Merge the events of each (user, item) pair."""
    table = dataset.interactions
    strength = pl.col(STRENGTH) if STRENGTH in table.columns else pl.lit(1.0, pl.Float32)
    when = pl.col(TIME) if TIME in table.columns else pl.int_range(pl.len(), dtype=pl.Int64)
    table = table.with_columns(strength.alias(NET), when.alias(LAST))
    pair = [USER, ITEM]
    against = table.head(0).select(pair)
    if STRENGTH in table.columns:
        # Having looked at something does not make up for having sent it back.
        opinion = pl.col(NET).filter(~_is_a_look(dataset)).sum()
        sums = table.lazy().group_by(pair).agg(
            pl.col(NET).sum(), opinion.alias("opinion"), (pl.col(NET) < 0).any().alias("negative")
        ).collect()  # fmt: skip
        back = pl.col("negative") & (pl.col("opinion") <= LEAST)
        against = sums.filter(back).select(pair).sort(pair)
        kept = sums.filter(~back & (pl.col(NET) > 0)).select(*pair, pl.col(NET).alias("sum"))
        table = table.filter(pl.col(NET) > 0).join(kept, on=pair, how="inner", maintain_order="left")
    else:
        table = table.with_columns(pl.lit(0.0).alias("sum"))
    first = table.unique(pair, keep="first", maintain_order=True)
    if first.height == table.height:
        events = first.with_columns(pl.lit(1, pl.UInt32).alias(EVENTS))
    else:
        each = [pl.len().cast(pl.UInt32).alias(EVENTS), pl.col(LAST).max()]
        if RATING in table.columns:  # who looked at something, and rated it later, has rated it
            each.append(pl.col(RATING).drop_nulls().first())
        counted = table.lazy().group_by(pair).agg(each).collect()
        events = first.drop(LAST, RATING, strict=False).join(counted, on=pair, how="left", maintain_order="left")
    if STRENGTH in table.columns:
        events = events.with_columns(pl.col("sum").cast(pl.Float32).alias(NET))
    else:
        events = events.with_columns(pl.col(EVENTS).cast(pl.Float32).alias(NET))
    columns = [name for name in (USER, ITEM, ROW, RATING, TIME, EVENTS, LAST, NET) if name in events.columns]
    return MergedPairs(events.select(columns), against)


def _is_a_look(dataset: Dataset) -> pl.Expr:
    """Whether an event is of one of the weakest kinds, such as a view."""
    looks = [name for name, weight in dataset.weights.items() if 0 < weight <= LOOK]
    return pl.col(EVENT).is_in(looks) if looks and EVENT in dataset.interactions.columns else pl.lit(False)


def counts_per_person(dataset: Dataset) -> bool:
    """Whether strengths are counts, which each person has their own scale of, rather than kinds of events."""
    return EVENT not in dataset.interactions.columns or QUANTITY in dataset.interactions.columns
