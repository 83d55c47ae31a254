"""Clusters of people in the space of behaviour: how many, where, and how far anybody may rely on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats
from recsys_tui.profiles.user_profiles import unit_rows

MOST_CLUSTERS = 24
# Among many clusters one more or less is hardly another answer.
CLUSTER_COUNTS = (*range(2, 11), 12, 14, 17, 20, MOST_CLUSTERS)
PEOPLE_PER_CLUSTER = 25
SMALLEST_CLUSTER = 10
JUDGED_PEOPLE = 3_000
SILHOUETTE_PEOPLE = 2_000
HALVES = 5
STABLE = 0.7
RESTARTS, FEWER_RESTARTS = 4, 3
MORE_HALVES = 8
OTHER_STARTS = 3
# Clusters are the same whatever the seed of the training, so that they keep their numbers and names.
SEED = 20_071

Labels = NDArray[np.integer[Any]]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Clustering:
    """Unit ``centres`` (clusters, dimensions), and how good they are.

    ``silhouette`` (Rousseeuw 1987, cosine distance): mean over people, and ``silhouettes`` of each cluster.
    ``stability``: mean adjusted Rand index (Hubert & Arabie 1985) between these clusters and those found in random
    halves of the people; ``stabilities``: of each cluster the mean over those halves of the greatest Jaccard index with
    a cluster found there (Hennig 2007: above .75 it can be relied on, below .5 it dissolves). ``start_stability``: mean
    adjusted Rand index between these clusters and those found from other random starts. All are 1 for a single
    cluster, whose silhouettes are 0.
    """

    centres: Floats
    silhouette: float
    stability: float
    start_stability: float
    silhouettes: tuple[float, ...]
    stabilities: tuple[float, ...]

    def metrics(self) -> dict[str, float]:
        """What concerns all clusters, by name."""
        return {
            "clusters": float(len(self.centres)),
            "silhouette": self.silhouette,
            "stability": self.stability,
            "start_stability": self.start_stability,
        }


def find_clusters(vectors: Floats, progress: Callable[[float], None]) -> Clustering:
    """K-means of unit vectors (people, dimensions), with the number of clusters that is distinct and comes back.

    Among 2 … 24 clusters, of on average 25 people or more and never fewer than ten, those win whose silhouette times
    stability is highest, judged on at most 3,000 people; those with a stability below .7 only where none has more. A
    silhouette alone favours many small groups that another sample of the same people would not show. Fewer than
    fifty people make one cluster.
    """
    # K-means++ in scikit-learn widens single precision anew for every centre that it tries.
    places = vectors.astype(np.float64)
    most = int(min(MOST_CLUSTERS, len(vectors) // PEOPLE_PER_CLUSTER))
    random = np.random.default_rng(SEED)
    judged = random.permutation(len(vectors))[:JUDGED_PEOPLE]
    halves = [random.permutation(judged)[: max(1, len(judged) // 2)] for _ in range(MORE_HALVES)]
    counts = [count for count in CLUSTER_COUNTS if count <= most]
    apart = _distances(places[judged]) if counts else np.zeros((0, 0))
    candidates: list[tuple[float, Any]] = []
    for place, count in enumerate(counts):
        fit = _k_means(places[judged], count, RESTARTS, SEED)
        # A group of fewer people than may be shown would be no use to anyone.
        if np.bincount(fit.labels_, minlength=count).min() >= SMALLEST_CLUSTER:
            candidates.append((float(_silhouettes(apart, fit.labels_).mean()), fit))
        progress(0.6 * (place + 1) / len(counts))
    chosen, best = None, (False, 0.0)
    for silhouette, fit in sorted(candidates, key=lambda entry: -entry[0]):
        if best[0] and silhouette <= best[1]:
            break
        stable = _stability(places, judged, fit, halves[:HALVES])
        rated = stable >= STABLE, silhouette * stable
        if rated > best:
            chosen, best = fit, rated
    if chosen is None:
        return Clustering(unit_rows(vectors.mean(axis=0, keepdims=True)), 0.0, 1.0, 1.0, (0.0,), (1.0,))
    return _judged_clusters(places, apart, chosen, judged, halves)


def _stability(vectors: Numbers, judged: Labels, found: Any, halves: Iterable[Labels]) -> float:
    """Mean adjusted Rand index between the clusters ``found`` among the judged and those found in halves of them."""
    from sklearn.metrics import adjusted_rand_score

    count = len(found.cluster_centers_)
    fits = (_k_means(vectors[half], count, FEWER_RESTARTS, SEED + number) for number, half in enumerate(halves))
    return float(np.mean([adjusted_rand_score(found.labels_, fit.predict(vectors[judged])) for fit in fits]))


def _judged_clusters(
    vectors: Numbers, apart: Numbers, found: Any, judged: Labels, halves: Iterable[Labels]
) -> Clustering:
    """The clusters of everyone, from those found among the judged, with all that says how good they are."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score

    count = len(found.cluster_centers_)
    whole = KMeans(count, init=found.cluster_centers_, n_init=1, random_state=SEED).fit(vectors)
    labels = whole.labels_
    same, overlaps = [], []
    for number, half in enumerate(halves):
        again = _k_means(vectors[half], count, FEWER_RESTARTS, SEED + number)
        same.append(adjusted_rand_score(labels[judged], again.predict(vectors[judged])))
        overlaps.append(best_overlaps(labels[half], again.labels_, count))
    others = [_k_means(vectors, count, FEWER_RESTARTS, SEED + 1 + number) for number in range(OTHER_STARTS)]
    values = _silhouettes(apart, labels[judged])
    known = labels[judged][: len(values)]
    return Clustering(
        unit_rows(whole.cluster_centers_.astype(np.float32)),
        float(values.mean()),
        float(np.mean(same)),
        float(np.mean([adjusted_rand_score(labels, other.labels_) for other in others])),
        tuple(float(values[known == cluster].mean()) if (known == cluster).any() else 0.0 for cluster in range(count)),
        tuple(np.mean(overlaps, axis=0).tolist()),
    )


def best_overlaps(labels: Labels, others: Labels, count: int) -> NDArray[np.float64]:
    """The greatest Jaccard index of each of ``count`` clusters with one of another clustering of the same people."""
    shared = np.zeros((count, int(others.max(initial=0)) + 1))
    np.add.at(shared, (labels, others), 1)
    either = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0, keepdims=True) - shared
    result: NDArray[np.float64] = (shared / np.maximum(1, either)).max(axis=1)
    return result


def _k_means(vectors: Numbers, count: int, restarts: int, seed: int) -> Any:
    from sklearn.cluster import KMeans

    return KMeans(count, n_init=restarts, random_state=seed).fit(vectors)


def _distances(vectors: Numbers) -> Numbers:
    """Cosine distances between the first 2,000 people, of whom silhouettes are told."""
    from sklearn.metrics.pairwise import cosine_distances

    result: Numbers = cosine_distances(vectors[:SILHOUETTE_PEOPLE])
    return result


def _silhouettes(apart: Numbers, labels: Labels) -> Numbers:
    """Silhouette of each of the people whose distances are given; zeros where they are all in one cluster."""
    from sklearn.metrics import silhouette_samples

    own = labels[: len(apart)]
    if not 1 < len(np.unique(own)) < len(own):
        return np.zeros(len(own))
    result: Numbers = silhouette_samples(apart, own, metric="precomputed")
    return result
