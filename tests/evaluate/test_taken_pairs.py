"""Where lists have what people took, and what that is worth among some of it: by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recsys_tui.evaluate.taken_pairs import TakenPairs, ndcg_among

PAIRS = TakenPairs(3, np.array([0, 0, 1, 2]), np.array([3, 7, 1, 0]))
LISTS = np.array([[4, 3, 3], [1, 0, -1], [-1, -1, -1]])
HITS = np.array([[False, True, True], [True, False, False], [False, False, False]])


def test_the_first_place_of_each_pair():
    assert PAIRS.ranks(LISTS, HITS).tolist() == [2, 0, 1, 0]


def test_only_what_is_among_is_wanted():
    ranks = PAIRS.ranks(LISTS, HITS)[None]
    people, values = ndcg_among(ranks, PAIRS, np.ones(4, np.bool_))
    second = 1 / math.log2(3)
    assert people.tolist() == [0, 1, 2]
    assert values.tolist() == pytest.approx([second / (1 + second), 1, 0])
    people, values = ndcg_among(ranks, PAIRS, np.array([True, False, False, True]))
    assert people.tolist() == [0, 2]
    assert values.tolist() == pytest.approx([second, 0])


def test_runs_are_averaged_and_places_beyond_the_tenth_do_not_count():
    ranks = np.array([[1, 0, 11, 3], [0, 0, 1, 3]])
    _, values = ndcg_among(ranks, PAIRS, np.array([True, False, True, True]))
    assert values.tolist() == pytest.approx([1 / 2, 1 / 2, 1 / 2])
