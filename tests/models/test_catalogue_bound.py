"""The bound on item × item arrays while fitting and answering: 30,000 items would take 3.6 GB if one were dense."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.contract import Expert
from recsys_tui.models.ease import Ease
from recsys_tui.models.neighbours import Neighbours, Transitions
from recsys_tui.models.popularity import Popularity
from recsys_tui.models.sequence_regression import SequenceRegression

ITEMS, PEOPLE, LENGTH, HEAD = 30_000, 4_000, 12, 400
# A thirtieth of one dense array; SciPy's index arrays and the 100 partners of each item are what remains.
BOUND = ITEMS * ITEMS * 4 // 30


@pytest.fixture(scope="module")
def wide() -> Histories:
    """4,000 people with 12 of 30,000 items each, a few of them far more popular."""
    random = np.random.default_rng(0)
    codes = (ITEMS * random.random((PEOPLE, LENGTH)) ** 3).astype(np.int32)
    indptr = np.arange(0, PEOPLE * LENGTH + 1, LENGTH, dtype=np.int64)
    return Histories(indptr, codes.ravel(), None, np.ones(PEOPLE * LENGTH, np.float32), ITEMS)


@pytest.mark.parametrize(
    "fit",
    [
        lambda histories: SequenceRegression.fit(histories, HEAD),
        lambda histories: Ease.fit(histories, HEAD),
        Neighbours.fit,
        Transitions.fit,
        Popularity.fit,
    ],
    ids=["sequence", "ease", "neighbours", "transitions", "popular"],
)
def test_fitting_and_answering_stay_far_below_a_dense_square(fit: Callable[[Histories], Expert], wide: Histories):
    tracemalloc.start()
    try:
        expert = fit(wide)
        scores = expert.score(wide.rows(0, 20))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert scores.shape == (20, ITEMS)
    assert np.isfinite(scores).all()
    assert peak < BOUND
