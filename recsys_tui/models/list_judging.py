"""How well the deep model ranks candidate lists."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Longs
from recsys_tui.models.candidate_lists import CandidateLists, ndcg_of_hits
from recsys_tui.models.fusion import Fusion

LISTED = 20


def scores_of_lists(fusion: Fusion, lists: CandidateLists, item_features: Floats, at_once: int = 512) -> Floats:
    """The fusion's scores of candidate lists, shape (lists, candidates); places without an item get -inf."""
    blocks = []
    for start in range(0, len(lists.z), at_once):
        stretch = slice(start, start + at_once)
        items = lists.items[stretch]
        scores = fusion.score(lists.z[stretch], lists.context[stretch], item_features[np.maximum(items, 0)])
        blocks.append(np.where(items >= 0, scores, -np.inf))
    return np.concatenate(blocks) if blocks else np.zeros(lists.items.shape, np.float32)


def ranked_hits(fusion: Fusion, lists: CandidateLists, item_features: Floats) -> Flags:
    """Whether each of the first 20 places of a list, as the fusion ranks it, was taken, shape (lists, at most 20)."""
    order = np.argsort(-scores_of_lists(fusion, lists, item_features), axis=1, kind="stable")[:, :LISTED]
    return np.take_along_axis(lists.taken, order, axis=1)


def hit_metrics(hits: Flags, wanted: Longs) -> dict[str, float]:
    """NDCG@10, hit rate@10 and capped recall@20 of ranked hits (lists, 20); nothing where there is no list.

    ``wanted`` (lists,): how many there were to find. What was not among the candidates counts as a miss.
    """
    if not len(hits):
        return {}
    return {
        "ndcg@10": ndcg_of_hits(hits, wanted),
        "hr@10": float(hits[:, :10].any(axis=1).mean()),
        "recall@20": float((hits[:, :LISTED].sum(axis=1) / np.minimum(LISTED, np.maximum(1, wanted))).mean()),
    }


def validation_ndcg(fusion: Fusion, lists: CandidateLists, item_features: Floats) -> float:
    """Mean NDCG@10 of the fusion over lists; what was not among the candidates counts as a miss."""
    return ndcg_of_hits(ranked_hits(fusion, lists, item_features), lists.wanted)


def list_metrics(fusion: Fusion, lists: CandidateLists, item_features: Floats) -> dict[str, float]:
    """The figures of :func:`hit_metrics` for the fusion on the validation lists."""
    judged = lists.select(lists.validation)
    return hit_metrics(ranked_hits(fusion, judged, item_features), judged.wanted)
