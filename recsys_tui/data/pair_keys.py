"""User and item of each event as one number: finding repeated pairs by sorting takes a tenth of hashing's memory."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import ITEM, USER


def pair_keys(table: pl.DataFrame) -> NDArray[np.uint64]:
    """One number a row of an encoded table, the same for the same user and item, shape (rows,)."""
    keys: NDArray[np.uint64] = table[USER].to_numpy().astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= table[ITEM].to_numpy().astype(np.uint64)
    return keys


def repeated_rows(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether the pair of each row occurs in another row too, shape (rows,)."""
    ordered = np.sort(keys)
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if not len(again):
        return np.zeros(len(keys), np.bool_)
    places = np.minimum(np.searchsorted(again, keys), len(again) - 1)
    found: NDArray[np.bool_] = again[places] == keys
    return found


def first_of_pairs(keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Whether each row is the first of its pair, shape (rows,)."""
    order = np.argsort(keys, kind="stable")
    new = np.ones(len(keys), np.bool_)
    new[1:] = keys[order[1:]] != keys[order[:-1]]
    first = np.zeros(len(keys), np.bool_)
    first[order[new]] = True
    return first


def distinct_pairs(keys: NDArray[np.uint64]) -> int:
    """How many different pairs there are."""
    ordered = np.sort(keys)
    return int(len(ordered) > 0) + int((ordered[1:] != ordered[:-1]).sum())
