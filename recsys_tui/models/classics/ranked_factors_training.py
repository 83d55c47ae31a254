"""Training of ranked factors: batches of whole people, shared negatives, WARP loss, Adam. Torch is imported here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Histories, Longs
from recsys_tui.models.devices import use_one_thread
from recsys_tui.models.optimisers import build_optimiser

if TYPE_CHECKING:
    import torch

    from recsys_tui.models.classics.ranked_factors import RankedSettings

BATCH = 1_000
WINDOW = 5
START = 0.1
LEAST_KNOWN_SHARE = 0.1


def train_ranked_factors(
    histories: Histories, features: Any, settings: RankedSettings, seed: int
) -> tuple[Floats, Floats]:
    """Vectors (items, d) and biases (items,).

    Each action is ranked, given the person's other actions (the earlier ones only, where order counts), above
    ``settings.negatives`` items that are drawn for the whole batch; those that the person has are left out. An action
    loses log(1 + estimated rank) times the mean of 1 + s_negative - s_positive over the negatives that come too near,
    times its weight. Of a very long history only the newest :data:`BATCH` actions are used.
    """
    import torch
    from scipy.sparse import hstack, identity

    use_one_thread()
    count, width = histories.item_count, settings.width
    random = np.random.default_rng(seed)
    known = np.flatnonzero(histories.item_counts())
    parts = identity(count, np.float32, format="csr")
    if features is not None:
        parts = hstack([parts, _with_unit_rows(features)]).tocsr().astype(np.float32)
    start = np.zeros((parts.shape[1], width + 1), np.float32)
    start[:count, :width] = START * random.standard_normal((count, width))
    table = torch.from_numpy(start).requires_grad_()
    optimizer = build_optimiser("Adam", [table], lr=settings.rate)
    steps = min(settings.steps, settings.epochs * -(-len(histories.items) // BATCH))
    for step, people in zip(range(steps), _batches_of_people(histories, random), strict=False):
        negatives = known
        if settings.negatives < len(known):
            negatives = np.sort(random.choice(known, settings.negatives, replace=False))
        optimizer.param_groups[0]["lr"] = settings.rate * (1 - step / steps)
        optimizer.zero_grad()
        loss = warp_loss(histories, people, negatives, len(known), parts, table, settings.memory)
        torch.autograd.backward(loss)
        optimizer.step()
    own = table.detach().numpy()
    _fill_unknown(own[:count], histories.item_counts())
    result = (parts @ own).astype(np.float32)
    return np.ascontiguousarray(result[:, :width]), np.ascontiguousarray(result[:, width])


def _batches_of_people(histories: Histories, random: np.random.Generator) -> Iterator[Longs]:
    """People in random order, again and again, cut into groups with about BATCH actions; none without actions."""
    active = np.flatnonzero(histories.lengths)
    while len(active):
        people = random.permutation(active)
        groups = (np.cumsum(np.minimum(histories.lengths[people], BATCH)) - 1) // BATCH
        yield from np.split(people, np.flatnonzero(np.diff(groups)) + 1)


def warp_loss(
    histories: Histories,
    people: Longs,
    negatives: Longs,
    known_count: int,
    parts: Any,
    table: torch.Tensor,
    memory: float | None,
) -> torch.Tensor:
    """The mean WARP loss of the actions of some people."""
    import torch

    lengths = np.minimum(histories.lengths[people], BATCH)
    ends = np.cumsum(lengths)
    places = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
    source = np.repeat(histories.indptr[people + 1] - lengths, lengths) + places
    owners = np.repeat(np.arange(len(people)), lengths)
    items, weights = histories.items[source].astype(np.int64), histories.weights[source]

    rows = np.union1d(items, negatives)
    vectors = _sparse(parts[rows]) @ table
    factors, biases = vectors[:, :-1].contiguous(), vectors[:, -1]
    positive = torch.from_numpy(np.searchsorted(rows, items))
    negative = torch.from_numpy(np.searchsorted(rows, negatives))

    taken = factors[positive]
    if memory is None:
        person, totals = _sums_of_others(taken, owners, weights)
    else:
        earlier = _earlier(places, weights, memory)
        person, totals = _sparse(earlier) @ taken, np.asarray(earlier.sum(1)).ravel()
    person = person * torch.from_numpy((1 / np.sqrt(np.maximum(totals, 1))).astype(np.float32))[:, None]

    above = (person * factors[positive]).sum(1) + biases[positive]
    below = person @ factors[negative].T + biases[negative]
    has = torch.from_numpy(_has_negative(items, owners, negatives))
    excess = (1 + below - above[:, None]).masked_fill(has, 0).clamp(min=0)
    with torch.no_grad():
        violations = (excess > 0).sum(1)
        rank = violations / (~has).sum(1).clamp(min=1) * (known_count - 1)
        scale = torch.log1p(rank) / violations.clamp(min=1) * torch.from_numpy(weights)
    return (scale * excess.sum(1)).mean()


def _sums_of_others(taken: torch.Tensor, owners: Longs, weights: Floats) -> tuple[torch.Tensor, Floats]:
    """For each action Σ weight × vector of the person's other actions, shape (actions, d), and Σ weight."""
    import torch

    weighted, owner = taken * torch.from_numpy(weights)[:, None], torch.from_numpy(owners)
    sums = torch.zeros(int(owners[-1]) + 1, taken.shape[1]).index_add(0, owner, weighted)
    totals: Floats = (np.bincount(owners, weights)[owners] - weights).astype(np.float32)
    return sums[owner] - weighted, totals


