"""Lists held against people's own taste: popularity and categories, by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.evaluate.taste_metrics import (
    category_shares,
    miscalibration,
    popularity_lift,
    popularity_of_histories,
    popularity_of_lists,
)

OWNERS = np.array([4, 2, 1, 0])  # of four people


def rows(*items: list[int]) -> SparseRows:
    lengths = np.cumsum([0, *(len(each) for each in items)])
    together = np.array([item for each in items for item in each], np.int32)
    return SparseRows(lengths, together, np.ones(len(together), np.float32))


def test_lists_more_popular_than_histories():
    shown = popularity_of_lists(np.array([[0, 1], [2, 3], [-1, -1]]), 2, OWNERS, 4)
    had = popularity_of_histories(rows([2], [1, 2], [0]), OWNERS, 4)
    assert shown[:2].tolist() == [(1 + 0.5) / 2, 0.25 / 2]
    assert np.isnan(shown[2])
    assert had.tolist() == [0.25, (0.5 + 0.25) / 2, 1.0]
    # The third has no list: (.75 + .125) / (.25 + .375) − 1.
    assert popularity_lift(np.tile(shown, 8), np.tile(had, 8)) == pytest.approx(0.4)
    # Two people's means are one of 0, a half and 1; of shares that are at most a half, one of 0, a quarter and a half.
    assert popularity_lift(shown, had) == 0
    assert popularity_lift(shown, had, 0.5) == pytest.approx(0.5 / 0.25 - 1)
    assert popularity_lift(had, had) == 0
    assert popularity_lift(shown[2:], had[2:]) is None


def test_only_the_first_places_count():
    assert popularity_of_lists(np.array([[3, 0]]), 1, OWNERS, 4).tolist() == [0]


def test_categories_that_do_not_follow_the_history():
    kinds = category_shares([["A"], ["A", "B", "A", None], ["B"], None], 5)
    assert kinds.toarray().tolist() == [[1, 0], [0.5, 0.5], [0, 1], [0, 0], [0, 0]]
    lists = np.array([[2, 3], [1, 0], [3, -1], [0, -1]])
    found = miscalibration(lists, 2, rows([0, 1], [0, 1], [0], [3]), kinds)
    # History: three quarters A, one quarter B; the list is all B, of which a hundredth is smoothed towards the history.
    assert found[0] == pytest.approx(0.75 * math.log(0.75 / 0.0075) + 0.25 * math.log(0.25 / 0.9925))
    assert found[1] == pytest.approx(0, abs=1e-12)
    assert np.isnan(found[2:]).all()  # a list, and a history, without any category
    assert category_shares([None, []], 2) is None
