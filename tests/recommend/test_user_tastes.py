"""What people lean to and liked, counted by hand on a few people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.data.text_list import TextList
from recsys_tui.models.trained_model import CATEGORY_SEPARATOR, Catalogue
from recsys_tui.recommend.item_index import ItemIndex
from recsys_tui.recommend.user_tastes import UserTastes
from recsys_tui.tui.filters.users import why_nobody

TITLES = ["Alien", "Aliens", "Heat", None, "Up", "Brazil"]
CATEGORIES = [["Sci-Fi"], ["Sci-Fi", "Action"], ["Crime"], ["Sci-Fi"], ["Family"], ["Sci-Fi", "Comedy"]]
TAKEN = [[0, 1, 3], [0, 2, 4, 5], [2, 4], [], [0, 1, 3, 2, 4]]
RATINGS = [[5, 3, 4], [1, 4, 5, 5], [2, 2], [], [1, 2, 5, np.nan, 3]]


@pytest.fixture
def catalogue() -> Catalogue:
    joined = [CATEGORY_SEPARATOR.join(entry) for entry in CATEGORIES]
    return Catalogue(TextList.of([f"i{n}" for n in range(6)]), TextList.of(TITLES), TextList.of(joined))


def histories(rated: bool) -> Histories:
    indptr = np.concatenate([[0], np.cumsum([len(taken) for taken in TAKEN])]).astype(np.int64)
    items = np.array([item for taken in TAKEN for item in taken], np.int32)
    ratings = np.array([rating for own in RATINGS for rating in own], np.float32)
    # A weight of 1 or more is a rating at or above one's own mean.
    means = [np.nanmean(own) if own else 0 for own in RATINGS]
    weights = np.array(
        [1 + (0 if np.isnan(r) else 0.2 * (r - mean)) for own, mean in zip(RATINGS, means, strict=True) for r in own],
        np.float32,
    )
    plain = np.ones(len(items), np.float32)
    return Histories(indptr, items, None, weights if rated else plain, 6, ratings=ratings if rated else None)


def test_who_leans_to_a_category(catalogue: Catalogue):
    tastes = UserTastes(catalogue, histories(rated=False))
    # 8 of the 14 actions are on Sci-Fi: 1.5 times that is 86 %. All of the first person's are; 3 of 5 are not enough.
    assert tastes.leaning_to("sci").tolist() == [True, False, False, False, False]
    assert tastes.leaning_to("crime").tolist() == [False] * 5, "two items are too few"
    assert tastes.leaning_to("western").tolist() == [False] * 5
    assert tastes.likes([0, 1, 3, 4]) == [("Sci-Fi",), (), (), ("Sci-Fi",)]
    assert tastes.ratings([0, 3]) == [(), ()]


def test_categories_that_the_items_do_not_have_are_why_nobody_leans_to_them(catalogue: Catalogue):
    users = pl.DataFrame({"id": ["a"], "cluster": [0]})
    with_them = UserTastes(catalogue, histories(rated=False))
    without = UserTastes(replace(catalogue, categories=TextList.of([""] * 6)), histories(rated=False))
    assert why_nobody(users, "genre:western", with_them) is None
    assert why_nobody(users, "genre:western", without) == "tui.no_categories"


def test_who_liked_an_item_of_a_name(catalogue: Catalogue):
    tastes = UserTastes(catalogue, histories(rated=False))
    assert tastes.who_liked("alien").tolist() == [True, True, False, False, True]
    assert tastes.who_liked("i3").tolist() == [True, False, False, False, True], "an item without a title has its id"
    rated = UserTastes(catalogue, histories(rated=True))
    assert rated.who_liked("alien").tolist() == [True, False, False, False, False], "rated below their mean"
    assert rated.who_liked("up").tolist() == [False, True, True, False, True]
    assert rated.ratings([1, 3, 4]) == [(1, 0, 0, 1, 2), (0, 0, 0, 0, 0), (1, 1, 1, 0, 1)]


def test_the_index_of_items_says_nothing_by_its_order_of_those_that_few_took(catalogue: Catalogue):
    """Told are three and nothing; four lies between what is told, and one and two are the same."""
    people, told = np.array([2, 3, 1, 4, 0, 2]), np.array([False, True, False, False, True, False])
    index = ItemIndex(catalogue, people, told)
    ids, titles = index.rows["id"].to_list(), dict(index.rows.select("id", "title").iter_rows())
    named = [titles[item] or item for item in ids]
    assert index.rows["people"].to_list()[2:] == [None, None, None, 0]
    assert (set(ids[:2]), named[:2], named[2:5]) == ({"i1", "i3"}, sorted(named[:2]), sorted(named[2:5]))
    again = ItemIndex(catalogue, np.array([1, 3, 2, 4, 0, 1]), told)
    assert again.rows["id"].to_list() == ids


def test_the_index_of_items_is_in_order_of_people(catalogue: Catalogue):
    index = ItemIndex(catalogue, histories(rated=False).item_counts(), np.ones(len(catalogue), np.bool_))
    assert index.rows["id"].to_list() == ["i0", "i2", "i4", "i1", "i3", "i5"]
    assert index.rows["people"].to_list() == [3, 3, 3, 2, 2, 1]
    assert index.containing(["alien"]).to_list() == [True, False, False, True, False, False]
    assert index.with_text("categories", "fi").tolist() == [True, False, False, True, True, True]
    assert index.fulfilling("title=heat").tolist() == [False, True, False, False, False, False]
    assert index.fulfilling("year>=1990") is None
    assert index.has_field("genre")
    assert not index.has_field("year")
