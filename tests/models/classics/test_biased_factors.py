"""Biased factors against dense equations in double precision and against ratings whose make-up is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.classics.biased_factors import BiasedFactors, BiasedSettings

RIDGE, BIAS_RIDGE = 4.0, 2.0


def rated_people(people: int = 200, items: int = 60, noise: float = 0.3, seed: int = 2) -> tuple[Histories, np.ndarray]:
    """People with 0 to 40 rated items, and every true rating: 3.5 + person + item + one taste, between 1 and 5."""
    random = np.random.default_rng(seed)
    taste = np.outer(random.standard_normal(people), random.standard_normal(items))
    truth = 3.5 + 0.5 * random.standard_normal(people)[:, None] + 0.5 * random.standard_normal(items) + 0.4 * taste
    truth = truth.clip(1, 5)
    lists = [random.choice(items, random.integers(0, 41), replace=False) for _ in range(people)]
    indptr = np.concatenate([[0], np.cumsum([len(some) for some in lists])]).astype(np.int64)
    codes = np.concatenate(lists).astype(np.int32)
    owners = np.repeat(np.arange(people), np.diff(indptr))
    ratings = (truth[owners, codes] + noise * random.standard_normal(len(codes))).clip(1, 5).astype(np.float32)
    return Histories(indptr, codes, None, np.ones(len(codes), np.float32), items, ratings=ratings), truth


def root_mean_square(errors: np.ndarray) -> float:
    """√ mean error²."""
    return float(np.sqrt(np.mean(errors**2)))


def test_a_folded_in_person_solves_the_dense_equations():
    histories, _ = rated_people()
    random = np.random.default_rng(0)
    items = random.standard_normal((histories.item_count, 6)).astype(np.float32)
    model = BiasedFactors(items, 3.5, (1.0, 5.0), RIDGE, BIAS_RIDGE)
    scores = model.score(histories)
    for person in range(0, len(histories), 7):
        own = histories.items_of(person)
        rated = histories.ratings[histories.indptr[person] : histories.indptr[person + 1]]
        design = np.column_stack([np.ones(len(own)), items[own, 1:]]).astype(np.float64)
        system = design.T @ design + np.diag([BIAS_RIDGE] + [RIDGE] * 5)
        bias, *factors = np.linalg.solve(system, design.T @ (rated - 3.5 - items[own, 0]))
        expected = 3.5 + bias + items[:, 0] + items[:, 1:] @ np.array(factors)
        np.testing.assert_allclose(scores[person], expected, rtol=1e-3, atol=1e-3)


def test_biases_alone_are_what_alternating_means_give():
    """Without factors the solution is b_u = Σ(r - μ - b_i)/(n_u + λ) and the same for items, found here by hand."""
    histories, _ = rated_people()
    settings = BiasedSettings(width=0, bias_ridge=BIAS_RIDGE, sweeps=40)
    mean, owners, items = histories.ratings.mean(dtype=np.float64), histories.owners, histories.items
    of_person, of_item = np.zeros(len(histories)), np.zeros(histories.item_count)
    for _ in range(40):
        rest = histories.ratings - mean - of_item[items]
        of_person = np.bincount(owners, rest, len(histories)) / (histories.lengths + BIAS_RIDGE)
        rest = histories.ratings - mean - of_person[owners]
        of_item = np.bincount(items, rest, histories.item_count) / (histories.item_counts() + BIAS_RIDGE)
    expected = mean + of_person[:, None] + of_item
    np.testing.assert_allclose(BiasedFactors.fit(histories, settings=settings).score(histories), expected, atol=2e-3)


def test_factors_find_the_taste_that_biases_miss():
    """On true ratings that were never shown, errors fall from biases alone to factors, and below the noise."""
    histories, truth = rated_people(people=600)
    shown = np.zeros(truth.shape, np.bool_)
    shown[histories.owners, histories.items] = True
    shown[histories.lengths < 10] = True
    errors = {}
    for width in (0, 2):
        model = BiasedFactors.fit(histories, settings=BiasedSettings(width, RIDGE, BIAS_RIDGE, 10))
        errors[width] = root_mean_square((model.expected_ratings(histories) - truth)[~shown])
    assert errors[2] < 0.3 < errors[0]


def test_expected_ratings_stay_within_the_ratings_that_were_seen():
    histories, _ = rated_people(noise=1.5)
    model = BiasedFactors.fit(histories, settings=BiasedSettings(4, 0.1, 0.1, 6))
    assert model.score(histories).max() > 5
    expected = model.expected_ratings(histories)
    assert expected.max() == 5
    assert expected.min() >= histories.ratings.min()


def test_an_action_without_a_rating_says_nothing():
    histories, _ = rated_people()
    model = BiasedFactors.fit(histories)
    gaps = histories.ratings.copy()
    gaps[::3] = np.nan
    keep = np.isfinite(gaps)
    counts = np.bincount(histories.owners[keep], minlength=len(histories))
    rest = Histories(
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        histories.items[keep],
        None,
        histories.weights[keep],
        histories.item_count,
        ratings=gaps[keep],
    )
    with_gaps = replace(histories, ratings=gaps)
    np.testing.assert_array_equal(model.score(with_gaps), model.score(rest))
    again, other = BiasedFactors.fit(with_gaps), BiasedFactors.fit(rest)
    np.testing.assert_array_equal(again.items, other.items)
    unrated = model.score(replace(histories, ratings=None))
    np.testing.assert_allclose(unrated[0], model.mean + model.items[:, 0], rtol=1e-6)
    np.testing.assert_array_equal(unrated, np.broadcast_to(unrated[0], unrated.shape))


@pytest.mark.parametrize("ratings", [None, "unknown"])
def test_without_ratings_there_is_nothing_to_fit(ratings: str | None):
    histories, _ = rated_people()
    nothing = None if ratings is None else np.full_like(histories.ratings, np.nan)
    with pytest.raises(ValueError, match="needs ratings"):
        BiasedFactors.fit(replace(histories, ratings=nothing))


def test_pairs_get_what_whole_rows_say():
    histories, _ = rated_people()
    model = BiasedFactors.fit(histories, settings=BiasedSettings(width=3))
    random = np.random.default_rng(4)
    people, items = random.integers(0, len(histories), 300), random.integers(0, histories.item_count, 300)
    found = model.expected_of(histories, people, items)
    np.testing.assert_allclose(found, model.expected_ratings(histories)[people, items], rtol=1e-5, atol=1e-5)


def test_a_like_is_worth_more_than_the_mean_and_less_than_the_best():
    model = BiasedFactors(np.zeros((4, 3), np.float32), 3.5, (1.0, 5.0), RIDGE, BIAS_RIDGE)
    assert model.of_like() == 4.25
