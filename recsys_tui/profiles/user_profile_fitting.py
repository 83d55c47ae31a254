"""Fitting the user profiles: truncated SVD of the scaled behaviour matrix, then spherical K-means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Longs, behaviour_matrix
from recsys_tui.profiles.user_profiles import DIMENSIONS, UserProfiles, unit_rows

COUNT_OFFSET = 5.0
MOST_CLUSTERS = 24
PEOPLE_PER_CLUSTER = 25
SMALLEST_CLUSTER = 10
SAMPLED_PEOPLE = 20_000
SILHOUETTE_PEOPLE = 2_000
RESTARTS = 4
AFFINITY_SMOOTHING = 20.0
SHORTEST_HISTORY = 3

Progress = Callable[[float, dict[str, float]], None]


def fit_user_profiles(histories: Histories, seed: int, progress: Progress) -> tuple[UserProfiles, dict[str, float]]:
    """Fit the space and the clusters.

    The matrix holds each action's weight, columns scaled by 1/√(count + 5) and rows to 1/√length;
    K-means runs on the unit sphere of its truncated SVD. The number of clusters is the one with the
    highest mean silhouette (Rousseeuw 1987, cosine distance, up to 2,000 people, three actions at least) among
    2 … 24 with on average 25 people or more in a cluster, and never fewer than ten.

    Returns the profiles and what was measured: clusters, silhouette, share of variance that the space keeps.
    """
    item_map, item_places, kept = _behaviour_space(histories, seed)
    progress(0.4, {"variance_kept": kept})
    empty = np.zeros((0, item_map.shape[1]), np.float32)
    space = UserProfiles(item_map, item_places, empty, np.zeros((0, histories.item_count), np.float32))
    vectors = space.long_term(histories)
    known = np.flatnonzero(histories.lengths >= min(SHORTEST_HISTORY, int(histories.lengths.max())))
    random = np.random.default_rng(seed)
    sample = known if len(known) <= SAMPLED_PEOPLE else random.choice(known, SAMPLED_PEOPLE, replace=False)
    centres, silhouette = _choose_centres(
        vectors[sample], seed, lambda share: progress(0.4 + 0.5 * share, {"variance_kept": kept})
    )
    fitted = UserProfiles(item_map, item_places, centres, np.zeros((len(centres), histories.item_count), np.float32))
    affinity = cluster_affinity(histories, fitted.cluster_of(histories), len(centres))
    profiles = UserProfiles(item_map, item_places, centres, affinity)
    return profiles, {"clusters": float(len(centres)), "silhouette": silhouette, "variance_kept": kept}


def refit_user_profiles(histories: Histories, like: UserProfiles, seed: int) -> UserProfiles:
    """Fit the space on other histories of the same catalogue so that axes and clusters keep their meaning.

    The new axes are turned onto ``like``'s by the orthogonal Procrustes rotation of the items' places, and K-means
    starts from its centres: what is learned on one fit can be applied to the other.
    """
    from scipy.linalg import orthogonal_procrustes
    from sklearn.cluster import KMeans

    item_map, item_places, _ = _behaviour_space(histories, seed)
    if item_map.shape != like.item_map.shape:
        return like
    frequent = np.sqrt(histories.item_counts())[:, None].astype(np.float32)
    rotation, _ = orthogonal_procrustes(item_places * frequent, like.item_places * frequent)
    rotation = rotation.astype(np.float32)
    turned = UserProfiles(item_map @ rotation, item_places @ rotation, like.centres, like.affinity)
    vectors = turned.long_term(histories)
    vectors = vectors[histories.lengths >= min(SHORTEST_HISTORY, int(histories.lengths.max(initial=0)))]
    centres = like.centres
    if like.cluster_count > 1 and len(vectors) >= like.cluster_count:
        sample = vectors[np.random.default_rng(seed).permutation(len(vectors))[:SAMPLED_PEOPLE]]
        found = KMeans(like.cluster_count, init=like.centres, n_init=1, random_state=seed).fit(sample)
        centres = unit_rows(found.cluster_centers_.astype(np.float32))
    placed = UserProfiles(turned.item_map, turned.item_places, centres, like.affinity)
    affinity = cluster_affinity(histories, placed.cluster_of(histories), len(centres))
    return UserProfiles(turned.item_map, turned.item_places, centres, affinity)


def _behaviour_space(histories: Histories, seed: int) -> tuple[Floats, Floats, float]:
    """The item map and the items' places in the space, and the share of the squared norm that the space keeps."""
    from scipy.sparse import diags
    from sklearn.utils.extmath import randomized_svd

    column_scale = (1 / np.sqrt(histories.item_counts() + COUNT_OFFSET)).astype(np.float32)
    row_scale = (1 / np.sqrt(np.maximum(histories.lengths, 1))).astype(np.float32)
    matrix = diags(row_scale) @ behaviour_matrix(histories, histories.weights) @ diags(column_scale)
    matrix = matrix.astype(np.float32).tocsr()
    dimensions = max(1, min(DIMENSIONS, min(matrix.shape) - 1))
    _, singular, right = randomized_svd(matrix, dimensions, n_iter=4, random_state=seed)
    total = float(matrix.multiply(matrix).sum()) or 1.0
    item_map = (right.T * column_scale[:, None]).astype(np.float32)
    places = unit_rows((right.T * singular).astype(np.float32))
    return np.ascontiguousarray(item_map), np.ascontiguousarray(places), float((singular**2).sum() / total)


