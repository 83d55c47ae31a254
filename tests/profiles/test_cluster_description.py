"""What is said about a cluster: lifts by hand, crowds of ten only, a name of its own."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.data.text_list import TextList
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.profiles.cluster_description import ClusterDescription, by_lift, describe_clusters
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.user_profiles import UserProfiles

ITEMS = 5
TITLES = ("Fog", "Harbour", "Meadow", "Lantern", "Rare")
CLUSTERS = np.repeat([0, 1], 20).astype(np.int32)


def made_histories() -> Histories:
    """Twenty people with items 0 and 1 (nine of them with 4 too), twenty with 2 and 3, five of these with 0, one with
    4."""
    lists = [[0, 1, 4] if person < 9 else [0, 1] for person in range(20)]
    lists += [[2, 3, 0] if person < 5 else [2, 3] for person in range(19)] + [[2, 3, 4]]
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64)
    codes = np.concatenate(lists).astype(np.int32)
    return Histories(indptr, codes, None, np.ones(len(codes), np.float32), ITEMS)


def described(categories: list[list[str]] | None, titles: tuple[str | None, ...] = TITLES) -> list[ClusterDescription]:
    """Describe the two made clusters, whose centres are the axes of a plane."""
    table = pl.DataFrame({"categories": categories} if categories else {"count": [1] * ITEMS})
    content, _ = fit_content_profiles(table, 0)
    places = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 0]], np.float32)
    profiles = UserProfiles(
        places, places, np.eye(2, dtype=np.float32), np.zeros((2, ITEMS), np.float32), np.zeros(2, np.float32)
    )
    return describe_clusters(made_histories(), CLUSTERS, profiles, content, TextList.of(titles), CrowdGate())


def test_items_stand_out_by_their_lift_and_small_crowds_stay_silent():
    """Item 1: 20 of 20 here, 20 of 40 overall: 2. Item 0: 20 of 20, and 25 of 40, but five others are so few that it is
    told as at least 25 less ten, 15 of 20: 6/5. Item 4 has nine people here only."""
    first, second = described(None)
    assert first.items == ((1, pytest.approx(2.0)), (0, pytest.approx(6 / 5)))
    assert second.items == ((2, pytest.approx(2.0)), (3, pytest.approx(2.0)))
    assert (first.size, second.size) == (20, 20)


@pytest.mark.parametrize("seed", range(20))
def test_no_lift_tells_how_few_lack_an_item_or_have_it_elsewhere(seed: int):
    """With the sizes of groups and an item's people, a lift gives away how many of a group have it: never fewer than
    ten may be left on either side."""
    random = np.random.default_rng(seed)
    sizes = random.integers(10, 60, 3)
    clusters = np.repeat([0, 1, 2], sizes).astype(np.int32)
    has = random.random((sizes.sum(), 40)) < random.choice([0.02, 0.15, 0.5, 0.9, 0.98], (3, 40))[clusters]
    has[:, 0] = True  # everybody has something
    items = np.nonzero(has)[1]
    indptr = np.concatenate([[0], np.cumsum(has.sum(axis=1))]).astype(np.int64)
    histories = Histories(indptr, items.astype(np.int32), None, np.ones(len(items), np.float32), 40)
    content, _ = fit_content_profiles(pl.DataFrame({"count": [1] * 40}), 0)
    places = random.normal(size=(40, 2)).astype(np.float32)
    profiles = UserProfiles(
        places, places, random.normal(size=(3, 2)).astype(np.float32), np.zeros((3, 40), np.float32),
        np.zeros(2, np.float32),
    )  # fmt: skip
    titles = TextList.of([f"Title {item}" for item in range(40)])
    told = describe_clusters(histories, clusters, profiles, content, titles, CrowdGate())
    looked_at = 0
    for cluster, entry in enumerate(told):
        for item, lift in entry.items:
            here, everyone = int(has[clusters == cluster, item].sum()), int(has[:, item].sum())
            assert here >= 10
            few = [rest for rest in (everyone - here, entry.size - here) if 0 < rest < 10]
            exact = here / entry.size / (everyone / len(has))
            if few:
                looked_at += 1
                assert lift != pytest.approx(exact, rel=1e-6)
            else:  # or a lower bound, where others would be told by it
                assert lift <= exact * (1 + 1e-6)
    assert looked_at  # such items there are


def test_cohesion_is_the_mean_cosine_with_the_centre():
    """Fourteen of the second cluster stand at its centre; six with 2, 3 and 0 or 4 at cosine 2/√5."""
    first, second = described(None)
    assert first.cohesion == pytest.approx(1)
    assert second.cohesion == pytest.approx((14 + 6 * 2 / 5**0.5) / 20)


def test_terms_stand_out_by_their_share_of_actions():
    """Crime: 20 of the first cluster's 49 actions and of all 95, so that it is told of the other that it took none.
    Fog: 20 of 25, of whom five others would be told."""
    crime, drama, rare, fog = ["Crime"], ["Drama"], ["Rare"], ["Fog"]
    first, second = described([fog, crime, drama, drama, rare])
    assert first.name == "Crime"
    assert second.name == "Drama"
    terms = dict(first.terms)
    assert terms == {"Crime": pytest.approx((20 / 49) / (20 / 95))}


def test_the_lift_of_a_term_tells_of_no_few_people_who_took_one_of_its_items():
    """Drama is Fog and Rare, which three people have. Of all actions on it, which the lift tells beside how many the
    group has, those on Fog would leave theirs. It names the group all the same."""
    lists = [[0, 4] if person < 3 else [0, 1] for person in range(20)]
    lists += [[1, 2, 3] if person < 12 else [2, 3] for person in range(20)]
    content, _ = fit_content_profiles(
        pl.DataFrame({"categories": [["Drama"], ["War"], ["War"], ["War"], ["Drama"]]}), 0
    )
    first, _second = described_people(lists, content)
    assert (first.name, first.terms) == ("Drama", ())


def test_lifts_of_terms_are_shares_of_all_actions_as_on_pages():
    """Rare has no category, and three people have it: of actions with a category alone, beside those of a page, the
    lift would tell how few they are."""
    lists = [[0, 1, 4] if person < 3 else [0, 1] for person in range(20)]
    lists += [[0, 1, 2, 3] if person < 12 else [1, 2, 3] for person in range(20)]
    content, _ = fit_content_profiles(pl.DataFrame({"categories": [["Crime"], ["War"], ["War"], ["War"], []]}), 0)
    first, second = described_people(lists, content)
    lifts = dict(first.terms) | dict(second.terms)
    exact = {"Crime": (20 / 43) / (32 / 115), "War": (60 / 72) / (80 / 115)}
    assert all(lift == pytest.approx(exact[term]) for term, lift in lifts.items())
    assert lifts


def described_people(lists: list[list[int]], content: ContentProfiles) -> list[ClusterDescription]:
    """The two clusters with other histories."""
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64)
    codes = np.concatenate(lists).astype(np.int32)
    histories = Histories(indptr, codes, None, np.ones(len(codes), np.float32), ITEMS)
    places = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 0]], np.float32)
    profiles = UserProfiles(
        places, places, np.eye(2, dtype=np.float32), np.zeros((2, ITEMS), np.float32), np.zeros(2, np.float32)
    )
    return describe_clusters(histories, CLUSTERS, profiles, content, TextList.of(TITLES), CrowdGate())


def test_names_differ_and_fall_back_to_items_then_numbers():
    same = [["Crime"]] * ITEMS
    names = [entry.name for entry in described(same)]
    assert len(set(names)) == 2
    assert [entry.name for entry in described(None)] == ["like Harbour", "like Meadow"]
    assert [entry.name for entry in described(None, (None,) * ITEMS)] == ["group 0", "group 1"]


def test_prices_and_other_numbers_name_no_cluster():
    table = pl.DataFrame({"price": [1.0, 1.0, 9.0, 9.0, 5.0], "categories": [None, ["Crime"], ["Drama"], None, None]})
    content, _ = fit_content_profiles(table, 0)
    places = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 0]], np.float32)
    profiles = UserProfiles(
        places, places, np.eye(2, dtype=np.float32), np.zeros((2, ITEMS), np.float32), np.zeros(2, np.float32)
    )
    found = describe_clusters(made_histories(), CLUSTERS, profiles, content, TextList.of(TITLES), CrowdGate())
    assert {term for entry in found for term, _ in entry.terms} == {"Crime", "Drama"}


def test_a_person_without_a_cluster_is_no_part_of_any():
    histories = made_histories()
    longer = Histories(
        np.append(histories.indptr, histories.indptr[-1]), histories.items, None, histories.weights, ITEMS
    )
    content, _ = fit_content_profiles(pl.DataFrame({"categories": [["Crime"]] * ITEMS}), 0)
    places = np.array([[1, 0], [1, 0], [0, 1], [0, 1], [1, 0]], np.float32)
    profiles = UserProfiles(
        places, places, np.eye(2, dtype=np.float32), np.zeros((2, ITEMS), np.float32), np.zeros(2, np.float32)
    )
    found = describe_clusters(
        longer, np.append(CLUSTERS, np.int32(-1)), profiles, content, TextList.of(TITLES), CrowdGate()
    )
    assert [entry.size for entry in found] == [20, 20]


def test_of_equal_lifts_the_larger_share_comes_first():
    lifts = np.array([3.1, 3.1 + 1e-12, 4.0, 3.1])
    assert by_lift(lifts, np.array([0.2, 0.1, 0.1, 0.6])).tolist() == [2, 3, 0, 1]
