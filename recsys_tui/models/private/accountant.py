"""How much noise a promise of privacy takes, and what several noisy releases promise together.

Two datasets are neighbours where one is the other without one person's whole history. A mechanism is (ε, δ)
differentially private where for neighbours no outcome is more than e^ε times as likely, but for a probability of δ
(Dwork & Roth, The Algorithmic Foundations of Differential Privacy, 2014). Everything here is released with Gaussian
noise: a statistic that one person moves by at most Δ (in L2), with noise of deviation σ in every coordinate, is
μ-Gaussian private with μ = Δ/σ, and releases that are chosen one after the other, each knowing those before, come to
the root of the sum of their μ² (Dong, Roth & Su, Gaussian Differential Privacy, JRSS B 2022; the zero-concentrated
privacy of Bun & Steinke, TCC 2016, is ρ = μ²/2). From μ to (ε, δ) and back: Balle & Wang, ICML 2018, which is exact.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from recsys_tui.output.errors import UserError

# Below this many people the noise drowns everything.
FEWEST_PEOPLE = 100
# Below the smallest ε the noise drowns everything of millions of people too.
SMALLEST_EPSILON, LARGEST_EPSILON = 1e-3, 100.0
# A smaller δ keeps nobody safer: it costs noise alone.
SMALLEST_DELTA = 1e-50
# δ is the chance that the promise does not hold: it has to be well below one person among all.
DELTA_POWER = 1.1
_LOWEST, _HIGHEST = 1e-9, 1e6
_HALVINGS = 200


@dataclass(frozen=True)
class Budget:
    """What is promised to everyone: ``epsilon`` and ``delta`` of the whole training."""

    epsilon: float
    delta: float


@dataclass(frozen=True)
class Release:
    """A statistic as it is let out: one person moves it by at most ``sensitivity`` (L2); ``sigma``: of the noise."""

    name: str
    sensitivity: float
    sigma: float

    @property
    def mu(self) -> float:
        """Its part of the loss of privacy; 0 without any loss, infinite without noise."""
        return self.sensitivity / self.sigma if self.sigma else math.inf


def delta_of(epsilon: float, mu: float) -> float:
    """The smallest δ at which a μ-Gaussian private mechanism is (ε, δ) private (Balle & Wang 2018, theorem 8)."""
    from scipy.special import log_ndtr, ndtr

    if mu == 0:
        return 0.0
    if math.isinf(mu):
        return 1.0
    far = epsilon + float(log_ndtr(-epsilon / mu - mu / 2))
    return max(0.0, float(ndtr(-epsilon / mu + mu / 2)) - math.exp(far))


def mu_of(budget: Budget) -> float:
    """The largest μ that keeps a promise: δ rises with μ, so that halving an interval finds it, from below."""
    low, high = _LOWEST, _HIGHEST
    for _ in range(_HALVINGS):
        middle = math.sqrt(low * high)
        if delta_of(budget.epsilon, middle) <= budget.delta:
            low = middle
        else:
            high = middle
    return low


def epsilon_of(mu: float, delta: float) -> float:
    """The smallest ε at which a μ-Gaussian private mechanism is (ε, δ) private; δ falls as ε rises."""
    low, high = 0.0, 1.0
    while delta_of(high, mu) > delta:
        if high > 1 / _LOWEST:
            return math.inf
        high *= 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if delta_of(middle, mu) <= delta:
            high = middle
        else:
            low = middle
    return high


def plan(budget: Budget, sensitivities: dict[str, float], shares: dict[str, float]) -> dict[str, Release]:
    """The releases that together keep a promise; ``shares`` of μ² say how much of it each may use up."""
    mu, total = mu_of(budget), sum(shares[name] for name in sensitivities)
    return {
        name: Release(name, sensitivity, sensitivity / (mu * math.sqrt(shares[name] / total)))
        for name, sensitivity in sensitivities.items()
    }


def composed(releases: list[Release]) -> float:
    """μ of several releases together, however each was chosen in the light of those before."""
    return math.sqrt(sum(release.mu**2 for release in releases))


def default_delta(people: int) -> float:
    """δ where none is given: one over people to the power of 1.1. The number of people counts as known to all."""
    return 1 / math.pow(people, DELTA_POWER)


def budget_for(epsilon: float, delta: float | None, people: int) -> Budget:
    """The promise for some data. Raises ``UserError`` (exit 2) for one that cannot be made, or that means nothing."""
    check_promise(epsilon, delta)
    if people < FEWEST_PEOPLE:
        raise UserError("private.too_few", people=people, fewest=FEWEST_PEOPLE)
    if delta is None:
        return Budget(epsilon, default_delta(people))
    if delta >= 1 / people:
        raise UserError("private.delta_too_large", delta=f"{delta:g}", people=people, most=f"{1 / people:.2g}")
    return Budget(epsilon, delta)


def check_promise(epsilon: float, delta: float | None) -> None:
    """Raise ``UserError`` (exit 2) for an ε or a δ that is none, whatever the data."""
    if not (math.isfinite(epsilon) and SMALLEST_EPSILON <= epsilon <= LARGEST_EPSILON):
        least, most = f"{SMALLEST_EPSILON:g}", f"{LARGEST_EPSILON:g}"
        raise UserError("private.bad_epsilon", value=f"{epsilon:g}", least=least, most=most)
    if delta is not None and not SMALLEST_DELTA <= delta < 1:
        raise UserError("private.bad_delta", value=f"{delta:g}", least=f"{SMALLEST_DELTA:g}")


def check_given(epsilon: float | None, delta: float | None) -> None:
    """Raise ``UserError`` (exit 2) for options of a command that promise nothing."""
    if epsilon is not None:
        check_promise(epsilon, delta)
    elif delta is not None:
        raise UserError("private.delta_alone")
