"""Implicit ALS against a dense solve in double precision, against its own objective, and against ``implicit``."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from recsys_tui.data.histories import Histories, behaviour_matrix
from recsys_tui.models.classics.als import Als, AlsSettings, solve_rows

ALPHA, RIDGE = 3.0, 2.0


def people_at_random(people: int = 120, items: int = 40, seed: int = 4) -> Histories:
    """Histories of 0 to 24 distinct items, half of the people each fond of one half of the catalogue."""
    random = np.random.default_rng(seed)
    lists = []
    for person in range(people):
        draw = np.where(np.arange(items) % 2 == person % 2, 6.0, 1.0)
        lists.append(random.choice(items, random.integers(0, 25), replace=False, p=draw / draw.sum()))
    indptr = np.concatenate([[0], np.cumsum([len(some) for some in lists])]).astype(np.int64)
    weights = random.uniform(0.2, 1.8, indptr[-1]).astype(np.float32)
    return Histories(indptr, np.concatenate(lists).astype(np.int32), None, weights, items)


def objective(histories: Histories, people: np.ndarray, items: np.ndarray) -> float:
    """Σ c·(p - x·y)² + λ(|X|² + |Y|²) over every pair, in double precision."""
    wanted = np.zeros((len(histories), histories.item_count))
    confidence = np.ones_like(wanted)
    wanted[histories.owners, histories.items] = 1
    confidence[histories.owners, histories.items] += ALPHA * histories.weights
    people, items = people.astype(np.float64), items.astype(np.float64)
    error = float((confidence * (wanted - people @ items.T) ** 2).sum())
    return error + RIDGE * float((people**2).sum() + (items**2).sum())


@pytest.mark.parametrize("width", [3, 12, 20])
def test_a_folded_in_person_solves_the_dense_equations(width: int):
    """Histories shorter and longer than the width take two roads to the same solution."""
    histories = people_at_random()
    factors = np.random.default_rng(0).standard_normal((histories.item_count, width)).astype(np.float32)
    folded = Als(factors, ALPHA, RIDGE).fold_in(histories)
    exact = factors.astype(np.float64)
    lengths = set()
    for person in range(len(histories)):
        stretch = slice(histories.indptr[person], histories.indptr[person + 1])
        own = histories.items[stretch]
        confidence = np.ones(histories.item_count)
        confidence[own] += ALPHA * histories.weights[stretch]
        system = exact.T @ (confidence[:, None] * exact) + RIDGE * np.eye(width)
        expected = np.linalg.solve(system, exact[own].T @ confidence[own])
        np.testing.assert_allclose(folded[person], expected, rtol=2e-3, atol=2e-5)
        lengths.add(len(own) < width)
    assert len(lengths) == 2


def test_a_table_with_columns_that_nobody_has_gives_the_same():
    """Few entries in a large table: only the columns that occur are looked at."""
    factors = np.random.default_rng(0).standard_normal((50, 4)).astype(np.float32)
    indptr, columns = np.array([0, 2, 7]), np.array([41, 3, 3, 9, 17, 20, 41], np.int32)
    confidences = np.linspace(1.5, 3, 7).astype(np.float32)
    few = solve_rows(factors, factors.T @ factors, indptr, columns, confidences, np.float32(RIDGE))
    many = solve_rows(
        factors,
        factors.T @ factors,
        np.concatenate([indptr, [57]]),
        np.concatenate([columns, np.arange(50, dtype=np.int32)]),
        np.concatenate([confidences, np.full(50, 2, np.float32)]),
        np.float32(RIDGE),
    )
    np.testing.assert_allclose(few, many[:2], rtol=1e-5)


def test_every_sweep_lowers_the_objective_until_it_rests():
    histories = people_at_random()
    losses = []
    for sweeps in (1, 2, 4, 12, 60):
        model = Als.fit(histories, settings=AlsSettings(8, ALPHA, RIDGE, sweeps))
        losses.append(objective(histories, model.fold_in(histories), model.item_factors))
    assert all(after < before + 1e-3 for before, after in itertools.pairwise(losses))
    assert losses[-2] - losses[-1] < 0.01 * losses[-1]
    assert losses[-1] < 0.9 * objective(histories, np.zeros((len(histories), 8)), np.zeros((40, 8)))


@pytest.mark.filterwarnings("ignore:OpenBLAS is configured")
def test_it_agrees_with_the_implicit_library():
    """``implicit`` takes confidences as given (1 + α·weight); only the random start differs."""
    als = pytest.importorskip("implicit.cpu.als", reason="the implicit library is not installed here")
    histories = people_at_random()
    matrix = behaviour_matrix(histories, 1 + np.float32(ALPHA) * histories.weights)
    theirs = als.AlternatingLeastSquares(
        factors=8, regularization=RIDGE, alpha=1.0, iterations=60, use_cg=False, num_threads=1, random_state=3
    )
    theirs.fit(matrix, show_progress=False)
    folded = Als(theirs.item_factors, ALPHA, RIDGE).fold_in(histories)
    np.testing.assert_allclose(folded, theirs.recalculate_user(np.arange(len(histories)), matrix), rtol=1e-3, atol=1e-4)

    ours = Als.fit(histories, settings=AlsSettings(8, ALPHA, RIDGE, 60))
    our_loss = objective(histories, ours.fold_in(histories), ours.item_factors)
    assert our_loss == pytest.approx(objective(histories, folded, theirs.item_factors), rel=0.01)
    mine, other = ours.score(histories), folded @ theirs.item_factors.T
    had = histories.lengths > 0
    shared = [
        len(set(np.argsort(-a)[:10]) & set(np.argsort(-b)[:10])) for a, b in zip(mine[had], other[had], strict=True)
    ]
    assert np.mean(shared) > 8.5
