"""The bound on item × item arrays: a head of the most frequent items may be dense, the rest never is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Ints, Longs

HEAD_BY_PRESET = {"quick": 2_000, "standard": 4_000, "full": 8_000}


def head_items(counts: Longs, limit: int) -> Ints:
    """Codes of the items that dense item × item arrays may cover, in ascending order, shape (head,), int32.

    They are the ``limit`` items with most actions (ties: the smaller code), and never an item without any action.
    A dense array then takes at most (2 × limit)² × 4 bytes while it is solved: 256 MB at 4,000, 1 GB at 8,000.
    """
    order = np.argsort(-counts, kind="stable")[:limit]
    return np.sort(order[counts[order] > 0]).astype(np.int32)


def head_positions(head: Ints, item_count: int) -> Ints:
    """Place of each item in the head, or -1, shape (items,), int32."""
    positions = np.full(item_count, -1, np.int32)
    positions[head] = np.arange(len(head), dtype=np.int32)
    return positions


def rows_at(table: NDArray[np.floating[Any]], rows: Ints, columns: Ints) -> Floats:
    """Entries of a table over the head at places of it, shape (rows, columns), float32; 0 where a place is -1."""
    found = np.zeros((len(rows), len(columns)), np.float32)
    inside, wanted = np.flatnonzero(rows >= 0), np.flatnonzero(columns >= 0)
    found[np.ix_(inside, wanted)] = table[np.ix_(rows[inside], columns[wanted])]
    return found
