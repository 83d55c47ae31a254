"""How well an attack tells members from others: area under the curve, and hits while false alarms are rare."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

FALSE_ALARMS = 0.01
RESAMPLES = 2_000
TAIL = 0.025
# Of two attacks two figures each; and two of them may be surely low, too, which is said more rarely by chance.
FIGURES, BELOW = 4, 8


@dataclass(frozen=True)
class Measured:
    """A figure with its 95 % interval. ``surely``: a lower end that holds for all four figures of an audit together,
    ``surely_below``: an upper end that does (Bonferroni), so that of models that leak nothing one in thirty is
    suspected, not one in seven."""

    value: float
    low: float
    high: float
    surely: float
    surely_below: float


@dataclass(frozen=True)
class Leak:
    """How far one attack gets. ``auc``: the chance that of one member and one other the member is the more suspect, .5
    for a guess, and 0 tells as much as 1. ``tpr``: the share of members that are found while at most 1 % of the others
    are taken for members (Carlini et al., IEEE S&P 2022: an attack that is sure of a few is one, however poor it is on
    average); .01 for a guess. ``false_alarms``: the share of the others that were.
    """

    attack: str
    auc: Measured
    tpr: Measured
    false_alarms: float

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def leak(attack: str, members: Doubles, others: Doubles, seed: int) -> Leak:
    """Judge the suspicions of an attack, (members,) and (others,), the higher the likelier a member."""
    false_alarms = float((others > _threshold(others)).mean())
    return Leak(attack, area(members, others, seed), found_rarely_wrong(members, others, seed), false_alarms)


def area(members: Doubles, others: Doubles, seed: int, resamples: int = RESAMPLES) -> Measured:
    """The area under the curve; a pair of equals counts half.

    Interval: Bayesian bootstrap over members and over others (Rubin, Annals of Statistics 1981), with one more of each,
    the least and for the upper end the most suspect that is possible, so that an attack that is right of a few people
    is not thought right of all.
    """
    wins = (members[:, None] > others[None, :]) + 0.5 * (members[:, None] == others[None, :])
    by_member, by_other = _weights(len(members), len(others), seed, resamples)
    known = (by_member[:, :-1] @ wins * by_other[:, :-1]).sum(axis=1)
    # What involves the one more of either side is lost at the lower end, and won at the upper.
    beyond = 1 - (1 - by_member[:, -1]) * (1 - by_other[:, -1])
    return _measured(float(wins.mean()), known, known + beyond)


def found_rarely_wrong(members: Doubles, others: Doubles, seed: int, resamples: int = RESAMPLES) -> Measured:
    """The share of members above the threshold that at most 1 % of the others exceed.

    Interval: as that of :func:`area`, and the threshold moves with the others that are drawn. At the lower end the one
    more of the others counts half: in full it would leave nothing to be said of fewer than 400 people.
    """
    ranked, least = np.sort(members)[::-1], np.sort(others)[::-1]
    above = np.searchsorted(-ranked, -least)  # members more suspect than each of the others
    by_member, by_other = _weights(len(members), len(others), seed, resamples)
    shares = np.concatenate([np.zeros((resamples, 1)), np.cumsum(by_member[:, :-1], axis=1)], axis=1)
    alarms = np.cumsum(by_other[:, :-1], axis=1)
    rows = np.arange(resamples)

    def found(alarms: Doubles) -> Doubles:
        place = (alarms <= FALSE_ALARMS).sum(axis=1)
        return np.asarray(shares[rows, np.append(above, len(members))[place]], np.float64)

    extra = by_other[:, -1] / 2
    low = np.where(extra > FALSE_ALARMS, 0.0, found(alarms + extra[:, None]))
    value = float((members > _threshold(others)).mean())
    return _measured(value, low, found(alarms) + by_member[:, -1])


def _weights(members: int, others: int, seed: int, resamples: int) -> tuple[Doubles, Doubles]:
    """Weights of resamples, each side with one more, (resamples, people + 1)."""
    random = np.random.default_rng(seed)
    return (
        random.dirichlet(np.ones(members + 1), resamples),
        random.dirichlet(np.ones(others + 1), resamples),
    )


def _measured(value: float, low: Doubles, high: Doubles) -> Measured:
    lows = np.quantile(low, [TAIL, TAIL / FIGURES])
    highs = np.quantile(high, [1 - TAIL, 1 - TAIL / BELOW]).clip(max=1.0)
    return Measured(value, float(lows[0]), float(highs[0]), float(lows[1]), float(highs[1]))


def promised_limits(mu: float) -> tuple[float, float]:
    """The largest area, and the largest share found at 1 % false alarms, that a μ-Gaussian private model allows.

    Whatever the attack: to tell a person's presence is to tell two Gaussians of distance μ apart at best (Dong, Roth &
    Su, JRSS B 2022).
    """
    from scipy.stats import norm

    return float(norm.cdf(mu / math.sqrt(2))), float(norm.cdf(norm.ppf(FALSE_ALARMS) + mu))


def _threshold(others: Doubles) -> float:
    """The lowest suspicion above which at most 1 % of the others lie."""
    allowed = math.floor(FALSE_ALARMS * len(others))
    return float(np.sort(others)[::-1][allowed])
