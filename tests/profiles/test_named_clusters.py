"""Names follow the taste of a cluster, not its number: into other models, and no farther."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.text_list import TextList
from recsys_tui.output.errors import UserError
from recsys_tui.profiles.cluster_signature import known_again, signature_of
from recsys_tui.profiles.named_clusters import carry_names, names_by_cluster, rename
from recsys_tui.profiles.user_profiles import UserProfiles
from recsys_tui.store.cluster_names import LONGEST_NAME, ClusterNames

ITEMS = 400
IDS = TextList.of([f"i{item}" for item in range(ITEMS)])
COUNTS = np.arange(ITEMS, 0, -1)
OWN = ("Crime", "Drama", "Comedy", "War")


def made_profiles(seed: int = 1, clusters: int = 4) -> UserProfiles:
    random = np.random.default_rng(seed)
    affinity = random.normal(size=(clusters, ITEMS)).astype(np.float32)
    nothing = np.zeros((ITEMS, 2), np.float32)
    return UserProfiles(nothing, nothing, np.zeros((clusters, 2), np.float32), affinity, np.zeros(2, np.float32))


def noisy(profiles: UserProfiles, order: list[int], noise: float) -> UserProfiles:
    """The same clusters in another order, known less exactly. The cosine with the truth is about 1 / √(1 + noise²)."""
    added = np.random.default_rng(9).normal(size=profiles.affinity.shape).astype(np.float32)
    changed = (profiles.affinity + noise * added)[order]
    return replace(profiles, affinity=changed, centres=profiles.centres[order])


@pytest.fixture
def store(tmp_path: Path) -> ClusterNames:
    return ClusterNames(tmp_path)


def called(store: ClusterNames, cluster: int, name: str, profiles: UserProfiles) -> dict[int, str]:
    return rename(store, cluster, name, OWN, profiles, COUNTS, IDS)


def test_a_name_is_given_changed_and_taken_back(store: ClusterNames):
    profiles = made_profiles()
    assert called(store, 1, "  Slow \x1b[1m evenings ", profiles) == {1: "Slow evenings"}
    assert called(store, 3, "Tanks", profiles) == {1: "Slow evenings", 3: "Tanks"}
    assert called(store, 1, "Evenings", profiles) == {1: "Evenings", 3: "Tanks"}
    assert called(store, 1, "", profiles) == {3: "Tanks"}
    assert called(store, 3, "War", profiles) == {}, "its own name is no name that somebody gave"
    assert store.read() == ()


def test_names_are_short_and_each_cluster_has_one_of_its_own(store: ClusterNames):
    profiles = made_profiles()
    called(store, 0, "x" * LONGEST_NAME, profiles)
    with pytest.raises(UserError, match="at most 40"):
        called(store, 0, "x" * (LONGEST_NAME + 1), profiles)
    for taken in ("x" * LONGEST_NAME, "Comedy"):
        with pytest.raises(UserError, match="is called"):
            called(store, 1, taken, profiles)
    assert names_by_cluster(store.read(), profiles, IDS) == {0: "x" * LONGEST_NAME}


def test_a_name_follows_its_cluster_into_a_model_that_numbers_anew(store: ClusterNames):
    profiles = made_profiles()
    called(store, 0, "First", profiles)
    called(store, 2, "Third", profiles)
    new = noisy(profiles, [2, 3, 0, 1], 0.5)
    assert names_by_cluster(store.read(), new, IDS) == {0: "Third", 2: "First"}
    assert carry_names(store, new, COUNTS, IDS) == ()
    # From now on it is known by what it is in the new model.
    assert {entry.name: entry.signature for entry in store.read()}["First"] == signature_of(new, COUNTS, IDS, 2)


def test_a_name_is_dropped_where_no_cluster_is_like_its_own(store: ClusterNames):
    profiles = made_profiles()
    called(store, 0, "First", profiles)
    called(store, 1, "Second", profiles)
    new = noisy(profiles, [0, 1, 2, 3], 0.3)
    new.affinity[1] = made_profiles(77).affinity[1]
    assert carry_names(store, new, COUNTS, IDS) == ("Second",)
    assert names_by_cluster(store.read(), new, IDS) == {0: "First"}


def test_a_model_that_another_name_was_not_given_for_drops_nothing(store: ClusterNames):
    """Reading alone never drops: an older model beside the present one may have other clusters."""
    profiles = made_profiles()
    called(store, 0, "First", profiles)
    assert names_by_cluster(store.read(), made_profiles(5), IDS) == {}
    assert names_by_cluster(store.read(), profiles, IDS) == {0: "First"}


def test_how_alike_is_alike_enough():
    profiles = made_profiles()
    signatures = [signature_of(profiles, COUNTS, IDS, cluster) for cluster in range(4)]
    assert known_again(signatures, noisy(profiles, [0, 1, 2, 3], 0.9), IDS) == [0, 1, 2, 3]  # cosine about .74
    assert known_again(signatures, noisy(profiles, [0, 1, 2, 3], 1.6), IDS) == [None] * 4  # about .53


def test_items_may_come_and_go_but_not_most_of_them():
    profiles = made_profiles()
    signature = signature_of(profiles, COUNTS, IDS, 2)
    some = TextList.of([f"i{item}" if item < 200 else f"new{item}" for item in range(ITEMS)])
    few = TextList.of([f"i{item}" if item < 100 else f"new{item}" for item in range(ITEMS)])
    assert known_again([signature], profiles, some) == [2]
    assert known_again([signature], profiles, few) == [None]
    assert known_again([], profiles, IDS) == []


def test_the_only_cluster_is_known_again():
    one = replace(made_profiles(clusters=1), affinity=np.zeros((1, ITEMS), np.float32))
    signature = signature_of(one, COUNTS, IDS, 0)
    assert known_again([signature], one, IDS) == [0]
    assert known_again([signature], made_profiles(), IDS) == [None]


def test_two_names_never_stand_for_one_cluster():
    profiles = made_profiles()
    signature = signature_of(profiles, COUNTS, IDS, 2)
    blurred = signature_of(noisy(profiles, [0, 1, 2, 3], 0.4), COUNTS, IDS, 2)
    assert known_again([blurred, signature], profiles, IDS) == [None, 2]
