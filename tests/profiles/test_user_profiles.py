"""User profiles: the space, the clusters, and the planted groups of the bundled set."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from recsys_tui.data.dataset import ID
from recsys_tui.data.histories import Histories, histories_of
from recsys_tui.data.load import load_dataset
from recsys_tui.data.synthetic.films import SEED, write_films
from recsys_tui.profiles.user_profile_fitting import (
    AFFINITY_SMOOTHING,
    cluster_affinity,
    fit_user_profiles,
    refit_user_profiles,
)
from recsys_tui.profiles.user_profiles import UserProfiles


def quiet(_share: float, _metrics: dict[str, float]) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def films() -> Histories:
    return histories_of(load_dataset("films"))


@pytest.fixture(scope="module")
def fitted(films: Histories) -> UserProfiles:
    return fit_user_profiles(films, quiet)[0]


@pytest.mark.parametrize("seed", [SEED, 101, 102, 103, 104, 105])
def test_clusters_recover_the_planted_groups(seed: int, tmp_path: Path):
    """The shipped seed and five that nobody looked at while the clustering was written."""
    write_films(tmp_path, seed)
    dataset = load_dataset(tmp_path)
    histories = histories_of(dataset)
    profiles, _, _ = fit_user_profiles(histories, quiet)
    planted = json.loads((tmp_path / "truth.json").read_text())["people"]
    main_groups = [planted[user][0] for user in dataset.users[ID]]
    assert adjusted_rand_score(main_groups, profiles.cluster_of(histories)) >= 0.7


def test_membership_is_a_distribution_and_favours_the_nearest_cluster(films: Histories, fitted: UserProfiles):
    some = films.rows(0, 50)
    membership = fitted.membership(fitted.long_term(some))
    np.testing.assert_allclose(membership.sum(axis=1), 1, rtol=1e-5)
    np.testing.assert_array_equal(membership.argmax(axis=1), fitted.cluster_of(some))


def test_a_profile_needs_nothing_but_the_history(films: Histories, fitted: UserProfiles):
    person = films.items_of(7)
    alone = Histories.of_one(person, films.item_count, films.weights[films.indptr[7] : films.indptr[8]])
    np.testing.assert_allclose(fitted.long_term(alone)[0], fitted.long_term(films.rows(7, 8))[0], atol=1e-6)
    assert fitted.cluster_of(Histories.of_one([], films.item_count)).tolist() == [-1]


def test_recent_taste_forgets(films: Histories, fitted: UserProfiles):
    """Actions more than 40 steps back no longer count in the recent profile, but do in the long one."""
    long_history = next(films.items_of(p) for p in range(len(films)) if films.lengths[p] > 60)
    whole = Histories.of_one(long_history, films.item_count)
    newest = Histories.of_one(long_history[-40:], films.item_count)
    np.testing.assert_allclose(fitted.recent(whole), fitted.recent(newest), atol=1e-6)
    assert not np.allclose(fitted.long_term(whole), fitted.long_term(newest), atol=1e-3)


def test_refitting_keeps_the_meaning_of_axes_and_clusters(films: Histories, fitted: UserProfiles):
    older = films.prefixes(range(len(films)), np.maximum(1, films.lengths - 3))
    again = refit_user_profiles(older, fitted)
    agreeing = (again.cluster_of(films) == fitted.cluster_of(films)).mean()
    assert agreeing > 0.9
    cosine = (again.long_term(films) * fitted.long_term(films)).sum(axis=1).mean()
    assert cosine > 0.8


def test_affinity_by_hand():
    # Cluster 0: item 0 twice, item 1 once; cluster 1: item 1 once. Overall shares with one action each added.
    histories = Histories(np.array([0, 2, 3, 4]), np.array([0, 1, 0, 1], np.int32), None, np.ones(4, np.float32), 2)
    found = cluster_affinity(histories, np.array([0, 0, 1], np.int32), 2)
    overall = np.array([3, 3]) / 6
    first = (np.array([2, 1]) + AFFINITY_SMOOTHING * overall) / (3 + AFFINITY_SMOOTHING)
    second = (np.array([0, 1]) + AFFINITY_SMOOTHING * overall) / (1 + AFFINITY_SMOOTHING)
    np.testing.assert_allclose(found, np.log(np.stack([first, second]) / overall), rtol=1e-5)


def test_few_people_make_one_cluster():
    histories = Histories(np.array([0, 3, 6]), np.array([0, 1, 2, 1, 2, 3], np.int32), None, np.ones(6, np.float32), 4)
    profiles, clustering, _ = fit_user_profiles(histories, quiet)
    assert profiles.cluster_count == 1
    assert clustering.metrics() == {"clusters": 1, "silhouette": 0, "stability": 1, "start_stability": 1}
    assert profiles.cluster_of(histories).tolist() == [0, 0]


def test_few_actions_are_placed_nearer_to_their_whole_history_with_the_prior(films: Histories, fitted: UserProfiles):
    """The prior pulls beginnings towards everyone, hardly moves long histories, and leaves nobody where they were."""
    people = np.flatnonzero(films.lengths >= 20)
    whole = films.prefixes(people, films.lengths[people])
    without = replace(fitted, prior=np.zeros_like(fitted.prior))
    near = [
        float(
            (profiles.long_term(films.prefixes(people, np.full(len(people), 2))) * without.long_term(whole))
            .sum(1)
            .mean()
        )
        for profiles in (fitted, without)
    ]
    assert near[0] > near[1] + 0.03
    assert (fitted.long_term(whole) * without.long_term(whole)).sum(axis=1).mean() > 0.97
    assert not fitted.long_term(Histories.of_one([], films.item_count)).any()
