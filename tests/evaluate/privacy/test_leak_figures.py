"""Figures of an attack: against pair counting, known distributions, and whether intervals hold what they say."""

from math import sqrt

import numpy as np
import pytest
from scipy.stats import norm

from recsys_tui.evaluate.privacy.leak_figures import area, found_rarely_wrong, leak, promised_limits


def test_area_counts_pairs_and_equals_half() -> None:
    members, others = np.array([3.0, 1.0, 2.0]), np.array([2.0, 0.0])
    # 3 beats both, 1 beats one, 2 beats one and equals one: 2 + 1 + 1.5 of 6.
    assert area(members, others, 0).value == pytest.approx(4.5 / 6)


def test_found_while_at_most_one_other_in_a_hundred_is_suspected() -> None:
    others = np.arange(200.0)
    members = np.array([196.5, 197.5, 198.5, 199.5])
    # Two of 200 others may lie above the threshold: it is the third highest, 197.
    found = leak("loss", members, others, 0)
    assert found.tpr.value == pytest.approx(3 / 4)
    assert found.false_alarms == pytest.approx(0.01)
    # Of 99 others none may be suspected: only what lies above them all is found.
    assert found_rarely_wrong(np.array([97.5, 98.5]), np.arange(99.0), 0).value == pytest.approx(0.5)


def test_suspicion_that_says_nothing_finds_nobody() -> None:
    found = leak("loss", np.zeros(150), np.zeros(150), 0)
    assert found.auc.value == 0.5
    assert found.tpr.value == found.false_alarms == 0.0
    assert found.tpr.low == 0.0
    assert found.tpr.high > 0.01


def test_certainty_has_an_interval_too() -> None:
    found = leak("loss", np.ones(300), np.zeros(300), 0)
    assert (found.auc.value, found.auc.high, found.tpr.value, found.tpr.high) == (1.0, 1.0, 1.0, 1.0)
    assert 0.95 < found.auc.low < 1
    assert 0.95 < found.tpr.low < 1
    assert found.auc.surely <= found.auc.low


@pytest.mark.parametrize("distance", [0.0, 0.8, 2.0])
def test_intervals_hold_the_truth(distance: float) -> None:
    """Two Gaussians: the area is Φ(d/√2), the share found at one in a hundred Φ(Φ⁻¹(.01) + d)."""
    random = np.random.default_rng(4)
    true_area, true_share = norm.cdf(distance / sqrt(2)), norm.cdf(norm.ppf(0.01) + distance)
    tries, missed_area, missed_share, above = 120, 0, 0, 0
    for seed in range(tries):
        members, others = random.normal(distance, size=250), random.normal(size=250)
        one, two = area(members, others, seed, 400), found_rarely_wrong(members, others, seed, 400)
        missed_area += not one.low <= true_area <= one.high
        missed_share += not two.low <= true_share <= two.high
        above += one.surely > true_area or two.surely > true_share
    # With 5 % wrong at most, more than 13 of 120 come up once in a thousand times.
    assert missed_area <= 13
    assert missed_share <= 13
    assert above <= 8


def test_limits_of_a_promise_are_those_of_two_gaussians() -> None:
    random = np.random.default_rng(0)
    mu = 0.7
    members, others = random.normal(mu, size=200_000), random.normal(size=200_000)
    area_limit, share_limit = promised_limits(mu)
    assert area_limit == pytest.approx((members > others).mean(), abs=5e-3)
    assert share_limit == pytest.approx((members > np.quantile(others, 0.99)).mean(), abs=5e-3)
    assert promised_limits(0.0) == pytest.approx((0.5, 0.01))
