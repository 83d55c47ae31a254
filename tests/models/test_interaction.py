"""The interaction model against scikit-learn, which it is fitted with."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score

from recsys_tui.models.interaction import (
    PRODUCTS,
    InteractionModel,
    Pairs,
    fit_interaction_model,
    length_feature,
    probability,
    product_places,
)
from recsys_tui.models.signal_names import INPUT_SIGNALS


def pairs(count: int = 2_000) -> Pairs:
    random = np.random.default_rng(0)
    signals = random.normal(size=(len(INPUT_SIGNALS), count)).astype(np.float32)
    lengths = random.integers(1, 100, count)
    taken = signals[0] + signals[3] * signals[0] + random.normal(size=count) > 1.0
    return Pairs(signals, lengths, taken, np.arange(count) % 4 == 0)


def test_logits_are_the_classifiers_decisions():
    data = pairs()
    model, _ = fit_interaction_model(data)
    training = ~data.validation
    scaled = np.arcsinh((data.signals - model.mean[:, None]) / model.spread[:, None])
    products = [scaled[left] * scaled[right] for left, right in product_places()]
    features = np.concatenate([scaled, np.stack(products), scaled * length_feature(data.lengths)]).T
    reference = LogisticRegression(C=1.0, max_iter=500, class_weight="balanced")
    reference.fit(features[training], data.taken[training])
    np.testing.assert_allclose(
        model.logits(data.signals, data.lengths), reference.decision_function(features), rtol=1e-3, atol=1e-3
    )


def test_measures_equal_sklearns_on_the_validation_pairs():
    data = pairs()
    model, measured = fit_interaction_model(data)
    logits = model.logits(data.signals, data.lengths)[data.validation]
    taken = data.taken[data.validation]
    weight = np.where(taken, 0.5 / taken.mean(), 0.5 / (1 - taken.mean()))
    assert measured["auc"] == pytest.approx(roc_auc_score(taken, logits))
    assert measured["f1"] == pytest.approx(f1_score(taken, logits > 0, sample_weight=weight))
    assert measured["accuracy"] > 0.7


def test_logits_of_a_block_equal_those_of_its_pairs():
    data = pairs(60)
    model, _ = fit_interaction_model(data)
    block = data.signals.reshape(len(INPUT_SIGNALS), 6, 10)
    together = model.logits(block, np.full((6, 1), 12))
    np.testing.assert_allclose(together.ravel(), model.logits(data.signals, np.full(60, 12)), rtol=1e-5, atol=1e-5)


def test_without_both_kinds_of_pairs_the_model_is_neutral():
    data = pairs(40)
    only_taken = Pairs(data.signals, data.lengths, np.ones(40, np.bool_), data.validation)
    model, measured = fit_interaction_model(only_taken)
    assert measured == {}
    assert (probability(model.logits(data.signals, data.lengths)) == 0.5).all()


def test_arrays_bring_back_the_same_model():
    data = pairs()
    model, _ = fit_interaction_model(data)
    again = InteractionModel.from_arrays(model.to_arrays())
    np.testing.assert_array_equal(again.logits(data.signals, data.lengths), model.logits(data.signals, data.lengths))
    assert len(model.weights) == 2 * len(INPUT_SIGNALS) + len(PRODUCTS)
