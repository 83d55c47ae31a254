"""The interaction model against scikit-learn, which it is fitted with."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from recsys_tui.models.calibration import Calibration
from recsys_tui.models.interaction import (
    PRODUCTS,
    InteractionModel,
    Pairs,
    fit_interaction_model,
    length_feature,
    product_places,
)
from recsys_tui.models.popularity import Popularity
from recsys_tui.models.signal_names import INPUT_SIGNALS

POPULAR, RECENT = INPUT_SIGNALS.index("popular"), INPUT_SIGNALS.index("recent")


def pairs(count: int = 2_000) -> Pairs:
    """Two pairs a person; the first signal speaks for being taken, alone and with the fourth."""
    random = np.random.default_rng(0)
    signals = random.normal(size=(len(INPUT_SIGNALS), count)).astype(np.float32)
    lengths = random.integers(1, 100, count)
    taken = signals[0] + signals[3] * signals[0] + random.normal(size=count) > 1.0
    everything = np.ones(count, np.bool_)
    return Pairs(signals, lengths, taken, np.arange(count) // 2 % 4 == 0, np.arange(count) // 2, everything, everything)


def test_logits_are_the_classifiers_decisions():
    data = pairs()
    model, _ = fit_interaction_model(data)
    scaled = np.arcsinh((data.signals - model.mean[:, None]) / model.spread[:, None])
    products = [scaled[left] * scaled[right] for left, right in product_places()]
    features = np.concatenate([scaled, np.stack(products), scaled * length_feature(data.lengths)]).T
    training = ~data.validation
    expected = LogisticRegression(C=1.0, max_iter=500, class_weight="balanced").fit(
        features[training], data.taken[training]
    )
    found = model.logits(data.signals, data.lengths)
    np.testing.assert_allclose(found, expected.decision_function(features), atol=2e-3)


def test_figures_are_measured_on_people_that_were_left_out():
    """They come near the model's own on new pairs of the same making, though it has seen most of these people."""
    data, measured = pairs(), fit_interaction_model(pairs())[1]
    other = pairs(8_000)
    model, _ = fit_interaction_model(data)
    fresh = slice(2_000, None)
    auc = roc_auc_score(other.taken[fresh], model.logits(other.signals[:, fresh], other.lengths[fresh]))
    assert measured["auc"] == pytest.approx(auc, abs=0.03)
    assert measured["accuracy"] > 0.65
    assert measured["popularity_auc"] == pytest.approx(0.5, abs=0.06)  # popularity is noise here
    assert measured["log_loss"] < measured["popularity_log_loss"]
    assert (measured["pairs"], measured["base_rate"]) == (1_000.0, 0.5)


def test_what_was_learned_by_heart_is_not_counted_as_skill():
    """Of signals that are noise, the model knows its own people's pairs; figures about others show none of that."""
    data, random = pairs(1_200), np.random.default_rng(3)
    noise = replace(data, signals=random.normal(size=data.signals.shape).astype(np.float32))
    model, measured = fit_interaction_model(noise)
    own = roc_auc_score(noise.taken, model.logits(noise.signals, noise.lengths))
    assert own > 0.58
    assert measured["auc"] == pytest.approx(0.5, abs=0.05)
    assert measured["log_loss"] == pytest.approx(np.log(2), abs=0.02)


def test_signals_that_may_not_be_read_change_nothing():
    data = pairs()
    allowed = [name for name in INPUT_SIGNALS if name != "recent"]
    model, _ = fit_interaction_model(data, allowed)
    changed = data.signals.copy()
    changed[RECENT] += 5
    np.testing.assert_array_equal(model.logits(changed, data.lengths), model.logits(data.signals, data.lengths))


def test_logits_of_a_block_equal_those_of_its_pairs():
    data = pairs(60)
    model, _ = fit_interaction_model(data)
    block = data.signals.reshape(len(INPUT_SIGNALS), 6, 10)
    together = model.logits(block, np.full((6, 1), 12))
    np.testing.assert_allclose(together.ravel(), model.logits(data.signals, np.full(60, 12)), rtol=1e-5, atol=1e-5)


def test_without_both_kinds_of_pairs_the_model_is_neutral():
    data = pairs(40)
    only_taken = replace(data, taken=np.ones(40, np.bool_))
    model, measured = fit_interaction_model(only_taken)
    assert measured == {}
    np.testing.assert_allclose(model.probability(model.logits(data.signals, data.lengths)), 0.5, rtol=1e-6)


@pytest.mark.parametrize(("people", "told"), [(9, False), (10, True)])
def test_pairs_of_a_few_people_are_not_measured(people: int, told: bool):
    """Of many people asked about few have an item of either kind: who has all items has none beside what they take."""
    data = pairs()
    taken, matched = np.arange(2_000) % 2 == 0, data.people < people
    model, measured = fit_interaction_model(replace(data, taken=taken, matched=matched))
    assert bool(measured) is told
    assert measured.get("pairs", people) == people
    assert model.weights.any()


def test_arrays_bring_back_the_same_model():
    data = pairs()
    model, _ = fit_interaction_model(data)
    again = InteractionModel.from_arrays(model.to_arrays())
    logits = model.logits(data.signals, data.lengths)
    np.testing.assert_array_equal(again.logits(data.signals, data.lengths), logits)
    np.testing.assert_array_equal(again.probability(logits), model.probability(logits))
    assert again.calibration == model.calibration != Calibration()
    assert len(model.weights) == 2 * len(INPUT_SIGNALS) + len(PRODUCTS)


def counted(counts: np.ndarray, recent: np.ndarray) -> SimpleNamespace:
    """Stands in for experts: popularity of all time and of late."""
    return SimpleNamespace(
        popular=Popularity("popular", np.log1p(counts).astype(np.float32)),
        recent=Popularity("recent", np.log1p(recent).astype(np.float32)),
    )


def test_a_livelier_time_lifts_no_probability():
    """log(1 + n) ten times as lively is a shift for all items; the model says of them what it said before."""
    model, _ = fit_interaction_model(pairs())
    counts = np.array([50.0, 200.0, 1_000.0, 30.0])
    quiet = counted(counts, counts / 10)
    lively = counted(counts, np.expm1(np.log1p(counts / 10) * 2 + 3))
    moved = model.moved(quiet, lively)  # type: ignore[arg-type]
    signals = np.zeros((len(INPUT_SIGNALS), 4), np.float32)
    before, after = signals.copy(), signals.copy()
    for stack, experts in ((before, quiet), (after, lively)):
        stack[POPULAR], stack[RECENT] = experts.popular.strength, experts.recent.strength
    lengths = np.full(4, 20)
    np.testing.assert_allclose(moved.logits(after, lengths), model.logits(before, lengths), atol=1e-4)
    assert not np.allclose(model.logits(after, lengths), model.logits(before, lengths), atol=1e-2)


def test_where_nothing_was_counted_nothing_is_moved():
    model, _ = fit_interaction_model(pairs())
    nothing = counted(np.zeros(4), np.zeros(4))
    moved = model.moved(nothing, counted(np.ones(4), np.zeros(4)))  # type: ignore[arg-type]
    np.testing.assert_array_equal(moved.mean, model.mean)
    np.testing.assert_array_equal(moved.spread, model.spread)
