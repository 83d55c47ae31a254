"""The map of people: principal components, held against a singular value decomposition."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.recommend.session import Session
from recsys_tui.recommend.user_map import principal_plane, user_map


def test_the_plane_is_that_of_the_singular_value_decomposition():
    rows = np.random.default_rng(3).normal(size=(60, 7)).astype(np.float32) * np.arange(1, 8, dtype=np.float32)
    points, explained = principal_plane(rows)
    centred = rows.astype(float) - rows.mean(axis=0, dtype=float)
    left, singular, right = np.linalg.svd(centred, full_matrices=False)
    assert np.abs(points) == pytest.approx(np.abs(left[:, :2] * singular[:2]), abs=1e-3)
    assert explained == pytest.approx(tuple(singular[:2] ** 2 / (singular**2).sum()))
    # The coordinate that counts most on an axis points upwards.
    for axis in range(2):
        strongest = np.abs(right[axis]).argmax()
        assert np.corrcoef(points[:, axis], centred[:, strongest])[0, 1] > 0


def test_a_mirrored_space_gives_the_mirrored_axes_back():
    rows = np.random.default_rng(4).normal(size=(30, 3)).astype(np.float32) * np.float32([5, 2, 1])
    points, _ = principal_plane(rows)
    mirrored, _ = principal_plane(-rows)
    assert mirrored == pytest.approx(-points, abs=1e-4)


@pytest.mark.parametrize("shape", [(0, 4), (1, 4), (5, 1), (5, 0)])
def test_too_little_to_draw(shape: tuple[int, int]):
    points, explained = principal_plane(np.ones(shape, np.float32))
    assert points.shape == (shape[0], 2)
    assert not points.any()
    assert explained == (0.0, 0.0)


def test_everyone_of_the_films_is_drawn_the_same_every_time(trained: Session):
    recommender = trained.recommender()
    assert recommender is not None
    first, second = user_map(recommender.model), user_map(recommender.model)
    assert first.people.tolist() == list(range(1_500))
    assert np.array_equal(first.points, second.points)
    assert np.array_equal(first.clusters, recommender.model.people.clusters)
    vectors = recommender.model.experts.profiles.long_term(recommender.model.people.histories)
    spread = np.linalg.svd(vectors - vectors.mean(axis=0), compute_uv=False) ** 2
    assert first.explained == pytest.approx(tuple(spread[:2] / spread.sum()), rel=1e-3)


def test_of_many_a_sample_is_drawn(trained: Session):
    recommender = trained.recommender()
    assert recommender is not None
    some = user_map(recommender.model, most=200)
    assert len(set(some.people.tolist())) == 200
    assert np.array_equal(some.people, user_map(recommender.model, most=200).people)
    assert np.array_equal(some.clusters, np.asarray(recommender.model.people.clusters)[some.people])
