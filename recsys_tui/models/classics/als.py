"""Implicit ALS: factors of people and items by weighted least squares, solved in turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Ints, Longs, behaviour_matrix
from recsys_tui.models.classics.equal_lengths import groups_of_equal_length
from recsys_tui.models.contract import Arrays


@dataclass(frozen=True)
class AlsSettings:
    """``width`` d of factors; ``confidence`` α of an action of weight 1; ``ridge`` λ; ``sweeps`` over both sides."""

    width: int = 96
    confidence: float = 1.0
    ridge: float = 20.0
    sweeps: int = 7


GRID = (
    AlsSettings(),
    AlsSettings(width=192),
    AlsSettings(width=64, confidence=10.0, ridge=10.0),
    AlsSettings(width=256, confidence=2.0, sweeps=5),
)
"""Settings to be tried on validation people, the best guess first."""


class Als:
    """Matrix factorisation of implicit feedback (Hu, Koren & Volinsky, ICDM 2008).

    Minimises Σ c_ui·(p_ui - x_u·y_i)² + λ(Σ|x_u|² + Σ|y_i|²) over *all* people u and items i: p is 1 where u has i,
    else 0; the confidence c is 1 + α·weight there, else 1. A person is folded in: x_u is the exact solution for the
    history given the items' factors, so an empty history scores 0 everywhere and order does not count.
    """

    name = "als"

    def __init__(self, item_factors: Floats, confidence: float, ridge: float, gram: Floats | None = None) -> None:
        self.item_factors = item_factors
        self.confidence = confidence
        self.ridge = ridge
        self.gram: Floats = item_factors.T @ item_factors if gram is None else gram

    @classmethod
    def fit(cls, histories: Histories, *, settings: AlsSettings = GRID[0], seed: int = 0) -> Self:
        """Solve for people and items in turn, ``settings.sweeps`` times, from small random item factors."""
        matrix = behaviour_matrix(histories, 1 + np.float32(settings.confidence) * histories.weights)
        turned = matrix.T.tocsr()
        random = np.random.default_rng(seed)
        items = random.standard_normal((histories.item_count, settings.width)).astype(np.float32)
        items *= np.float32(0.1 / np.sqrt(settings.width))
        for _ in range(settings.sweeps):
            people = _solve_side(items, matrix, settings.ridge)
            items = _solve_side(people, turned, settings.ridge)
        return cls(items, settings.confidence, settings.ridge)

    def fold_in(self, histories: Histories) -> Floats:
        """The factors of people given by their histories, shape (people, d)."""
        confidences = 1 + np.float32(self.confidence) * histories.weights
        return solve_rows(
            self.item_factors, self.gram, histories.indptr, histories.items, confidences, np.float32(self.ridge)
        )

    def score(self, histories: Histories) -> Floats:
        """Scores of all items, shape (people, items)."""
        scores: Floats = self.fold_in(histories) @ self.item_factors.T
        return scores

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        settings = np.array([self.confidence, self.ridge], np.float64)
        return {"item_factors": self.item_factors, "gram": self.gram, "settings": settings}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        confidence, ridge = (float(value) for value in arrays["settings"])
        return cls(arrays["item_factors"], confidence, ridge, arrays["gram"])


def _solve_side(table: Floats, matrix: Any, ridge: float) -> Floats:
    """The factors of one side given those of the other and the confidences, a CSR matrix of this side's rows."""
    return solve_rows(table, table.T @ table, matrix.indptr, matrix.indices, matrix.data, np.float32(ridge))


def solve_rows(
    table: Floats, gram: Floats, indptr: Ints | Longs, columns: Ints, confidences: Floats, ridge: np.float32
) -> Floats:
    """Solve (YᵀY + Yᵤᵀ(Cᵤ - I)Yᵤ + λI)·x = Yᵤᵀ·c for each row, shape (rows, d); a row without entries gets 0.

    ``table`` Y is (columns, d) and ``gram`` YᵀY. Row u holds ``columns[indptr[u]:indptr[u + 1]]``, whose factors are
    Yᵤ and whose ``confidences``, above 1, are c. Rows of equal length n are solved together. For n < d the matrix
    inversion lemma leaves n equations instead of d: with G = YᵀY + λI and D = Cᵤ - I,
    x = G⁻¹Yᵤᵀ·(D⁻¹ + YᵤG⁻¹Yᵤᵀ)⁻¹·D⁻¹c.
    """
    width = table.shape[1]
    ridged = gram + ridge * np.eye(width, dtype=np.float32)
    result = np.zeros((len(indptr) - 1, width), np.float32)
    if len(columns) < len(table):
        used, places_of_used = np.unique(columns, return_inverse=True)
        table, columns = table[used], places_of_used.astype(np.int32)
    shortened: Floats = np.linalg.solve(ridged, table.T).T if len(table) else table
    for rows, places in groups_of_equal_length(indptr, width):
        length = places.shape[1]
        own, c = table[columns[places]], confidences[places][:, :, None]
        if length < width:
            short = shortened[columns[places]]
            system = short @ own.transpose(0, 2, 1)
            system[:, np.arange(length), np.arange(length)] += 1 / (c[:, :, 0] - 1)
            solution = np.linalg.solve(system, c / (c - 1))
            result[rows] = (short.transpose(0, 2, 1) @ solution)[:, :, 0]
        else:
            scaled = own * np.sqrt(c - 1)
            system = ridged + scaled.transpose(0, 2, 1) @ scaled
            result[rows] = np.linalg.solve(system, own.transpose(0, 2, 1) @ c)[:, :, 0]
    return result
