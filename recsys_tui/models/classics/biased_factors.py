"""Biased matrix factorisation: the rating that a person would give to each item."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Longs
from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.models.classics.equal_lengths import groups_of_equal_length
from recsys_tui.models.contract import Arrays


@dataclass(frozen=True)
class BiasedSettings:
    """``width`` d of factors; ``ridge`` λ of factors, ``bias_ridge`` λ_b of biases; ``sweeps`` over both sides."""

    width: int = 20
    ridge: float = 10.0
    bias_ridge: float = 3.0
    sweeps: int = 8


GRID = (
    BiasedSettings(),
    BiasedSettings(width=40),
    BiasedSettings(ridge=15.0),
    BiasedSettings(width=40, ridge=20.0),
    BiasedSettings(ridge=7.0),
)
"""Settings to be tried on validation people, the best guess first."""


class BiasedFactors:
    """Expected rating μ + b_u + b_i + p_u·q_i (Koren, Bell & Volinsky, IEEE Computer 2009).

    Minimises Σ (rating - expected)² + λ(Σ|p_u|² + Σ|q_i|²) + λ_b(Σb_u² + Σb_i²) over the ratings that are known. A
    person is folded in: b_u and p_u are the exact solution for the rated part of the history given the items; somebody
    without ratings gets μ + b_i, and an action without a rating says nothing. Order does not count.

    Arrays: ``items`` (items, 1 + d) holds b_i and q_i.
    """

    name = "biased"

    def __init__(
        self, items: Floats, mean: float, bounds: tuple[float, float], ridge: float, bias_ridge: float
    ) -> None:
        self.items = items
        self.mean = mean
        self.bounds = bounds
        self.ridge = ridge
        self.bias_ridge = bias_ridge

    @classmethod
    def fit(cls, histories: Histories, *, settings: BiasedSettings = GRID[0], seed: int = 0) -> Self:
        """Solve for people and items in turn. Raises ``ValueError`` if the histories hold no ratings."""
        ratings = _rated(histories)
        if not len(ratings.values):
            raise ValueError("a model of ratings needs ratings")
        mean = float(ratings.values.mean(dtype=np.float64))
        bounds = float(ratings.values.min()), float(ratings.values.max())
        ratings = replace(ratings, values=ratings.values - np.float32(mean))
        turned = _turned(ratings, histories.item_count)
        ridges = _ridges(settings.width, settings.ridge, settings.bias_ridge)
        random = np.random.default_rng(seed)
        items = np.zeros((histories.item_count, 1 + settings.width), np.float32)
        items[:, 1:] = 0.1 * random.standard_normal((histories.item_count, settings.width))
        for _ in range(settings.sweeps):
            people = _solve_side(items, ratings, ridges)
            items = _solve_side(people, turned, ridges)
        return cls(items, mean, bounds, settings.ridge, settings.bias_ridge)

    def score(self, histories: Histories) -> Floats:
        """Expected ratings of all items, shape (people, items), not bounded, so that there are no ties at the top."""
        people = self._people(histories)
        scores: Floats = people[:, 1:] @ self.items[:, 1:].T
        scores += people[:, :1]
        scores += self.items[:, 0] + np.float32(self.mean)
        return scores

    def expected_ratings(self, histories: Histories) -> Floats:
        """Expected ratings, shape (people, items), within the range of the ratings that were seen in training."""
        bounded: Floats = self.score(histories).clip(*self.bounds)
        return bounded

    def expected_of(self, histories: Histories, people: Longs, items: Longs) -> Floats:
        """The same for pairs of a row of ``histories`` and an item, both (pairs,). Computed in NumPy alone."""
        known = self._people(histories)[people]
        wanted = np.asarray(self.items, np.float32)[items]
        scores = np.einsum("pd,pd->p", known[:, 1:], wanted[:, 1:]) + known[:, 0] + wanted[:, 0] + np.float32(self.mean)
        bounded: Floats = scores.clip(*self.bounds).astype(np.float32)
        return bounded

    def expected_of_any(self, history: Histories) -> float:
        """What the person of one history would give an item of which nothing is known: μ + b_u."""
        return float((self._people(history)[0, 0] + np.float32(self.mean)).clip(*self.bounds))

    def of_like(self) -> float:
        """The rating that a like stands for: half-way from the mean of all ratings to the best."""
        return (self.mean + self.bounds[1]) / 2

    def _people(self, histories: Histories) -> Floats:
        """Biases and factors of people, shape (people, 1 + d)."""
        ratings = _rated(histories)
        ratings = replace(ratings, values=ratings.values - np.float32(self.mean))
        return _solve_side(self.items, ratings, _ridges(self.items.shape[1] - 1, self.ridge, self.bias_ridge))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        numbers = np.array([self.mean, *self.bounds, self.ridge, self.bias_ridge], np.float64)
        return {"items": self.items, "numbers": numbers}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        mean, lowest, highest, ridge, bias_ridge = (float(number) for number in arrays["numbers"])
        return cls(arrays["items"], mean, (lowest, highest), ridge, bias_ridge)


def _rated(histories: Histories) -> SparseRows:
    """The known ratings, one row a person."""
    if histories.ratings is None:
        return SparseRows(np.zeros(len(histories) + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    known = np.isfinite(histories.ratings)
    counts = np.bincount(histories.owners[known], minlength=len(histories))
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return SparseRows(indptr, histories.items[known], histories.ratings[known])


def _turned(rows: SparseRows, item_count: int) -> SparseRows:
    """The same numbers, one row an item."""
    from scipy.sparse import csr_matrix

    turned = csr_matrix((rows.values, rows.items, rows.indptr), shape=(len(rows), item_count)).T.tocsr()
    return SparseRows(turned.indptr.astype(np.int64), turned.indices, turned.data)


def _ridges(width: int, ridge: float, bias_ridge: float) -> Floats:
    """The diagonal of the regularisation: the bias, then the factors, shape (1 + d,)."""
    return np.array([bias_ridge] + [ridge] * width, np.float32)


def _solve_side(others: Floats, ratings: SparseRows, ridges: Floats) -> Floats:
    """Ridge regression of each row's ratings, less the others' biases, on 1 and the others' factors.

    ``others`` (columns, 1 + d) and the result (rows, 1 + d) hold biases and factors; rows without ratings get 0.
    """
    result = np.zeros((len(ratings), others.shape[1]), np.float32)
    design = np.array(others, np.float32)
    design[:, 0] = 1
    for rows, places in groups_of_equal_length(ratings.indptr, others.shape[1]):
        columns = ratings.items[places]
        own = design[columns]
        left = own.transpose(0, 2, 1) @ own + np.diag(ridges)
        right = own.transpose(0, 2, 1) @ (ratings.values[places] - others[columns, 0])[:, :, None]
        result[rows] = np.linalg.solve(left, right)[:, :, 0]
    return result