def _earlier(places: Longs, weights: Floats, memory: float) -> Any:
    """What each action sees of the same person's earlier ones: sparse (actions, actions) weights.

    As far back as WINDOW times the memory; what is older weighs under 1 %.
    """
    from scipy.sparse import csr_matrix

    row, lag = np.nonzero(np.arange(max(1, round(WINDOW * memory))) < places[:, None])
    column = row - 1 - lag
    values = (weights[column] * np.exp(-lag / memory)).astype(np.float32)
    return csr_matrix((values, (row, column)), shape=(len(places), len(places)))


def _has_negative(items: Longs, owners: Longs, negatives: Longs) -> Flags:
    """Whether the person of an action has a negative, shape (actions, negatives)."""
    column = np.searchsorted(negatives, items).clip(max=len(negatives) - 1)
    hit = negatives[column] == items
    has = np.zeros((int(owners[-1]) + 1, len(negatives)), np.bool_)
    has[owners[hit], column[hit]] = True
    return has[owners]


def _sparse(matrix: Any) -> torch.Tensor:
    """A SciPy matrix as a sparse tensor."""
    import torch

    matrix.sort_indices()
    entries = matrix.tocoo()
    places = torch.from_numpy(np.stack([entries.row, entries.col]).astype(np.int64))
    values = torch.from_numpy(entries.data)
    return torch.sparse_coo_tensor(places, values, entries.shape, check_invariants=False, is_coalesced=True)


def _with_unit_rows(features: Any) -> Any:
    """Features with rows of length 1, so that a much described item is not moved more than another."""
    features = features.tocsr().astype(np.float32)
    length = np.sqrt(np.asarray(features.multiply(features).sum(1)).ravel())
    return features.multiply(1 / np.where(length > 0, length, 1)[:, None])


def _fill_unknown(own: Floats, counts: Longs) -> None:
    """Give items that nobody had the mean own vector and bias of the least known tenth of the others, in place."""
    known = np.flatnonzero(counts)
    least = known[np.argsort(counts[known], kind="stable")][: max(1, int(len(known) * LEAST_KNOWN_SHARE))]
    if len(least):
        own[counts == 0] = own[least].mean(0)
