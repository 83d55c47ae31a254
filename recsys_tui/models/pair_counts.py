"""How many people have both of two items: XᵀX of the behaviour matrix, in whichever way is quicker."""

from __future__ import annotations

from typing import Any

import numpy as np

from recsys_tui.data.histories import Floats, Histories, Ints, behaviour_matrix

MOST_ITEMS = 6_000
PEOPLE_AT_ONCE = 2_000
MOST_ADDED = 0.2
# One pair met in a sparse product costs as much as some hundred multiplications of a dense one.
MULTIPLICATIONS_A_PAIR = 400


def pair_counts(histories: Histories, head: Ints) -> Floats:
    """XᵀX over some items, ``head`` (codes): how many people have both, shape (head, head), float32."""
    behaviour = behaviour_matrix(histories)[:, head]
    result: Floats = (behaviour.T @ behaviour).toarray().astype(np.float32)
    return result


def dense_pair_counts(histories: Histories) -> Floats | None:
    """The same over all items by dense products, shape (items, items); None where a sparse product is better.

    That is where histories are short for the number of items, and above 6,000 items (144 MB). Counts are exact up to
    2²⁴ people.
    """
    return _counted(behaviour_matrix(histories)) if _dense_is_quicker(histories) else None


class PairCounts:
    """:func:`dense_pair_counts` of histories that grow: what was counted before is not counted again.

    A model is fitted on everyone's older actions, and then on all. Between, it keeps the counts (at most 144 MB) and
    who has what (8 bytes an action).
    """

    def __init__(self) -> None:
        self._before: tuple[Any, Floats] | None = None

    def of(self, histories: Histories) -> Floats | None:
        """XᵀX, shape (items, items), or None where it is not made dense. Not to be written to."""
        if not _dense_is_quicker(histories):
            self._before = None
            return None
        behaviour = behaviour_matrix(histories)
        result = self._added_to(behaviour)
        if result is None:
            self._before = None  # the counts before are not held beside the new ones
            result = _counted(behaviour)
        self._before = behaviour, result
        return result

    def _added_to(self, behaviour: Any) -> Floats | None:
        """The counts from those that are there; None where there are none, or most pairs are new, or some are gone."""
        if self._before is None or self._before[0].shape != behaviour.shape:
            return None
        before, counts = self._before
        added = behaviour - before
        if added.nnz > MOST_ADDED * behaviour.nnz or (added.data < 0).any():
            return None
        result = counts.copy()
        across = (before.T @ added).toarray()
        result += across
        result += across.T
        del across
        result += (added.T @ added).toarray()
        return result


def _dense_is_quicker(histories: Histories) -> bool:
    items = histories.item_count
    pairs = float(np.square(histories.lengths, dtype=np.float64).sum())
    return items <= MOST_ITEMS and len(histories) * items**2 <= MULTIPLICATIONS_A_PAIR * pairs


def _counted(behaviour: Any) -> Floats:
    """XᵀX of a sparse matrix, by dense products of blocks of people."""
    people, items = behaviour.shape
    result = np.zeros((items, items), np.float32)
    for start in range(0, people, PEOPLE_AT_ONCE):
        some = behaviour[start : start + PEOPLE_AT_ONCE].toarray()
        result += some.T @ some
    return result
