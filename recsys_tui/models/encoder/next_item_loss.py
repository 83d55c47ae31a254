"""Softmax cross-entropy of the next item: over the whole catalogue where it is small, else over a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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

    place_of = np.zeros(item_count, np.int64)
    place_of[known] = np.arange(len(known))
    all_known, places = torch.from_numpy(known).to(device), torch.from_numpy(place_of).to(device)

    def loss(states: torch.Tensor, targets: torch.Tensor, item_vectors: torch.Tensor) -> torch.Tensor:
        others = item_vectors if len(known) == item_count else item_vectors[all_known]
        return _against_others(states, others, None, (states * item_vectors[targets]).sum(dim=1), places[targets])

    return loss


def _sampled(
    known: Longs, chances: NDArray[np.float64], negatives: int, device: torch.device, random: np.random.Generator
) -> Loss:
    import torch

    edges = np.cumsum(chances)
    place_of = torch.full((int(known[-1]) + 1,), -1, dtype=torch.long, device=device)

    def loss(states: torch.Tensor, targets: torch.Tensor, item_vectors: torch.Tensor) -> torch.Tensor:
        drawn = np.minimum(np.searchsorted(edges, random.random(negatives)), len(known) - 1)
        # An item that was drawn twice weighs double: the same sum, of fewer terms.
        drawn, times = np.unique(drawn, return_counts=True)
        weights = torch.from_numpy(np.log(times / (chances[drawn] * negatives)).astype(np.float32)).to(device)
        others = torch.from_numpy(known[drawn]).to(device)
        place_of[others] = torch.arange(len(others), device=device)
        itself = place_of[targets]
        place_of[others] = -1
        return _against_others(
            states, item_vectors[others], weights, (states * item_vectors[targets]).sum(dim=1), itself
        )

    return loss


def _against_others(
    states: torch.Tensor,
    others: torch.Tensor,
    weights: torch.Tensor | None,
    right: torch.Tensor,
    itself: torch.Tensor,
) -> torch.Tensor:
    """Mean of −log(exp(right) / (exp(right) + Σ_j exp(weight_j + state · other_j))) over j other than ``itself``.

    ``states`` (targets, d), ``others`` (drawn, d), ``weights`` (drawn,; None: all 0), ``right`` and ``itself``
    (targets,; -1: not among the drawn). The slopes are computed on the way: autograd would go through the matrix of all
    logits six times more.
    """
    import torch

    class AgainstOthers(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, states: torch.Tensor, others: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
            logits = states @ others.T if weights is None else torch.addmm(weights, states, others.T)
            rows = torch.nonzero(itself >= 0)[:, 0]
            logits[rows, itself[rows]] = float("-inf")
            highest = torch.maximum(logits.amax(dim=1), right)
            shares = logits.sub_(highest[:, None]).exp_()
            alone = torch.exp(right - highest)
            total = shares.sum(dim=1) + alone
            shares.div_((total * len(total))[:, None])
            ctx.save_for_backward(shares @ others, shares.T @ states, (alone / total - 1) / len(total))
            return (torch.log(total) + highest - right).mean()

        @staticmethod
        def backward(ctx: Any, *slope: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
            by_states, by_others, by_right = ctx.saved_tensors
            return by_states * slope[0], by_others * slope[0], by_right * slope[0]

    result: torch.Tensor = AgainstOthers.apply(states, others, right)  # type: ignore[no-untyped-call]
    return result
