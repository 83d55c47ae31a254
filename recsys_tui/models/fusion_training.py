"""Training the deep model in torch: a listwise ranking loss over the candidates of held-out lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recsys_tui.data.histories import Floats
from recsys_tui.models.candidate_lists import CandidateLists, ndcg_of_hits
from recsys_tui.models.fusion import Fusion

if TYPE_CHECKING:
    import torch

HIDDEN = 32
RANK = 16
DROPOUT = 0.1
WEIGHT_DECAY = 1e-2
PEAK_RATE = 3e-3
LISTS_PER_BATCH = 128
BLEND_STEPS = 200


@dataclass(frozen=True)
class FusionReport:
    """What happened: mean loss and validation NDCG@10 after each epoch, and the epoch that was kept (from 1)."""

    losses: tuple[float, ...]
    ndcg: tuple[float, ...]
    kept_epoch: int


def fit_blend(samples: Floats, seed: int, steps: int = BLEND_STEPS) -> Floats:
    """Weights (signals,) of the cheap blend: softmax regression of the target (first) among uniformly drawn items.

    ``samples`` has shape (lists, 1 + drawn, signals). Full-batch Adam on the convex loss, from equal weights.
    """
    import torch

    torch.manual_seed(seed)
    signals = samples.shape[2]
    if not len(samples):
        return np.full(signals, 1 / signals, np.float32)
    z = torch.from_numpy(np.ascontiguousarray(samples))
    weights = torch.full((signals,), 1 / signals, requires_grad=True)
    optimiser = torch.optim.Adam([weights], lr=0.05)
    target = torch.zeros(len(samples), dtype=torch.long)
    for _ in range(steps):
        optimiser.zero_grad()
        loss = torch.nn.functional.cross_entropy(z @ weights, target) + 1e-3 * weights.square().sum()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    result: Floats = weights.detach().numpy().astype(np.float32)
    return result


def build_network(signals: int, context: int, items: int, start: Floats) -> torch.nn.Module:
    """The trainable twin of :class:`Fusion`. It starts as the linear blend ``start``: all other last layers are 0."""
    import torch
    from torch import nn

    class FusionNetwork(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gate_weights = nn.Parameter(torch.from_numpy(start.copy()))
            self.gate_context = nn.Parameter(torch.zeros(context, signals))
            self.hidden_signals = nn.Parameter(torch.randn(signals, HIDDEN) / signals**0.5)
            self.hidden_context = nn.Parameter(torch.randn(context, HIDDEN) / context**0.5)
            self.hidden_bias = nn.Parameter(torch.zeros(HIDDEN))
            self.hidden_out = nn.Parameter(torch.zeros(HIDDEN))
            self.match_context = nn.Parameter(torch.randn(context, RANK) / context**0.5)
            self.match_item = nn.Parameter(torch.zeros(items, RANK))
            self.dropout = nn.Dropout(DROPOUT)

        def forward(self, z: torch.Tensor, who: torch.Tensor, what: torch.Tensor) -> torch.Tensor:
            gates = self.gate_weights + who @ self.gate_context
            gated = torch.einsum("pcf,pf->pc", z, gates)
            hidden = z @ self.hidden_signals + (who @ self.hidden_context)[:, None, :] + self.hidden_bias
            interplay = self.dropout(torch.relu(hidden)) @ self.hidden_out
            match = torch.einsum("pr,pcr->pc", who @ self.match_context, what @ self.match_item)
            total: torch.Tensor = gated + interplay + match
            return total

    return FusionNetwork()


def listwise_loss(scores: torch.Tensor, taken: torch.Tensor, there: torch.Tensor) -> torch.Tensor:
    """Cross entropy of the softmax over each list, averaged over what was taken in it (ListNet, Cao et al. 2007)."""
    import torch

    logs = torch.log_softmax(scores.masked_fill(~there, -1e9), dim=1)
    share = taken / taken.sum(dim=1, keepdim=True)
    return -(share * logs).sum(dim=1).mean()


def fit_fusion(
    lists: CandidateLists,
    item_features: Floats,
    blend: Floats,
    *,
    horizon: str,
    epochs: int,
    seed: int,
    device: torch.device,
    report: Callable[[float, dict[str, float]], None],
    stopped: Callable[[], bool],
) -> tuple[Fusion, FusionReport]:
    """Train on the lists whose target is among the candidates; keep the epoch that ranks validation people best.

    Epoch 0, the plain blend, competes too. ``stopped`` is asked at every batch: if it says yes, the best so far is
    kept. ``report`` gets the share done and loss and NDCG@10 on validation lists (a target that is not among the
    candidates counts as a miss).
    """
    import torch

    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    training = lists.select(~lists.validation & lists.taken.any(axis=1))
    validation = lists.select(lists.validation)
    network = build_network(len(blend), lists.context.shape[1], item_features.shape[1], blend).to(device)
    batches = max(1, -(-len(training.z) // LISTS_PER_BATCH))
    optimiser = torch.optim.AdamW(network.parameters(), lr=PEAK_RATE, weight_decay=WEIGHT_DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, PEAK_RATE, total_steps=max(2, epochs * batches))
    width = training.items.shape[1]

    def snapshot() -> Fusion:
        arrays = {name: tensor.detach().cpu().numpy().copy() for name, tensor in network.named_parameters()}
        return Fusion(horizon=horizon, candidates=width, blend=blend, **arrays)

    best = snapshot()
    best_ndcg, kept = validation_ndcg(best, validation, item_features), 0
    losses: list[float] = []
    curve: list[float] = []
    for epoch in range(epochs):
        if not len(training.z) or stopped():
            break
        network.train()
        total, judged = 0.0, 0
        order = random.permutation(len(training.z))
        for number, start in enumerate(range(0, len(order), LISTS_PER_BATCH)):
            rows = order[start : start + LISTS_PER_BATCH]
            tensors = _on_device(training, item_features, rows, device)
            optimiser.zero_grad()
            loss = listwise_loss(
                network(tensors["z"], tensors["who"], tensors["what"]), tensors["taken"], tensors["there"]
            )
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total, judged = total + float(loss.detach()) * len(rows), judged + len(rows)
            if stopped():
                break
            share = (epoch + (number + 1) / batches) / epochs
            report(share, {"epoch": epoch + 1, "loss": total / judged})
        losses.append(total / judged)
        now = snapshot()
        curve.append(validation_ndcg(now, validation, item_features))
        if curve[-1] > best_ndcg:
            best, best_ndcg, kept = now, curve[-1], epoch + 1
        report((epoch + 1) / epochs, {"epoch": epoch + 1, "loss": losses[-1], "ndcg@10": curve[-1]})
    return best, FusionReport(tuple(losses), tuple(curve), kept)


def _on_device(lists: CandidateLists, features: Floats, rows: Any, device: torch.device) -> dict[str, torch.Tensor]:
    import torch

    items = lists.items[rows]
    arrays = {
        "z": lists.z[rows],
        "who": lists.context[rows],
        "what": features[np.maximum(items, 0)],
        "taken": lists.taken[rows].astype(np.float32),
        "there": items >= 0,
    }
    return {name: torch.from_numpy(np.ascontiguousarray(array)).to(device) for name, array in arrays.items()}


def scores_of_lists(fusion: Fusion, lists: CandidateLists, item_features: Floats, at_once: int = 512) -> Floats:
    """The fusion's scores of candidate lists, shape (lists, candidates); places without an item get -inf."""
    blocks = []
    for start in range(0, len(lists.z), at_once):
        stretch = slice(start, start + at_once)
        items = lists.items[stretch]
        scores = fusion.score(lists.z[stretch], lists.context[stretch], item_features[np.maximum(items, 0)])
        blocks.append(np.where(items >= 0, scores, -np.inf))
    return np.concatenate(blocks) if blocks else np.zeros(lists.items.shape, np.float32)


