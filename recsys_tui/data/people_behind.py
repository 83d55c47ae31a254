"""How many events and people stand in each cell of a histogram, and which cells may be told beside the whole.

Counting different people costs several times what counting rows does, so people are counted only where they could be
too few: more rows than the busiest people could have made are the work of enough people.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.output.crowd_gate import CrowdGate

Whole = NDArray[np.integer[Any]]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]
Rows = Flags | Longs  # a mask of them, or their places
HEAPS = 4  # as many heaps as so many times the people who are enough


def distinct(values: Whole) -> Whole:
    """The different values, sorted: by sorting, which takes a fifth of the time that hashing them does."""
    ordered = np.sort(values)
    new = np.ones(len(ordered), np.bool_)
    new[1:] = ordered[1:] != ordered[:-1]
    return ordered[new]


@dataclass(frozen=True)
class PlacedRows:
    """Rows by who made them and in which cell they stand: ``owners`` and ``places`` (rows,), codes of people and cells.

    ``count``: how many cells there are; a place of -1 is none of them, as for a row without a rating.
    """

    owners: Whole
    places: Whole
    count: int

    def of(self, part: Rows) -> Self:
        """Those rows of a mask, or of places."""
        return type(self)(self.owners[part], self.places[part], self.count)

    def without(self, part: Rows) -> Self:
        """All other rows."""
        rest = np.ones(len(self.owners), np.bool_)
        rest[part] = False
        return self.of(rest)

    @cached_property
    def rows(self) -> Longs:
        """How many rows stand in each cell, shape (count,)."""
        return np.bincount(self.places[self.places >= 0].astype(np.int64), minlength=self.count)

    @cached_property
    def busiest(self) -> int:
        """How many rows the busiest person made."""
        return int(np.bincount(self.owners).max()) if len(self.owners) else 0

    def people(self, enough: int) -> Longs:
        """How many people stand behind each cell, shape (count,): exact below ``enough``, else ``enough`` or more."""
        known = self._people
        if enough not in known:
            known[enough] = self._counted(enough)
        return known[enough]

    @cached_property
    def _people(self) -> dict[int, Longs]:
        return {}

    def _counted(self, enough: int) -> Longs:
        unsure = (self.rows > 0) & (self.rows <= (enough - 1) * self.busiest)
        found = np.where(self.rows > 0, enough, 0).astype(np.int64)
        # People who fall into different heaps are different people; where enough heaps are filled, no one is counted.
        heaps = HEAPS * enough
        many = unsure & (self.rows > heaps)
        if many.any():
            there = np.append(many, False)[self.places]
            numbers = np.cumsum(many) - 1
            of_heaps = numbers[self.places[there]] * heaps + self.owners[there] % heaps
            filled = np.bincount(of_heaps, minlength=int(many.sum()) * heaps).reshape(-1, heaps) > 0
            unsure[np.flatnonzero(many)[filled.sum(axis=1) >= enough]] = False
        if unsure.any():
            there = np.append(unsure, False)[self.places]  # the last stands for -1
            width = int(self.owners.max()) + 1
            pairs = distinct(self.places[there].astype(np.int64) * width + self.owners[there])
            found[unsure] = np.bincount(pairs // width, minlength=self.count)[unsure]
        return found

    def people_of(self, cells: Flags, enough: int, outside: bool = True) -> int:
        """How many people stand behind some cells (a mask) and, where asked, the rows in none (``outside``), as exact
        as :meth:`people`."""
        there = np.append(cells, outside)[self.places]
        if int(there.sum()) > (enough - 1) * self.busiest:
            return enough
        return len(distinct(self.owners[there]))


def told_cells(
    all_rows: PlacedRows, gate: CrowdGate, part: Rows | None = None, may: Flags | None = None, sums: int = 1
) -> Flags:
    """Which cells of a histogram may be told beside how many rows there are, shape (count,).

    Enough people stand behind each; and what is not told is of nobody or of enough people, as it is the whole without
    what is told: where it would be of a few, the smallest cell that could be told is kept back too (complementary
    suppression: Willenborg & de Waal, Elements of Statistical Disclosure Control, 2001).

    ``part``: the rows whose histogram it is, where that of all rows is told as well; then the same holds for
    the other rows, cell by cell and for what is not told. ``may``: only these cells come into question. ``sums``: how
    many sums over all cells are told: 2 where the mean is, too, from which two cells could be worked out. How many of
    all rows are in no cell is told too, as what was found in the data: without a rating, or without a kind of event.
    """
    return cells_and_sums(all_rows, gate, part, may, sums)[0]


def cells_and_sums(
    all_rows: PlacedRows, gate: CrowdGate, part: Rows | None = None, may: Flags | None = None, sums: int = 1
) -> tuple[Flags, bool]:
    """What :func:`told_cells` tells, and whether the ``sums`` may be told: not where even beside no cell at all they
    would tell of a few people."""
    fewest = gate.minimum
    sides = [all_rows] if part is None else [all_rows.of(part), *_few_others(all_rows, part, fewest)]
    whole = part is None or len(sides[0].owners) == len(all_rows.owners)
    may = np.ones(all_rows.count, np.bool_) if may is None else may.copy()
    for others in sides[1:]:
        people = others.people(fewest)
        may &= (people == 0) | (people >= fewest)
    open_ = (sides[0].people(fewest) >= fewest) & may
    while True:
        few = any(_too_few(side, ~open_, fewest, sums, may) for side in sides)
        few = few or (whole and _few_beside_outside(all_rows, ~open_, fewest, sums, may))
        if not few or not open_.any():
            return open_, not few
        told = np.flatnonzero(open_)
        open_[told[np.argmin(sides[0].rows[told])]] = False


def _too_few(side: PlacedRows, untold: Flags, enough: int, sums: int, may: Flags) -> bool:
    """Whether cells that are not told are of a few people, or one that must not be told could be worked out of so many
    sums: as it is of a few people, or not among those that ``may``.

    The rows in no cell are one more unknown of how many rows there are, but of no mean: where that is one of the
    levels, they and this level stand in both sums alike.
    """
    if 0 < side.people_of(untold, enough) < enough:
        return True
    there = untold & (side.rows > 0)
    outside = side.people_of(np.zeros(side.count, np.bool_), enough)
    cells = int(there.sum())
    if not 0 < cells + (outside > 0 and (sums == 1 or not cells)) <= sums:
        return False
    return bool(((side.people(enough) < enough) | ~may)[there].any()) or 0 < outside < enough


def _few_beside_outside(side: PlacedRows, untold: Flags, enough: int, sums: int, may: Flags) -> bool:
    """The same where it is told how many rows are in no cell."""
    there = untold & (side.rows > 0)
    if not there.any() or side.rows.sum() == len(side.places):
        return False
    alone = bool(((side.people(enough) < enough) | ~may)[there].any()) and int(there.sum()) <= sums
    return alone or 0 < side.people_of(untold, enough, outside=False) < enough


def told_coarse_cells(fine: PlacedRows, told: Flags, coarse: PlacedRows, gate: CrowdGate, may: Flags) -> Flags:
    """Which cells of a histogram may be told beside finer ones, of which those are ``told`` and no others ``may`` be:
    in none are the finer ones that are not told those of a few people, or a single one that must not be told."""
    fewest = gate.minimum
    untold = ~np.append(told, False)[fine.places]
    people = coarse.of(untold).people(fewest)
    there = ~told & (fine.rows > 0)
    into = np.full(fine.count, -1)
    into[fine.places[fine.places >= 0]] = coarse.places[fine.places >= 0]
    secret = there & ((fine.people(fewest) < fewest) | ~may)
    cells, secrets = (np.bincount(into[some], minlength=coarse.count) for some in (there, secret))
    return told_cells(coarse, gate, may=~(((people > 0) & (people < fewest)) | ((cells == 1) & (secrets == 1))))


def _few_others(all_rows: PlacedRows, part: Rows, enough: int) -> list[PlacedRows]:
    """The rows without a part of them; none where in each cell, and in none, they are so many that enough people must
    stand behind them, or no row at all."""
    inside = all_rows.of(part)
    placed = all_rows.rows - inside.rows
    rows = np.append(placed, len(all_rows.places) - len(inside.places) - placed.sum())
    if ((rows == 0) | (rows > (enough - 1) * all_rows.busiest)).all():
        return []
    return [all_rows.without(part)]
