"""Clusters: the number that comes back wins, and what is said about them is true."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from recsys_tui.data.histories import Floats
from recsys_tui.profiles.clustering import best_overlaps, find_clusters
from recsys_tui.profiles.user_profiles import unit_rows


def quiet(_share: float) -> None:
    """Nobody watches."""


def around(centres: Floats, people: int, noise: float, seed: int = 0) -> tuple[Floats, np.ndarray]:
    random = np.random.default_rng(seed)
    groups = np.arange(people) % len(centres)
    return unit_rows(centres[groups] + noise * random.normal(size=(people, centres.shape[1]))), groups


def test_planted_groups_are_found_and_said_to_be_stable():
    vectors, groups = around(np.eye(12, dtype=np.float32)[:5], 400, 0.12)
    found = find_clusters(vectors, quiet)
    assert found.metrics()["clusters"] == 5
    assert adjusted_rand_score(groups, (vectors @ found.centres.T).argmax(axis=1)) > 0.98
    assert found.stability > 0.95
    assert found.start_stability > 0.95
    assert min(found.stabilities) > 0.9
    np.testing.assert_allclose(np.linalg.norm(found.centres, axis=1), 1, rtol=1e-5)


def test_silhouettes_are_those_of_another_library_on_the_same_groups():
    vectors, _ = around(np.eye(6, dtype=np.float32)[:3], 300, 0.1)
    found = find_clusters(vectors, quiet)
    own = (vectors @ found.centres.T).argmax(axis=1)
    expected = silhouette_samples(vectors, own, metric="cosine")
    assert found.silhouette == pytest.approx(expected.mean(), abs=1e-3)
    np.testing.assert_allclose(found.silhouettes, [expected[own == c].mean() for c in range(3)], atol=1e-3)


def test_groups_that_are_not_there_are_not_said_to_be_stable():
    """Two real groups, one of which is a featureless cloud: cutting it up would not come back."""
    random = np.random.default_rng(1)
    tight = unit_rows(np.eye(20, dtype=np.float32)[:1] + 0.02 * random.normal(size=(300, 20)))
    cloud = unit_rows(np.abs(random.normal(size=(300, 20))) * np.r_[0, np.ones(19)] + 1e-3)
    found = find_clusters(np.concatenate([tight, cloud]), quiet)
    assert len(found.centres) == 2
    assert found.stability > 0.95
    shapeless = find_clusters(unit_rows(random.normal(size=(600, 20))), quiet)
    assert shapeless.stability < 0.5
    assert shapeless.silhouette < 0.2


def test_the_same_people_give_the_same_clusters_and_few_people_one():
    vectors, _ = around(np.eye(8, dtype=np.float32)[:4], 200, 0.3)
    first, again = find_clusters(vectors, quiet), find_clusters(vectors.copy(), quiet)
    np.testing.assert_array_equal(first.centres, again.centres)
    assert len(find_clusters(vectors[:49], quiet).centres) == 1


def test_no_cluster_is_smaller_than_may_be_shown():
    """Six people far from all others would raise the silhouette as a group of their own."""
    vectors, _ = around(np.eye(9, dtype=np.float32)[:3], 300, 0.1)
    few, _ = around(-np.eye(9, dtype=np.float32)[8:], 6, 0.01)
    found = find_clusters(np.concatenate([vectors, few]), quiet)
    own = (np.concatenate([vectors, few]) @ found.centres.T).argmax(axis=1)
    assert np.bincount(own, minlength=len(found.centres)).min() >= 10


def test_overlaps_by_hand():
    """Cluster 0 = {0, 1, 2}, 1 = {3, 4}; elsewhere {0, 1}, {2, 3, 4}: 2 of 3 and 2 of 3."""
    overlaps = best_overlaps(np.array([0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 1]), 2)
    np.testing.assert_allclose(overlaps, [2 / 3, 2 / 3])
    np.testing.assert_allclose(best_overlaps(np.array([0, 0, 1]), np.array([0, 0, 0]), 3), [2 / 3, 1 / 3, 0])