def _choose_centres(vectors: Floats, seed: int, progress: Callable[[float], None]) -> tuple[Floats, float]:
    """Unit centres for the number of clusters with the best silhouette, and that silhouette."""
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    most = int(min(MOST_CLUSTERS, len(vectors) // PEOPLE_PER_CLUSTER))
    if most < 2:
        return unit_rows(vectors.mean(axis=0, keepdims=True)), 0.0
    random = np.random.default_rng(seed)
    judged = random.permutation(len(vectors))[:SILHOUETTE_PEOPLE]
    best: tuple[float, Floats | None] = (-2.0, None)
    for clusters in range(2, most + 1):
        found = KMeans(clusters, n_init=RESTARTS, random_state=seed).fit(vectors)
        labels = found.labels_[judged]
        # A group of fewer people than may be shown would be no use to anyone.
        if np.bincount(found.labels_).min() >= SMALLEST_CLUSTER and len(np.unique(labels)) > 1:
            score = float(silhouette_score(vectors[judged], labels, metric="cosine"))
            if score > best[0]:
                best = (score, unit_rows(found.cluster_centers_.astype(np.float32)))
        progress((clusters - 1) / (most - 1))
    if best[1] is None:
        return unit_rows(vectors.mean(axis=0, keepdims=True)), 0.0
    return best[1], best[0]


def cluster_affinity(histories: Histories, clusters: NDArray[np.int32], count: int) -> Floats:
    """log of (share of an item in a cluster) / (its share among all), smoothed by 20 actions at the overall share.

    Shape (clusters, items). 0 where the cluster behaves like everyone.
    """
    per_cluster = item_actions_by_cluster(histories, clusters, count)
    overall = (per_cluster.sum(axis=0) + 1.0) / (per_cluster.sum() + histories.item_count)
    totals = per_cluster.sum(axis=1, keepdims=True)
    share = (per_cluster + AFFINITY_SMOOTHING * overall) / (totals + AFFINITY_SMOOTHING)
    result: Floats = np.log(share / overall).astype(np.float32)
    return result


def item_actions_by_cluster(histories: Histories, clusters: NDArray[np.int32], count: int) -> Longs:
    """How many actions the people of each cluster have on each item, shape (clusters, items)."""
    owner_clusters = clusters[histories.owners].astype(np.int64)
    keep = owner_clusters >= 0
    cells = owner_clusters[keep] * histories.item_count + histories.items[keep]
    counts: Any = np.bincount(cells, minlength=count * histories.item_count)
    result: Longs = counts.reshape(count, histories.item_count)
    return result
