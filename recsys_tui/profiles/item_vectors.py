"""Ready-made vectors of items as a part of the content profiles: standardised, reduced to at most 64 dimensions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import VECTOR
from recsys_tui.data.histories import Flags, Floats
from recsys_tui.profiles.user_profiles import unit_rows

if TYPE_CHECKING:
    import polars as pl

DIMENSIONS = 64
FEWEST = 3


@dataclass(frozen=True)
class ItemVectors:
    """``rows`` (items, dimensions): unit vectors, zeros where an item has none. ``mean``, ``spread`` (length,) and
    ``axes`` (length, dimensions) take a vector as it was given there. ``share``: what terms count beside vectors where
    an item has both, from 0 to 1.
    """

    rows: Floats
    mean: Floats
    spread: Floats
    axes: Floats
    share: float

    @classmethod
    def fit(cls, items: pl.DataFrame, share: float = 0.5) -> Self | None:
        """Standardise each number over the items and keep the principal axes; None where there are no vectors."""
        given = given_rows(items)
        if given is None:
            return None
        there = np.isfinite(given[:, 0])
        known = given[there]
        if len(known) < FEWEST:
            return None
        mean = known.mean(axis=0, dtype=np.float64).astype(np.float32)
        spread = np.maximum(known.std(axis=0, dtype=np.float64), 1e-6).astype(np.float32)
        scaled = (known - mean) / spread
        _, vectors = np.linalg.eigh((scaled.T @ scaled).astype(np.float64) / len(scaled))
        width = min(DIMENSIONS, scaled.shape[1], len(scaled) - 1)
        axes = np.ascontiguousarray(vectors[:, ::-1][:, :width], dtype=np.float32)
        empty = cls(np.zeros((len(given), width), np.float32), mean, spread, axes, share)
        return replace(empty, rows=empty.placed(given))

    @cached_property
    def there(self) -> Flags:
        """Which items have a vector, shape (items,)."""
        flags: Flags = np.linalg.norm(self.rows, axis=1) > 0
        return flags

    def placed(self, given: Floats) -> Floats:
        """Unit vectors in the reduced space of vectors as they were given; zeros for those that are missing."""
        missing = np.isnan(given.sum(axis=1))
        rows = ((np.where(missing[:, None], self.mean, given) - self.mean) / self.spread) @ self.axes
        return unit_rows(rows.astype(np.float32))

    def placed_items(self, items: pl.DataFrame) -> Floats:
        """The same for the rows of an item table; zeros where its vectors have another length than those before."""
        given = given_rows(items)
        if given is None or given.shape[1] != len(self.mean):
            return np.zeros((items.height, self.axes.shape[1]), np.float32)
        return self.placed(given)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {
            "rows": self.rows,
            "mean": self.mean,
            "spread": self.spread,
            "axes": self.axes,
            "share": np.array([self.share], np.float32),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Build from :meth:`to_arrays`."""
        share = float(arrays["share"][0])
        return cls(arrays["rows"], arrays["mean"], arrays["spread"], arrays["axes"], share)


def given_rows(items: pl.DataFrame) -> Floats | None:
    """The vectors of an item table, shape (items, length), NaN where one is missing; None where it has none."""
    import polars as pl

    dtype = items.schema.get(VECTOR)
    if not isinstance(dtype, pl.Array) or not items.height:
        return None
    length = int(dtype.shape[0])
    rows = np.full((items.height, length), np.nan, np.float32)
    there = items[VECTOR].is_not_null()
    rows[there.to_numpy()] = items[VECTOR].filter(there).to_numpy().reshape(-1, length)
    return rows
