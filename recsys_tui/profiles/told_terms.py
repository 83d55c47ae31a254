"""Which terms a cluster takes how much more than everyone does, told so that no few people can be worked out.

The list of clusters and their pages tell of terms, beside what they tell of items one by one. All of them ask here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

import numpy as np

from recsys_tui.data.histories import Flags, Longs
from recsys_tui.output.crowd_counts import open_parts
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.taker_shares import ClusterTakers, Doubles, how_many_of

FEW_CLUSTERS = 3


class _Met(NamedTuple):
    """Of some items (a mask): how many people of each cluster that is told of took any, (clusters,), and how many of
    everybody, and of no such cluster, did."""

    items: Flags
    counts: Longs
    everybody: int
    untold: int


class ToldTerms:
    """The terms of a vocabulary by cluster. ``content``: which items have which."""

    def __init__(self, takers: ClusterTakers, content: ContentProfiles) -> None:
        self.takers, self.content = takers, content
        self._sides: dict[int, tuple[_Met, _Met]] = {}
        self._together: dict[int, bool] = {}
        self._untold: dict[int, Flags] = {}

    def shares(self, cluster: int) -> tuple[Doubles, Doubles]:
        """The share of a cluster's actions that are on items with each term, and its lift over the share of
        everybody's, both (terms,)."""
        here, overall = self._share(self.takers.counts(cluster)), self._overall
        return here, here / np.maximum(overall, 1e-12)

    @cached_property
    def _overall(self) -> Doubles:
        return self._share(self.takers.everyone)

    @cached_property
    def _owners(self) -> Longs:
        """The item of each entry of ``content``."""
        return np.repeat(np.arange(len(self.content.indptr) - 1), np.diff(self.content.indptr))

    def _share(self, people: Longs) -> Doubles:
        count = len(self.content.vocabulary)
        result: Doubles = np.bincount(self.content.terms, people[self._owners], count) / max(1, int(people.sum()))
        return result

    def may_be_told(self, cluster: int, term: int) -> bool:
        """Whether what is told of a cluster's actions on items with a term, and on the others, tells of no few people,
        beside everyone's and what is told of these items one by one."""
        gate = self.takers.gate
        if not self.takers.told[cluster] or not self._told_together(term):
            return False
        with_it, without = self._sides_of(term)
        if not gate.open_for(int(with_it.counts[cluster])):
            return False
        for side in (with_it, without):
            if any((side.items & untold).sum() == 1 for untold in self._untold_beside(cluster)):  # what others leave
                return False
            open_ = open_parts(side.counts, gate, untold=side.untold)
            nobody = side.counts[cluster] == 0 and not 0 < side.everybody < gate.minimum
            if not (open_[cluster] or nobody):
                return False
        return True

    def is_all(self, cluster: int, term: int) -> bool:
        """Whether a cluster took nothing without a term: whoever reads that of several knows who took each other item
        of nobody in them, and by what everybody took, of those in the rest."""
        return not self._sides_of(term)[1].counts[cluster]

    def _told_together(self, term: int) -> bool:
        """Whether what is told of items with a term one by one tells of no few people together."""
        if term not in self._together:
            self._together[term] = self.takers.items_together_told(self._with(term))
        return self._together[term]

    def _with(self, term: int) -> Flags:
        """Which items have a term, (items,)."""
        items = np.zeros(len(self.takers.everyone), np.bool_)
        items[self._owners[self.content.terms == term]] = True
        return items

    def _sides_of(self, term: int) -> tuple[_Met, _Met]:
        """Items with a term, and all others."""
        if term not in self._sides:
            items = self._with(term)
            everybody = self.takers.histories
            on_them = how_many_of(everybody, items)
            self._sides[term] = self._met(items, on_them > 0), self._met(~items, on_them < everybody.lengths)
        return self._sides[term]

    def _met(self, items: Flags, met: Flags) -> _Met:
        here = np.append(self.takers.told, False)[self.takers.clusters]
        counts = np.bincount(self.takers.clusters[met & here], minlength=self.takers.count)
        return _Met(items, counts, int(met.sum()), int((met & ~here).sum()))

    def _untold_beside(self, cluster: int) -> Iterator[Flags]:
        """Which items are not told of a cluster, (items,); of others too where there are so few that what is told of
        two pages and of everyone leaves a single one."""
        told = np.flatnonzero(self.takers.told).tolist()
        for one in told if len(told) <= FEW_CLUSTERS else [cluster]:
            if one not in self._untold:
                self._untold[one] = self._left_of & ~self._is_told(one)
            yield self._untold[one]

    @cached_property
    def _left_of(self) -> Flags:
        """Which items any people have beside those of clusters that are told of them, (items,): who reads the page of
        another knows that a cluster which is not told of it took it never."""
        told = np.zeros(len(self.takers.everyone), np.int64)
        for cluster in np.flatnonzero(self.takers.told).tolist():
            told += np.where(self._is_told(cluster), self.takers.counts(cluster), 0)
        found: Flags = self.takers.everyone > told
        return found

    def _is_told(self, cluster: int) -> Flags:
        """Of which items it is told how many people of a cluster have them, (items,)."""
        alone = self.takers.shares(cluster)
        found: Flags = (alone.share > 0) & ~alone.at_least
        return found
