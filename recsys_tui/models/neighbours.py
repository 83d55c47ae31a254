"""Item neighbours and short-lag transitions: sparse tables that cover the whole catalogue, however large."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Histories, Ints, Longs, behaviour_matrix
from recsys_tui.data.weighted_rows import SparseTable
from recsys_tui.models.contract import Arrays
from recsys_tui.models.following_actions import following_actions
from recsys_tui.models.pair_counts import dense_pair_counts
from recsys_tui.models.partial_scores import SparseScores

WIDTH = 100
SHRINKAGE = 20.0
LAG_WEIGHTS = (1.0, 0.5, 0.25)
CELLS_AT_ONCE = 40_000_000


class _TableExpert(ABC):
    """What the two experts below share: a sparse table, and how it is stored."""

    name = ""

    def __init__(self, table: SparseTable) -> None:
        self.table = table

    @abstractmethod
    def weights(self, histories: Histories) -> tuple[Floats, Flags]:
        """What each action weighs, and which count, both (actions,)."""

    def score(self, histories: Histories) -> Floats:
        """Weighted sum of the rows of what a person took, shape (people, items)."""
        return self.table.weighted_sum(histories, *self.weights(histories))

    def partial(self, histories: Histories) -> SparseScores:
        """The scores where they are not 0."""
        return SparseScores(self.table.sparse_sum(histories, *self.weights(histories)), histories.item_count)

    def of_items(self, items: Ints) -> Self:
        """The same expert for answers about these items (codes) alone: every other item scores 0."""
        return type(self)(self.table.of_partners(items))

    def contributions(self, history: Histories, items: Ints) -> Floats:
        """What each action of one person adds to the scores of ``items``, shape (actions, items)."""
        weights, keep = self.weights(history)
        partners, values = self.table.partners[history.items], self.table.values[history.items].astype(np.float32)
        result = np.zeros((len(history.items), len(items)), np.float32)
        for place, item in enumerate(items):
            result[:, place] = np.where(keep, weights, 0) * np.where(partners == item, values, 0).sum(axis=1)
        return result

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {"partners": self.table.partners, "values": self.table.values}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls(SparseTable(arrays["partners"], arrays["values"]))


class Neighbours(_TableExpert):
    """Item-based neighbours (Sarwar et al., WWW 2001): shrunk cosine, the strongest partners of each item."""

    name = "neighbours"

    @classmethod
    def fit(
        cls,
        histories: Histories,
        shrinkage: float = SHRINKAGE,
        width: int = WIDTH,
        counted: Floats | None = None,
    ) -> Self:
        """Cosine c_ab / (√(n_a·n_b) + shrinkage), where c_ab people have both items and n_a have item a.

        ``width``: partners kept of an item. ``counted`` (items, items): all c_ab, where they are there already.
        """
        if counted is None:
            counted = dense_pair_counts(histories)
        if counted is not None:
            return cls(_strongest_cosines(counted, shrinkage, width))
        behaviour = behaviour_matrix(histories)
        counts = np.asarray(behaviour.sum(0)).ravel()

        def cosine(rows: Longs, block: Any) -> Any:
            block.data /= np.sqrt(counts[rows].repeat(np.diff(block.indptr)) * counts[block.indices]) + shrinkage
            return block

        return cls(_strongest_partners(behaviour.T.tocsr(), behaviour, cosine, width))

    def weights(self, histories: Histories) -> tuple[Floats, Flags]:
        """Everything counts alike: a score is the sum of the similarities with all that the person has."""
        count = len(histories.items)
        return np.ones(count, np.float32), np.ones(count, np.bool_)


class Transitions(_TableExpert):
    """What follows an item within three steps: log lift of the pair over chance, shrunk by 20 pseudo-counts."""

    name = "transitions"

    @classmethod
    def fit(cls, histories: Histories) -> Self:
        """log(1 + c_ab / (n_a·n_b/N + 20)): c_ab transitions a → b weighted 1, ½, ¼ by lag, N their sum."""
        from scipy.sparse import vstack

        count = histories.item_count
        blocks = following_actions(histories, np.arange(count, dtype=np.int32), count, len(LAG_WEIGHTS), count)
        rows: dict[int, Any] = {}
        for block in blocks:
            part = block.weighted(LAG_WEIGHTS)
            rows[block.first] = rows[block.first] + part if block.first in rows else part
        pairs = vstack(list(rows.values()), format="csr")
        out = np.asarray(pairs.sum(1)).ravel()
        into = np.asarray(pairs.sum(0)).ravel()
        total = max(1.0, float(out.sum()))
        expected = out.repeat(np.diff(pairs.indptr)) * into[pairs.indices] / total
        pairs.data = np.log1p(pairs.data / (expected + SHRINKAGE)).astype(np.float32)
        return cls(strongest_of_rows(pairs, WIDTH))

    def weights(self, histories: Histories) -> tuple[Floats, Flags]:
        """The three newest items count, 1, ½ and ¼."""
        lags = histories.lags
        weights = np.asarray(LAG_WEIGHTS, np.float32)[np.minimum(lags, len(LAG_WEIGHTS) - 1)]
        return weights, lags < len(LAG_WEIGHTS)


def _strongest_cosines(counted: Floats, shrinkage: float, width: int) -> SparseTable:
    """The same table as that of sparse products, from dense counts of pairs."""
    counts = np.diagonal(counted)
    width = min(width, len(counted))
    partners, values = np.zeros((len(counted), width), np.int32), np.zeros((len(counted), width), np.float16)
    for item, together in enumerate(counted):
        cosines = together / (np.sqrt(counts[item] * counts) + np.float32(shrinkage))
        cosines[item] = 0
        best = np.argpartition(-cosines, width - 1)[:width]
        partners[item], values[item] = np.where(cosines[best] > 0, best, 0), cosines[best]
    return SparseTable(partners, values)


def _strongest_partners(left: Any, right: Any, transform: Any, width: int) -> SparseTable:
    """``transform(left @ right)`` block by block of rows, each row cut to its strongest partners but itself."""
    count = left.shape[0]
    # Work of a row is the summed length of the histories it meets; blocks are cut to about equal work.
    lengths = np.asarray(right.getnnz(axis=1))
    work = np.cumsum(left.astype(np.bool_) @ lengths)
    blocks = []
    start = 0
    while start < count:
        done = work[start - 1] if start else 0
        stop = int(np.clip(np.searchsorted(work, done + CELLS_AT_ONCE), start + 1, count))
        block = (left[start:stop] @ right).tocsr().astype(np.float32)
        rows = np.arange(start, stop)
        block = transform(rows, block)
        block.data[block.indices == rows.repeat(np.diff(block.indptr))] = 0
        blocks.append(strongest_of_rows(block, width))
        start = stop
    return SparseTable(np.concatenate([b.partners for b in blocks]), np.concatenate([b.values for b in blocks]))


def strongest_of_rows(rows: Any, width: int) -> SparseTable:
    """Keep the strongest ``width`` positive entries of each sparse row."""
    width = min(width, rows.shape[1])
    partners = np.zeros((rows.shape[0], width), np.int32)
    values = np.zeros((rows.shape[0], width), np.float16)
    for row in range(rows.shape[0]):
        stretch = slice(rows.indptr[row], rows.indptr[row + 1])
        data, indices = rows.data[stretch], rows.indices[stretch]
        if len(data) > width:
            best = np.argpartition(-data, width - 1)[:width]
            data, indices = data[best], indices[best]
        partners[row, : len(data)] = indices
        values[row, : len(data)] = data
    return SparseTable(partners, values)
