"""Ranking beyond the easy case: few allowed items, lists longer than the candidates, ties, many people at once."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models import item_pools
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend import ranking
from recsys_tui.recommend.ranking import MODEL_NAMES, rank, resolve_model_name, strongest_allowed
from recsys_tui.recommend.session import Session


@pytest.fixture(scope="module")
def model(trained: Session) -> TrainedModel:
    recommender = trained.recommender()
    assert recommender is not None
    return recommender.model


def all_allowed(model: TrainedModel, people: int) -> np.ndarray:
    return np.ones((people, model.people.histories.item_count), np.bool_)


def test_only_allowed_items_are_listed_whatever_is_asked(model: TrainedModel):
    people = model.people.histories.rows(0, 3)
    allowed = ~all_allowed(model, 3)
    allowed[0, [5, 9, 700]] = True
    allowed[1, 20:400] = True
    for name in ("deep", "ease"):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ranked = rank(model, people, 500, name, allowed, with_components=True)
        assert ranked.items.shape == (3, 500)
        assert set(ranked.items[0]) == {5, 9, 700, -1}
        assert (ranked.items[0, :3] >= 0).all()
        assert set(ranked.items[1, :380]) == set(range(20, 400))
        assert (ranked.items[1, 380:] == -1).all()
        assert (ranked.items[2] == -1).all()
        there = ranked.items >= 0
        assert np.isfinite(ranked.scores[there]).all()
        assert not np.isnan(ranked.scores).any()


def test_components_sum_to_the_score_beyond_the_candidates_too(model: TrainedModel):
    people = model.people.histories.rows(10, 14)
    ranked = rank(model, people, 400, "deep", all_allowed(model, 4), with_components=True)
    np.testing.assert_allclose(sum(ranked.components.values()), ranked.scores, atol=1e-4)
    candidates = model.fusion.candidates
    assert not ranked.components["beyond_candidates"][:, :candidates].any()
    assert (np.diff(ranked.scores, axis=1) <= 1e-6).all()


def test_one_at_a_time_ranks_as_many_at_once(model: TrainedModel):
    histories = model.people.histories
    many = rank(model, histories.rows(0, 60), 10, "deep", all_allowed(model, 60))
    same = 0
    for person in range(60):
        alone = rank(model, histories.rows(person, person + 1), 10, "deep", all_allowed(model, 1))
        np.testing.assert_allclose(alone.scores[0], many.scores[person], rtol=1e-2, atol=1e-2)
        same += alone.items[0].tolist() == many.items[person].tolist()
    assert same >= 58  # two items within rounding of each other may change places


def test_a_pool_of_everything_ranks_as_the_whole_catalogue(model: TrainedModel, monkeypatch: pytest.MonkeyPatch):
    people, allowed = model.people.histories.rows(0, 30), all_allowed(model, 30)
    for name in ("deep", "interaction"):
        whole = rank(model, people, 10, name, allowed, with_components=True)
        with monkeypatch.context() as patch:
            patch.setattr(item_pools, "POOLED_ABOVE", 0)
            patch.setattr(ranking, "LEAST", people.item_count)
            pooled = rank(model, people, 10, name, allowed, with_components=True)
        np.testing.assert_allclose(pooled.scores, whole.scores, rtol=1e-3, atol=1e-3)
        assert (pooled.items == whole.items).mean() > 0.98
        there = pooled.items == whole.items
        np.testing.assert_allclose(pooled.probabilities[there], whole.probabilities[there], rtol=1e-3)


def test_pools_keep_what_is_allowed_and_go_on_as_long_as_asked(model: TrainedModel, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(item_pools, "POOLED_ABOVE", 0)
    monkeypatch.setattr(item_pools, "WIDTHS", dict.fromkeys(item_pools.WIDTHS, 20))
    test_only_allowed_items_are_listed_whatever_is_asked(model)
    test_components_sum_to_the_score_beyond_the_candidates_too(model)
    test_one_at_a_time_ranks_as_many_at_once(model)
    ranked = rank(model, model.people.histories.rows(0, 2), 700, "deep", all_allowed(model, 2), with_components=True)
    assert (ranked.items >= 0).all()
    assert len(set(ranked.items[0].tolist())) == 700
    assert (np.diff(ranked.scores, axis=1) < 1e-6).all()
    np.testing.assert_allclose(sum(ranked.components.values()), ranked.scores, atol=1e-3)
    assert ((ranked.probabilities >= 0) & (ranked.probabilities <= 1)).all()


def test_a_long_list_begins_as_a_short_one(model: TrainedModel, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(item_pools, "POOLED_ABOVE", 0)
    monkeypatch.setattr(item_pools, "WIDTHS", dict.fromkeys(item_pools.WIDTHS, 20))
    monkeypatch.setattr(item_pools, "LEAST", 100)
    monkeypatch.setattr(ranking, "LEAST", 100)
    people, allowed = model.people.histories.rows(0, 20), all_allowed(model, 20)
    short = rank(model, people, 10, "deep", allowed)
    for length in (60, 101, 300, 1_155):
        long = rank(model, people, length, "deep", allowed)
        np.testing.assert_array_equal(long.items[:, :10], short.items)
        np.testing.assert_allclose(long.scores[:, :10], short.scores, atol=1e-5)


def test_probability_is_the_interaction_models(model: TrainedModel):
    from recsys_tui.models.signals import signal_stack

    person = model.people.histories.rows(7, 8)
    ranked = rank(model, person, 5, "popular", all_allowed(model, 1))
    place = SIGNALS.index("interaction")
    logits = signal_stack(model.experts, model.interaction, person).values[place, 0, ranked.items[0]]
    curve = model.interaction.calibration
    risen = 1 / (1 + np.exp(-(curve.slope * logits.astype(np.float64) + curve.shift)))
    expected = curve.floor + (curve.ceiling - curve.floor) * risen
    np.testing.assert_allclose(ranked.probabilities[0], expected, rtol=1e-5)


def test_a_part_ranks_by_its_own_signal_with_ties_by_the_smaller_code(model: TrainedModel):
    person = model.people.histories.rows(3, 4)
    strength = model.experts.popular.told_strength(CrowdGate())
    expected = np.lexsort((np.arange(len(strength)), -strength))
    ranked = rank(model, person, len(strength), "popular", all_allowed(model, 1))
    assert ranked.items[0].tolist() == expected.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_of_equal_items_those_of_smaller_codes_come_first_however_long_a_list_is(seed: int):
    dice = np.random.default_rng(seed)
    scores = dice.integers(0, 4, (3, 200)).astype(np.float32)
    allowed = dice.random(scores.shape) < 0.8
    allowed[0, 30:] = False  # fewer than are asked for
    order = [sorted(np.flatnonzero(allowed[row]), key=lambda one: (-scores[row, one], one)) for row in range(3)]
    for k in (1, 7, 40, 200, 300):
        items, values = strongest_allowed(scores, allowed, k)
        for row, best in enumerate(order):
            listed = best[:k] + [-1] * (items.shape[1] - len(best[:k]))
            assert items[row].tolist() == listed
            assert values[row, : len(best[:k])].tolist() == scores[row, best[:k]].tolist()


def test_how_few_took_an_item_shows_in_no_list_for_somebody_new(model: TrainedModel):
    """Not in its score, its probability or its place: items that 1 to 9 people took are alike in all three."""
    counts = model.people.histories.item_counts()
    few = np.flatnonzero((counts > 0) & (counts < 10))
    assert len(set(counts[few].tolist())) > 5
    nobody = Histories.of_one(np.zeros(0, np.int32), len(counts))
    ranked = rank(model, nobody, len(counts), "popular", all_allowed(model, 1))
    places = np.flatnonzero(np.isin(ranked.items[0], few))
    assert ranked.items[0][places].tolist() == sorted(few.tolist())
    assert len(np.unique(ranked.scores[0][places])) == len(np.unique(ranked.probabilities[0][places])) == 1


def test_names_of_models():
    assert resolve_model_name("knn") == "neighbours"
    assert all(resolve_model_name(name) == name for name in MODEL_NAMES)
    with pytest.raises(UserError, match="choose one of deep, ") as caught:
        resolve_model_name("oracle")
    assert caught.value.exit_code == ExitCode.USAGE
