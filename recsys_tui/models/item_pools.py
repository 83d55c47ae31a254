"""Pools of items: where a catalogue is too large to compute everything for everyone, the items worth scoring.

A person's pool is the union of what each expert would put first. All signals are computed for the pool alone, in
training as in answering; below the bound the pool is the catalogue.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Ints, Longs
from recsys_tui.models.partial_scores import PartialScores

POOLED_ABOVE = 8_000
LEAST = 500
# Signal → how many of its best items join a person's pool.
WIDTHS = {
    "sequence": 150,
    "transitions": 150,
    "ease": 150,
    "neighbours": 150,
    "content": 50,
    "content_recent": 100,
    "popular": 100,
    "recent": 200,
    "friends": 100,
    "follows_back": 50,
    "encoder": 150,
}
NOTHING = -1


def is_pooled(item_count: int) -> bool:
    """Whether a catalogue is so large that people's signals are computed for pools of items."""
    return item_count > POOLED_ABOVE


def draw_pools(sources: Mapping[str, PartialScores], fame: Floats, allowed: Flags, least: int = LEAST) -> Ints:
    """Each person's pool: codes in ascending order, shape (people, width), -1 at the end where a pool is smaller.

    ``sources``: what the experts say about these people. Only items that ``allowed`` (people, items) marks are drawn.
    A pool with fewer than ``least`` items is filled up with the most popular by ``fame`` (items,), so that it is only
    smaller where no more are allowed.
    """
    people, item_count = allowed.shape
    found = [sources[name].best(width, allowed) for name, width in WIDTHS.items() if name in sources]
    # Sorted pairs, person by person: marking them in a table of flags would miss the cache for each.
    pairs = np.unique(np.concatenate([rows * item_count + items for rows, items in found]))
    counts = np.bincount(pairs // item_count, minlength=people)
    short = np.flatnonzero(counts < least)
    if len(short):
        by_fame = np.argsort(-fame, kind="stable")
        ends = np.cumsum(counts)
        added = [pairs]
        for row in short:
            free = allowed[row].copy()
            free[pairs[ends[row] - counts[row] : ends[row]] - row * item_count] = False
            added.append(row * item_count + by_fame[free[by_fame]][: least - counts[row]])
        pairs = np.sort(np.concatenate(added))
        counts = np.bincount(pairs // item_count, minlength=people)
    pools = np.full((people, int(counts.max(initial=1))), NOTHING, np.int32)
    places = np.arange(len(pairs)) - np.repeat(np.cumsum(counts) - counts, counts)
    pools[pairs // item_count, places] = pairs % item_count
    return pools


def places_in(pools: Ints, items: Longs) -> Longs:
    """The place of one item (people,) in each person's pool, or -1, shape (people,)."""
    there = pools == items[:, None]
    return np.where(there.any(axis=1), there.argmax(axis=1), NOTHING)
