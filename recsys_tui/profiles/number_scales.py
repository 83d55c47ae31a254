"""Numbers of items (prices, lengths, given attributes) as terms: soft buckets, so that near ones share some."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import ATTRIBUTE_PREFIX, PRICE
from recsys_tui.data.text_list import TextList
from recsys_tui.profiles.item_terms import Term, TermKind

if TYPE_CHECKING:
    import polars as pl

BUCKETS = 8
DIGITS = 3


@dataclass(frozen=True)
class NumberScales:
    """For each column of numbers the middles of its buckets: ``names`` (columns,), ``middles`` (columns, 8).

    ``middles`` rise and end in NaN where there are fewer than eight. A number belongs to the two buckets whose middles
    it lies between, the nearer the more (linear B-splines), or to the outermost one; the shares sum to 1.
    """

    names: TextList
    middles: NDArray[np.float64]

    @classmethod
    def none(cls) -> Self:
        """No column of numbers."""
        return cls(TextList.of([]), np.zeros((0, BUCKETS)))

    @classmethod
    def fit(cls, items: pl.DataFrame) -> Self:
        """Middles of eight buckets that hold equally many items each; eight values or fewer have a bucket each."""
        names, rows = [], []
        for name in items.columns:
            if name != PRICE and not (name.startswith(ATTRIBUTE_PREFIX) and items.schema[name].is_numeric()):
                continue
            values = _numbers(items, name)
            values = values[np.isfinite(values)]
            if not len(values):
                continue
            middles = _rounded(np.unique(values))
            if len(middles) > BUCKETS:
                middles = _rounded(np.quantile(values, (np.arange(BUCKETS) + 0.5) / BUCKETS))
            if len(middles) > 1:
                names.append(name)
                rows.append(np.pad(middles, (0, BUCKETS - len(middles)), constant_values=np.nan))
        return cls(TextList.of(names), np.array(rows).reshape(-1, BUCKETS))

    def terms_of(self, items: pl.DataFrame) -> list[dict[Term, float]]:
        """The buckets of each row of an item table and its shares in them."""
        result: list[dict[Term, float]] = [{} for _ in range(items.height)]
        for name, padded in zip(self.names.to_list(), self.middles, strict=True):
            if name is None or name not in items.columns or not items.schema[name].is_numeric():
                continue
            middles = padded[np.isfinite(padded)]
            terms = [(TermKind.NUMBER, label_of(name, middle)) for middle in middles.tolist()]
            places = np.interp(_numbers(items, name), middles, np.arange(len(middles)))
            for row in np.flatnonzero(np.isfinite(places)):
                low = int(places[row])
                upper = float(places[row]) - low
                result[row][terms[low]] = 1 - upper
                if upper > 0:
                    result[row][terms[low + 1]] = upper
        return result

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {f"names.{name}": array for name, array in self.names.to_arrays().items()} | {"middles": self.middles}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Build from :meth:`to_arrays`; without arrays, as models had none once, :meth:`none`."""
        if not arrays:
            return cls.none()
        names = {name: arrays[f"names.{name}"] for name in ("blob", "starts", "present")}
        return cls(TextList.from_arrays(names), arrays["middles"])


def label_of(name: str, middle: float) -> str:
    """A bucket as people read it: ``price ≈ 4.5``."""
    return f"{name.removeprefix(ATTRIBUTE_PREFIX)} ≈ {np.format_float_positional(middle, trim='-')}"


def _numbers(items: pl.DataFrame, name: str) -> NDArray[np.float64]:
    import polars as pl

    values: NDArray[np.float64] = items[name].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return values


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each to three significant digits, without repeats: a bucket is named by its middle."""
    return np.unique([float(f"{value:.{DIGITS}g}") for value in values.tolist()])
