"""What is taken together: neighbours of an item among the items of the same baskets, invoices or sessions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import polars as pl

from recsys_tui.data.dataset import BASKET, ITEM, STRENGTH, USER, Dataset
from recsys_tui.data.histories import Flags, Floats, Histories, Ints, Longs
from recsys_tui.data.people_behind import PlacedRows, told_cells
from recsys_tui.data.told_takers import in_crowds, told_takers
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import UserError

# Baskets with the pair, and as many without any say, that are counted on top: few baskets tell little.
SHRINKAGE = 5.0


@dataclass(frozen=True)
class Baskets:
    """Every basket as the distinct items in it: those of basket b are ``items[starts[b]:starts[b + 1]]`` (codes).

    ``owners`` (baskets,): the person (code) whose basket it is; baskets of one person lie side by side. ``holders``
    are the baskets that hold item i, ``holders[bounds[i]:bounds[i + 1]]``. ``takers``: who has what in a basket,
    and in how many (``times``, one for each such pair). ``again`` and ``beside``: who has what in more than one basket,
    and who has rows of what that are in none, or twice in one; both by item.
    """

    starts: Longs
    items: Ints
    owners: Longs
    bounds: Longs
    holders: Longs
    takers: Histories
    times: Longs
    again: PlacedRows
    beside: PlacedRows

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """The baskets of a dataset; what was cancelled or sent back is in none.

        Raises ``UserError`` (exit 2) where the data does not say what was taken together.
        """
        table = dataset.interactions
        if BASKET not in table.columns:
            raise UserError("items.no_baskets")
        counts_for = pl.col(STRENGTH) > 0 if STRENGTH in table.columns else pl.lit(value=True)
        held = pl.col(BASKET).is_not_null() & counts_for.fill_null(value=False)
        rows = table.filter(held).select(USER, BASKET, ITEM).unique().sort(USER, BASKET, ITEM)
        users, names = rows[USER].to_numpy().astype(np.int64), rows[BASKET].to_numpy()
        items = rows[ITEM].to_numpy().astype(np.int32)
        new = np.ones(len(items), np.bool_)
        new[1:] = (users[1:] != users[:-1]) | (names[1:] != names[:-1])
        first = np.flatnonzero(new)
        counts = np.bincount(items, minlength=dataset.items.height)
        every = table.group_by(USER, ITEM).len("rows")
        every = every.join(rows.group_by(USER, ITEM).len("baskets"), on=[USER, ITEM], how="left").fill_null(0)
        pairs = every.filter(pl.col("baskets") > 0).sort(USER, ITEM)
        having = np.bincount(pairs[USER].to_numpy(), minlength=dataset.user_count)
        return cls(
            starts=np.append(first, len(items)).astype(np.int64),
            items=items,
            owners=users[first],
            bounds=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            holders=(np.cumsum(new) - 1)[np.argsort(items, kind="stable")],
            takers=Histories(
                np.concatenate([[0], np.cumsum(having)]).astype(np.int64),
                pairs[ITEM].to_numpy().astype(np.int32),
                None,
                np.ones(pairs.height, np.float32),
                dataset.items.height,
            ),
            times=pairs["baskets"].to_numpy().astype(np.int64),
            again=_placed(every.filter(pl.col("baskets") > 1), dataset),
            beside=_placed(every.filter(pl.col("baskets") < pl.col("rows")), dataset),
        )

    def together(self, item: int, k: int, gate: CrowdGate) -> tuple[Ints, Floats]:
        """The ``k`` items that are taken together with ``item`` most above chance: codes and lifts, both (found,).

        The lift is (c + 5) / (n·m / N + 5): c of N baskets hold both, n and m hold each; so it is 1 for a pair that
        meets as often as chance has it, and few baskets stay near 1. Listed are lifts above 1 of pairs that enough
        people (``gate``) have had in one basket; among equals the smaller codes come first. Where a few people have one
        of the items and never both, or in some basket without the other, what is told counts them as enough, and is
        never higher than a lift before it. Of items of which it may not be told how many people have them, or that a
        few have again or in no basket, baskets count in tens.
        """
        mine = self.holders[self.bounds[item] : self.bounds[item + 1]]
        sizes = self.starts[mine + 1] - self.starts[mine]
        within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        others = self.items[np.repeat(self.starts[mine], sizes) + within]
        codes, places, counts = np.unique(others, return_inverse=True, return_counts=True)
        # Baskets of one person lie side by side, so a pair of an item and a person is new where the person changes.
        owners = np.repeat(self.owners[mine], sizes)
        order = np.lexsort((owners, places))
        sorted_places, sorted_owners = places[order], owners[order]
        new = np.ones(len(order), np.bool_)
        new[1:] = (sorted_places[1:] != sorted_places[:-1]) | (sorted_owners[1:] != sorted_owners[:-1])
        met = np.flatnonzero(new)
        people = np.bincount(sorted_places[met], minlength=len(codes))
        expected = len(mine) * (self.bounds[codes + 1] - self.bounds[codes]) / max(1, len(self.owners))
        lifts = ((counts + SHRINKAGE) / (expected + SHRINKAGE)).astype(np.float32)
        listed = np.flatnonzero((people >= gate.minimum) & (codes != item) & (lifts > 1))
        best = listed[np.argsort(-lifts[listed], kind="stable")[:k]]
        place_of = np.full(len(codes), -1)
        place_of[best] = np.arange(len(best))
        found, counts, people, exact = codes[best], counts[best], people[best], self._exact(gate)
        whose = place_of[sorted_places[met]] >= 0
        both = np.diff(met, append=len(new))[whose]
        always = self._always(item, found, place_of[sorted_places[met[whose]]], sorted_owners[met[whose]], both)
        having = np.stack([np.full(len(found), self._people[item]), self._people[found]])
        alone = np.where(exact[found] & exact[item], having - always, 0)
        rest = np.concatenate([having - people, alone])
        short = np.where((rest > 0) & (rest < gate.minimum), gate.minimum - rest, 0).max(axis=0)
        counted = np.maximum(counts - short, np.minimum(counts, gate.minimum))
        asked = np.append(item, found)
        holding = self._in_tens(self.bounds[asked + 1] - self.bounds[asked], exact[asked], gate)
        own, theirs = holding[0], holding[1:]
        counted = np.minimum(self._in_tens(counted, exact[found] & exact[item], gate), np.minimum(own, theirs))
        told = np.maximum((counted + SHRINKAGE) / (own * theirs / max(1, len(self.owners)) + SHRINKAGE), 1)
        return found.astype(np.int32), np.minimum.accumulate(told).astype(np.float32)

    def _always(self, item: int, others: Ints, places: Longs, owners: Longs, both: Longs) -> Longs:
        """How many people have had an item and each of some others (codes) together whenever they had the item, and
        whenever they had the other, (2, others); ``both``: in how many baskets each of some ``owners`` had the item
        with the other in one of the ``places``."""
        asked = (np.full(len(places), item), others[places])
        times = [self.times[np.searchsorted(self._pairs, owners * self.takers.item_count + own)] for own in asked]
        return np.stack([np.bincount(places[both == own], minlength=len(others)) for own in times])

    @cached_property
    def _pairs(self) -> Longs:
        """Whose what each of ``times`` is of, as one number, in order."""
        return self.takers.owners * self.takers.item_count + self.takers.items

    @cached_property
    def _people(self) -> Longs:
        return self.takers.item_counts()

    @cached_property
    def _told(self) -> dict[int, Flags]:
        return {}

    def _exact(self, gate: CrowdGate) -> Flags:
        """Of which items it may be told in how many baskets they are, beside how many people have them, shape (items,):
        the difference is of who has them again, and rows that are left are of who has them in none."""
        if gate.minimum not in self._told:
            exact = told_takers(self.takers, gate)[1]
            for more in (self.again, self.beside):
                exact &= told_cells(more, gate) | (more.rows == 0)
            self._told[gate.minimum] = exact
        return self._told[gate.minimum]

    def _in_tens(self, baskets: Longs, exact: Flags, gate: CrowdGate) -> Longs:
        return np.where(exact, baskets, np.minimum(in_crowds(baskets, gate), len(self.owners)))


def _placed(pairs: pl.DataFrame, dataset: Dataset) -> PlacedRows:
    return PlacedRows(pairs[USER].to_numpy(), pairs[ITEM].to_numpy(), dataset.items.height)
