"""The page of a cluster: shares and lifts by hand, and nothing by which a small group could be told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.dataset import TITLE
from recsys_tui.data.histories import Histories
from recsys_tui.data.text_list import TextList
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_counts import shares_of_open, without_small_rest
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.profiles.item_terms import TermKind
from recsys_tui.profiles.taker_shares import how_many_of
from recsys_tui.profiles.user_profiles import UserProfiles
from recsys_tui.recommend.cluster_comparison import compare_clusters
from recsys_tui.recommend.cluster_page import ClusterFigures
from recsys_tui.recommend.session import Session

A, B, FEW = 20, 30, 6
# How many people of the clusters 0 and 1 have each item; those of clusters 2 and 3, six each, have the first.
HAVE = ((20, 15), (10, 0), (12, 5), (9, 30), (16, 0))
TITLES = ("Fog", "Harbour", "Meadow", "Lantern", "Rare")
DAY = 86_400_000


def made_model() -> TrainedModel:
    """Item 0 is rated 5, others 4 in cluster 0 and 3 in cluster 1; item i is taken on day i."""
    lists = [[item for item, have in enumerate(HAVE) if person < have[0]] for person in range(A)]
    lists += [[item for item, have in enumerate(HAVE) if person < have[1]] for person in range(B)]
    lists += [[0]] * (2 * FEW)
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64)
    items = np.concatenate(lists).astype(np.int32)
    clusters = np.repeat([0, 1, 2, 3], [A, B, FEW, FEW]).astype(np.int16)
    ratings = np.where(items == 0, 5, np.where(clusters[np.repeat(np.arange(len(lists)), np.diff(indptr))] == 0, 4, 3))
    histories = Histories(
        indptr,
        items,
        items.astype(np.int64) * DAY,
        np.ones(len(items), np.float32),
        5,
        ratings=ratings.astype(np.float32),
    )
    places = np.array([[1, 0], [1, 0], [1, 1], [0, 1], [1, 0]], np.float32)
    centres = np.array([[1, 0], [0, 1], [0.6, 0.8], [0.8, 0.6]], np.float32)
    profiles = UserProfiles(places, places, centres, np.zeros((4, 5), np.float32), np.zeros(2, np.float32))
    # Noir: items 1 and 2; Crime: 0 and 1; Drama: 3; Rare: 4.
    terms = [[1], [0, 1], [0], [2], [3]]
    content = SimpleNamespace(
        indptr=np.concatenate([[0], np.cumsum([len(one) for one in terms])]),
        terms=np.concatenate(terms).astype(int),
        vocabulary=TextList.of(["Noir", "Crime", "Drama", "Rare"]),
        kinds=np.full(4, TermKind.CATEGORY, np.uint8),
    )
    people = SimpleNamespace(
        histories=histories, clusters=clusters, ids=TextList.of([f"p{person}" for person in range(len(lists))])
    )
    catalogue = SimpleNamespace(ids=TextList.of(list("abcde")), titles=TextList.of(TITLES))
    experts = SimpleNamespace(profiles=profiles, content=content)
    return cast(TrainedModel, SimpleNamespace(people=people, catalogue=catalogue, experts=experts))


@pytest.fixture(scope="module")
def figures() -> ClusterFigures:
    return ClusterFigures(made_model(), has_dates=True)


def test_items_by_lift_with_share(figures: ClusterFigures):
    """62 people. Harbour: 10 of 20 against 10 of 62. Rare: 16 of 20, so 4 lack it: told as at least 10 of 20, against
    16 of 62. Meadow: 8 lack it: at least 10 of 20, against 17 of 62. Fog: 20 of 20 against 47 of 62. Lantern has nine
    people here; beside the 39 that have it, the 30 in cluster 1 would tell of them: at least 39 less ten of 30."""
    shown = {entry.title: (entry.share, entry.lift, entry.at_least) for entry in figures.page(0).items}
    assert shown == {
        "Harbour": (0.5, pytest.approx(0.5 / (10 / 62)), False),
        "Rare": (0.5, pytest.approx(0.5 / (16 / 62)), True),
        "Meadow": (0.5, pytest.approx(0.5 / (17 / 62)), True),
        "Fog": (1.0, pytest.approx(62 / 47), False),
    }
    assert [entry.title for entry in figures.page(0).items] == ["Harbour", "Rare", "Meadow", "Fog"]
    (lantern,) = figures.page(1).items
    assert (lantern.title, lantern.share, lantern.at_least) == ("Lantern", pytest.approx(29 / 30), True)
    assert lantern.lift == pytest.approx((29 / 30) / (39 / 62))


def test_terms_by_share_of_actions(figures: ClusterFigures):
    """67 actions here, 129 in all. Crime: 30 here, 57 in all. Noir is on 22, but only 5 others met it; Drama has nine
    people here; Rare is one item, which four people here lack. Of Crime nobody else has Harbour, as is told."""
    (crime,) = figures.page(0).terms
    assert (crime.id, crime.share) == ("Crime", pytest.approx(30 / 67))
    assert crime.lift == pytest.approx((30 / 67) / (57 / 129))


def test_rating_habits_beside_everyones(figures: ClusterFigures):
    """Nobody here gave a 3, so that level is closed, and the others sum to 1 in both rows."""
    habits = figures.page(0).habits
    assert habits is not None
    assert habits.levels == (3, 4, 5)
    assert habits.mean == pytest.approx((20 * 5 + 47 * 4) / 67)
    assert habits.shares == (None, pytest.approx(47 / 67), pytest.approx(20 / 67))
    assert habits.shares_overall == (None, pytest.approx(1 / 2), pytest.approx(1 / 2))
    assert habits.mean_overall == pytest.approx((47 * 5 + 47 * 4 + 35 * 3) / 129)


def test_activity_beside_everyones(figures: ClusterFigures):
    """Histories here: 9 people with 5 items, one with 4, two with 3, 4 with 2, 4 with 1."""
    activity = figures.page(0).activity
    assert activity is not None
    assert activity.median_history == 3.5
    assert activity.starts[0] == 0
    told = [share for share in activity.shares if share is not None]
    # Day 0 has 20 people here, 15 in cluster 1 and 12 others, day 1 and 4 nobody else. Day 3 has nine people here, and
    # day 2 five in cluster 1, which the twelve here would tell of.
    assert told == pytest.approx([20 / 46, 10 / 46, 16 / 46])
    assert sum(share for share in activity.shares_overall if share is not None) == pytest.approx(1)


def test_members_nearest_first(figures: ClusterFigures):
    members = figures.page(0).members
    # Whoever has Fog and Rare alone stands at the centre (1, 0); those with Meadow and Lantern too are farther.
    assert members["user"].head(8).to_list() == [f"p{person}" for person in range(12, 20)]
    assert members["closeness"][0] == pytest.approx(1)
    far = members.filter(pl.col("user") == "p0")
    assert far["closeness"].item() == pytest.approx(4 / (4**2 + 2**2) ** 0.5)
    assert far["actions"].item() == 5
    assert far["mean_rating"].item() == pytest.approx((5 + 4 * 4) / 5)
    assert far["last"].item() == 4 * DAY


def test_nothing_is_told_of_a_small_group(figures: ClusterFigures):
    page = figures.page(2)
    assert (page.people, page.items, page.terms, page.habits, page.activity) == (None, (), (), None, None)
    assert page.members.height == 0
    assert (compare_clusters(figures, 0, 2).both, compare_clusters(figures, 0, 2).closeness) == ((), None)


def test_two_clusters_beside_each_other(figures: ClusterFigures):
    """More in 0: Fog, 20 of 20 against 15 of 30; then Harbour, 10 of 20 against fewer than 10 of 30. More in 1:
    Lantern, at least 29 of 30 against fewer than 10 of 20."""
    found = compare_clusters(figures, 0, 1)
    assert found.closeness == 0
    more = [(entry.title, entry.share_a, entry.share_b) for entry in found.more_a]
    assert more[0] == ("Fog", 1.0, 0.5)
    assert ("Harbour", 0.5, None) in more
    assert [(entry.title, entry.share_a, entry.share_b) for entry in found.more_b] == [
        ("Lantern", None, pytest.approx(29 / 30))
    ]


def test_counts_that_may_stand_beside_each_other():
    gate = CrowdGate()
    assert [without_small_rest(people, 30, gate) for people in (30, 29, 21, 20, 3)] == [30, 20, 20, 20, 3]
    assert shares_of_open(np.array([3, 5, 2]), np.array([True, False, True])) == (0.6, None, 0.4)


def test_people_with_one_of_some_items():
    histories = made_model().people.histories
    assert (how_many_of(histories, np.array([False, True, False, False, True])) > 0).sum() == 16
    assert (how_many_of(histories, np.array([True, True, True, True, True])) > 0).sum() == A + B + 2 * FEW


def test_films_against_counts_from_the_dataset(trained: Session):
    """The same shares counted with Polars from the table of interactions."""
    recommender = trained.recommender()
    assert recommender is not None
    page = ClusterFigures.of(recommender).page(0)
    users, dataset = trained.users(), trained.dataset
    of_cluster = users.filter(pl.col("cluster") == 0)
    pairs = dataset.interactions.select("user", "item").unique()
    here = pairs.join(of_cluster.select(pl.col("code").alias("user")), on="user")
    by_item = (
        here.group_by("item")
        .agg(pl.len().alias("here"))
        .join(pairs.group_by("item").agg(pl.len().alias("all")), on="item")
    )
    counts = {
        str(dataset.items[TITLE][int(row["item"])]): (row["here"], row["all"]) for row in by_item.iter_rows(named=True)
    }
    assert page.people == of_cluster.height
    exact = [entry for entry in page.items if not entry.at_least]
    assert len(exact) > 3
    for entry in exact:
        inside, everyone = counts[str(entry.title)]
        assert entry.share == pytest.approx(inside / of_cluster.height)
        assert entry.lift == pytest.approx(inside / of_cluster.height / (everyone / users.height))
        assert inside >= 10
        assert everyone - inside == 0 or everyone - inside >= 10
    bounds = [entry for entry in page.items if entry.at_least]
    for entry in bounds:
        inside, everyone = counts[str(entry.title)]
        assert entry.lift <= inside / of_cluster.height / (everyone / users.height)
    assert [entry.lift for entry in page.items] == sorted((entry.lift for entry in page.items), reverse=True)


def test_a_page_as_json_names_the_nearest_members(figures: ClusterFigures):
    document: dict[str, Any] = figures.page(0).to_json()
    assert document["people"] == 20
    assert len(document["members"]) == 20
    assert document["items"][0] == {
        "item": "b", "title": "Harbour", "share": 0.5, "lift": pytest.approx(3.1), "at_least": False,
    }  # fmt: skip