def validation_ndcg(fusion: Fusion, lists: CandidateLists, item_features: Floats) -> float:
    """Mean NDCG@10 of the fusion over lists; what was not among the candidates counts as a miss."""
    scores = scores_of_lists(fusion, lists, item_features)
    order = np.argsort(-scores, axis=1, kind="stable")
    return ndcg_of_hits(np.take_along_axis(lists.taken, order, axis=1), lists.wanted)


def list_metrics(fusion: Fusion, lists: CandidateLists, item_features: Floats) -> dict[str, float]:
    """NDCG@10, hit rate@10 and capped recall@20 of the fusion on the validation lists; 0 where there are none."""
    judged = lists.select(lists.validation)
    if not len(judged.z):
        return {"ndcg@10": 0.0, "hr@10": 0.0, "recall@20": 0.0}
    scores = scores_of_lists(fusion, judged, item_features)
    hits = np.take_along_axis(judged.taken, np.argsort(-scores, axis=1, kind="stable"), axis=1)
    return {
        "ndcg@10": ndcg_of_hits(hits, judged.wanted),
        "hr@10": float(hits[:, :10].any(axis=1).mean()),
        "recall@20": float((hits[:, :20].sum(axis=1) / np.minimum(20, np.maximum(1, judged.wanted))).mean()),
    }
