"""Sums of weighted rows of a table, for one person or many: the inner loop of every closed-form model.

One person is answered in NumPy alone, straight from memory-mapped tables, so that a cold process pays for no import;
many people at once go through SciPy's sparse product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Ints
from recsys_tui.data.sparse_rows import SparseRows


def weighted_rows(
    histories: Histories, weights: Floats, keep: NDArray[np.bool_], rows: Ints, table: NDArray[Any]
) -> Floats:
    """Return Σ over a person's kept actions of weight × table row, shape (people, table columns), float32.

    ``weights``, ``keep`` and ``rows`` have one entry an action; ``rows`` names the table row of the action.
    ``table`` may be half precision and memory-mapped; sums are single precision.
    """
    if len(histories) == 1:
        chosen = rows[keep]
        if not len(chosen):
            return np.zeros((1, table.shape[1]), np.float32)
        return (weights[keep].astype(np.float32) @ table[chosen].astype(np.float32))[None, :]
    from scipy.sparse import csr_matrix

    owners = histories.owners[keep]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=len(histories)))])
    picks = csr_matrix(
        (weights[keep].astype(np.float32), rows[keep], indptr), shape=(len(histories), table.shape[0]), copy=False
    )
    result: Floats = picks @ np.ascontiguousarray(table, dtype=np.float32)
    return result


@dataclass(frozen=True)
class SparseTable:
    """An item × item table that keeps a few partners of each item: ``partners`` and ``values``, shape (items, width).

    Unused places have value 0. Never dense: its size grows with the items, not with their square.
    """

    partners: Ints
    values: NDArray[np.float16]

    def of_partners(self, items: Ints) -> SparseTable:
        """The table with these partners (codes) alone."""
        wanted = np.unique(items).astype(np.int32)
        column = np.full(len(self.partners), -1, np.int64)
        column[wanted] = np.arange(len(wanted))
        rows, places = np.nonzero((column[self.partners] >= 0) & (self.values != 0))
        values = np.zeros((len(self.partners), len(wanted)), np.float16)
        values[rows, column[self.partners[rows, places]]] = self.values[rows, places]
        return SparseTable(np.broadcast_to(wanted, values.shape), values)

    def weighted_sum(self, histories: Histories, weights: Floats, keep: NDArray[np.bool_]) -> Floats:
        """Return Σ weight × row of the table over each person's kept actions, shape (people, items), float32."""
        if len(histories) == 1:
            return self._sum_of_one(histories, weights, keep)[None, :]
        result: Floats = self._product(histories, weights, keep).toarray().astype(np.float32)
        return result

    def sparse_sum(self, histories: Histories, weights: Floats, keep: NDArray[np.bool_]) -> SparseRows:
        """The same sums where they are not 0."""
        if len(histories) == 1:
            sums = self._sum_of_one(histories, weights, keep)
            items = np.flatnonzero(sums).astype(np.int32)
            return SparseRows(np.array([0, len(items)], np.int64), items, sums[items])
        product = self._product(histories, weights, keep)
        product.eliminate_zeros()
        return SparseRows(product.indptr.astype(np.int64), product.indices.astype(np.int32), product.data)

    def _sum_of_one(self, histories: Histories, weights: Floats, keep: NDArray[np.bool_]) -> Floats:
        chosen = histories.items[keep]
        partners = self.partners[chosen].ravel()
        values = (self.values[chosen].astype(np.float32) * weights[keep][:, None]).ravel()
        return np.bincount(partners, values, minlength=len(self.partners)).astype(np.float32)

    def _product(self, histories: Histories, weights: Floats, keep: NDArray[np.bool_]) -> Any:
        from scipy.sparse import csr_matrix

        items, width = self.partners.shape
        # Only the rows that are asked for: a whole table of a large catalogue costs more than a block of people.
        chosen, rows = np.unique(histories.items[keep], return_inverse=True)
        table = csr_matrix(
            (
                self.values[chosen].astype(np.float32).ravel(),
                self.partners[chosen].ravel(),
                np.arange(0, len(chosen) * width + 1, width, dtype=np.int64),
            ),
            shape=(len(chosen), items),
        )
        owners = histories.owners[keep]
        indptr = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=len(histories)))])
        picks = csr_matrix(
            (weights[keep].astype(np.float32), rows.ravel(), indptr), shape=(len(histories), len(chosen))
        )
        return picks @ table


def strongest(scores: Floats, width: int) -> tuple[Ints, Floats]:
    """The ``width`` largest entries of each row of a dense block: their columns and values; the rest is cut off."""
    width = min(width, scores.shape[1])
    columns = np.argpartition(-scores, width - 1, axis=1)[:, :width].astype(np.int32)
    return columns, np.take_along_axis(scores, columns.astype(np.int64), axis=1)
