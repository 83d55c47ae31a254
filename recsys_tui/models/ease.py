"""EASE: a shallow linear autoencoder over items, in closed form (co-liking)."""

from __future__ import annotations

from typing import Self

import numpy as np

from recsys_tui.data.half_precision import to_half
from recsys_tui.data.histories import Floats, Histories, Ints
from recsys_tui.data.weighted_rows import weighted_rows
from recsys_tui.models.catalogue_head import head_items, rows_at
from recsys_tui.models.head_model import HeadModel
from recsys_tui.models.pair_counts import pair_counts

RIDGE = 150.0


class Ease(HeadModel):
    """Embarrassingly shallow autoencoder (Steck, WWW 2019): B = I − P·diag(1/diag P), P = (XᵀX + λI)⁻¹.

    Order-free: every past action counts alike. Covers the head of the catalogue; other items score 0.
    """

    name = "ease"

    @classmethod
    def fit(cls, histories: Histories, head_limit: int, ridge: float = RIDGE, counted: Floats | None = None) -> Self:
        """Solve for the coefficients, shape (head, head); ``ridge`` is λ.

        ``counted`` (items, items): XᵀX over the whole catalogue, where it is there already.
        """
        head = head_items(histories.item_counts(), head_limit)
        gram = pair_counts(histories, head) if counted is None else counted[np.ix_(head, head)]
        return cls.solved(gram, head, ridge, histories.item_count)

    @classmethod
    def solved(cls, gram: Floats, head: Ints, ridge: float, item_count: int) -> Self:
        """The solution for XᵀX over a head, ``gram`` (head, head), which is overwritten."""
        from scipy.linalg import lapack

        if not len(head):  # it inverts no matrix without rows
            return cls(head, np.zeros((0, 0), np.float16), item_count, ridge)
        gram[np.diag_indices(len(head))] += ridge
        factor, failed = lapack.spotrf(gram.T, lower=True, clean=True, overwrite_a=True)
        if failed:
            raise np.linalg.LinAlgError("XᵀX + λI is not positive definite")
        inverse, _ = lapack.spotri(factor, lower=True, overwrite_c=True)
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        coefficients = -inverse / np.diag(inverse)[None, :]
        coefficients[np.diag_indices(len(head))] = 0
        return cls(head, to_half(coefficients), item_count, ridge)

    def contributions(self, history: Histories, items: Ints) -> Floats:
        """What each action of one person adds to the scores of ``items``, shape (actions, items)."""
        return rows_at(self.coefficients, self._positions[history.items], self._positions[items])

    def _in_head(self, histories: Histories) -> Floats:
        positions = self._positions[histories.items]
        ones = np.ones(len(positions), np.float32)
        return weighted_rows(histories, ones, positions >= 0, positions, self.coefficients)
