"""Ranked factors: a person as the sum of the items taken, learned by ranking (WARP), with features of items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.data.weighted_rows import weighted_rows
from recsys_tui.models.contract import Arrays


@dataclass(frozen=True)
class RankedSettings:
    """How the factors are built and trained.

    ``width`` d of vectors; ``memory``: actions after which a past action counts 1/e, None where order does not count;
    ``rate``: first of the learning rate, which falls to 0; ``epochs`` over the actions, cut at ``steps`` batches;
    ``negatives`` drawn for a batch.
    """

    width: int = 128
    memory: float | None = 5.0
    rate: float = 0.02
    epochs: int = 5
    negatives: int = 256
    steps: int = 4_000


GRID = (
    RankedSettings(),
    RankedSettings(memory=10.0),
    RankedSettings(width=64, memory=3.0, epochs=6),
    RankedSettings(width=64, memory=None, rate=0.01, epochs=10, negatives=512),
)
"""Settings to be tried on validation people, the best guess first; the last one is blind to order."""


class RankedFactors:
    """Factors learned by WARP (Weston, Bengio & Usunier, IJCAI 2011) from histories instead of user vectors.

    An item's vector q and bias b are the sums of its own and its features' (Kula, LightFM, 2015), so that an item that
    nobody had yet is ranked by its features. A person is p = Σ w_j·q_j / √max(1, Σ w_j) over the history (Kabbur et
    al., FISM, KDD 2013), w_j the weight of the action times exp(-later actions / memory); a score is p·q + b.
    An empty history gets the biases.
    """

    name = "ranked"

    def __init__(self, vectors: Floats, biases: Floats, memory: float | None) -> None:
        self.vectors = vectors
        self.biases = biases
        self.memory = memory

    @classmethod
    def fit(
        cls, histories: Histories, features: Any = None, *, settings: RankedSettings = GRID[0], seed: int = 0
    ) -> Self:
        """Train on the histories. ``features``: sparse (items, features), not negative, or None."""
        from recsys_tui.models.classics.ranked_factors_training import train_ranked_factors

        vectors, biases = train_ranked_factors(histories, features, settings, seed)
        return cls(vectors, biases, settings.memory)

    def score(self, histories: Histories) -> Floats:
        """Scores of all items, shape (people, items)."""
        weights = histories.weights
        if self.memory is not None:
            weights = (weights * np.exp(-histories.lags / self.memory)).astype(np.float32)
        sums = weighted_rows(histories, weights, np.ones(len(weights), np.bool_), histories.items, self.vectors)
        total = np.bincount(histories.owners, weights, minlength=len(histories))
        people: Floats = sums / np.sqrt(np.maximum(total, 1)).astype(np.float32)[:, None]
        scores: Floats = people @ self.vectors.T
        scores += self.biases
        return scores

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store; ``memory`` is infinite where order does not count."""
        memory = np.array([np.inf if self.memory is None else self.memory], np.float64)
        return {"vectors": self.vectors, "biases": self.biases, "memory": memory}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        memory = float(arrays["memory"][0])
        return cls(arrays["vectors"], arrays["biases"], memory if np.isfinite(memory) else None)
