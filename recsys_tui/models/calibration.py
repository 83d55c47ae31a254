"""From the interaction model's logits to probabilities that mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats

# How many pairs the logits count for as they are, before any pair speaks: with few pairs little is changed.
PRIOR_PAIRS = 10.0
STEEPEST, FARTHEST_SHIFT = 5.0, 5.0
MOST_UNFORESEEN = 0.2
LARGEST_LOGIT = 30.0
SMALLEST_SHARE = 1e-4


@dataclass(frozen=True)
class Calibration:
    """probability = floor + (ceiling − floor) · σ(slope · logit + shift): strictly rising, so that no order changes.

    Platt's sigmoid (Advances in Large Margin Classifiers, 1999) with a floor and a ceiling, as in the four-parameter
    logistic of item response theory: however sure the logit, some of what it is sure of does not come true. The
    ceiling is learned; neither bound lies nearer to certainty than one pair among those that were looked at.
    """

    slope: float = 1.0
    shift: float = 0.0
    floor: float = 0.01
    ceiling: float = 0.99

    def probability(self, logits: Floats) -> Floats:
        """Probabilities of logits of any shape."""
        raised = np.clip(self.slope * np.asarray(logits, np.float64) + self.shift, -LARGEST_LOGIT, LARGEST_LOGIT)
        result: Floats = (self.floor + (self.ceiling - self.floor) / (1 + np.exp(-raised))).astype(np.float32)
        return result

    def logit(self, probabilities: Floats) -> Floats:
        """The logits that :meth:`probability` makes these of; the nearest it can make where they are out of bounds."""
        share = (np.asarray(probabilities, np.float64) - self.floor) / (self.ceiling - self.floor)
        share = np.clip(share, SMALLEST_SHARE, 1 - SMALLEST_SHARE)
        result: Floats = ((np.log(share / (1 - share)) - self.shift) / self.slope).astype(np.float32)
        return result

    def to_array(self) -> NDArray[Any]:
        """Slope, shift, floor and ceiling, for the store."""
        return np.array([self.slope, self.shift, self.floor, self.ceiling], np.float64)

    @classmethod
    def from_array(cls, array: NDArray[Any]) -> Self:
        """Build from :meth:`to_array`."""
        return cls(*(float(number) for number in array))


def fit_calibration(logits: Floats, taken: Flags) -> Calibration:
    """Fit by maximum likelihood, taken and untouched pairs weighted to halves, with slope 1 and shift 0 as a prior.

    ``logits`` and ``taken`` (pairs,): the classifier must not have been fitted on these pairs. Where all or none were
    taken, logits pass as they are, between 1 and 99 %.
    """
    positives, negatives = int(taken.sum()), int((~taken).sum())
    if not positives or not negatives:
        return Calibration()
    from scipy.optimize import minimize

    x = np.asarray(logits, np.float64)
    weight = np.where(taken, 0.5 / positives, 0.5 / negatives) * len(x)
    floor, least = 1 / (negatives + 2), 1 / (positives + 2)

    def loss(parameters: NDArray[np.float64]) -> float:
        slope, shift, unforeseen = parameters
        risen = 1 / (1 + np.exp(-np.clip(slope * x + shift, -LARGEST_LOGIT, LARGEST_LOGIT)))
        chance = floor + (1 - unforeseen - floor) * risen
        surprise = -(weight * np.log(np.where(taken, chance, 1 - chance))).sum()
        return float(surprise + PRIOR_PAIRS * ((slope - 1) ** 2 + shift**2))

    bounds = ((0.05, STEEPEST), (-FARTHEST_SHIFT, FARTHEST_SHIFT), (least, max(least, MOST_UNFORESEEN)))
    start = np.array([1.0, 0.0, min(max(2 * least, 0.005), MOST_UNFORESEEN)])
    slope, shift, unforeseen = minimize(loss, start, method="L-BFGS-B", bounds=bounds).x
    return Calibration(float(slope), float(shift), floor, 1 - float(unforeseen))
