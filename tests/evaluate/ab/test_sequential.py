"""The mixture sequential test: its formulas against numerical integration, and what it promises at any look."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from recsys_tui.evaluate.ab.sequential import (
    always_valid_p,
    fair_share_p,
    half_width,
    of_groups,
    of_pairs,
    of_signs,
    units_needed,
)


@pytest.mark.parametrize(("found", "variance", "scale"), [(0.3, 0.01, 0.2), (0.5, 0.04, 0.1), (-0.4, 0.02, 0.5)])
def test_p_is_one_over_the_mixture_of_likelihood_ratios(found: float, variance: float, scale: float):
    def ratio(true: float) -> float:
        likelihood = stats.norm.pdf(found, true, math.sqrt(variance)) / stats.norm.pdf(found, 0, math.sqrt(variance))
        return float(likelihood * stats.norm.pdf(true, 0, scale))

    evidence, _ = integrate.quad(ratio, -8 * scale, 8 * scale)
    assert evidence > 1
    assert always_valid_p(found, variance, scale) == pytest.approx(1 / evidence, rel=1e-6)


def test_the_interval_leaves_out_exactly_what_p_rejects():
    half = half_width(0.01, 0.2, 0.05)
    assert always_valid_p(half, 0.01, 0.2) == pytest.approx(0.05)
    assert always_valid_p(0.0, 0.01, 0.2) == 1
    for wins, losses in ((30, 10), (12, 40), (25, 25), (90, 50)):
        found = of_signs(wins, losses, 0.2)
        assert found is not None
        assert (found.p <= 0.05) == (found.low > 0 or found.high < 0)
        assert found.delta == (wins - losses) / (wins + losses)


def test_of_people_as_scipy_has_their_errors():
    random = np.random.default_rng(3)
    a, b = random.random(40), random.random(25) ** 2
    found = of_groups(a, b, 0.1)
    welch = stats.ttest_ind(a, b, equal_var=False)
    assert found is not None
    # t and its degrees of freedom are Welch's; the deviate with the same tail goes into the mixture.
    z = stats.norm.isf(stats.t.sf(abs(welch.statistic), welch.df))
    variance = a.var(ddof=1) / 40 + b.var(ddof=1) / 25
    assert found.p == pytest.approx(always_valid_p(z * math.sqrt(variance), variance, 0.1), rel=0.01)
    assert found.spread**2 / 65 == pytest.approx(variance)
    paired = of_pairs(a[:25] - b, 0.1)
    assert paired is not None
    z = stats.norm.isf(stats.ttest_rel(a[:25], b).pvalue / 2)
    variance = (a[:25] - b).var(ddof=1) / 25
    assert paired.p == pytest.approx(always_valid_p(z * math.sqrt(variance), variance, 0.1), rel=0.01)
    assert (paired.p <= 0.05) == (paired.low > 0 or paired.high < 0)


def test_what_cannot_be_judged_is_not():
    assert of_signs(0, 0, 0.2) is None
    assert of_pairs([0.5], 0.1) is None
    assert of_pairs([0.5] * 20, 0.1) is None
    assert of_groups([0.1], [0.2, 0.3], 0.1) is None
    assert of_groups([0.1, 0.1], [0.2, 0.2], 0.1) is None


def test_intervals_stay_within_what_is_possible():
    found = of_pairs([0.9, 1.0, 0.2], 0.1, bound=1.0)
    assert found is not None
    assert (found.low, found.high) == (-1.0, 1.0)
    signs = of_signs(2, 1, 0.2)
    assert signs is not None
    assert (signs.low, signs.high) == (-1.0, 1.0)


def test_a_fair_share_against_the_beta_integral():
    for a, b in ((60, 40), (75, 25), (3, 0), (500, 430)):
        likely, _ = integrate.quad(lambda share, a=a, b=b: stats.binom.pmf(a, a + b, share), 0, 1)
        wanted = min(1.0, float(stats.binom.pmf(a, a + b, 0.5)) / likely)
        assert fair_share_p(a, b) == pytest.approx(wanted, rel=1e-6)


def test_looking_all_the_time_errs_no_more_often_than_stated():
    """1,000 fair coins of 400 tosses, looked at after every one."""
    tosses = np.random.default_rng(11).integers(0, 2, (1_000, 400))
    heads = tosses.cumsum(axis=1)
    counts = np.arange(1, 401)
    bounds = np.array([half_width(1 / n, 0.2, 0.05) for n in counts])
    rejected = (np.abs(2 * heads / counts - 1) >= bounds).any(axis=1).mean()
    assert rejected <= 0.05
    # A fixed-sample test that is looked at as often errs several times as often.
    assert (np.abs(2 * heads / counts - 1) >= 1.96 / np.sqrt(counts))[:, 20:].any(axis=1).mean() > 0.15
    shares = np.array(
        [[fair_share_p(int(h), int(n - h)) for h, n in zip(row, counts, strict=True)] for row in heads[:100]]
    )
    assert (shares.min(axis=1) <= 0.05).mean() <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / 100)


def test_with_as_many_units_as_needed_the_effect_is_found():
    effect, power = 0.2, 0.8
    units = units_needed(effect, power, 1.0, 0.2)
    assert units is not None
    tosses = np.random.default_rng(5).random((2_000, units)) < (1 + effect) / 2
    delta = 2 * tosses.mean(axis=1) - 1
    found = (delta >= half_width(1 / units, 0.2, 0.05)).mean()
    # At the last look alone: the normal approximation, and 2,000 draws.
    assert found == pytest.approx(power, abs=0.03)
    fewer = (2 * tosses[:, : units // 2].mean(axis=1) - 1 >= half_width(2 / units, 0.2, 0.05)).mean()
    assert fewer < power - 0.2
    assert units_needed(0.1, power, 1.0, 0.2) > 3 * units
    assert units_needed(0.0, power, 1.0, 0.2) is None
    assert units_needed(1e-6, power, 1.0, 0.2) is None
