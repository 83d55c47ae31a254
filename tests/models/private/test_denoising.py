"""Taking noise away: what is planted is found, and pure noise leaves nothing."""

import numpy as np
import pytest

from recsys_tui.models.private.denoising import shrunk_eigen, soft_thresholded


def symmetric_noise(size: int, sigma: float, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).normal(scale=sigma, size=(size, size))
    return np.triu(drawn, 1) + np.triu(drawn, 1).T


def test_noise_alone_leaves_next_to_nothing() -> None:
    for seed in range(5):
        values, _ = shrunk_eigen(symmetric_noise(300, 2.0, seed), 2.0)
        assert len(values) <= 2  # the largest lies at the edge itself
        assert (values < 0.3 * 2 * 2.0 * np.sqrt(300)).all()


def test_a_planted_direction_is_found_and_nearer_to_the_truth_than_the_noisy_matrix() -> None:
    size, sigma = 300, 1.0
    direction = np.random.default_rng(1).normal(size=size)
    direction /= np.linalg.norm(direction)
    planted = 60.0 * np.outer(direction, direction)
    noisy = planted + symmetric_noise(size, sigma, 2)
    values, vectors = shrunk_eigen(noisy, sigma)
    cleaned = (vectors * values) @ vectors.T
    assert abs(vectors[:, np.argmax(values)] @ direction) > 0.9
    assert np.linalg.norm(cleaned - planted) < 0.2 * np.linalg.norm(noisy - planted)
    # y is about λ + σ²n/λ, and √(y² − 4σ²n) is λ − σ²n/λ.
    assert values.max() == pytest.approx(60 - size / 60, rel=0.05)


def test_without_noise_nothing_is_lost() -> None:
    rows = np.random.default_rng(3).normal(size=(4, 20))
    values, vectors = shrunk_eigen(rows.T @ rows, 0.0)
    assert len(values) == 4
    assert (vectors * values) @ vectors.T == pytest.approx(rows.T @ rows, abs=1e-3)


def test_cells_within_the_noise_go() -> None:
    cells = np.array([[-9.0, 3.9], [4.1, 10.0]])
    assert soft_thresholded(cells, 2.0, 2.0, 1.0) == pytest.approx(np.array([[0, 0], [2.1, 8.0]]))
    assert soft_thresholded(cells, 0.0, 2.0, 1.0) == pytest.approx(np.array([[0, 3.9], [4.1, 10.0]]))
