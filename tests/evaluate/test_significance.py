"""Intervals, p values and effect sizes: by hand, against SciPy, by simulation, and at their edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from recsys_tui.evaluate import significance
from recsys_tui.evaluate.significance import holm, own_means, paired_differences
from tests.bench.significance import MODELS, first_hit_gains


def skewed(people: int, models: int, seed: int = 0) -> np.ndarray:
    """Scores as of NDCG: most people have 0."""
    random = np.random.default_rng(seed)
    return random.random((people, models)) * (random.random((people, models)) < 0.25)


def test_a_difference_is_the_mean_of_the_peoples_own():
    scores = np.array([[0.5, 0.1], [0.2, 0.4], [0.9, 0.0], [0.3, 0.3]])
    (result,) = paired_differences(scores, [(0, 1)], resamples=200)
    # Differences .4, −.2, .9, 0: mean .275, squared distances .015625 + .225625 + .390625 + .075625 = .7075.
    assert result.delta == pytest.approx(0.275)
    assert result.effect_size == pytest.approx(0.275 / np.sqrt(0.7075 / 3))
    assert result.high - result.delta == pytest.approx(result.delta - result.low)


def test_the_other_way_round_is_the_mirror_image():
    first, second = paired_differences(skewed(80, 2), [(0, 1), (1, 0)], resamples=500)
    assert (second.delta, second.p) == pytest.approx((-first.delta, first.p))
    assert (second.low, second.high) == pytest.approx((-first.high, -first.low))
    assert second.effect_size == pytest.approx(-(first.effect_size or 0))


def test_for_well_behaved_scores_the_t_test_says_the_same():
    random = np.random.default_rng(2)
    scores = random.normal(0.5, 0.1, (400, 2)) + np.array([0.008, 0.0])
    theirs = stats.ttest_rel(scores[:, 0], scores[:, 1])
    low, high = theirs.confidence_interval(0.95)
    (ours,) = paired_differences(scores, [(0, 1)])
    assert ours.p == pytest.approx(theirs.pvalue, abs=0.015)
    assert (ours.low, ours.high) == pytest.approx((low, high), abs=0.04 * (high - low))


def test_the_interval_is_near_the_bootstrap_of_scipy():
    scores = skewed(500, 2, seed=4)
    differences = scores[:, 0] - scores[:, 1]
    theirs = stats.bootstrap((differences,), np.mean, n_resamples=5_000, rng=np.random.default_rng(1), method="BCa")
    (ours,) = paired_differences(scores, [(0, 1)])
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    assert ours.low == pytest.approx(theirs.confidence_interval.low, abs=0.06 * width)
    assert ours.high == pytest.approx(theirs.confidence_interval.high, abs=0.06 * width)


def test_the_interval_and_p_agree():
    """Over many pairs, p is at most .05 exactly where the interval leaves 0 out."""
    scores = skewed(60, 30, seed=5) + np.linspace(0, 0.08, 30)
    results = paired_differences(scores, [(a, b) for a in range(30) for b in range(a)], resamples=999)
    outside = [not result.low <= 0 <= result.high for result in results]
    assert outside == [result.p <= 0.05 for result in results]
    assert 20 < sum(outside) < len(outside) - 20


def test_p_is_never_zero():
    scores = np.random.default_rng(1).normal([10, 0], 0.1, (50, 2))
    assert paired_differences(scores, [(0, 1)], resamples=400)[0].p == pytest.approx(1 / 401)


def test_models_that_are_alike():
    scores = np.column_stack([skewed(40, 1)] * 2 + [skewed(40, 1) + 0.25])
    same, shifted = paired_differences(scores, [(0, 1), (2, 0)], resamples=300)
    assert (same.delta, same.low, same.high, same.p, same.effect_size) == (0, 0, 0, 1, None)
    assert (shifted.low, shifted.high) == pytest.approx((0.25, 0.25))
    assert shifted.effect_size is None
    # All 40 people on one side: 2 / 2⁴⁰ by the sign test, but no less than the resamples can tell.
    assert shifted.p == pytest.approx(1 / 301)
    assert paired_differences(np.array([[1.0, 0.0]] * 4), [(0, 1)], resamples=300)[0].p == pytest.approx(2 / 16)


def test_one_person_alone_proves_nothing():
    scores = np.zeros((300, 2))
    scores[7, 0] = 1.0
    (result,) = paired_differences(scores, [(0, 1)])
    assert result.low < 0 < result.high
    assert result.p > 0.3


def test_pairs_share_resamples_and_seeds_repeat():
    scores = skewed(90, 4)
    together = paired_differences(scores, [(0, 1), (2, 3)], resamples=400, seed=3)
    alone = paired_differences(scores, [(2, 3)], resamples=400, seed=3)
    assert together[1].p == alone[0].p
    assert (together[1].low, together[1].high) == pytest.approx((alone[0].low, alone[0].high))
    assert paired_differences(scores, [(2, 3)], resamples=400, seed=4) != alone
    assert own_means(scores, 300, seed=1) == own_means(scores, 300, seed=1)
    assert paired_differences(scores, []) == []


def test_own_means_of_hits_have_exact_limits():
    """For hits and misses the interval is that of Clopper and Pearson, here from SciPy."""
    hits = np.zeros((300, 3))
    hits[:4, 1] = hits[:120, 2] = 1
    for column, result in enumerate(own_means(hits, resamples=40_000)):
        exact = stats.binomtest(int(hits[:, column].sum()), 300).proportion_ci(0.95, method="exact")
        width = exact.high - exact.low
        assert result.mean == hits[:, column].mean()
        assert (result.low, result.high) == pytest.approx((exact.low, exact.high), abs=0.03 * width)


def test_own_means_of_well_behaved_scores():
    scores = np.random.default_rng(8).normal(7, 2, (2_000, 1))
    (result,) = own_means(scores, bounds=None)
    half = 1.96 * scores.std() / np.sqrt(2_000)
    # One further person with the lowest or highest score, some 3.5 spreads off, moves an end by that over 2,000.
    assert result.low == pytest.approx(scores.mean() - half, abs=0.1 * half)
    assert result.high == pytest.approx(scores.mean() + half, abs=0.1 * half)


def test_own_means_stay_within_what_is_possible():
    top, alone = own_means(np.column_stack([np.ones(5), np.full(5, 0.5)]))
    assert top.high == 1.0
    assert top.low == pytest.approx(0.025 ** (1 / 5), abs=0.02)
    assert 0 < alone.low < 0.5 < alone.high < 1
    assert own_means(np.array([[0.4]]))[0].mean == 0.4
    # A list that shows a hit twice can have a recall of 2; the interval goes that far then.
    assert own_means(np.array([[2.0], [2.0], [0.0]]))[0].high <= 2.0


def test_very_many_people_are_resampled_in_groups(monkeypatch: pytest.MonkeyPatch):
    scores = skewed(30_100, 2, seed=6) + np.array([0.002, 0.0])
    (groups,) = paired_differences(scores, [(0, 1)], resamples=2_000)
    means = own_means(scores, resamples=2_000)
    assert groups.delta == pytest.approx((scores[:, 0] - scores[:, 1]).mean())
    standard_error = (scores[:, 0] - scores[:, 1]).std() / np.sqrt(30_100)
    assert groups.high - groups.delta == pytest.approx(1.96 * standard_error, rel=0.06)
    for column, result in enumerate(means):
        half = 1.96 * scores[:, column].std() / np.sqrt(30_100)
        assert (result.high - result.low) / 2 == pytest.approx(half, rel=0.06)
    monkeypatch.setattr(significance, "MOST_UNITS", 10**6)
    (people,) = paired_differences(scores, [(0, 1)], resamples=1_000)
    assert groups.p == pytest.approx(people.p, abs=0.05)


def test_holm_by_hand():
    # .01·4, then .02·3, then .03·2 = .06 no less than that, then .04·1 likewise.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9, 0.001]) == pytest.approx([1.0, 1.0, 0.003])
    assert holm([0.2]) == pytest.approx([0.2])
    assert len(holm([])) == 0


@pytest.mark.parametrize("scores", [np.zeros((1, 2)), np.zeros(5), np.array([[0.1, np.nan], [0.2, 0.3]])])
def test_what_cannot_be_compared_is_refused(scores: np.ndarray):
    with pytest.raises(ValueError, match="score"):
        paired_differences(scores, [(0, 1)])


def test_own_means_need_people():
    with pytest.raises(ValueError, match="at least 1"):
        own_means(np.zeros((0, 2)))


@pytest.mark.parametrize("model", MODELS)
def test_equal_models_differ_by_chance_as_often_as_said(model: str):
    """400 draws: three standard errors of a share of .95 are .033. ``tests.bench`` makes 2,000."""
    covered = 0
    for draw in range(400):
        scores = MODELS[model](np.random.default_rng((11, draw)))
        (result,) = paired_differences(scores, [(0, 1)], resamples=600, seed=draw)
        covered += result.low <= 0 <= result.high
    assert abs(covered / 400 - 0.95) <= 0.033


def test_own_means_cover_the_truth():
    """At least as often as said, with few hits too: the limits are the cautious ones."""
    random = np.random.default_rng(12)
    for rate in (0.03, 0.3):
        scores = first_hit_gains(random, (300, 400), rate)
        truth = rate * first_hit_gains(np.random.default_rng(0), (200_000, 1), 1.0).mean()
        results = own_means(scores, resamples=1_000)
        assert sum(result.low <= truth <= result.high for result in results) / 400 >= 0.95 - 0.033
