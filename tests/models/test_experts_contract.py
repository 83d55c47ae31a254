"""One suite that every closed-form expert passes: the contract of ``recsys_tui.models.contract.Expert``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.contract import Expert
from recsys_tui.models.ease import Ease
from recsys_tui.models.neighbours import Neighbours, Transitions
from recsys_tui.models.popularity import Popularity
from recsys_tui.models.sequence_regression import SequenceRegression

ITEMS = 40
FITS = {
    "sequence": lambda histories: SequenceRegression.fit(histories, 30),
    "ease": lambda histories: Ease.fit(histories, 30),
    "neighbours": Neighbours.fit,
    "transitions": Transitions.fit,
    "popular": Popularity.fit,
    "recent": lambda histories: Popularity.fit(histories, "recent", recent=True),
}


def make_histories(seed: int = 0, people: int = 60, items: int = ITEMS) -> Histories:
    random = np.random.default_rng(seed)
    lengths = random.integers(0, 15, people)
    lengths[0] = 0
    taken = [random.permutation(items)[:length] for length in lengths]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    codes = np.concatenate(taken).astype(np.int32)
    times = np.sort(random.integers(0, 10_000, len(codes))).astype(np.int64)
    return Histories(indptr, codes, times, np.ones(len(codes), np.float32), items)


@pytest.fixture(scope="module")
def histories() -> Histories:
    return make_histories()


@pytest.fixture(params=sorted(FITS), scope="module")
def expert(request: pytest.FixtureRequest, histories: Histories) -> Any:
    return FITS[request.param](histories)


def test_keeps_the_contract(expert: Any):
    assert isinstance(expert, Expert)
    assert expert.name in FITS


def test_scores_have_a_row_a_person_and_a_column_an_item(expert: Any, histories: Histories):
    scores = expert.score(histories)
    assert scores.shape == (len(histories), ITEMS)
    assert np.isfinite(scores).all()
    assert scores.std() > 0


def test_one_person_alone_gets_what_they_get_among_many(expert: Any, histories: Histories):
    together = expert.score(histories)
    for person in (0, 1, 7, len(histories) - 1):
        alone = expert.score(histories.rows(person, person + 1))
        np.testing.assert_allclose(alone[0], together[person], rtol=2e-3, atol=2e-4)


def test_an_empty_history_is_no_error(expert: Any):
    scores = expert.score(Histories.of_one([], ITEMS))
    assert scores.shape == (1, ITEMS)
    assert np.isfinite(scores).all()


def test_arrays_bring_back_the_same_scores(expert: Any, histories: Histories):
    again = type(expert).from_arrays(expert.to_arrays())
    np.testing.assert_array_equal(again.score(histories), expert.score(histories))
    assert again.name == expert.name


def test_an_action_more_changes_the_scores_at_once(expert: Any, histories: Histories):
    if expert.name in ("popular", "recent"):
        pytest.skip("popularity is the same for everyone")
    known = histories.items_of(3).tolist()
    before = expert.score(Histories.of_one(known, ITEMS))
    fresh = [code for code in range(ITEMS) if code not in known]
    changed = [not np.allclose(before, expert.score(Histories.of_one([*known, code], ITEMS))) for code in fresh]
    # Items outside the head say nothing to the dense experts; most others do.
    assert sum(changed) > len(fresh) / 2


def test_nothing_dense_grows_with_the_square_of_the_catalogue():
    """30,000 items, most in the tail: no array of any expert has more than head × head or items × 100 cells."""
    many = make_histories(1, people=400, items=30_000)
    head = 200
    for fit in (
        lambda: SequenceRegression.fit(many, head),
        lambda: Ease.fit(many, head),
        lambda: Neighbours.fit(many),
        lambda: Transitions.fit(many),
    ):
        for array in fit().to_arrays().values():
            assert array.size <= max(2 * head * head, 100 * 30_000)
