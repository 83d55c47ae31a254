"""Multi-scale linear autoregression: ridge regression of the next item on decayed histories, in closed form."""

from __future__ import annotations

from typing import Self

import numpy as np

from recsys_tui.data.half_precision import to_half
from recsys_tui.data.histories import Floats, Histories, Ints
from recsys_tui.data.weighted_rows import weighted_rows
from recsys_tui.models.catalogue_head import head_items, head_positions, rows_at
from recsys_tui.models.following_actions import lagged_pair_counts
from recsys_tui.models.head_model import HeadModel

SCALES = ((0.5, 12), (0.92, 70))
# What a pair counts at each scale, by how many steps lie between: γ_k^(l-1) for l = 1 … L_k.
DECAYS = tuple(tuple(decay**step for step in range(length)) for decay, length in SCALES)
RIDGE_BOUNDS = (20.0, 300.0)
RIDGE_RATIO = 5 / 3


class SequenceRegression(HeadModel):
    """Next-item ridge regression on the states s_k(t) = Σ_l γ_k^(l-1) e(item l steps before t), l = 1 … L_k.

    Minimises Σ_t ‖e(i_t) − Σ_k s_k(t)ᵀB_k‖² + Σ_k λ_k‖B_k‖². No pass over states is needed: with lagged pair counts
    C_k = Σ_l γ_k^(l-1) · count(a, l steps before b) the right-hand side is C_k and the blocks of the normal matrix
    are (γ_x C_x + γ_y C_yᵀ + diag(count)) / (1 − γ_x γ_y), up to terms at the ends of histories. Related: EASE
    (Steck, WWW 2019) and SLIST (Choi et al., WWW 2021). Covers the head of the catalogue; other items score 0.
    Coefficients (scales × head, head): row k·h + a is what item a at scale k says.
    """

    name = "sequence"

    @classmethod
    def fit(cls, histories: Histories, head_limit: int, ridge: float | None = None) -> Self:
        """Solve for the coefficients. ``ridge`` (λ of the first scale) follows :func:`default_ridge` if not given."""
        from scipy.linalg import lapack

        counts = histories.item_counts()
        head = head_items(counts, head_limit)
        size = len(head)
        if ridge is None:
            ridge = default_ridge(histories)
        if not size:  # LAPACK solves no equations without unknowns
            return cls(head, np.zeros((0, 0), np.float16), histories.item_count, ridge)
        lagged = lagged_pair_counts(histories, head_positions(head, histories.item_count), size, DECAYS)
        diagonal = np.diag(counts[head].astype(np.float32))
        stretches = [slice(k * size, (k + 1) * size) for k in range(len(SCALES))]
        # One triangle of the matrix, which is symmetric, and all in the order of LAPACK, which else copies it.
        normal = np.zeros((len(SCALES) * size, len(SCALES) * size), np.float32)
        right = np.empty((len(normal), size), np.float32, order="F")
        for x, (decay_x, _) in enumerate(SCALES):
            for y, (decay_y, _) in list(enumerate(SCALES))[x:]:
                block = (decay_x * lagged[x] + decay_y * lagged[y].T + diagonal) / (1 - decay_x * decay_y)
                normal[stretches[x], stretches[y]] = block
            normal[stretches[x], stretches[x]][np.diag_indices(size)] += ridge * RIDGE_RATIO**x
            right[stretches[x]] = lagged[x]
        factor, failed = lapack.spotrf(normal.T, lower=True, overwrite_a=True, clean=False)
        if failed:
            raise np.linalg.LinAlgError("the normal matrix is not positive definite")
        solution, _ = lapack.spotrs(factor, right, lower=True, overwrite_b=True)
        return cls(head, to_half(solution), histories.item_count, ridge)

    def contributions(self, history: Histories, items: Ints) -> Floats:
        """What each action of one person adds to the scores of ``items``, shape (actions, items)."""
        size, lags = len(self.head), history.lags
        rows, columns = self._positions[history.items], self._positions[items]
        result = np.zeros((len(rows), len(columns)), np.float32)
        for k, (decay, length) in enumerate(SCALES):
            weights = np.where(lags < length, np.power(np.float32(decay), lags, dtype=np.float32), np.float32(0))
            result += weights[:, None] * rows_at(self.coefficients[k * size : (k + 1) * size], rows, columns)
        return result

    def _in_head(self, histories: Histories) -> Floats:
        size, lags = len(self.head), histories.lags
        positions = self._positions[histories.items]
        in_head = np.zeros((len(histories), self.coefficients.shape[1]), np.float32)
        for k, (decay, length) in enumerate(SCALES):
            weights = np.power(np.float32(decay), lags, dtype=np.float32)
            table = self.coefficients[k * size : (k + 1) * size]
            in_head += weighted_rows(histories, weights, (lags < length) & (positions >= 0), positions, table)
        return in_head


def default_ridge(histories: Histories) -> float:
    """λ of the first scale: twice the mean length of a history, within 20 to 300 (short histories want little)."""
    return float(np.clip(2 * len(histories.items) / max(1, len(histories)), *RIDGE_BOUNDS))
