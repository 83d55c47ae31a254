"""What people took in the held-out part, pair by pair: at which rank a list had it, and what it was worth to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.evaluate.ranking_metrics import Codes, Flags, PerPerson

Ranks = NDArray[np.int64]


@dataclass(frozen=True)
class TakenPairs:
    """One row a held-out pair: ``owners`` (row of the person among those asked about) and ``items`` (codes).

    ``worth``: the rating, or the strength of the events, that each has, not-a-number where there is none; None where
    the data has neither. ``kind``: which of the two it is. ``times``: when each pair began; None without times.
    """

    people: int
    owners: NDArray[np.int64]
    items: NDArray[np.int64]
    worth: NDArray[np.float64] | None = None
    kind: str | None = None
    times: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.owners)

    def ranks(self, lists: Codes, hits: Flags) -> Ranks:
        """The first rank (from 1) at which a person's list holds the pair's item, 0 where it does not, (pairs,).

        ``lists`` and ``hits`` (people, depth): see :func:`~.ranking_metrics.found`.
        """
        rows, places = np.nonzero(hits)
        width = 1 + max(int(lists.max(initial=0)), int(self.items.max(initial=0)))
        keys = self.owners * width + self.items
        order = np.argsort(keys, kind="stable")
        found = order[np.searchsorted(keys[order], rows * width + lists[rows, places])]
        result = np.zeros(len(self), np.int64)
        result[found[::-1]] = places[::-1] + 1  # of an item listed twice the first place is written last
        return result


def ndcg_among(
    ranks: NDArray[np.integer[Any]], pairs: TakenPairs, among: Flags, k: int = 10
) -> tuple[NDArray[np.intp], PerPerson]:
    """NDCG@k where only the pairs ``among`` (pairs,) are wanted: the people (rows) who have any, and the value of each.

    ``ranks`` (runs, pairs); several runs of a model are averaged. Other items of the list keep their places, as misses.
    """
    gains = np.where((ranks > 0) & (ranks <= k), 1 / np.log2(np.maximum(ranks, 1) + 1), 0.0).mean(axis=0)
    owners = pairs.owners[among]
    wanted = np.bincount(owners, minlength=pairs.people)
    gained = np.bincount(owners, gains[among], minlength=pairs.people)
    ideal = np.concatenate([[0.0], np.cumsum(1 / np.log2(np.arange(k) + 2))])[np.minimum(wanted, k)]
    people = np.flatnonzero(wanted)
    return people, gained[people] / ideal[people]
