"""The nearest neighbours of items, as codes: by who takes them, by what they are about, by shared baskets."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Histories, Ints, Longs
from recsys_tui.models.neighbours import SHRINKAGE
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.recommend.baskets import Baskets

Found = tuple[Ints, Floats]
ITEMS_AT_ONCE = 1_000
# To which power the people of a neighbour count; one half makes a cosine.
POPULARITY = 0.75


class ItemNeighbours(Protocol):
    """One way in which items are neighbours."""

    def nearest(self, item: int, k: int) -> Found:
        """The ``k`` nearest of one item: codes and scores, the best first (ties: the smaller code), both (found,)."""
        ...

    def of_all(self, k: int) -> Iterator[tuple[int, Ints, Floats]]:
        """The same for every item of the catalogue, in the order of codes: (item, codes, scores)."""
        ...


class TasteNeighbours:
    """Who takes them: the model's tables of item neighbours, which cover the whole catalogue however large it is.

    A score is c / (√n · m^¾ + 20): c people took both, n the item and m the neighbour. Neighbours that everybody takes
    count less than in a cosine (conditional probability with scaled frequency: Deshpande and Karypis, TOIS 2004). The
    tables keep 100 partners of an item, those with the highest shrunk cosine. An item that nobody has taken stands
    where the fifty items stand that are most like it by content: its scores are the mean of theirs, each counting by
    how alike it is.

    Two items that fewer than ten people took both are no neighbours, for whoever is alone behind one would have all
    they took listed beside it; and where 1 to 9 people took one and not the other, they count as ten. How many people
    took an item counts as it may be told (:func:`recsys_tui.data.told_takers.told_takers`), and so do those who took
    both where they are all who took one.
    """

    def __init__(self, model: TrainedModel, gate: CrowdGate | None = None) -> None:
        self._table, self._cold = model.experts.neighbours.table, model.experts.cold
        self._popular, self._histories = model.experts.popular, model.people.histories
        self._gate = gate or CrowdGate()

    @cached_property
    def _counts(self) -> Floats:
        return self._histories.item_counts().astype(np.float32)

    @cached_property
    def _told_counts(self) -> Floats:
        return self._popular.told_counts(self._gate).astype(np.float32)

    @cached_property
    def _untold(self) -> Flags:
        return ~self._popular.exact(self._gate)

    def is_new(self, item: int) -> bool:
        """Whether nobody has taken it, so that content speaks for it."""
        return self._place_if_new(item) >= 0

    def _place_if_new(self, item: int) -> int:
        return -1 if self._cold is None else int(self._cold.places(np.array([item], np.int32))[0])

    def nearest(self, item: int, k: int) -> Found:
        """See :class:`ItemNeighbours`."""
        place = self._place_if_new(item)
        if self._cold is None or place < 0:
            partners, scores = (rows[0] for rows in self._scores(np.array([item])))
            there = scores > 0
            return best_of(partners[there], scores[there], k)
        sums = self._means_of(self._cold.nearest[place], self._cold.shares[place].astype(np.float32))
        sums[item] = 0
        found = np.flatnonzero(sums > 0).astype(np.int32)
        return best_of(found, sums[found], k)

    def _scores(self, items: Longs | Ints) -> tuple[Ints, Floats]:
        """Partners of some items and their scores, each (items, 100); those that are none have score 0."""
        partners, cosines = self._table.partners[items], self._table.values[items].astype(np.float32)
        own, theirs = np.broadcast_arrays(self._counts[items][:, None], self._counts[partners])
        together = np.rint(cosines * (np.sqrt(own * theirs) + SHRINKAGE))
        return partners, self._told(items[:, None], partners, together)

    def _told(self, items: Longs | Ints, others: Longs | Ints, together: Floats) -> Floats:
        """The scores of items (codes, of one shape) that so many people took ``together``; 0 where they are too few, or
        too few to count 1 to 9 who took but one of the items as ten."""
        fewest, own, theirs = self._gate.minimum, self._counts[items], self._counts[others]
        beside = [(rest > 0) & (rest < fewest) for rest in (own - together, theirs - together)]
        few, told = beside[0] | beside[1], (self._told_counts[items], self._told_counts[others])
        enough = (together >= fewest) & ~(few & (np.minimum(own, theirs) < 2 * fewest))
        counted = np.where(few, np.minimum(*told) - fewest, together)
        for all_of, shown, some in zip((own, theirs), told, (items, others), strict=True):
            # In half precision so many can seem to be a few more than all.
            counted = np.where(~few & (all_of <= together) & self._untold[some], shown, counted)
        return np.where(enough, counted / (_scale(*told) + SHRINKAGE), 0).astype(np.float32)

    def _means_of(self, known: Ints, shares: Floats) -> Floats:
        """Of every item the weighted mean of its scores with some known items."""
        partners, scores = self._scores(known)
        # The tables leave out that an item is a neighbour of itself: c = n = m.
        own = np.maximum(self._counts[known], self._gate.minimum)
        sums = np.bincount(partners.ravel(), (scores * shares[:, None]).ravel(), len(self._counts))
        np.add.at(sums, known, shares * self._told(known, known, own))
        return sums.astype(np.float32)

    def of_all(self, k: int) -> Iterator[tuple[int, Ints, Floats]]:
        """See :class:`ItemNeighbours`."""
        for item in range(len(self._counts)):
            yield item, *self.nearest(item, k)


class ContentNeighbours:
    """What they are about: the cosine of their terms, attributes and vectors; items without any have no neighbours."""

    def __init__(self, model: TrainedModel) -> None:
        self._content = model.experts.content
        self._count = len(model.catalogue)

    def nearest(self, item: int, k: int) -> Found:
        """See :class:`ItemNeighbours`."""
        cosines = self._content.last(Histories.of_one([item], self._count))[0].copy()
        cosines[item] = 0
        found = np.flatnonzero(cosines > 0).astype(np.int32)
        return best_of(found, cosines[found], k)

    def of_all(self, k: int) -> Iterator[tuple[int, Ints, Floats]]:
        """See :class:`ItemNeighbours`."""
        everything = np.arange(self._count)
        for start in range(0, self._count, ITEMS_AT_ONCE):
            some = everything[start : start + ITEMS_AT_ONCE]
            codes, cosines = self._content.nearest(some, everything, k + 1)  # the item itself is among them
            for row, item in enumerate(some.tolist()):
                keep = np.flatnonzero((codes[row] != item) & (cosines[row] > 0))[:k]
                yield item, codes[row, keep], cosines[row, keep]


class BasketNeighbours:
    """What is taken together, where enough people do; see :meth:`Baskets.together`."""

    def __init__(self, baskets: Baskets, gate: CrowdGate) -> None:
        self._baskets, self._gate = baskets, gate

    def nearest(self, item: int, k: int) -> Found:
        """See :class:`ItemNeighbours`."""
        return self._baskets.together(item, k, self._gate)

    def of_all(self, k: int) -> Iterator[tuple[int, Ints, Floats]]:
        """See :class:`ItemNeighbours`."""
        for item in range(len(self._baskets.bounds) - 1):
            yield item, *self.nearest(item, k)


class ArrangedNeighbours:
    """Those of another way, where equal ones stand in the order of their ``ranks`` (items,) instead of their codes."""

    def __init__(self, ways: ItemNeighbours, ranks: Longs) -> None:
        self._ways, self._ranks = ways, ranks

    def nearest(self, item: int, k: int) -> Found:
        """See :class:`ItemNeighbours`."""
        return self._arranged(*self._ways.nearest(item, len(self._ranks)), k)

    def of_all(self, k: int) -> Iterator[tuple[int, Ints, Floats]]:
        """See :class:`ItemNeighbours`."""
        for item, codes, scores in self._ways.of_all(len(self._ranks)):
            yield item, *self._arranged(codes, scores, k)

    def _arranged(self, codes: Ints, scores: Floats, k: int) -> Found:
        order = np.lexsort((self._ranks[codes], -scores))[:k]
        return codes[order], scores[order]


def _scale(own: Floats, theirs: Floats) -> Floats:
    return np.sqrt(own) * np.power(theirs, np.float32(POPULARITY))


def best_of(codes: Ints, scores: Floats, k: int) -> Found:
    """The ``k`` highest scores with their codes, the highest first; among equals the smaller codes come first."""
    order = np.lexsort((codes, -scores))[:k]
    return np.asarray(codes[order], np.int32), np.asarray(scores[order], np.float32)
