"""Candidates of held-out lists: drawn by the blend, never helped by the target, measured on the whole catalogue."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from recsys_tui.models.candidate_lists import (
    UNIFORM_NEGATIVES,
    CandidateLists,
    blend_samples,
    blend_scores,
    candidate_lists,
    ndcg_of_hits,
    ndcg_of_scores,
)
from recsys_tui.models.experts import Experts
from recsys_tui.models.held_out import HeldOut
from recsys_tui.models.interaction import InteractionModel
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.signals import signal_stack

WIDTH = 12
BLEND = np.linspace(0.2, 1.0, len(SIGNALS)).astype(np.float32)


@pytest.fixture(scope="module")
def lists(experts: Experts, interaction: InteractionModel, held_out: HeldOut) -> CandidateLists:
    return candidate_lists(experts, interaction, held_out, "next", BLEND, WIDTH, lambda _share: None)


def test_candidates_are_the_best_unseen_items_of_the_blend(
    lists: CandidateLists, experts: Experts, interaction: InteractionModel, held_out: HeldOut
):
    blended = blend_scores(signal_stack(experts, interaction, held_out.lists), SIGNALS, BLEND)
    for row in range(0, len(lists.items), 7):
        blended[row, held_out.lists.items_of(row)] = -np.inf
        best = np.sort(blended[row])[-WIDTH:]
        np.testing.assert_allclose(blended[row, lists.items[row]], best[::-1], rtol=1e-3, atol=1e-4)


def test_a_target_is_a_candidate_only_where_the_blend_put_it(lists: CandidateLists, held_out: HeldOut):
    """A missing target is never put in: what is marked as taken is the target, and many lists have none."""
    for row in range(len(lists.items)):
        marked = lists.items[row][lists.taken[row]].tolist()
        target = int(held_out.targets[row, 0])
        assert marked == ([target] if target in lists.items[row].tolist() else [])
    share = lists.taken.any(axis=1).mean()
    assert 0.2 < share < 0.95
    assert (lists.wanted == 1).all()


def test_signals_of_candidates_are_standardised_over_them(lists: CandidateLists):
    np.testing.assert_allclose(lists.z.mean(axis=1), 0, atol=1e-4)
    spread = lists.z.std(axis=1)
    assert (np.isclose(spread, 1, atol=1e-3) | (spread == 0)).all()


def test_select_keeps_rows_together(lists: CandidateLists):
    mask = lists.validation
    chosen = lists.select(mask)
    assert chosen.validation.all()
    np.testing.assert_array_equal(chosen.items, lists.items[mask])
    np.testing.assert_array_equal(chosen.people, lists.people[mask])
    assert len(chosen.z) == len(chosen.context) == len(chosen.taken) == len(chosen.wanted) == mask.sum()


def test_part_ndcg_ranks_the_whole_catalogue_of_validation_lists(
    lists: CandidateLists, experts: Experts, held_out: HeldOut
):
    """Between the gain with every tie lost and the one with every tie won, by counting what scores higher."""
    rows = np.flatnonzero(held_out.validation)
    batch = held_out.lists.prefixes(rows, held_out.lists.lengths[rows])
    for name in ("ease", "sequence", "content", "recent"):
        lowest, highest = [], []
        for place, row in enumerate(rows):
            unseen = np.setdiff1d(np.arange(batch.item_count), batch.items_of(place))
            scores, target = experts.score(name, batch)[place], held_out.targets[row, 0]
            best = 1 + (scores[unseen] > scores[target]).sum()
            worst = (scores[unseen] >= scores[target]).sum()
            highest.append(1 / np.log2(1 + best) if best <= 10 else 0)
            lowest.append(1 / np.log2(1 + worst) if worst <= 10 else 0)
        assert np.mean(lowest) - 1e-6 <= lists.part_ndcg[name] <= np.mean(highest) + 1e-6
        assert np.mean(highest) > 0.05


@pytest.mark.parametrize("wanted", [1, 4, 30])
def test_ndcg_is_sklearns_where_nothing_is_tied(wanted: int):
    random = np.random.default_rng(wanted)
    for _ in range(20):
        scores = random.permutation(60).astype(np.float32)
        unseen = np.sort(random.permutation(60)[:50])
        targets = random.choice(unseen, wanted, replace=False)
        expected = ndcg_score(np.isin(unseen, targets)[None, :].astype(float), scores[unseen][None, :], k=10)
        assert ndcg_of_scores(scores, np.isin(np.arange(60), unseen), targets) == pytest.approx(expected)


def test_ndcg_of_several_lists_is_their_mean_and_of_none_is_zero():
    hits = np.array([[True, False, False], [False, False, False]])
    assert ndcg_of_hits(hits, np.array([1, 1])) == pytest.approx(0.5)
    assert ndcg_of_hits(np.zeros((0, 5), np.bool_), np.zeros(0, int)) == 0


def test_blend_samples_put_the_target_first_and_take_training_lists_only(
    experts: Experts, interaction: InteractionModel, held_out: HeldOut
):
    samples = blend_samples(experts, interaction, held_out, "next", 10_000, 0)
    training = np.flatnonzero(~held_out.apart)
    assert samples.shape == (len(training), 1 + UNIFORM_NEGATIVES, len(SIGNALS))
    batch = held_out.lists.prefixes(training, held_out.lists.lengths[training])
    z = signal_stack(experts, interaction, batch).standardised(SIGNALS)
    rows = np.arange(len(training))
    expected = z[:, rows, held_out.targets[training, 0]].T
    np.testing.assert_allclose(samples[:, 0, :], expected, rtol=1e-3, atol=1e-4)
    assert len(blend_samples(experts, interaction, held_out, "next", 9, 0)) == 9
    later = blend_samples(experts, interaction, held_out, "later", 9, 0)
    assert later.shape[2] < len(SIGNALS)
