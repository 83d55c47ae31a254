"""Orders in which each item is unlike those before it: by hand, and against determinants."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.recommend.diversity import OWN, diverse_order, likeness_of, unit_relevance
from recsys_tui.recommend.session import Session

# Items 0 and 1 are nearly the same, 2 is half like both, 3 is like nothing.
ALIKE = np.array([[1, 0.9, 0.5, 0], [0.9, 1, 0.5, 0], [0.5, 0.5, 1, 0], [0, 0, 0, 1]])
RELEVANCE = np.array([1.0, 0.9, 0.6, 0.0])


def order(relevance: np.ndarray, alike: np.ndarray, k: int, diversity: float, first: int = 0) -> list[int]:
    return diverse_order(relevance[None], lambda place: alike[place], first, k, diversity)[0].tolist()


@pytest.mark.parametrize(
    ("diversity", "expected"),
    [
        (0.01, [0, 1, 2, 3]),
        # After 0, with a = 1: 1 is worth log(1 − .81) + 1.8 = .14, 2 log(.75) + 1.2 = .91, 3 log 1 + 0 = 0. After 2
        # what is new in 1 is 1 − .81 − (.5 − .45)² / .75 = .187, worth .12.
        (0.5, [0, 2, 1, 3]),
        # With a = .25: 1 is worth −1.66 + .45, 2 −.29 + .3 = .01, 3 0.
        (0.8, [0, 2, 3, 1]),
        # With a = 1/9: 2 is worth −.29 + .13, 3 0.
        (0.9, [0, 3, 2, 1]),
        (1.0, [0, 3, 2, 1]),
    ],
)
def test_by_hand(diversity: float, expected: list[int]):
    assert order(RELEVANCE, ALIKE, 4, diversity) == expected
    assert order(RELEVANCE, ALIKE, 2, diversity) == expected[:2]


@pytest.mark.parametrize("diversity", [0.3, 0.6, 0.9])
def test_each_step_takes_what_raises_the_determinant_most(diversity: float):
    random = np.random.default_rng(1)
    vectors = np.abs(random.normal(size=(12, 4)))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    alike, relevance = vectors @ vectors.T, np.sort(random.random(12))[::-1]
    quality = np.exp((1 - diversity) / diversity * relevance)
    kernel = quality[:, None] * (alike + OWN * np.eye(12)) * quality
    taken: list[int] = []
    for _ in range(6):
        rest = [item for item in range(12) if item not in taken]
        taken.append(max(rest, key=lambda item: np.linalg.slogdet(kernel[np.ix_([*taken, item], [*taken, item])])[1]))
    assert order(relevance, alike, 6, diversity) == taken


def test_what_is_taken_first_counts_against_what_is_like_it():
    # The first is taken though worth nothing; what follows is as it is after item 0 in the test by hand.
    assert order(np.array([0.0, 0.9, 0.6, 0.0]), ALIKE, 3, 0.5, first=1) == [0, 2, 1]


def test_places_without_an_item_come_last_even_where_relevance_counts_for_nothing():
    assert order(np.array([np.nan, 1.0, np.nan, 0.5]), ALIKE, 4, 1.0)[:2] == [1, 3]


def test_relevance_goes_from_nought_to_one_over_what_is_there():
    scores = np.array([[5.0, 3.0, 4.0, -np.inf], [2.0, 2.0, 2.0, 2.0], [-np.inf] * 4])
    items = np.array([[1, 2, 3, -1], [1, 2, 3, 4], [-1] * 4])
    nan = np.nan
    np.testing.assert_array_equal(unit_relevance(scores, items), [[1, 0, 0.5, nan], [0, 0, 0, 0], [nan, nan, nan, nan]])


def test_likeness_is_the_mean_of_two_cosines(trained: Session):
    recommender = trained.recommender()
    assert recommender is not None
    experts = recommender.model.experts
    ask = likeness_of(experts, np.array([[7, 7, 300, -1]]))
    places, dense = experts.profiles.item_places, experts.content.dense
    expected = (max(0, float(places[7] @ places[300])) + max(0, float(dense[7] @ dense[300]))) / 2
    alike = ask(np.array([0]))[0]
    assert alike[2] == pytest.approx(expected, abs=1e-6)
    assert alike[1] == pytest.approx(1, abs=1e-5)
    assert alike[3] == 0
    assert not ask(np.array([3])).any()
