"""Events in the order of people, and of time within each: the one order in which interactions are kept."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import ROW, TIME, USER


def sorted_events(table: pl.DataFrame) -> pl.DataFrame:
    """Rows by (user, time, row of the file), without a time by (user, row).

    ``table`` has no missing users or times. Where its rows are in the order of the file, keys and places are packed
    into one number each and these are sorted, which takes half of what sorting by three columns does.
    """
    if not table.height:
        return table
    rows = table[ROW].to_numpy()
    order = _places(table) if (rows[1:] > rows[:-1]).all() else None
    if order is None:
        return table.sort([column for column in (USER, TIME, ROW) if column in table.columns])
    return table[order]


def _places(table: pl.DataFrame) -> NDArray[np.uint64] | None:
    """The places of the rows in their new order; None where times span too much to be packed."""
    places = None
    if TIME in table.columns:
        times = table[TIME].to_numpy()
        low, high = int(times.min()), int(times.max())
        if (high - low).bit_length() + _bits(len(times)) > 64:
            return None
        places = _stable(times, low)
    users = table[USER].to_numpy()
    by_user = _stable(users if places is None else users[places], 0)
    return by_user if places is None else places[by_user]


def _bits(count: int) -> int:
    return max(1, (count - 1).bit_length())


def _stable(values: NDArray[np.generic], low: int) -> NDArray[np.uint64]:
    """The places of values in ascending order, equal ones as they come; ``low`` is the least of them or less."""
    count = len(values)
    bits = np.uint64(_bits(count))
    places = np.arange(count, dtype=np.uint64)
    if (values[1:] >= values[:-1]).all():  # type: ignore[operator]
        return places
    keys = (values.astype(np.int64) - low).astype(np.uint64)
    keys <<= bits
    keys |= places
    keys.sort()
    keys &= (np.uint64(1) << bits) - np.uint64(1)
    return keys
