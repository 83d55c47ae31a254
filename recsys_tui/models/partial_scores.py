"""Scores that are not spread out over the catalogue: told at some items, or for each person's best ones alone.

Above a bound of items nobody's signals are computed for the whole catalogue. What an expert says about a block of
people is then one of these forms: small, and enough to ask for what is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Ints, Longs
from recsys_tui.data.sparse_rows import SparseRows


class PartialScores(Protocol):
    """What one expert says about a block of people."""

    def at(self, items: Ints) -> Floats:
        """Scores at item codes, both (people, places); codes are at least 0."""
        ...

    def best(self, width: int, allowed: Flags) -> tuple[Longs, Ints]:
        """Rows and codes of at most ``width`` items a person: the best allowed ones that it speaks for at all."""
        ...


@dataclass(frozen=True)
class HeadScores:
    """Scores of some items only, the rest 0: ``values`` (people, head), ``head`` (head,) their codes, ascending.

    ``positions`` (items,): the place of each item in the head, or -1.
    """

    values: Floats
    head: Ints
    positions: Ints

    def at(self, items: Ints) -> Floats:
        """See :class:`PartialScores`."""
        places = self.positions[items]
        rows = np.arange(len(items))[:, None]
        if not self.values.shape[1]:
            return np.zeros(items.shape, np.float32)
        return np.where(places >= 0, self.values[rows, np.maximum(places, 0)], np.float32(0))

    def best(self, width: int, allowed: Flags) -> tuple[Longs, Ints]:
        """See :class:`PartialScores`."""
        rows, places = _best_places(self.values, allowed[:, self.head], width)
        return rows, self.head[places]


@dataclass(frozen=True)
class SparseScores:
    """Scores of a few items of each person, the rest 0."""

    rows: SparseRows
    item_count: int

    def at(self, items: Ints) -> Floats:
        """See :class:`PartialScores`."""
        result = np.zeros(items.shape, np.float32)
        if items.shape[1] == 1:
            owners = np.repeat(np.arange(len(items)), np.diff(self.rows.indptr))
            found = np.flatnonzero(self.rows.items == items[owners, 0])
            result[owners[found], 0] = self.rows.values[found]
            return result
        spread = np.zeros(self.item_count, np.float32)
        for row in range(len(items)):
            stretch = slice(self.rows.indptr[row], self.rows.indptr[row + 1])
            known = self.rows.items[stretch]
            spread[known] = self.rows.values[stretch]
            result[row] = spread[items[row]]
            spread[known] = 0
        return result

    def best(self, width: int, allowed: Flags) -> tuple[Longs, Ints]:
        """See :class:`PartialScores`."""

        def known(row: int) -> tuple[Ints, Floats]:
            stretch = slice(self.rows.indptr[row], self.rows.indptr[row + 1])
            items, values = self.rows.items[stretch], self.rows.values[stretch]
            keep = allowed[row, items] & (values > 0)
            return items[keep], values[keep]

        return _best_of_rows(len(allowed), known, width)


@dataclass(frozen=True)
class SharedScores:
    """The same scores for everyone: ``strength`` (items,)."""

    strength: Floats

    def at(self, items: Ints) -> Floats:
        """See :class:`PartialScores`."""
        return self.strength[items]

    def best(self, width: int, allowed: Flags) -> tuple[Longs, Ints]:
        """See :class:`PartialScores`."""
        width = min(width, len(self.strength))
        items = np.argpartition(-self.strength, width - 1)[:width].astype(np.int32)
        items = items[self.strength[items] > 0]
        rows, places = np.nonzero(allowed[:, items])
        return rows, items[places]


@dataclass(frozen=True)
class DotScores:
    """Dot products of ``people`` (people, dimensions) with ``table`` (items, dimensions)."""

    people: Floats
    table: Floats

    def at(self, items: Ints) -> Floats:
        """See :class:`PartialScores`."""
        if items.shape[1] == 1:
            one: Floats = np.einsum("pd,pd->p", self.table[items[:, 0]], self.people)[:, None]
            return one
        result = np.empty(items.shape, np.float32)
        for row, codes in enumerate(items):
            result[row] = self.table[codes] @ self.people[row]
        return result

    def best(self, width: int, allowed: Flags) -> tuple[Longs, Ints]:
        """See :class:`PartialScores`."""
        return _best_places(self.people @ self.table.T, allowed, width)


@dataclass(frozen=True)
class WholeScores:
    """Scores of the whole catalogue after all: ``values`` (people, items)."""

    values: Floats

    def at(self, items: Ints) -> Floats:
        """See :class:`PartialScores`."""
        return np.take_along_axis(self.values, items.astype(np.int64), axis=1)

    def best(self, width: int, allowed: Flags) -> tuple[Longs, Ints]:
        """See :class:`PartialScores`."""
        return _best_places(self.values, allowed, width)


def _best_places(values: Floats, allowed: Flags, width: int) -> tuple[Longs, Ints]:
    """Rows and columns of each row's ``width`` largest positive allowed values.

    What is not positive is left out first: among many equal values a partition takes hundreds of times as long.
    """

    def positive(row: int) -> tuple[Ints, Floats]:
        columns = np.flatnonzero((values[row] > 0) & allowed[row]).astype(np.int32)
        return columns, values[row, columns]

    return _best_of_rows(len(values), positive, width)


def _best_of_rows(count: int, row_of: Callable[[int], tuple[Ints, Floats]], width: int) -> tuple[Longs, Ints]:
    """Rows and items of the ``width`` largest values of each row; ``row_of`` gives a row's items and their values."""
    rows, found = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
    for row in range(count):
        items, values = row_of(row)
        if len(items) > width:
            items = items[np.argpartition(-values, width - 1)[:width]]
        rows.append(np.full(len(items), row))
        found.append(items)
    return np.concatenate(rows), np.concatenate(found)
