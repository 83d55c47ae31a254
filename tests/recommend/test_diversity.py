"""Maximal marginal relevance: by hand, and at its ends."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.histories import Floats, Ints
from recsys_tui.recommend.diversity import Likeness, marginally_relevant, unit_relevance
from recsys_tui.recommend.session import Session

# Items 0 and 1 are nearly the same, 2 is half like both, 3 is like nothing.
ALIKE = np.array([[1, 0.9, 0.5, 0], [0.9, 1, 0.5, 0], [0.5, 0.5, 1, 0], [0, 0, 0, 1]])


def alike(places: Ints) -> Floats:
    return ALIKE[places]


RELEVANCE = np.array([[1.0, 0.9, 0.6, 0.0]])


@pytest.mark.parametrize(
    ("diversity", "expected"),
    [
        (0.0, [0, 1, 2, 3]),
        # After 0: 1 is worth .7·.9 − .3·.9 = .36, 2 .42 − .15 = .27, 3 0; then 2 .27 against 3 0.
        (0.3, [0, 1, 2, 3]),
        # After 0: .45 − .45 = 0, .3 − .25 = .05, 0; after 2 the first two are as before, and 1 comes before 3.
        (0.5, [0, 2, 1, 3]),
        # After 0: 1 is worth .18 − .72, 2 .12 − .4, 3 0; then 2 before 1.
        (0.8, [0, 3, 2, 1]),
        (1.0, [0, 3, 2, 1]),
    ],
)
def test_by_hand(diversity: float, expected: list[int]):
    assert marginally_relevant(RELEVANCE, alike, 0, 4, diversity).tolist() == [expected]
    assert marginally_relevant(RELEVANCE, alike, 0, 2, diversity).tolist() == [expected[:2]]


def test_what_is_taken_first_counts_against_what_is_like_it():
    # The first is taken though worth nothing; then 1 is worth .45 − .45, 2 .3 − .25, 3 0.
    assert marginally_relevant(np.array([[0.0, 0.9, 0.6, 0.0]]), alike, 1, 3, 0.5).tolist() == [[0, 2, 1]]


def test_places_without_an_item_come_last_even_where_relevance_counts_for_nothing():
    relevance = np.array([[np.nan, 1.0, np.nan, 0.5]])
    assert marginally_relevant(relevance, alike, 0, 4, 1.0).tolist()[0][:2] == [1, 3]


def test_relevance_goes_from_nought_to_one_over_what_is_there():
    scores = np.array([[5.0, 3.0, 4.0, -np.inf], [2.0, 2.0, 2.0, 2.0], [-np.inf] * 4])
    items = np.array([[1, 2, 3, -1], [1, 2, 3, 4], [-1] * 4])
    nan = np.nan
    np.testing.assert_array_equal(unit_relevance(scores, items), [[1, 0, 0.5, nan], [0, 0, 0, 0], [nan, nan, nan, nan]])


def test_likeness_is_the_mean_of_two_cosines(trained: Session):
    recommender = trained.recommender()
    assert recommender is not None
    experts = recommender.model.experts
    likeness = Likeness(experts, np.array([[7, 7, 300, -1]]))
    alike = np.array([likeness(np.array([place]))[0] for place in range(4)])
    places, dense = experts.profiles.item_places, experts.content.dense
    expected = (max(0, float(places[7] @ places[300])) + max(0, float(dense[7] @ dense[300]))) / 2
    assert alike[0, 2] == pytest.approx(expected, abs=1e-6)
    assert alike[0, 1] == pytest.approx(1, abs=1e-5)
    assert not alike[3].any()
