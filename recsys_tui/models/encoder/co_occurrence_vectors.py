"""Item vectors from which items are taken soon after one another: the warm start of sequence models."""

from __future__ import annotations

from typing import Any

import numpy as np

from recsys_tui.data.histories import Floats, Histories

LONGEST_LAG = 10
LAG_DECAY = 0.8
CONTEXT_POWER = 0.75
LENGTH = 1.0
SMALL = 0.02
MOST_ACTIONS = 3_000_000


def co_occurrence_vectors(histories: Histories, width: int, random: np.random.Generator) -> Floats:
    """Vectors (items, width): the truncated SVD U·√S of the lag-decayed PPMI matrix (Levy & Goldberg, NIPS 2014).

    Of large data a sample of people is looked at. Items have a mean length of 1; those that never occur near another
    get small random numbers, as do the columns that the matrix has no rank for.
    """
    from scipy.sparse.linalg import svds

    items = histories.item_count
    vectors = random.normal(0, SMALL, (items, width)).astype(np.float32)
    matrix = positive_mutual_information(_sample_of_people(histories, random))
    rank = min(width, items - 1, matrix.shape[0] - 1)
    if rank < 1 or not matrix.nnz:
        return vectors
    left, strength, _ = svds(matrix, k=rank, v0=random.normal(size=items), solver="arpack")
    start = left[:, ::-1] * np.sqrt(np.maximum(strength[::-1], 0))
    lengths = np.linalg.norm(start, axis=1)
    found = lengths > 1e-6
    if found.any():
        vectors[found, :rank] += (start[found] * (LENGTH / lengths[found].mean())).astype(np.float32)
    return vectors


def _sample_of_people(histories: Histories, random: np.random.Generator) -> Histories:
    """Everybody, or as many people as have three million actions: the pairs of all would not fit into memory."""
    if len(histories.items) <= MOST_ACTIONS:
        return histories
    order = random.permutation(len(histories))
    people = order[np.cumsum(histories.lengths[order]) <= MOST_ACTIONS]
    return histories.prefixes(people, histories.lengths[people])


def positive_mutual_information(histories: Histories) -> Any:
    """max(0, log(pairs·total / (row · smoothed column))) over pairs at most ten steps apart, symmetric, CSR."""
    from scipy.sparse import coo_matrix, csr_matrix

    items = histories.item_count
    before = np.arange(len(histories.items)) - np.repeat(histories.indptr[:-1], histories.lengths)
    pairs = csr_matrix((items, items), dtype=np.float64)
    for lag in range(1, LONGEST_LAG + 1):
        later = np.flatnonzero(before >= lag)
        if not len(later):
            break
        weights = np.full(len(later), LAG_DECAY ** (lag - 1))
        pairs = (
            pairs
            + coo_matrix(
                (weights, (histories.items[later - lag], histories.items[later])), shape=(items, items)
            ).tocsr()
        )
    pairs = (pairs + pairs.T).tocoo()
    rows = np.bincount(pairs.row, pairs.data, minlength=items)
    columns = rows**CONTEXT_POWER
    columns /= max(columns.sum(), 1e-12)
    information = np.log(np.maximum(pairs.data, 1e-12) / (rows[pairs.row] * columns[pairs.col]))
    kept = information > 0
    return csr_matrix((information[kept], (pairs.row[kept], pairs.col[kept])), shape=(items, items))
