"""The calibration: it finds the curve that outcomes were drawn by, keeps the order, and is never certain."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss

from recsys_tui.models.calibration import Calibration, fit_calibration
from recsys_tui.models.classification_metrics import classification_metrics

LOGITS = np.random.default_rng(0).normal(0, 3, 30_000).astype(np.float32)


def drawn(curve: Calibration, logits: np.ndarray, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).random(len(logits)) < curve.probability(logits)


@pytest.mark.parametrize("curve", [Calibration(0.5, 0.3, 0.0, 0.93), Calibration(1.6, -0.4, 0.0, 0.99)])
def test_it_finds_the_curve_that_outcomes_were_drawn_by(curve: Calibration):
    """Half of the pairs are taken, as in the pairs that it is made for."""
    taken = drawn(curve, LOGITS)
    shift = np.log(taken.mean() / (1 - taken.mean()))
    found = fit_calibration(LOGITS, taken)
    assert found.slope == pytest.approx(curve.slope, rel=0.06)
    # Classes are weighted to halves, which moves all log-odds by those of the base rate.
    assert found.shift == pytest.approx(curve.shift - shift, abs=0.15)
    assert found.ceiling == pytest.approx(curve.ceiling, abs=0.02)


def test_overconfident_logits_become_calibrated_on_other_people():
    truth = Calibration(0.4, 0.0, 0.0, 0.97)
    taken = drawn(truth, LOGITS)
    keep = np.concatenate([np.flatnonzero(taken)[:12_000], np.flatnonzero(~taken)[:12_000]])
    logits, taken = LOGITS[keep], taken[keep]
    known = np.arange(len(keep)) % 2 == 0
    found = fit_calibration(logits[known], taken[known])
    raw = 1 / (1 + np.exp(-logits[~known]))
    before = classification_metrics(taken[~known], raw)
    after = classification_metrics(taken[~known], found.probability(logits[~known]))
    assert before["ece"] > 0.1
    assert after["ece"] < 0.015
    assert after["auc"] == pytest.approx(before["auc"], abs=1e-6)
    assert after["log_loss"] == pytest.approx(log_loss(taken[~known], found.probability(logits[~known])), rel=1e-5)
    assert after["log_loss"] < before["log_loss"]


def test_it_rises_everywhere_that_single_precision_can_tell():
    found = fit_calibration(LOGITS, drawn(Calibration(), LOGITS))
    said = found.probability(np.linspace(-8, 8, 200, dtype=np.float32))
    assert (np.diff(said) > 0).all()


@pytest.mark.parametrize("pairs", [2, 20, 400])
def test_nothing_is_surer_than_the_pairs_allow(pairs: int):
    """Perfectly told apart, and yet with n taken and n untouched pairs not surer than 1 in n + 2."""
    taken = np.arange(2 * pairs) % 2 == 0
    logits = np.where(taken, 9.0, -9.0).astype(np.float32)
    said = fit_calibration(logits, taken).probability(np.array([-1e30, 1e30], np.float32))
    assert said[0] == pytest.approx(1 / (pairs + 2), abs=1e-6)
    assert said[1] <= 1 - 1 / (pairs + 2) + 1e-6
    assert said[1] > 0.7


def test_few_pairs_change_little():
    """Three pairs that contradict the logits do not turn them round."""
    logits = np.array([2.0, -2.0, 2.0], np.float32)
    found = fit_calibration(logits, np.array([False, True, True]))
    assert 0.6 < found.slope < 1
    assert abs(found.shift) < 0.3


@pytest.mark.parametrize("taken", [[], [True, True], [False]])
def test_of_one_kind_only_nothing_can_be_learned(taken: list[bool]):
    found = fit_calibration(np.ones(len(taken), np.float32), np.array(taken, np.bool_))
    assert found == Calibration()
    assert found.probability(np.zeros(1, np.float32))[0] == pytest.approx(0.5)


def test_its_array_brings_back_the_same():
    curve = Calibration(0.7, -0.2, 0.001, 0.95)
    assert Calibration.from_array(curve.to_array()) == curve
