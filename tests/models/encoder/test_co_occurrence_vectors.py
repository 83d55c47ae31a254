"""Warm-start vectors: near for items taken near one another, small for those that never were."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.encoder.co_occurrence_vectors import co_occurrence_vectors, positive_mutual_information


def people(*stretches: list[int], items: int) -> Histories:
    """Some people with these items."""
    indptr = np.concatenate([[0], np.cumsum([len(stretch) for stretch in stretches])]).astype(np.int64)
    codes = np.array([item for stretch in stretches for item in stretch], np.int32)
    return Histories(indptr, codes, None, np.ones(len(codes), np.float32), items)


def test_information_follows_from_decayed_pair_counts():
    """[0, 1, 2]: pairs 01 and 12 count 1, pair 02 counts .8, both ways; rows 1.8, 2, 1.8."""
    found = positive_mutual_information(people([0, 1, 2], items=4)).toarray()
    smoothed = np.array([1.8, 2.0, 1.8]) ** 0.75
    share = smoothed / smoothed.sum()
    assert found[0, 1] == pytest.approx(np.log(1 / (1.8 * share[1])))
    assert found[1, 0] == pytest.approx(np.log(1 / (2.0 * share[0])))
    assert found[0, 2] == pytest.approx(np.log(0.8 / (1.8 * share[2])))
    assert (found[3] == 0).all()
    assert (np.diag(found) == 0).all()


def test_pairs_do_not_reach_across_people():
    found = positive_mutual_information(people([0, 1], [2, 3], items=4)).toarray()
    assert found[0, 1] > 0
    assert found[1, 2] == 0


def test_what_goes_together_lies_together():
    random = np.random.default_rng(0)
    stretches = [(random.permutation(10)[:6] + 10 * (person % 2)).tolist() for person in range(80)]
    vectors = co_occurrence_vectors(people(*stretches, items=21), 8, random)
    lengths = np.linalg.norm(vectors, axis=1)
    assert vectors.shape == (21, 8)
    assert vectors.dtype == np.float32
    assert lengths[:20].mean() == pytest.approx(1, abs=0.05)
    assert lengths[20] < 0.2
    cosines = (vectors[:20] / lengths[:20, None]) @ (vectors[:20] / lengths[:20, None]).T
    assert cosines[:10, :10].mean() > cosines[:10, 10:].mean() + 0.3


def test_too_little_to_decompose_gives_small_random_numbers():
    random = np.random.default_rng(0)
    for data in (people([], items=3), people([0], items=1), people([0, 1], items=2)):
        vectors = co_occurrence_vectors(data, 4, random)
        assert vectors.shape == (data.item_count, 4)
        assert np.isfinite(vectors).all()


def test_a_seed_gives_the_same_vectors():
    data = people([0, 1, 2, 3], [3, 2, 4], [1, 4, 0], items=5)
    first, again = (co_occurrence_vectors(data, 3, np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_of_large_data_a_sample_of_people_is_looked_at(monkeypatch: pytest.MonkeyPatch):
    """Of ten pairs of items that each one person has, four fit into eight actions: four pairs have a length."""
    monkeypatch.setattr("recsys_tui.models.encoder.co_occurrence_vectors.MOST_ACTIONS", 8)
    data = people(*([2 * person, 2 * person + 1] for person in range(10)), items=20)
    vectors = co_occurrence_vectors(data, 8, np.random.default_rng(0))
    assert (np.linalg.norm(vectors, axis=1) > 0.5).sum() == 8
