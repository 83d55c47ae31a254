"""How well probabilities tell what was taken from what was not, and whether they mean what they say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.floating[Any]]
Outcomes = NDArray[np.bool_] | NDArray[np.integer[Any]]

BINS = 15


@dataclass(frozen=True)
class ReliabilityTable:
    """Pairs in bins of rising probability, each array of shape (bins,).

    ``count`` pairs, whose probabilities lie within ``low`` to ``high`` and are ``predicted`` on average, and of which
    the share ``observed`` was taken.
    """

    count: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    predicted: NDArray[np.float64]
    observed: NDArray[np.float64]

    @property
    def expected_calibration_error(self) -> float:
        """Σ count · |observed − predicted| / Σ count (Naeini, Cooper & Hauskrecht, AAAI 2015)."""
        return float(self.count @ np.abs(self.observed - self.predicted) / self.count.sum())


def classification_metrics(taken: Outcomes, probability: Probabilities, threshold: float = 0.5) -> dict[str, float]:
    """Figures of a classifier; ``taken`` and ``probability`` both (pairs,).

    A pair counts as predicted where its probability is at least ``threshold``; with TP, FP, FN, TN counted so:

    - ``accuracy`` (TP + TN) / pairs; ``precision`` TP / (TP + FP), 0 where nothing is predicted; ``recall``
      TP / (TP + FN), 0 where nothing was taken; ``f1`` 2TP / (2TP + FP + FN), 0 where that is 0 / 0 (Manning, Raghavan
      & Schütze, Introduction to Information Retrieval, 2008, ch. 8).
    - ``auc``: the chance that a taken pair has a higher probability than one that was not, ties counting half
      (Hanley & McNeil, Radiology 1982); not-a-number where all or none were taken.
    - ``log_loss``: mean of −ln(probability given to what happened) (Good, JRSS B 1952), kept finite by holding
      probabilities a rounding error away from 0 and 1. ``brier``: mean of (probability − taken)² (Brier, Monthly
      Weather Review 1950).
    - ``ece``: see :func:`reliability`.

    Raises ``ValueError`` where there is no pair, lengths differ, or a probability is not within 0 to 1.
    """
    outcome, chance = _checked(taken, probability)
    predicted = chance >= threshold
    right = int((predicted & outcome).sum())
    positives, wanted = int(predicted.sum()), int(outcome.sum())
    nearly = np.finfo(np.float64).eps
    given = np.where(outcome, chance, 1 - chance)
    return {
        "accuracy": float(np.mean(predicted == outcome)),
        "precision": right / positives if positives else 0.0,
        "recall": right / wanted if wanted else 0.0,
        "f1": 2 * right / (positives + wanted) if positives + wanted else 0.0,
        "auc": _area(outcome, chance),
        "log_loss": float(-np.mean(np.log(np.clip(given, nearly, 1 - nearly)))),
        "brier": float(np.mean((chance - outcome) ** 2)),
        "ece": reliability(taken, probability).expected_calibration_error,
    }


def reliability(taken: Outcomes, probability: Probabilities, bins: int = BINS) -> ReliabilityTable:
    """The reliability table with bins of equal mass (Nguyen & O'Connor, EMNLP 2015).

    Pairs with equal probabilities share a bin, the one of their middle rank, so that the order of the rows makes no
    difference; sizes then differ, and there may be fewer ``bins``. Errors as :func:`classification_metrics`.
    """
    outcome, chance = _checked(taken, probability)
    values, which, counts = np.unique(chance, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - counts / 2
    _, bin_of_value = np.unique(np.floor(bins * middle / len(chance)), return_inverse=True)
    bin_of = bin_of_value[which]
    count = np.bincount(bin_of)
    first = np.searchsorted(bin_of_value, np.arange(len(count)))
    last = np.searchsorted(bin_of_value, np.arange(len(count)), side="right") - 1
    return ReliabilityTable(
        count,
        values[first],
        values[last],
        np.bincount(bin_of, chance) / count,
        np.bincount(bin_of, outcome) / count,
    )


def _checked(taken: Outcomes, probability: Probabilities) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    outcome, chance = np.asarray(taken).astype(np.bool_), np.asarray(probability, np.float64)
    if len(chance) == 0 or outcome.shape != chance.shape:
        raise ValueError("outcomes and probabilities must be of the same length, and not empty")
    if not ((chance >= 0) & (chance <= 1)).all():
        raise ValueError("probabilities must lie within 0 to 1")
    return outcome, chance


def _area(outcome: NDArray[np.bool_], chance: NDArray[np.float64]) -> float:
    """Area under the ROC curve from the rank sum of what was taken (Mann & Whitney 1947), ties at their middle rank."""
    taken = int(outcome.sum())
    others = len(outcome) - taken
    if not taken or not others:
        return float("nan")
    _, which, counts = np.unique(chance, return_inverse=True, return_counts=True)
    rank = np.cumsum(counts) - (counts - 1) / 2
    return float((rank[which[outcome]].sum() - taken * (taken + 1) / 2) / (taken * others))
