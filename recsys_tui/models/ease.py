"""EASE: a shallow linear autoencoder over items, in closed form (co-liking)."""

from __future__ import annotations

from typing import Self

import numpy as np

from recsys_tui.data.histories import Floats, Histories, Ints, behaviour_matrix
from recsys_tui.data.weighted_rows import weighted_rows
from recsys_tui.models.catalogue_head import head_items, rows_at
from recsys_tui.models.head_model import HeadModel

RIDGE = 150.0


class Ease(HeadModel):
    """Embarrassingly shallow autoencoder (Steck, WWW 2019): B = I − P·diag(1/diag P), P = (XᵀX + λI)⁻¹.

    Order-free: every past action counts alike. Covers the head of the catalogue; other items score 0.
    """

    name = "ease"

    @classmethod
    def fit(cls, histories: Histories, head_limit: int, ridge: float = RIDGE) -> Self:
        """Solve for the coefficients, shape (head, head); ``ridge`` is λ."""
        head = head_items(histories.item_counts(), head_limit)
        return cls.solved(pair_counts(histories, head), head, ridge, histories.item_count)

    @classmethod
    def solved(cls, gram: Floats, head: Ints, ridge: float, item_count: int) -> Self:
        """The solution for XᵀX over a head, ``gram`` (head, head), which is overwritten."""
        from scipy.linalg import lapack

        gram[np.diag_indices(len(head))] += ridge
        factor, failed = lapack.spotrf(gram, lower=True, clean=True, overwrite_a=True)
        if failed:
            raise np.linalg.LinAlgError("XᵀX + λI is not positive definite")
        inverse, _ = lapack.spotri(factor, lower=True, overwrite_c=True)
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        coefficients = -inverse / np.diag(inverse)[None, :]
        coefficients[np.diag_indices(len(head))] = 0
        return cls(head, np.ascontiguousarray(coefficients, dtype=np.float16), item_count, ridge)

    def contributions(self, history: Histories, items: Ints) -> Floats:
        """What each action of one person adds to the scores of ``items``, shape (actions, items)."""
        return rows_at(self.coefficients, self._positions[history.items], self._positions[items])

    def _in_head(self, histories: Histories) -> Floats:
        positions = self._positions[histories.items]
        ones = np.ones(len(positions), np.float32)
        return weighted_rows(histories, ones, positions >= 0, positions, self.coefficients)


def pair_counts(histories: Histories, head: Ints) -> Floats:
    """XᵀX over the head: how many people have both items, shape (head, head), float32."""
    behaviour = behaviour_matrix(histories)[:, head]
    result: Floats = (behaviour.T @ behaviour).toarray().astype(np.float32)
    return result
