"""The recommender that is solved from private statistics and public descriptions of items, and from nothing else."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.data.weighted_rows import SparseTable
from recsys_tui.models.context import context_of
from recsys_tui.models.ease import Ease
from recsys_tui.models.experts import Experts
from recsys_tui.models.fusion import Fusion
from recsys_tui.models.interaction import PRODUCTS, InteractionModel
from recsys_tui.models.neighbours import WIDTH, Neighbours, Transitions, strongest_of_rows
from recsys_tui.models.popularity import Popularity
from recsys_tui.models.private.denoising import shrunk_eigen, soft_thresholded
from recsys_tui.models.private.statistics import PAIRS, TRANSITIONS, PrivateStatistics
from recsys_tui.models.sequence_regression import SequenceRegression
from recsys_tui.models.signal_names import INPUT_SIGNALS, signals_for
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.user_profiles import DIMENSIONS, UserProfiles, unit_rows

# λ of EASE over rows of unit length: this much, and as much again as the deviation of the noise.
LEAST_RIDGE = 3.0
# A transition counts that lies so many deviations above 0, and counts for so many less.
BEYOND, LESS = 2.0, 1.0
# What each part weighs, by horizon: fixed once, by what ranked well on MovieLens, so that no data is asked here.
WEIGHTS = {
    "next": {"ease": 1.0, "transitions": 0.5, "content_last": 0.8, "popular": 0.2},
    "later": {"ease": 1.0, "content": 0.3, "popular": 0.5},
}
CANDIDATES = 1_000


def private_experts(statistics: PrivateStatistics, content: ContentProfiles) -> Experts:
    """EASE, transitions, popularity and neighbours by content; what needs people's histories themselves is empty."""
    count = len(statistics.counts)
    values, vectors = shrunk_eigen(statistics.pairs, statistics.sigmas[PAIRS] / np.sqrt(2))
    strength = np.log1p(np.maximum(statistics.counts, 0)).astype(np.float32)
    nothing = SparseTable(np.zeros((count, 1), np.int32), np.zeros((count, 1), np.float16))
    return Experts(
        sequence=SequenceRegression(np.zeros(0, np.int32), np.zeros((0, 0), np.float16), count, 0.0),
        transitions=_transitions(statistics),
        ease=_ease(statistics, values, vectors),
        neighbours=Neighbours(nothing),
        popular=Popularity("popular", strength),
        recent=Popularity("recent", strength),
        profiles=_space(statistics, values, vectors),
        content=content,
    )


def _ease(statistics: PrivateStatistics, values: Floats, vectors: Floats) -> Ease:
    """EASE (Steck, WWW 2019) of what stands out of the noise, in items as they are: rows were weighted by item."""
    size, weights = len(statistics.head), statistics.weights
    ridge = LEAST_RIDGE + statistics.sigmas[PAIRS]
    solved = Ease.solved(
        ((vectors * values) @ vectors.T).astype(np.float32), np.arange(size, dtype=np.int32), ridge, size
    )
    plain = weights[:, None] * solved.coefficients.astype(np.float64) / weights[None, :]
    return Ease(statistics.head, plain.astype(np.float16), len(statistics.counts), ridge)


def _transitions(statistics: PrivateStatistics) -> Transitions:
    """The transitions that stand out of the noise, in deviations of it; the strongest of each item."""
    from scipy.sparse import csr_matrix

    sigma, count = statistics.sigmas[TRANSITIONS], len(statistics.counts)
    kept = soft_thresholded(statistics.transitions, sigma, BEYOND, LESS) / np.float32(sigma or 1.0)
    rows, columns = np.nonzero(kept)
    head = statistics.head
    table = csr_matrix((kept[rows, columns], (head[rows], head[columns])), shape=(count, count))
    return Transitions(strongest_of_rows(table, WIDTH))


def _space(statistics: PrivateStatistics, values: Floats, vectors: Floats) -> UserProfiles:
    """The space of behaviour that the pairs span. There is one cluster, everybody: people cannot be told apart."""
    count, size = len(statistics.counts), max(1, min(DIMENSIONS, len(values)))
    strongest = np.argsort(-values, kind="stable")[:size]
    item_map, places = np.zeros((count, size), np.float32), np.zeros((count, size), np.float32)
    found = vectors[:, strongest]
    item_map[statistics.head, : found.shape[1]] = statistics.weights[:, None] * found
    places[statistics.head, : found.shape[1]] = unit_rows(found * np.sqrt(values[strongest]))
    one = np.zeros((1, size), np.float32)
    return UserProfiles(item_map, places, one, np.zeros((1, count), np.float32), one[0])


def private_interaction() -> InteractionModel:
    """An interaction model that nobody's actions taught: it says one half of every pair."""
    size = len(INPUT_SIGNALS)
    blank = np.zeros(2 * size + len(PRODUCTS), np.float32)
    return InteractionModel(np.zeros(size, np.float32), np.ones(size, np.float32), blank, 0.0)


def private_fusion(experts: Experts, horizon: str) -> Fusion:
    """The fixed weighted sum of the parts in the form of the deep model: no gate, no network."""
    names = signals_for(horizon)
    weights = np.array([WEIGHTS[horizon].get(name, 0.0) for name in names], np.float32)
    nobody = Histories.of_one(np.zeros(0, np.int32), len(experts.popular.strength))
    context = context_of(nobody, experts.profiles, experts.content, experts.popular.strength).shape[1]
    context += len(names) if horizon == "next" else 0
    features = experts.profiles.item_places.shape[1] + experts.content.dense.shape[1] + 1

    def empty(*shape: int) -> Floats:
        return np.zeros(shape, np.float32)

    return Fusion(
        horizon=horizon,
        candidates=CANDIDATES,
        gate_weights=weights,
        gate_context=empty(context, len(names)),
        hidden_signals=empty(len(names), 1),
        hidden_context=empty(context, 1),
        hidden_bias=empty(1),
        hidden_out=empty(1),
        match_context=empty(context, 1),
        match_item=empty(features, 1),
        context_mean=empty(context),
        blend=weights,
    )
