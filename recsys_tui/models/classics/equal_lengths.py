"""Rows of a sparse table in groups of equal length, so that small systems of equations are solved together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Longs

FLOATS_AT_ONCE = 4_000_000


def groups_of_equal_length(indptr: NDArray[Any], width: int) -> Iterator[tuple[Longs, Longs]]:
    """Yield (rows, places): rows of the same length n, and where their entries are, shape (rows, n).

    Rows without entries are left out. A group is cut so that rows × max(n, ``width``) × ``width`` numbers, which a
    system of equations for each row takes, stay within bounds.
    """
    lengths = np.diff(indptr).astype(np.int64)
    order = np.argsort(lengths, kind="stable")
    lengths = lengths[order]
    start = int(np.searchsorted(lengths, 1))
    while start < len(order):
        length = int(lengths[start])
        same = int(np.searchsorted(lengths, length, side="right"))
        stop = min(same, start + max(1, FLOATS_AT_ONCE // (width * max(width, length))))
        rows = order[start:stop]
        yield rows, indptr[rows].astype(np.int64)[:, None] + np.arange(length)
        start = stop
