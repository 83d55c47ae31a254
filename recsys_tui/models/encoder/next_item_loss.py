"""Softmax cross-entropy of the next item: over the whole catalogue where it is small, else over a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Longs

if TYPE_CHECKING:
    import torch

Loss = Callable[["torch.Tensor", "torch.Tensor", "torch.Tensor"], "torch.Tensor"]

NEGATIVE_POWER = 0.75
FULL_UP_TO = 4


def next_item_loss(counts: Longs, negatives: int, device: torch.device, random: np.random.Generator) -> Loss:
    """The loss as a function of states (targets, d), target codes (targets,) and item vectors (items, d).

    ``counts`` (items,): actions on each item; items without any are no alternatives. Up to four times ``negatives``
    items are all weighed up. Of more, ``negatives`` are drawn for the whole batch, with replacement and chances q
    proportional to count^.75; each counts with weight 1 / (q · negatives) (log-Q correction; Bengio & Senécal 2008)
    and none stands against itself, so that the sum under the fraction is right on average.
    """
    known = np.flatnonzero(counts)
    if len(known) <= FULL_UP_TO * negatives:
        return _full(known, len(counts), device)
    chances = counts[known] ** NEGATIVE_POWER
    return _sampled(known, chances / chances.sum(), negatives, device, random)


def _full(known: Longs, item_count: int, device: torch.device) -> Loss:
    import torch
    from torch.nn import functional

    place_of = np.zeros(item_count, np.int64)
    place_of[known] = np.arange(len(known))
    all_known, places = torch.from_numpy(known).to(device), torch.from_numpy(place_of).to(device)

    def loss(states: torch.Tensor, targets: torch.Tensor, item_vectors: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(states @ item_vectors[all_known].T, places[targets])

    return loss


def _sampled(
    known: Longs, chances: NDArray[np.float64], negatives: int, device: torch.device, random: np.random.Generator
) -> Loss:
    import torch
    from torch.nn import functional

    edges = np.cumsum(chances)
    weights = -np.log(chances * negatives).astype(np.float32)

    def loss(states: torch.Tensor, targets: torch.Tensor, item_vectors: torch.Tensor) -> torch.Tensor:
        drawn = np.minimum(np.searchsorted(edges, random.random(negatives)), len(known) - 1)
        others = torch.from_numpy(known[drawn]).to(device)
        logits = torch.addmm(torch.from_numpy(weights[drawn]).to(device), states, item_vectors[others].T)
        logits.masked_fill_(others[None, :] == targets[:, None], float("-inf"))
        right = (states * item_vectors[targets]).sum(dim=1)
        # −log(exp(right) / (exp(right) + Σ exp(logits))), without putting the two side by side.
        return functional.softplus(torch.logsumexp(logits, dim=1) - right).mean()

    return loss
