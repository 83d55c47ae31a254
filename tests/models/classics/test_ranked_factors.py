"""Ranked factors: the loss and the scores against plain loops, and what training must learn."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.classics.ranked_factors import RankedFactors, RankedSettings

torch = pytest.importorskip("torch", reason="training needs torch")
sparse = pytest.importorskip("scipy.sparse")

SMALL = {"width": 16, "epochs": 60, "negatives": 20}


def histories_from(lists: list[list[int]], items: int, seed: int = 0) -> Histories:
    """Histories from plain lists of item codes, with weights at random."""
    codes = np.array([code for some in lists for code in some], np.int32)
    indptr = np.concatenate([[0], np.cumsum([len(some) for some in lists])]).astype(np.int64)
    weights = np.random.default_rng(seed).uniform(0.2, 1.8, len(codes)).astype(np.float32)
    return Histories(indptr, codes, None, weights, items)


def fans_of_groups(people: int = 150, items: int = 40) -> Histories:
    """Each person takes six items, all of the own half (even or odd codes) of the first ``items`` - 4."""
    random = np.random.default_rng(1)
    lists = [(2 * random.choice((items - 4) // 2, 6, replace=False) + person % 2).tolist() for person in range(people)]
    return histories_from(lists, items)


@pytest.mark.parametrize("memory", [None, 2.5])
def test_scores_are_the_formula(memory: float | None):
    random = np.random.default_rng(3)
    histories = histories_from([[3, 1, 4], [], [2], [0, 5, 4, 1, 2]], 6)
    vectors = random.standard_normal((6, 4)).astype(np.float32)
    biases = random.standard_normal(6).astype(np.float32)
    scores = RankedFactors(vectors, biases, memory).score(histories)
    for person in range(4):
        total, vector = 0.0, np.zeros(4)
        own = histories.items_of(person)
        for place, item in enumerate(own):
            weight = float(histories.weights[histories.indptr[person] + place])
            if memory is not None:
                weight *= np.exp(-(len(own) - 1 - place) / memory)
            total += weight
            vector += weight * vectors[item]
        expected = vectors @ vector / np.sqrt(max(1.0, total)) + biases
        np.testing.assert_allclose(scores[person], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("memory", [None, 2.5])
def test_the_loss_is_what_plain_loops_give(memory: float | None):
    from recsys_tui.models.classics.ranked_factors_training import warp_loss

    random = np.random.default_rng(8)
    histories = histories_from([[3, 1, 4], [6, 0], [2], [0, 5, 4, 1]], 8)
    table = random.standard_normal((8, 5)).astype(np.float32)
    people, negatives = np.array([3, 0, 2]), np.array([0, 2, 3, 7])
    losses = []
    for person in people:
        own = histories.items_of(person)
        weights = histories.weights[histories.indptr[person] : histories.indptr[person + 1]].astype(float)
        for place, item in enumerate(own):
            total, vector = 0.0, np.zeros(4)
            for other in range(len(own) if memory is None else place):
                if other != place:
                    weight = weights[other] * (1 if memory is None else np.exp(-(place - 1 - other) / memory))
                    total += weight
                    vector += weight * table[own[other], :4]
            vector /= np.sqrt(max(1.0, total))
            strangers = [code for code in negatives if code not in own]
            excess = [1 + vector @ table[code, :4] + table[code, 4] for code in strangers]
            excess = np.array(excess) - vector @ table[item, :4] - table[item, 4]
            near = excess[excess > 0]
            rank = len(near) / len(strangers) * (7 - 1)
            losses.append(weights[place] * np.log1p(rank) * (near.mean() if len(near) else 0))
    parts = sparse.identity(8, np.float32, format="csr")
    loss = warp_loss(histories, people, negatives, 7, parts, torch.from_numpy(table), memory)
    assert float(loss) == pytest.approx(np.mean(losses), rel=1e-4)


@pytest.mark.parametrize("memory", [None, 3.0])
def test_it_learns_what_goes_together(memory: float | None):
    """Of the 12 items of a person's half that are not taken, and the 18 of the other half, the former come first."""
    histories = fans_of_groups()
    model = RankedFactors.fit(histories, settings=RankedSettings(memory=memory, **SMALL))
    scores = model.score(histories)[:, :36]
    own_half = np.arange(36) % 2 == (np.arange(len(histories)) % 2)[:, None]
    scores[histories.owners, histories.items] = -np.inf
    best = np.argsort(-scores, axis=1)[:, :10]
    assert np.take_along_axis(own_half, best, axis=1).mean() > 0.97


def test_features_rank_items_that_nobody_has():
    """Items 36 to 39 are new; their feature says to which half they belong."""
    histories = fans_of_groups()
    features = sparse.csr_matrix((np.ones(40), (np.arange(40), np.arange(40) % 2)))
    settings = RankedSettings(memory=None, **SMALL)
    scores = RankedFactors.fit(histories, features, settings=settings).score(histories)[:, 36:]
    even = np.arange(len(histories)) % 2 == 0
    assert (scores[even][:, [0, 2]].min(1) > scores[even][:, [1, 3]].max(1)).all()
    assert (scores[~even][:, [1, 3]].min(1) > scores[~even][:, [0, 2]].max(1)).all()
    blind = RankedFactors.fit(histories, settings=settings).score(histories)[:, 36:]
    np.testing.assert_allclose(blind, np.broadcast_to(blind[:, :1], blind.shape))


def test_with_a_memory_it_follows_the_order():
    """Everyone walks a ring of 30 items: what comes next ranks first, and what came before does not."""
    random = np.random.default_rng(5)
    starts = random.integers(0, 30, 200)
    histories = histories_from([[(int(start) + step) % 30 for step in range(8)] for start in starts], 30)
    model = RankedFactors.fit(histories, settings=RankedSettings(width=16, memory=1.0, epochs=150, negatives=30))
    scores = model.score(histories)
    scores[histories.owners, histories.items] = -np.inf
    assert (scores.argmax(1) == (starts + 8) % 30).mean() > 0.9


def test_the_seed_decides_and_a_bound_on_steps_holds():
    histories = fans_of_groups()
    short = RankedSettings(width=8, epochs=40, steps=3)
    one, again = (RankedFactors.fit(histories, settings=short, seed=4) for _ in range(2))
    np.testing.assert_array_equal(one.vectors, again.vectors)
    assert not np.array_equal(one.vectors, RankedFactors.fit(histories, settings=short, seed=5).vectors)
    start = RankedFactors.fit(histories, settings=RankedSettings(width=8, steps=0), seed=4)
    # Adam moves a number by at most about its rate a step: 0.02 × (1 + 2/3 + 1/3).
    assert 0 < np.abs(one.vectors - start.vectors).max() < 0.05


def test_a_history_longer_than_a_batch_and_one_without_actions_are_no_obstacle():
    histories = histories_from([[], list(range(1500)), [3, 4], []], 1600)
    model = RankedFactors.fit(histories, settings=RankedSettings(width=4, epochs=2))
    assert np.isfinite(model.score(histories)).all()
    nobody = RankedFactors.fit(histories_from([[], []], 5), settings=RankedSettings(width=4))
    assert nobody.score(histories_from([[], [1]], 5)).shape == (2, 5)
