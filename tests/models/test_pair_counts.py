"""Counts of pairs: dense and sparse products say the same, and so do the models that are made from them."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models import pair_counts as counting
from recsys_tui.models.ease import Ease
from recsys_tui.models.neighbours import Neighbours
from recsys_tui.models.pair_counts import dense_pair_counts, pair_counts

LISTS = [np.random.default_rng(number).permutation(30)[: 8 + number % 9].tolist() for number in range(60)]


def histories_from(lists: list[list[int]], items: int) -> Histories:
    indptr = np.concatenate([[0], np.cumsum([len(row) for row in lists])])
    ones = np.ones(indptr[-1], np.float32)
    return Histories(indptr, np.concatenate(lists).astype(np.int32), None, ones, items)


def test_dense_and_sparse_products_count_who_has_both(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(counting, "PEOPLE_AT_ONCE", 7)
    histories = histories_from(LISTS, 30)
    expected = np.zeros((30, 30))
    for row in LISTS:
        for a in row:
            expected[a, a] += 1
        for a, b in combinations(row, 2):
            expected[a, b] += 1
            expected[b, a] += 1
    dense = dense_pair_counts(histories)
    np.testing.assert_array_equal(dense, expected)
    some = np.array([3, 4, 17], np.int32)
    np.testing.assert_array_equal(pair_counts(histories, some), expected[np.ix_(some, some)])


def test_large_catalogues_and_short_histories_are_counted_sparsely(monkeypatch: pytest.MonkeyPatch):
    short = histories_from([[number % 500] for number in range(500)], 500)
    assert dense_pair_counts(short) is None
    monkeypatch.setattr(counting, "MOST_ITEMS", 29)
    assert dense_pair_counts(histories_from(LISTS, 30)) is None


def test_models_are_the_same_either_way(monkeypatch: pytest.MonkeyPatch):
    histories = histories_from(LISTS, 30)
    counted = dense_pair_counts(histories)
    dense = Neighbours.fit(histories, width=6).table
    np.testing.assert_array_equal(Neighbours.fit(histories, width=6, counted=counted).table.values, dense.values)
    ease = Ease.fit(histories, 20, 10.0, counted)
    monkeypatch.setattr(counting, "MOST_ITEMS", 0)
    sparse = Neighbours.fit(histories, width=6).table
    np.testing.assert_array_equal(np.sort(sparse.values, axis=1), np.sort(dense.values, axis=1))
    np.testing.assert_array_equal(Ease.fit(histories, 20, 10.0).coefficients, ease.coefficients)


@pytest.mark.parametrize("kept", [0, 5, 7])
def test_counts_of_longer_and_of_shorter_histories_are_those_counted_anew(kept: int, monkeypatch: pytest.MonkeyPatch):
    """Histories cut to ``kept`` of their 8 to 16 actions, whole ones, and cut ones again."""
    whole = histories_from(LISTS, 30)
    shorter = histories_from([row[: len(row) if number % 3 else kept] for number, row in enumerate(LISTS)], 30)
    counts = counting.PairCounts()
    monkeypatch.setattr(counting, "MOST_ADDED", 0.9)
    for histories in (shorter, whole, whole, shorter, histories_from(LISTS[:40], 30)):
        expected = dense_pair_counts(histories)
        assert expected is not None
        np.testing.assert_array_equal(counts.of(histories), expected)


def test_counting_begins_anew_only_where_much_is_new(monkeypatch: pytest.MonkeyPatch):
    counts, asked = counting.PairCounts(), []
    real = counting._counted
    monkeypatch.setattr(counting, "_counted", lambda behaviour: (asked.append(1), real(behaviour))[1])
    for cut in (8, 9, 99):  # a tenth is new, then more than a quarter
        counts.of(histories_from([row[:cut] for row in LISTS], 30))
    assert len(asked) == 2


def test_nothing_is_kept_where_a_sparse_product_is_better():
    counts = counting.PairCounts()
    assert counts.of(histories_from([[number % 500] for number in range(500)], 500)) is None
