"""How many people of which cluster have which item, told so that no few of them can be worked out from any two pages.

The people of all clusters who have an item, and everybody who has it, are told in different places: on the pages of
clusters and items, in lists of what stands out, in reasons. All of them ask here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Histories, Longs
from recsys_tui.data.people_behind import distinct
from recsys_tui.data.told_takers import told_items
from recsys_tui.output.crowd_counts import open_parts
from recsys_tui.output.crowd_gate import CrowdGate

Doubles = NDArray[np.float64]
Whole = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class TakerShares:
    """The share of a cluster's people who have an item, its lift over the share of everybody who has it, and whether
    both are lower bounds; share and lift are 0 where nothing may be told."""

    share: Doubles
    lift: Doubles
    at_least: Flags


def how_many_of(histories: Histories, items: Flags) -> Longs:
    """How many actions of each person are on the items (a mask), shape (people,)."""
    running = np.concatenate([[0], np.cumsum(items[histories.items])])
    result: Longs = running[histories.indptr[1:]] - running[histories.indptr[:-1]]
    return result


def told_clusters(clusters: Whole, count: int, gate: CrowdGate) -> Flags:
    """Of which of ``count`` clusters the size may be told, by the cluster of every person (-1: none)."""
    members = np.asarray(clusters)
    sizes = np.bincount(members[members >= 0], minlength=count)
    return open_parts(sizes, gate, untold=int((members < 0).sum()))


class ClusterTakers:
    """Who has what by cluster. ``histories`` and ``clusters`` (people,; -1: none) are those of a model.

    ``told``: of which clusters anything is told. ``sizes``: people of each.
    """

    def __init__(self, histories: Histories, clusters: Whole, count: int, gate: CrowdGate) -> None:
        self.histories, self.clusters, self.count, self.gate = histories, np.asarray(clusters), count, gate
        self.told = told_clusters(self.clusters, count, gate)
        self.sizes = np.bincount(self.clusters[self.clusters >= 0], minlength=count)

    def members(self, cluster: int) -> Longs:
        """Codes of the people of a cluster."""
        return np.flatnonzero(self.clusters == cluster)

    def of(self, cluster: int) -> Histories:
        """The histories of the people of a cluster."""
        members = self.members(cluster)
        return self.histories.prefixes(members, self.histories.lengths[members])

    @cached_property
    def everyone(self) -> Longs:
        """How many people have each item, shape (items,)."""
        return self.histories.item_counts()

    def counts(self, cluster: int) -> Longs:
        """How many people of a cluster have each item, shape (items,): for what is not told."""
        return self.of(cluster).item_counts()

    def shares(self, cluster: int) -> TakerShares:
        """Of every item in one cluster, each (items,)."""
        often, found = self._of_all
        items = self.histories.item_count
        result = TakerShares(np.zeros(items), np.zeros(items), np.zeros(items, np.bool_))
        result.share[often], result.lift[often] = found.share[cluster], found.lift[cluster]
        result.at_least[often] = found.at_least[cluster]
        return result

    def shares_of_item(self, item: int) -> TakerShares:
        """Of one item (a code) in every cluster, each (clusters,)."""
        takers = self.clusters[self.histories.owners_of(item)]
        counts = np.bincount(takers[takers >= 0], minlength=self.count)
        found = self._shares(counts[:, None], np.array([len(takers)]), self.told_items[0][[item]])
        return TakerShares(found.share[:, 0], found.lift[:, 0], found.at_least[:, 0])

    @cached_property
    def _of_all(self) -> tuple[Longs, TakerShares]:
        """The items (codes) that enough people have, and what is told of them, each (clusters, items)."""
        often = np.flatnonzero(self.told_items[0])
        counts = np.zeros((self.count, len(often)), np.int64)
        for cluster in range(self.count):
            counts[cluster] = self.counts(cluster)[often]
        return often, self._shares(counts, self.everyone[often], np.ones(len(often), np.bool_))

    @cached_property
    def told_items(self) -> tuple[Flags, Flags]:
        """Of which items it may be told how many people have them: see :func:`told_items`."""
        return told_items(self.histories, self.gate)

    @cached_property
    def _untold_actions(self) -> tuple[Longs, Longs]:
        """By whom and on which item the actions are whose items are not told."""
        rows = np.flatnonzero(~self.told_items[0][self.histories.items])
        return self.histories.owners[rows].astype(np.int64), self.histories.items[rows].astype(np.int64)

    def items_together_told(self, items: Flags) -> bool:
        """Whether it may be told how many people have some items (a mask), all counts summed, and all others."""
        open_, secret = self.told_items
        for side in (items, ~items):
            untold = side & ~open_ & (self.everyone > 0)
            if not untold.any():
                continue
            owners, of_items = self._untold_actions
            people = len(distinct(owners[untold[of_items]]))
            if people < self.gate.minimum or (untold.sum() == 1 and secret[untold].any()):
                return False
        return True

    def _shares(self, counts: Longs, had: Longs, items: Flags) -> TakerShares:
        """Of some items, given how many people of each cluster have them (clusters, items), and how many of all.

        Told are cells of enough people, beside whom enough of their cluster or nobody lacks the item; and of what is
        not told, neither those who have the item nor those who lack it are a few: both are what is left of everybody.
        """
        fewest, sizes = self.gate.minimum, self.sizes[:, None]
        lack = sizes - counts
        could = (counts >= fewest) & self.told[:, None] & items
        few_lack = (lack > 0) & (lack < fewest)
        open_ = could & ~few_lack
        while True:
            rest = had - np.where(open_, counts, 0).sum(axis=0)
            lacking = len(self.histories) - had - np.where(open_, lack, 0).sum(axis=0)
            # Who is in no cluster has nothing, as whoever knows that can tell them from those who lack an item in one.
            within = np.where(open_, 0, lack).sum(axis=0)
            few = np.logical_or.reduce([(left > 0) & (left < fewest) for left in (rest, lacking, within)])
            closing = np.flatnonzero(few & open_.any(axis=0))
            if not len(closing):
                break
            open_[np.where(open_, counts, np.iinfo(np.int64).max)[:, closing].argmin(axis=0), closing] = False
        # What is known of cells that are not told: all but ten of the cluster, or all but ten of what is left.
        bound = np.where(could & few_lack, sizes - fewest, 0)
        left = rest - fewest
        bound = np.where(could & ~open_ & (rest - counts < fewest), np.maximum(bound, left), bound)
        count = np.where(open_, counts, np.where(bound >= fewest, bound, 0))
        share = count / np.maximum(1, sizes)
        lift: Doubles = share / np.maximum(had / max(1, len(self.histories)), 1e-12)
        return TakerShares(share, lift, ~open_ & (count > 0))
