"""Several encoders as one: their mean, whole or in part, and what a stop leaves of them."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.encoder.averaged import AveragedAttention
from recsys_tui.models.encoder.self_attention import AttentionSettings, SelfAttention

SETTINGS = AttentionSettings(width=8, window=6, epochs=1)
ITEMS = 25


def some_histories(seed: int = 3) -> Histories:
    """Thirty people with random items; the last item is nobody's."""
    random = np.random.default_rng(seed)
    lengths = random.integers(1, 12, 30)
    items = np.concatenate([random.permutation(ITEMS - 1)[:length] for length in lengths]).astype(np.int32)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return Histories(indptr, items, None, np.ones(len(items), np.float32), ITEMS)


@pytest.fixture(scope="module")
def pair() -> AveragedAttention:
    return AveragedAttention.fit(some_histories(), settings=SETTINGS, count=2, seed=4)


def test_it_is_the_mean_of_models_of_two_seeds(pair: AveragedAttention):
    people = some_histories(5)
    each = [SelfAttention.fit(some_histories(), settings=SETTINGS, seed=seed).score(people) for seed in (4, 5)]
    assert not np.allclose(*each)
    np.testing.assert_allclose(pair.score(people), (each[0] + each[1]) / 2, atol=1e-6)


def test_states_and_vectors_side_by_side_give_the_same(pair: AveragedAttention):
    people = some_histories(5)
    product = pair.encode(people) @ pair.item_vectors.T
    np.testing.assert_allclose(product[:, pair.known], pair.score(people)[:, pair.known], atol=1e-5)
    asked = np.tile(np.arange(ITEMS - 1), (len(people), 1))
    partial = pair.partial(people, np.arange(ITEMS - 1, dtype=np.int32)).at(asked)
    np.testing.assert_allclose(partial, pair.score(people)[:, : ITEMS - 1], atol=1e-5)


def test_a_stop_keeps_those_that_are_trained():
    answers = iter([False] * 3 + [True] * 1_000)
    stopped = AveragedAttention.fit(some_histories(), settings=SETTINGS, count=3, stopped=lambda: next(answers))
    assert len(stopped.members) == 1
    assert np.isfinite(stopped.score(some_histories())).all()


def test_progress_goes_on_from_one_to_the_next():
    told: list[float] = []
    AveragedAttention.fit(
        some_histories(), settings=SETTINGS, count=2, report=lambda share, _metrics: told.append(share)
    )
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1)
    assert any(0 < share <= 0.5 for share in told)
