"""Ranking metrics: by hand, against a plain reading of the definitions, against scikit-learn, on random lists."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, ndcg_score

from recsys_tui.data.histories import Histories
from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.evaluate.ranking_metrics import RANKING_METRICS, found, ranking_metrics, repeated, seen_shown

ITEMS = 12


def rows(*of_people: list[int]) -> SparseRows:
    indptr = np.concatenate([[0], np.cumsum([len(items) for items in of_people])]).astype(np.int64)
    codes = np.array([item for items in of_people for item in items], np.int32)
    return SparseRows(indptr, codes, np.ones(len(codes), np.float32))


def one(shown: list[int], wanted: list[int], had: list[int], k: int) -> dict[str, float]:
    """The definitions for one person, written down plainly."""
    ranks = [r for r, item in enumerate(shown[:k], 1) if item in wanted and item not in had and item >= 0]
    best = min(k, len(wanted))
    recall, precision = len(ranks) / best, len(ranks) / k
    both = 1 / k + 1 / best  # the harmonic mean of h/k and h/b is 2h/(k + b), for h = 0 too
    return {
        "hr": 1.0 if ranks else 0.0,
        "recall": recall,
        "precision": precision,
        "f1": 2 * recall * precision / (len(ranks) * both) if ranks else 0.0,
        "ndcg": math.fsum(1 / math.log2(r + 1) for r in ranks)
        / math.fsum(1 / math.log2(r + 1) for r in range(1, best + 1)),
        "map": math.fsum(n / r for n, r in enumerate(ranks, 1)) / best,
        "mrr": 1 / ranks[0] if ranks else 0.0,
    }


def test_by_hand():
    lists = np.array([[4, 7, 1, 9, 2]])
    # Wanted 7 at rank 2, 9 at rank 4, and 5, which is not listed; 4 is wanted but was had before: b = min(5, 4) = 4.
    hits = found(lists, rows([7, 9, 5, 4]), rows([4, 3]))
    assert hits.tolist() == [[False, True, False, True, False]]
    metrics = {name: values[0] for name, values in ranking_metrics(hits, np.array([4]), 5).items()}
    ideal = 1 + 1 / math.log2(3) + 1 / 2 + 1 / math.log2(5)
    assert metrics == pytest.approx(
        {
            "hr": 1,
            "recall": 2 / 4,
            "precision": 2 / 5,
            "f1": 4 / 9,
            "ndcg": (1 / math.log2(3) + 1 / math.log2(5)) / ideal,
            "map": (1 / 2 + 2 / 4) / 4,
            "mrr": 1 / 2,
        },
        abs=1e-12,
    )
    assert tuple(metrics) == RANKING_METRICS


def test_a_perfect_list_has_one_everywhere_it_can():
    metrics = ranking_metrics(np.ones((1, 3), np.bool_), np.array([7]), 3)
    assert {name: values[0] for name, values in metrics.items()} == pytest.approx(dict.fromkeys(RANKING_METRICS, 1.0))


def test_only_the_first_k_places_count_and_short_lists_are_filled_with_misses():
    hits = np.array([[False, False, True], [False, False, False]])
    assert ranking_metrics(hits, np.array([1, 1]), 2)["hr"].tolist() == [0, 0]
    assert ranking_metrics(hits, np.array([1, 1]), 10)["precision"].tolist() == [0.1, 0]
    assert ranking_metrics(np.zeros((2, 0), np.bool_), np.array([1, 2]), 10)["mrr"].tolist() == [0, 0]


def test_empty_places_and_people_without_history():
    lists = np.array([[-1, -1], [0, -1], [-1, 11]])
    hits = found(lists, rows([11], [0], [11]), rows([], [], [0]))
    assert hits.tolist() == [[False, False], [True, False], [False, True]]


def test_histories_serve_as_they_are():
    history = Histories.of_one([3, 3, 5], ITEMS)
    assert found(np.array([[3, 4]]), rows([3, 4]), history).tolist() == [[False, True]]


def test_an_item_listed_twice_counts_twice_and_is_reported():
    lists = np.array([[4, 4, 6, 4], [-1, -1, 2, 5]])
    hits = found(lists, rows([4], [2]), rows([6], []))
    assert ranking_metrics(hits, np.array([1, 1]), 4)["recall"].tolist() == [3, 1]
    assert repeated(lists).sum() == 2
    assert seen_shown(lists, rows([6, 4], [1])).sum() == 2


def test_what_cannot_be_scored_is_refused():
    with pytest.raises(ValueError, match="want"):
        ranking_metrics(np.zeros((2, 3), np.bool_), np.array([1, 0]), 3)
    with pytest.raises(ValueError, match="k must"):
        ranking_metrics(np.zeros((1, 3), np.bool_), np.array([1]), 0)
    with pytest.raises(ValueError, match="same people"):
        found(np.array([[1]]), rows([1], [2]), rows([1]))


def test_against_scikit_learn():
    """Everyone wants at most k items and lists rank the whole catalogue, where the definitions coincide."""
    random = np.random.default_rng(3)
    people = 60
    lists = np.stack([random.permutation(ITEMS) for _ in range(people)])
    wanted = [random.choice(ITEMS, random.integers(1, 6), replace=False).tolist() for _ in range(people)]
    hits = found(lists, rows(*wanted), rows(*[[]] * people))
    relevant = np.zeros((people, ITEMS))
    for person, items in enumerate(wanted):
        relevant[person, items] = 1
    scores = np.empty((people, ITEMS))
    np.put_along_axis(scores, lists, -np.arange(ITEMS, dtype=np.float64)[None, :], axis=1)
    counts = np.array([len(items) for items in wanted])
    ours = ranking_metrics(hits, counts, 5)["ndcg"].mean()
    assert ours == pytest.approx(ndcg_score(relevant, scores, k=5), abs=1e-12)
    whole = ranking_metrics(hits, counts, ITEMS)["map"]
    theirs = [average_precision_score(relevant[person], scores[person]) for person in range(people)]
    assert whole == pytest.approx(np.array(theirs), abs=1e-12)


person_strategy = st.tuples(
    st.lists(st.integers(-1, ITEMS - 1), min_size=6, max_size=6),
    st.sets(st.integers(0, ITEMS - 1), min_size=1),
    st.lists(st.integers(0, ITEMS - 1), max_size=8),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(person_strategy, min_size=1, max_size=6), st.integers(1, 9))
def test_random_lists_agree_with_the_plain_reading(people, k: int):
    lists = np.array([shown for shown, _, _ in people])
    truth, history = rows(*[sorted(wanted) for _, wanted, _ in people]), rows(*[had for *_, had in people])
    metrics = ranking_metrics(found(lists, truth, history), np.diff(truth.indptr), k)
    for person, (shown, wanted, had) in enumerate(people):
        expected = one(shown, sorted(wanted), had, k)
        assert {name: values[person] for name, values in metrics.items()} == pytest.approx(expected, abs=1e-12)
    filled = [[item for item in shown if item >= 0] for shown, _, _ in people]
    assert repeated(lists).sum() == sum(len(items) - len(set(items)) for items in filled)
    assert seen_shown(lists, history).sum() == sum(
        len(set(items) & set(had)) for items, (*_, had) in zip(filled, people, strict=True)
    )
