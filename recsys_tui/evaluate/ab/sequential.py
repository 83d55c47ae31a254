"""Differences that may be looked at any time: always-valid p values and intervals by a mixture sequential test.

The mixture sequential probability ratio test (Robbins, Annals of Mathematical Statistics 1970; Johari, Koomen, Pekelis
& Walsh, Operations Research 2022) weighs the hypothesis "no difference" against differences spread as N(0, scale²):

    Λ = √(v / (v + scale²)) · exp(x²·scale² / (2v(v + scale²))),   x the difference found, v its variance.

Without a difference Λ ever reaches 1/α in at most a share α of all tests, however often one looks (Ville's inequality).
So p = 1/Λ is valid at any look, and so is the interval of all differences that it would not reject: the confidence
sequence of Howard, Ramdas, McAuliffe & Sekhon (Annals of Statistics 2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, expm1, lgamma, log, log1p, sqrt
from statistics import NormalDist

import numpy as np

ALPHA = 0.05
MOST_UNITS = 10_000_000


@dataclass(frozen=True)
class SequentialDifference:
    """Arm a minus arm b: ``delta`` and the ends of its interval, which hold at any look; ``p`` likewise.

    ``units``: how many people or visits it is of; ``spread``: the deviation that one of them has, by which it is
    foretold how many more it takes.
    """

    delta: float
    low: float
    high: float
    p: float
    units: int
    spread: float


def of_signs(wins: int, losses: int, scale: float, alpha: float = ALPHA) -> SequentialDifference | None:
    """The share of wins minus the share of losses, among what was decided; None where nothing was.

    Exact: a sign is sub-Gaussian with a variance of at most 1, whatever came before it, so nothing is asked of the
    visits but that a fair coin decides them where there is no difference. The interval is for the mean chance of the
    visits that took place.
    """
    count = wins + losses
    if not count:
        return None
    delta, variance = (wins - losses) / count, 1 / count
    half = half_width(variance, scale, alpha)
    p = always_valid_p(delta, variance, scale)
    return SequentialDifference(delta, max(-1.0, delta - half), min(1.0, delta + half), p, count, 1.0)


def of_pairs(
    differences: Sequence[float], scale: float, alpha: float = ALPHA, bound: float | None = None
) -> SequentialDifference | None:
    """The mean of people's own differences, ``bound`` the largest there can be; None where it cannot be judged.

    That is with fewer than two people, and where all differences are the same. Asymptotic (Waudby-Smith, Arbour, Sinha,
    Kennedy & Ramdas, Annals of Statistics 2024): the variance is estimated, which few people are made up for by
    turning Student's t into the normal deviate of the same tail.
    """
    values = np.asarray(differences, np.float64)
    if len(values) < 2:
        return None
    variance = float(values.var(ddof=1)) / len(values)
    return _judged(float(values.mean()), variance, len(values) - 1.0, len(values), scale, alpha, bound)


def of_groups(
    a: Sequence[float], b: Sequence[float], scale: float, alpha: float = ALPHA, bound: float | None = None
) -> SequentialDifference | None:
    """The mean of the people of one arm minus that of the other's; None where it cannot be judged, as
    :func:`of_pairs`. Variances may differ (Welch)."""
    first, second = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if len(first) < 2 or len(second) < 2:
        return None
    parts = [float(values.var(ddof=1)) / len(values) for values in (first, second)]
    variance = sum(parts)
    if variance <= 0:
        return None
    sizes = (len(first), len(second))
    freedom = variance**2 / sum(part**2 / (size - 1) for part, size in zip(parts, sizes, strict=True))
    delta = float(first.mean() - second.mean())
    return _judged(delta, variance, freedom, sum(sizes), scale, alpha, bound)


def _judged(
    delta: float,
    variance: float,
    freedom: float,
    units: int,
    scale: float,
    alpha: float,
    bound: float | None,
) -> SequentialDifference | None:
    if variance <= 1e-18:
        return None
    error = sqrt(variance)
    p = always_valid_p(_normal_of_t(abs(delta) / error, freedom) * error, variance, scale)
    half = _t_of_normal(half_width(variance, scale, alpha) / error, freedom) * error
    low, high = delta - half, delta + half
    if bound is not None:
        low, high = max(-bound, low), min(bound, high)
    return SequentialDifference(delta, low, high, p, units, sqrt(variance * units))


def always_valid_p(difference: float, variance: float, scale: float) -> float:
    """1 / Λ, at most 1."""
    together = variance + scale**2
    exponent = difference**2 * scale**2 / (2 * variance * together) + 0.5 * log(variance / together)
    return exp(-max(0.0, exponent))


def half_width(variance: float, scale: float, alpha: float) -> float:
    """Half the width of the interval: the difference at which Λ is 1/α."""
    together = variance + scale**2
    return sqrt(2 * variance * together / scale**2 * (log(1 / alpha) + 0.5 * log(together / variance)))


def units_needed(effect: float, power: float, spread: float, scale: float, alpha: float = ALPHA) -> int | None:
    """With how many units a difference of ``effect`` is found with a chance of ``power``, at the last of any looks.

    ``spread``: the deviation of one unit, so that n units have the variance spread²/n. Looks before that find it
    sooner or not, so that the true chance is higher. None where more than ten million are needed.
    """
    if effect <= 0 or spread <= 0:
        return None

    def enough(units: int) -> bool:
        variance = spread**2 / units
        return NormalDist().cdf((effect - half_width(variance, scale, alpha)) / sqrt(variance)) >= power

    most = 2
    while not enough(most):
        most *= 2
        if most > MOST_UNITS:
            return None
    least = most // 2
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if enough(middle) else (middle, most)
    return most


def fair_share_p(a: int, b: int) -> float:
    """Whether ``a`` of a + b went to one side by a fair coin: an always-valid p, exact.

    The chance under all shares alike (a uniform mixture) over that under one half (Lindon & Malek, NeurIPS 2022, with
    two arms): a check for sample-ratio mismatch that may be looked at any time.
    """
    evidence = lgamma(a + 1) + lgamma(b + 1) - lgamma(a + b + 2) + (a + b) * log(2)
    return exp(-max(0.0, evidence))


def _normal_of_t(t: float, freedom: float) -> float:
    """The normal deviate with the tail of Student's ``t``, by Wallace (Annals of Mathematical Statistics 1959)."""
    return (8 * freedom + 1) / (8 * freedom + 3) * sqrt(freedom * log1p(t**2 / freedom))


def _t_of_normal(z: float, freedom: float) -> float:
    """The inverse of :func:`_normal_of_t`."""
    scaled = z * (8 * freedom + 3) / (8 * freedom + 1)
    return sqrt(freedom * expm1(min(700.0, scaled**2 / freedom)))
