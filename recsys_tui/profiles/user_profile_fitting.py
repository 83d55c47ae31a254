"""Fitting the user profiles: truncated SVD of the scaled behaviour matrix, then clusters on the unit sphere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Longs, behaviour_matrix
from recsys_tui.profiles.clustering import SEED, Clustering, find_clusters
from recsys_tui.profiles.user_profiles import DIMENSIONS, UserProfiles, unit_rows

COUNT_OFFSET = 5.0
SAMPLED_PEOPLE = 20_000
AFFINITY_SMOOTHING = 20.0
SHORTEST_HISTORY = 3
BEGINNINGS = (1, 2, 3, 5)
JUDGED_BEGINNINGS = 2_000
PRIOR_ACTIONS = (0, 1, 2, 3, 5, 7, 10, 14, 20)

Progress = Callable[[float, dict[str, float]], None]


def fit_user_profiles(histories: Histories, progress: Progress) -> tuple[UserProfiles, Clustering, float]:
    """Fit the space and the clusters; the same people give the same profiles, whatever the seed of the training.

    The matrix holds each action's weight, columns scaled by 1/√(count + 5) and rows to 1/√length. Clusters are found
    on the unit sphere of its truncated SVD by :func:`find_clusters`, among people with at least three actions.

    Returns the profiles, how good their clusters are, and the share of the variance that the space keeps.
    """
    item_map, item_places, kept = _behaviour_space(histories)
    progress(0.4, {"variance_kept": kept})
    empty = np.zeros((0, item_map.shape[1]), np.float32)
    no_prior = np.zeros(item_map.shape[1], np.float32)
    space = UserProfiles(item_map, item_places, empty, np.zeros((0, histories.item_count), np.float32), no_prior)
    # Clusters are found without the prior, which draws everyone together.
    vectors = space.long_term(histories)
    known = np.flatnonzero(histories.lengths >= min(SHORTEST_HISTORY, int(histories.lengths.max())))
    found = find_clusters(vectors[_sample(known)], lambda share: progress(0.4 + 0.5 * share, {"variance_kept": kept}))
    centres = found.centres
    fitted = replace(space, centres=centres, prior=_prior(space, histories))
    affinity = cluster_affinity(histories, fitted.cluster_of(histories), len(centres))
    return replace(fitted, affinity=affinity), found, kept


def refit_user_profiles(histories: Histories, like: UserProfiles) -> UserProfiles:
    """Fit the space on other histories of the same catalogue so that axes and clusters keep their meaning.

    The new axes are turned onto ``like``'s by the orthogonal Procrustes rotation of the items' places, and K-means
    starts from its centres: what is learned on one fit can be applied to the other.
    """
    from scipy.linalg import orthogonal_procrustes
    from sklearn.cluster import KMeans

    item_map, item_places, _ = _behaviour_space(histories)
    if item_map.shape != like.item_map.shape:
        return like
    frequent = np.sqrt(histories.item_counts())[:, None].astype(np.float32)
    rotation, _ = orthogonal_procrustes(item_places * frequent, like.item_places * frequent)
    rotation = rotation.astype(np.float32)
    turned = replace(like, item_map=item_map @ rotation, item_places=item_places @ rotation)
    turned = replace(turned, prior=np.zeros_like(like.prior))
    vectors = turned.long_term(histories)
    known = np.flatnonzero(histories.lengths >= min(SHORTEST_HISTORY, int(histories.lengths.max(initial=0))))
    centres = like.centres
    if like.cluster_count > 1 and len(known) >= like.cluster_count:
        found = KMeans(like.cluster_count, init=like.centres, n_init=1, random_state=SEED).fit(vectors[_sample(known)])
        centres = unit_rows(found.cluster_centers_.astype(np.float32))
    placed = replace(turned, centres=centres, prior=_prior(turned, histories))
    return replace(placed, affinity=cluster_affinity(histories, placed.cluster_of(histories), len(centres)))


def _prior(space: UserProfiles, histories: Histories) -> Floats:
    """The mean action times the number of actions, of 0 … 20, with which beginnings are most like the whole history.

    Judged by the cosine between both, over the first 1, 2, 3 and 5 actions of up to 2,000 people who went on to take
    at least as many again.
    """
    whole = space.summed(histories)
    mean = whole.sum(axis=0) / max(1, len(histories.items))
    beginnings, wholes = [], []
    random = np.random.default_rng(SEED)
    for length in BEGINNINGS:
        able = np.flatnonzero(histories.lengths >= 2 * length)
        people = random.permutation(able)[:JUDGED_BEGINNINGS]
        beginnings.append(space.summed(histories.prefixes(people, np.full(len(people), length))))
        wholes.append(unit_rows(whole[people]))
    start, end = np.concatenate(beginnings), np.concatenate(wholes)
    if not len(start):
        return np.zeros_like(mean)
    likeness = [float((unit_rows(start + actions * mean) * end).sum(axis=1).mean()) for actions in PRIOR_ACTIONS]
    result: Floats = (PRIOR_ACTIONS[int(np.argmax(likeness))] * mean).astype(np.float32)
    return result


def _sample(people: Longs) -> Longs:
    """At most 20,000 of the people, the same ones every time."""
    if len(people) <= SAMPLED_PEOPLE:
        return people
    return np.random.default_rng(SEED).choice(people, SAMPLED_PEOPLE, replace=False)


def _behaviour_space(histories: Histories) -> tuple[Floats, Floats, float]:
    """The item map and the items' places in the space, and the share of the squared norm that the space keeps."""
    from scipy.sparse import diags
    from sklearn.utils.extmath import randomized_svd

    column_scale = (1 / np.sqrt(histories.item_counts() + COUNT_OFFSET)).astype(np.float32)
    row_scale = (1 / np.sqrt(np.maximum(histories.lengths, 1))).astype(np.float32)
    matrix = diags(row_scale) @ behaviour_matrix(histories, histories.weights) @ diags(column_scale)
    matrix = matrix.astype(np.float32).tocsr()
    dimensions = max(1, min(DIMENSIONS, min(matrix.shape) - 1))
    _, singular, right = randomized_svd(matrix, dimensions, n_iter=4, random_state=SEED)
    total = float(matrix.multiply(matrix).sum()) or 1.0
    item_map = (right.T * column_scale[:, None]).astype(np.float32)
    places = unit_rows((right.T * singular).astype(np.float32))
    return np.ascontiguousarray(item_map), np.ascontiguousarray(places), float((singular**2).sum() / total)


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
