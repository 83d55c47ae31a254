"""What is taken together: neighbours of an item among the items of the same baskets, invoices or sessions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import polars as pl

from recsys_tui.data.dataset import BASKET, ITEM, STRENGTH, USER, Dataset
from recsys_tui.data.histories import Floats, Ints, Longs
from recsys_tui.output.crowd_counts import nearest_crowds
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import UserError

# Baskets with the pair, and as many without any say, that are counted on top: few baskets tell little.
SHRINKAGE = 5.0


@dataclass(frozen=True)
class Baskets:
    """Every basket as the distinct items in it: those of basket b are ``items[starts[b]:starts[b + 1]]`` (codes).

    ``owners`` (baskets,): the person (code) whose basket it is; baskets of one person lie side by side. ``holders``
    are the baskets that hold item i, ``holders[bounds[i]:bounds[i + 1]]``.
    """

    starts: Longs
    items: Ints
    owners: Longs
    bounds: Longs
    holders: Longs

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
        return cls(
            starts=np.append(first, len(items)).astype(np.int64),
            items=items,
            owners=users[first],
            bounds=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            holders=(np.cumsum(new) - 1)[np.argsort(items, kind="stable")],
        )

    def together(self, item: int, k: int, gate: CrowdGate) -> tuple[Ints, Floats]:
        """The ``k`` items that are taken together with ``item`` most above chance: codes and lifts, both (found,).

        The lift is (c + 5) / (n·m / N + 5): c of N baskets hold both, n and m hold each; so it is 1 for a pair that
        meets as often as chance has it, and few baskets stay near 1. Listed are lifts above 1 of pairs that enough
        people (``gate``) have had in one basket; among equals the smaller codes come first. All four count in tens:
        as they are, beside how many people have an item, or two, they would tell how few have it again, in no basket,
        or at times without the other. Where a few people have several such baskets, each counts with one: all of these,
        in tens, would tell how often somebody came back.
        """
        mine = self.holders[self.bounds[item] : self.bounds[item + 1]]
        sizes = self.starts[mine + 1] - self.starts[mine]
        within = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        others, owners = self.items[np.repeat(self.starts[mine], sizes) + within], np.repeat(self.owners[mine], sizes)
        baskets = np.bincount(others, minlength=len(self.bounds) - 1)
        often = baskets >= gate.minimum
        keys = np.sort(others[often[others]] * np.int64(self._people) + owners[often[others]])
        people, several = _people_of(keys, self._people, len(baskets))
        enough = people >= gate.minimum
        enough[item] = False
        codes = np.flatnonzero(enough)
        held, every = self._told(gate)
        own, theirs = held[item], held[codes]
        both = np.minimum(
            nearest_crowds(_without_few(baskets, people, several, gate)[codes], gate), np.minimum(own, theirs)
        )
        lifts = ((both + SHRINKAGE) / (own * theirs / every + SHRINKAGE)).astype(np.float32)
        best = np.argsort(-lifts, kind="stable")[: min(k, int((lifts > 1).sum()))]
        return codes[best].astype(np.int32), lifts[best]

    def _told(self, gate: CrowdGate) -> tuple[Longs, Longs]:
        """In how many baskets each item is, shape (items,), and how many there are, as they may be told."""
        if gate.minimum not in self._told_by:
            baskets = np.diff(self.bounds)
            # Baskets of an item stand in their order, and with them their owners.
            keys = np.repeat(np.arange(len(baskets)), baskets) * np.int64(self._people) + self.owners[self.holders]
            held = _without_few(baskets, *_people_of(keys, self._people, len(baskets)), gate)
            every = _without_few(np.array([len(self.owners)]), *_people_of(self.owners, self._people, 1), gate)
            self._told_by[gate.minimum] = nearest_crowds(held, gate), nearest_crowds(every, gate)[0]
        return self._told_by[gate.minimum]

    @cached_property
    def _told_by(self) -> dict[int, tuple[Longs, Longs]]:
        return {}

    @cached_property
    def _people(self) -> int:
        return int(self.owners.max(initial=0)) + 1


def _people_of(keys: Longs, people: int, count: int) -> tuple[Longs, Longs]:
    """How many people each of ``count`` things has, and how many have it several times, both (count,). ``keys``,
    sorted: thing · ``people`` + person, once for each time."""
    new = np.ones(len(keys), np.bool_)
    new[1:] = keys[1:] != keys[:-1]
    again = ~new
    again[1:] &= new[:-1]
    having, several = (np.bincount(keys[some] // people, minlength=count) for some in (new, again))
    return having, several


def _without_few(baskets: Longs, people: Longs, several: Longs, gate: CrowdGate) -> Longs:
    """How many baskets there are; where a few people have several of them, one a person, as what is more is theirs."""
    return np.where((several > 0) & (several < gate.minimum), people, baskets)
