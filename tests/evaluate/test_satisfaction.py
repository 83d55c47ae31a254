"""How well liked the finds were: by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.evaluate.satisfaction import satisfaction
from recsys_tui.evaluate.taken_pairs import TakenPairs


def asked(people: int) -> tuple[np.ndarray, TakenPairs]:
    """Everyone took two items; the first was listed first and got 5 stars, 3 of the last person; the other got 1."""
    worth = np.array([5.0, 1.0] * people)
    worth[-2] = 3.0
    pairs = TakenPairs(people, np.repeat(np.arange(people), 2), np.arange(2 * people), worth, "rating")
    return np.array([[1, 0] * people]), pairs


def test_the_mean_of_what_was_found_beside_that_of_all():
    ranks, pairs = asked(12)
    found = satisfaction(ranks, pairs)
    assert found is not None
    assert (found.kind, found.people, found.all_people) == ("rating", 12, 12)
    assert found.mean == pytest.approx((11 * 5 + 3) / 12)
    assert found.of_all_taken == pytest.approx((11 * (5 + 1) / 2 + (3 + 1) / 2) / 12)
    assert found.ci95 is not None
    assert 1 <= found.ci95[0] < found.mean < found.ci95[1] <= 5


def test_places_beyond_the_tenth_and_items_without_a_rating_do_not_count():
    ranks, pairs = asked(20)
    ranks[0, :8:2] = 11
    assert pairs.worth is not None
    pairs.worth[8:12:2] = np.nan
    found = satisfaction(ranks, pairs)
    assert found is not None
    assert (found.people, found.all_people) == (10, 20)  # of 14: the six others count as ten
    assert found.mean == pytest.approx((13 * 5 + 3) / 14)


def test_nothing_is_told_of_nine_people():
    found = satisfaction(*asked(9))
    assert found is not None
    assert (found.mean, found.ci95, found.of_all_taken) == (None, None, None)
    assert found.to_json()["people"] is None


def test_without_ratings_or_strengths_there_is_none():
    assert satisfaction(np.array([[1]]), TakenPairs(1, np.array([0]), np.array([0]))) is None
