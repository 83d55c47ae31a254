"""Training the self-attention model: the next item after every place, kept at the epoch that ranks best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Longs
from recsys_tui.models.devices import choose_device, use_one_thread
from recsys_tui.models.encoder.co_occurrence_vectors import co_occurrence_vectors
from recsys_tui.models.encoder.network import build_network
from recsys_tui.models.encoder.next_item_loss import next_item_loss
from recsys_tui.models.encoder.passes import Passes, Report
from recsys_tui.models.encoder.self_attention import AttentionSettings, SelfAttention

PATIENCE = 3
FEWEST_ACTIONS = 3
MOST_VALIDATION = 3_000
LISTED = 10


class Scorer(Protocol):
    """What can be validated: it scores all items for some people, shape (people, items)."""

    def score(self, histories: Histories) -> Floats:
        """Higher is better."""
        ...


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
    report: Report,
    stopped: Callable[[], bool],
) -> tuple[dict[str, NDArray[Any]], AttentionReport]:
    """Train, and return the arrays of :class:`SelfAttention` and what happened.

    Each person's newest item is held out. The loss is the softmax cross-entropy of the next item (gSASRec, Petrov &
    Macdonald, RecSys 2023, and Klenitskiy & Vasilev, RecSys 2023, say why not the original's), by AdamW with a rate
    that falls linearly. The epoch with the best NDCG@10 of the held-out items is kept; when it has not got better for
    three epochs, training ends. A last short pass over everybody's newest actions then takes in what was held out.

    ``report`` gets the share done and ``epoch`` and ``loss``, after an epoch ``ndcg@10`` too. ``stopped`` is asked at
    every batch: if it says yes, the best so far is returned. ``device`` as for :func:`choose_device`; on a CPU a seed
    gives the same model again. Raises ``UserError`` for a device that is not there.
    """
    import torch

    use_one_thread()
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    older, judged, wanted = hold_newest_out(histories, random)
    where = choose_device(device)
    network = build_network(co_occurrence_vectors(older, settings.width, random), settings).to(where)
    loss = next_item_loss(histories.item_counts(), settings.negatives, where, random)
    epochs = epochs_for(older, settings)
    settings = replace(settings, epochs=epochs)
    passes = Passes(network, loss, settings, random, report, stopped)
    known = histories.item_counts() > 0
    best, best_ndcg, kept = passes.arrays(), -1.0, 0
    losses: list[float] = []
    curve: list[float] = []
    for epoch in range(epochs):
        if stopped():
            break
        losses.append(passes.epoch(older, epoch))
        now = passes.arrays()
        curve.append(validation_ndcg(SelfAttention({**now, "known": known}), judged, wanted))
        if curve[-1] > best_ndcg:
            best, best_ndcg, kept = now, curve[-1], epoch + 1
        report((epoch + 1) / epochs, {"epoch": epoch + 1, "loss": losses[-1], "ndcg@10": curve[-1]})
        if epoch + 1 - kept >= PATIENCE:
            break
    if not stopped():
        passes.go_back_to(best)
        passes.finish(histories)
        best = passes.arrays()
    return {**best, "known": known}, AttentionReport(tuple(losses), tuple(curve), kept)


def epochs_for(histories: Histories, settings: AttentionSettings) -> int:
    """As many epochs as the settings allow without more targets than they allow, but one at least."""
    targets = int(np.maximum(histories.lengths - 1, 0).sum())
    return max(1, min(settings.epochs, settings.targets // max(1, targets)))


def teach_newest(
    arrays: dict[str, NDArray[Any]], histories: Histories, settings: AttentionSettings, *, seed: int, device: str
) -> dict[str, NDArray[Any]]:
    """The arrays of a trained model after a short pass over the newest stretch of everybody's histories."""
    import torch

    use_one_thread()
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    where = choose_device(device)
    parameters = {name: array for name, array in arrays.items() if name != "known"}
    network = build_network(np.asarray(parameters["item_vectors"], np.float32), settings).to(where)
    loss = next_item_loss(histories.item_counts(), settings.negatives, where, random)
    passes = Passes(network, loss, settings, random, lambda _share, _metrics: None, lambda: False)
    passes.go_back_to(parameters)
    passes.finish(histories)
    return {**passes.arrays(), "known": histories.item_counts() > 0}


def hold_newest_out(histories: Histories, random: np.random.Generator) -> tuple[Histories, Histories, Longs]:
    """Everyone without the newest item (who has three at least), then at most 3,000 of them and their newest items."""
    able = histories.lengths >= FEWEST_ACTIONS
    older = histories.prefixes(range(len(histories)), histories.lengths - able)
    people = np.sort(random.permutation(np.flatnonzero(able))[:MOST_VALIDATION])
    judged = histories.prefixes(people, histories.lengths[people] - 1)
    return older, judged, histories.items[histories.indptr[people + 1] - 1].astype(np.int64)


def validation_ndcg(model: Scorer, histories: Histories, wanted: Longs, at_once: int = 512) -> float:
    """Mean NDCG@10 of one wanted item a person among the whole catalogue without the person's own items."""
    if not len(histories):
        return 0.0
    total = 0.0
    for start in range(0, len(histories), at_once):
        some = histories.rows(start, min(start + at_once, len(histories)))
        scores = model.score(some)
        scores[some.owners, some.items] = -np.inf
        right = np.take_along_axis(scores, wanted[start : start + at_once, None], axis=1)
        ranks = (scores > right).sum(axis=1)
        total += float((1 / np.log2(ranks[ranks < LISTED] + 2)).sum())
    return total / len(histories)
