"""The statistics that the private model is solved from: clipped person by person, summed, and let out with noise.

Each is a sum over people of something that is made of one person's history alone (and of what was let out before),
scaled to unit length in L2. Adding or removing any one person therefore moves it by at most 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Histories, Ints, behaviour_matrix
from recsys_tui.models.catalogue_head import head_positions
from recsys_tui.models.private.accountant import Release
from recsys_tui.models.private.secure_noise import Noise

Doubles = NDArray[np.float64]

COUNTS, PAIRS, TRANSITIONS = "counts", "pairs", "transitions"
# One person moves each statistic by at most this, in L2.
SENSITIVITIES = {COUNTS: 1.0, PAIRS: 1.0, TRANSITIONS: 1.0}
LAG_WEIGHTS = (1.0, 0.5, 0.25)
# Noise is rounded to this part of its deviation, see secure_noise.
GRID = 1 / 1024


@dataclass(frozen=True)
class Shape:
    """What is fixed before any data is seen. ``newest``: how many of a person's actions count, the newest ones.

    ``head``: at most so many items have statistics of pairs. ``threshold``: they are those whose noisy count is this
    many deviations of the noise above 0. ``fewest``: how many they are at least, whatever the noise.
    """

    newest: int = 50
    head: int = 1_000
    threshold: float = 3.0
    fewest: int = 50


@dataclass(frozen=True)
class PrivateStatistics:
    """All that the model may know about people. ``counts`` (items,); ``head`` (codes); ``weights`` (head,): what an
    item weighs in a row; ``pairs`` (head, head), symmetric; ``transitions`` (head, head), from row to column.

    ``sigmas``: the deviation of the noise in each statistic; of ``pairs`` off the diagonal it is 1/√2 of that.
    """

    counts: Doubles
    head: Ints
    weights: Doubles
    pairs: Doubles
    transitions: Doubles
    sigmas: Mapping[str, float]


def release(histories: Histories, releases: Mapping[str, Release], noise: Noise, shape: Shape) -> PrivateStatistics:
    """Clip, sum and let out the statistics, the later ones in the light of the earlier ones."""
    recent = newest(histories, shape.newest)
    sigmas = {name: entry.sigma for name, entry in releases.items()}
    counts = _noisy(count_vector(recent), sigmas[COUNTS], noise)
    head = private_head(counts, sigmas[COUNTS], shape)
    weights = item_weights(counts[head], sigmas[COUNTS])
    pairs = folded(_noisy(unfolded(pair_matrix(recent, head, weights)), sigmas[PAIRS], noise), len(head))
    moves = transition_matrix(recent, head)
    transitions = _noisy(moves.ravel(), sigmas[TRANSITIONS], noise).reshape(moves.shape)
    return PrivateStatistics(counts, head, weights, pairs, transitions, sigmas)


def newest(histories: Histories, most: int) -> Histories:
    """Each person's ``most`` newest actions: which these are depends on nobody else."""
    kept = histories.lags < most
    indptr = np.concatenate([[0], np.cumsum(np.minimum(histories.lengths, most))]).astype(np.int64)
    items, weights = histories.items[kept], np.ones(int(kept.sum()), np.float32)
    return Histories(indptr, items, None, weights, histories.item_count)


def count_vector(histories: Histories) -> Doubles:
    """How often each item was taken, each person's row of unit length, shape (items,)."""
    return np.asarray(_unit_rows(_binary(histories)).sum(axis=0)).ravel()


def private_head(counts: Doubles, sigma: float, shape: Shape) -> Ints:
    """Codes of the items that have statistics of pairs, ascending, chosen from noisy ``counts`` alone."""
    order = np.argsort(-counts, kind="stable")[: shape.head]
    clear = int((counts[order] > shape.threshold * sigma).sum())
    return np.sort(order[: max(clear, min(shape.fewest, len(order)))]).astype(np.int32)


def item_weights(counts: Doubles, sigma: float) -> Doubles:
    """What an item of the head weighs in a person's row: 1/√count, so that what everybody has tells less.

    ``counts`` (head,) are noisy; what lies below the noise counts as the noise does.
    """
    return np.asarray(1 / np.sqrt(np.maximum(counts, max(sigma, 1.0))), np.float64)


def pair_matrix(histories: Histories, head: Ints, weights: Doubles) -> Doubles:
    """Σ rᵀr over people, shape (head, head): r is what a person has of the head, weighted, of unit length.

    A person adds a matrix of Frobenius norm 1.
    """
    from scipy.sparse import diags

    rows = _unit_rows(_binary(histories)[:, head] @ diags(weights))
    return np.asarray((rows.T @ rows).todense(), np.float64)


def transition_matrix(histories: Histories, head: Ints) -> Doubles:
    """Which item of the head came up to three steps after which, weighted 1, ½, ¼ by the steps, shape (head, head).

    What is not in the head is passed over. A person adds a matrix of Frobenius norm 1, or nothing.
    """
    from scipy.sparse import csr_matrix

    size = len(head)
    places = head_positions(head, histories.item_count)[histories.items]
    owners, places = histories.owners[places >= 0], places[places >= 0].astype(np.int64)
    people, cells, values = [], [], []
    for lag, weight in enumerate(LAG_WEIGHTS, start=1):
        same = np.flatnonzero(owners[lag:] == owners[:-lag])
        people.append(owners[same])
        cells.append(places[same] * size + places[same + lag])
        values.append(np.full(len(same), weight))
    shape = (len(histories), size * size)
    each = csr_matrix((np.concatenate(values), (np.concatenate(people), np.concatenate(cells))), shape=shape)
    each.sum_duplicates()
    each = _unit_rows(each)
    summed = np.bincount(each.indices, each.data, minlength=size * size).astype(np.float64)
    return summed.reshape(size, size)


def unfolded(symmetric: Doubles) -> Doubles:
    """The diagonal of a symmetric matrix and √2 times what is above it: a vector of the same length in L2."""
    above = np.triu_indices(len(symmetric), 1)
    return np.concatenate([np.diag(symmetric), np.sqrt(2) * symmetric[above]])


def folded(vector: Doubles, size: int) -> Doubles:
    """The symmetric matrix of :func:`unfolded`. Noise σ in the vector is σ on the diagonal and σ/√2 beside it."""
    result = np.zeros((size, size))
    result[np.triu_indices(size, 1)] = vector[size:] / np.sqrt(2)
    result += result.T
    result[np.diag_indices(size)] = vector[:size]
    return result


def _noisy(exact: Doubles, sigma: float, noise: Noise) -> Doubles:
    if not sigma:
        return exact
    step = sigma * GRID
    return np.round((exact + sigma * noise.normal(len(exact))) / step) * step


def _binary(histories: Histories) -> Any:
    matrix = behaviour_matrix(histories).astype(np.float64)
    matrix.data[:] = 1.0
    return matrix


def _unit_rows(matrix: Any) -> Any:
    """A sparse matrix with every row scaled to unit length in L2; rows of zeros stay so."""
    matrix = matrix.tocsr()
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data /= np.repeat(np.where(lengths > 0, lengths, 1.0), np.diff(matrix.indptr))
    return matrix
