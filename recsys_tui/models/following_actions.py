"""What follows each item, and how soon: counts of pairs by lag, a block of items at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recsys_tui.data.histories import Floats, Histories, Ints, Longs

# Actions times lags of a block: its arrays are about a megabyte each, which stays in a processor's cache.
CELLS_AT_ONCE = 300_000
# Rows that are made dense at once.
ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class FollowingActions:
    """Actions on the items at places ``first`` to ``last`` (not included), one item after the other, and the places of
    the items that the same person took next. Where an item has too many actions for a block, several follow each other.

    ``bounds`` (last - first + 1,): where the actions on each item begin. ``following`` (actions, lags): the place of
    the item taken one, two, … steps later, or ``size`` where there is none, or it has no place; as many lags as any of
    these actions is followed by.
    """

    first: int
    last: int
    bounds: Longs
    following: Ints
    size: int

    def weighted(self, weights: Sequence[float]) -> Any:
        """Σ over the actions on an item and the lags l = 1, 2, … of ``weights[l - 1]``, for each item that followed:
        a sparse matrix (last - first, size), float32."""
        from scipy.sparse import csr_matrix

        count, lags = len(self.following), min(len(weights), self.following.shape[1])
        own = csr_matrix(
            (np.ones(count, np.float32), np.arange(count, dtype=np.int32), self.bounds.astype(np.int32)),
            shape=(self.last - self.first, count),
        )
        steps = csr_matrix(
            (
                np.tile(np.asarray(weights[:lags], np.float32), count),
                np.ascontiguousarray(self.following[:, :lags]).ravel(),
                np.arange(0, count * lags + 1, lags, dtype=np.int32),
            ),
            shape=(count, self.size + 1),
        )
        return (own @ steps)[:, : self.size]


def following_actions(
    histories: Histories, positions: Ints, size: int, lags: int, most_rows: int
) -> Iterator[FollowingActions]:
    """The actions by item, in ascending order of places, with up to ``lags`` that followed each.

    ``positions`` (items,): the place of each item, below ``size``, or -1 for those that are in no pair. ``most_rows``:
    items in a block.
    """
    places = positions[histories.items].astype(np.int32)
    order = np.argsort(places, kind="stable")
    order = order[np.searchsorted(places[order], 0) :]
    bounds = np.concatenate([[0], np.cumsum(np.bincount(places[order], minlength=size))])
    after = histories.lags.astype(np.int32)
    ends = np.full(lags, size, np.int32)
    later = np.concatenate([np.where(places >= 0, places, np.int32(size))[1:], ends])
    windows = np.lib.stride_tricks.sliding_window_view(later, lags)
    steps = np.arange(lags, dtype=np.int32)
    most = max(1, CELLS_AT_ONCE // lags)
    first = 0
    while first < size:
        within = int(np.searchsorted(bounds, bounds[first] + most, side="right")) - 1
        last = int(np.clip(within, first + 1, min(size, first + most_rows)))
        for start in range(int(bounds[first]), max(int(bounds[last]), int(bounds[first]) + 1), most):
            stop = min(start + most, int(bounds[last]))
            actions = order[start:stop]
            width = int(np.clip(after[actions].max(initial=1), 1, lags))
            following = np.where(steps[:width] < after[actions][:, None], windows[actions, :width], np.int32(size))
            yield FollowingActions(first, last, np.clip(bounds[first : last + 1], start, stop) - start, following, size)
        first = last


def lagged_pair_counts(
    histories: Histories, positions: Ints, size: int, weights: Sequence[Sequence[float]]
) -> list[Floats]:
    """Counts of item a coming before item b, (size, size), weighted by how many steps: for each entry of ``weights``
    Σ_l weights[l - 1] · count(a, l steps before b). ``positions``: see :func:`following_actions`."""
    result = [np.zeros((size, size), np.float32) for _ in weights]
    for block in following_actions(histories, positions, size, max(map(len, weights)), ROWS_AT_ONCE):
        for counts, by_lag in zip(result, weights, strict=True):
            counts[block.first : block.last] += block.weighted(by_lag).toarray()
    return result
