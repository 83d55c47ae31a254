"""Classifier and rating figures: by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.calibration import calibration_curve

from recsys_tui.models.classification_metrics import classification_metrics, reliability
from recsys_tui.models.rating_metrics import rating_metrics


def draws(rounded: bool, seed: int = 1, pairs: int = 1_500) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    probability = random.beta(1, 3, pairs)
    taken = random.random(pairs) < probability**1.4
    return taken, np.round(probability, 1) if rounded else probability


def test_by_hand():
    taken = np.array([1, 0, 1, 0])
    probability = np.array([0.8, 0.6, 0.4, 0.4])
    figures = classification_metrics(taken, probability)
    # TP 1, FP 1, FN 1, TN 1. Pairs taken over not: .8 > .6, .8 > .4, .4 < .6, .4 = .4.
    assert {name: figures[name] for name in ("accuracy", "precision", "recall", "f1")} == dict.fromkeys(
        ("accuracy", "precision", "recall", "f1"), 0.5
    )
    assert figures["auc"] == 2.5 / 4
    assert figures["log_loss"] == pytest.approx(-np.log([0.8, 0.4, 0.4, 0.6]).mean())
    assert figures["brier"] == pytest.approx((0.04 + 0.36 + 0.36 + 0.16) / 4)
    # .4, .4 in one bin with half of them taken; .6 and .8 in one each: (2 · .1 + .6 + .2) / 4.
    assert figures["ece"] == pytest.approx(0.25)


@pytest.mark.parametrize("rounded", [False, True])
@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.9])
def test_against_scikit_learn(rounded: bool, threshold: float):
    taken, probability = draws(rounded)
    predicted = probability >= threshold
    figures = classification_metrics(taken, probability, threshold)
    assert {name: value for name, value in figures.items() if name != "ece"} == pytest.approx(
        {
            "accuracy": sk.accuracy_score(taken, predicted),
            "precision": sk.precision_score(taken, predicted, zero_division=0),
            "recall": sk.recall_score(taken, predicted),
            "f1": sk.f1_score(taken, predicted),
            "auc": sk.roc_auc_score(taken, probability),
            "log_loss": sk.log_loss(taken, probability),
            "brier": sk.brier_score_loss(taken, probability),
        },
        abs=1e-12,
    )


def test_certain_and_wrong_stays_finite():
    taken, probability = np.array([True, False, True]), np.array([0.0, 1.0, 1.0])
    figures = classification_metrics(taken, probability)
    assert figures["log_loss"] == pytest.approx(sk.log_loss(taken, probability))
    assert np.isfinite(figures["log_loss"])


def test_one_kind_of_outcome():
    none = classification_metrics(np.zeros(3, np.bool_), np.full(3, 0.2))
    assert np.isnan(none["auc"])
    assert (none["accuracy"], none["precision"], none["recall"], none["f1"]) == (1, 0, 0, 0)


def test_reliability_has_bins_of_equal_mass():
    taken, probability = draws(rounded=False)
    table = reliability(taken, probability)
    assert table.count.tolist() == [100] * 15
    order = np.argsort(probability)
    assert table.observed == pytest.approx(taken[order].reshape(15, 100).mean(axis=1))
    assert table.predicted == pytest.approx(probability[order].reshape(15, 100).mean(axis=1))
    assert table.low == pytest.approx(probability[order][::100])
    assert table.high == pytest.approx(probability[order][99::100])
    observed, predicted = calibration_curve(taken, probability, n_bins=15, strategy="quantile")
    assert table.observed == pytest.approx(observed)
    assert table.predicted == pytest.approx(predicted)
    assert table.expected_calibration_error == pytest.approx(np.mean(np.abs(observed - predicted)))


def test_reliability_does_not_depend_on_the_order_of_the_rows():
    taken, probability = draws(rounded=True)
    table = reliability(taken, probability)
    turned = reliability(taken[::-1], probability[::-1])
    assert table.observed.tolist() == turned.observed.tolist()
    assert (table.low[1:] > table.high[:-1]).all()
    assert table.count.sum() == len(taken)


def test_one_probability_for_all_is_one_bin():
    table = reliability(np.array([1, 0, 0, 0]), np.full(4, 0.5))
    assert table.count.tolist() == [4]
    assert table.expected_calibration_error == pytest.approx(0.25)


def test_probabilities_that_keep_their_word_have_next_to_no_error():
    random = np.random.default_rng(5)
    probability = random.random(60_000)
    taken = random.random(60_000) < probability
    assert reliability(taken, probability).expected_calibration_error < 0.012
    assert reliability(taken, probability / 2).expected_calibration_error == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize(
    ("taken", "probability"),
    [([], []), ([1], [0.5, 0.5]), ([1], [1.1]), ([0], [-0.1]), ([1], [float("nan")])],
)
def test_what_cannot_be_scored_is_refused(taken: list[int], probability: list[float]):
    with pytest.raises(ValueError, match="probabilities"):
        classification_metrics(np.array(taken, np.int64), np.array(probability, np.float64))


def test_rating_errors():
    given, predicted = np.array([1.0, 4.0, 5.0]), np.array([2.0, 4.0, 3.0])
    assert rating_metrics(given, predicted) == pytest.approx({"rmse": np.sqrt(5 / 3), "mae": 1.0})
    random = np.random.default_rng(6)
    given, predicted = random.uniform(1, 5, 500).astype(np.float32), random.uniform(1, 5, 500)
    assert rating_metrics(given, predicted) == pytest.approx(
        {"rmse": sk.root_mean_squared_error(given, predicted), "mae": sk.mean_absolute_error(given, predicted)}
    )


@pytest.mark.parametrize(("given", "predicted"), [([], []), ([1.0], [1.0, 2.0]), ([np.nan], [1.0])])
def test_ratings_that_cannot_be_scored_are_refused(given: list[float], predicted: list[float]):
    with pytest.raises(ValueError, match="rating"):
        rating_metrics(np.array(given), np.array(predicted))
