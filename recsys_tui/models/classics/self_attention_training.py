"""Training the self-attention model: softmax cross-entropy of the next item, kept where it ranks best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Histories, Longs
from recsys_tui.models.classics.co_occurrence_vectors import co_occurrence_vectors
from recsys_tui.models.classics.self_attention import AttentionSettings, SelfAttention
from recsys_tui.models.classics.self_attention_network import build_network
from recsys_tui.models.classics.training_windows import batches_by_length, cut_windows
from recsys_tui.models.devices import choose_device, use_one_thread

if TYPE_CHECKING:
    import torch

TARGETS_AT_ONCE = (128, 2_048)
FEWEST_STEPS = 40
WEIGHT_DECAY = 1e-2
WARM_UP = 0.05
PATIENCE = 3
NEGATIVE_POWER = 0.75
FULL_SOFTMAX_UP_TO = 4
MOST_VALIDATION = 3_000
LISTED = 10


@dataclass(frozen=True)
class AttentionReport:
    """Mean loss and validation NDCG@10 after each epoch, and the epoch that was kept (from 1; 0 is the start)."""

    losses: tuple[float, ...]
    ndcg: tuple[float, ...]
    kept_epoch: int


def fit_self_attention(
    histories: Histories,
    settings: AttentionSettings,
    *,
    seed: int,
    device: str,
    report: Callable[[float, dict[str, float]], None],
    stopped: Callable[[], bool],
) -> tuple[dict[str, NDArray[Any]], AttentionReport]:
    import torch

    use_one_thread()
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    where = choose_device(device)
    older, judged, wanted = hold_newest_out(histories, random)
    network = build_network(co_occurrence_vectors(older, settings.width, random), settings).to(where)
    known = histories.item_counts() > 0
    optimiser = torch.optim.AdamW(network.parameters(), lr=settings.rate, weight_decay=WEIGHT_DECAY)
    loss_of = next_item_loss(older.item_counts(), settings.negatives, where, random)

    def snapshot() -> dict[str, NDArray[Any]]:
        arrays = {name: tensor.detach().cpu().numpy().copy() for name, tensor in network.named_parameters()}
        return {**arrays, "known": known}

    best, best_ndcg, kept = snapshot(), -1.0, 0
    losses: list[float] = []
    curve: list[float] = []
    for epoch in range(settings.epochs):
        if stopped():
            break
        network.train()
        total, count = 0.0, 0
        windows = cut_windows(older, settings.window, max(1, settings.window // 2), random)
        everything = int(windows.asked.sum())
        # Small data are cut into smaller batches, so that there are steps enough to learn from.
        at_once = int(np.clip(everything // FEWEST_STEPS, *TARGETS_AT_ONCE))
        for batch in batches_by_length(older, windows, at_once, random):
            share = (epoch + count / everything) / settings.epochs
            for group in optimiser.param_groups:
                group["lr"] = settings.rate * min(1.0, (share + 1e-3) / WARM_UP) * (1 - share)
            optimiser.zero_grad()
            targets = torch.from_numpy(batch.targets).to(where).long()
            states = network(torch.from_numpy(batch.inputs).to(where).long(), targets.shape[1])
            there = targets >= 0
            loss = loss_of(states[there], targets[there], network.get_parameter("item_vectors"))
            loss.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            size = int((batch.targets >= 0).sum())
            total, count = total + float(loss.detach()) * size, count + size
            if stopped():
                break
            report((epoch + count / everything) / settings.epochs, {"epoch": epoch + 1, "loss": total / count})
        losses.append(total / max(1, count))
        now = snapshot()
        curve.append(validation_ndcg(SelfAttention(now), judged, wanted))
        if curve[-1] > best_ndcg:
            best, best_ndcg, kept = now, curve[-1], epoch + 1
        report((epoch + 1) / settings.epochs, {"epoch": epoch + 1, "loss": losses[-1], "ndcg@10": curve[-1]})
        if epoch + 1 - kept >= PATIENCE:
            break
    return best, AttentionReport(tuple(losses), tuple(curve), kept)


def hold_newest_out(histories: Histories, random: np.random.Generator) -> tuple[Histories, Histories, Longs]:
    """Everyone without the newest item; some people's histories, and the newest items of those."""
    able = histories.lengths >= 3
    older = histories.prefixes(range(len(histories)), histories.lengths - able)
    people = np.sort(random.permutation(np.flatnonzero(able))[:MOST_VALIDATION])
    judged = histories.prefixes(people, histories.lengths[people] - 1)
    return older, judged, histories.items[histories.indptr[people + 1] - 1].astype(np.int64)


def next_item_loss(
    counts: Longs, negatives: int, device: torch.device, random: np.random.Generator
) -> Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]:
    import torch
    from torch.nn import functional

    known = np.flatnonzero(counts)
    if len(known) <= FULL_SOFTMAX_UP_TO * negatives:
        place_of = np.zeros(len(counts), np.int64)
        place_of[known] = np.arange(len(known))
        all_known, places = torch.from_numpy(known).to(device), torch.from_numpy(place_of).to(device)

        def full(states: torch.Tensor, targets: torch.Tensor, item_vectors: torch.Tensor) -> torch.Tensor:
            return functional.cross_entropy(states @ item_vectors[all_known].T, places[targets])

        return full
    chances = counts[known] ** NEGATIVE_POWER
    chances = chances / chances.sum()
    expected = np.zeros(len(counts), np.float32)
    expected[known] = np.log(chances * negatives)

    edges = np.cumsum(chances)

    def sampled(states: torch.Tensor, targets: torch.Tensor, item_vectors: torch.Tensor) -> torch.Tensor:
        drawn = known[np.minimum(np.searchsorted(edges, random.random(negatives)), len(known) - 1)]
        others = torch.from_numpy(drawn).to(device)
        logits = states @ item_vectors[others].T - torch.from_numpy(expected[drawn]).to(device)
        logits = logits.masked_fill(others[None, :] == targets[:, None], -1e9)
        right = (states * item_vectors[targets]).sum(dim=1, keepdim=True)
        return (torch.logsumexp(torch.cat([right, logits], dim=1), dim=1) - right[:, 0]).mean()

    return sampled


def validation_ndcg(model: SelfAttention, histories: Histories, wanted: Longs, at_once: int = 512) -> float:
    """Mean NDCG@10 of one wanted item a person among the whole catalogue without the person's own items."""
    if not len(histories):
        return 0.0
    total = 0.0
    for start in range(0, len(histories), at_once):
        some = histories.rows(start, min(start + at_once, len(histories)))
        scores = model.score(some)
        scores[some.owners, some.items] = -np.inf
        aims = wanted[start : start + at_once]
        right = np.take_along_axis(scores, aims[:, None], axis=1)
        ranks = (scores > right).sum(axis=1)
        total += float((1 / np.log2(ranks[ranks < LISTED] + 2)).sum())
    return total / len(histories)
