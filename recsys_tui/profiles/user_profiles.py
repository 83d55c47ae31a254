"""User profiles: where a person stands in the space of behaviour, and how much they belong to each cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.data.weighted_rows import weighted_rows

DIMENSIONS = 32
SHORT_DECAY, SHORT_LENGTH = 0.9, 40
SOFTNESS = 12.0


@dataclass(frozen=True)
class UserProfiles:
    """The fitted space. A person is a history, so a new person has a profile from their first action on.

    ``item_map`` (items, dimensions) takes a history into the space: the truncated SVD's right vectors with each
    item's column scale 1/√(count + 5). ``item_places`` (items, dimensions) are unit vectors: where an item stands.
    ``centres`` (clusters, dimensions) are unit vectors. ``affinity`` (clusters, items) is the smoothed log of an
    item's share in a cluster over its share among all. ``prior`` (dimensions,) is what everyone's actions come to on
    average, times the number of actions that it stands for: few actions say little, so that whoever has few is placed
    near everyone, and the longer the history, the less the prior counts.
    """

    item_map: Floats
    item_places: Floats
    centres: Floats
    affinity: Floats
    prior: Floats

    @property
    def cluster_count(self) -> int:
        """How many clusters there are."""
        return len(self.centres)

    def long_term(self, histories: Histories) -> Floats:
        """Unit vectors of whole histories, shape (people, dimensions); zeros for an empty history."""
        known = (histories.lengths > 0).astype(np.float32)[:, None]
        return unit_rows(self.summed(histories) + known * self.prior)

    def summed(self, histories: Histories) -> Floats:
        """What the actions come to in the space, before the prior and of any length, shape (people, dimensions)."""
        keep = np.ones(len(histories.items), np.bool_)
        return weighted_rows(histories, histories.weights, keep, histories.items, self.item_map)

    def recent(self, histories: Histories) -> Floats:
        """Unit vectors of the last 40 actions with weight .9 to the power of the lag, shape (people, dimensions)."""
        lags = histories.lags
        weights = histories.weights * np.power(np.float32(SHORT_DECAY), lags, dtype=np.float32)
        return unit_rows(weighted_rows(histories, weights, lags < SHORT_LENGTH, histories.items, self.item_map))

    def membership(self, vectors: Floats) -> Floats:
        """Soft membership softmax(12 · cosine with each centre), shape (people, clusters); rows sum to 1."""
        logits = SOFTNESS * (vectors @ self.centres.T)
        weights = np.exp(logits - logits.max(axis=1, keepdims=True))
        result: Floats = weights / weights.sum(axis=1, keepdims=True)
        return result

    def cluster_of(self, histories: Histories) -> NDArray[np.int32]:
        """The cluster with the nearest centre, shape (people,); -1 for an empty history."""
        nearest: NDArray[np.int32] = np.argmax(self.long_term(histories) @ self.centres.T, axis=1).astype(np.int32)
        nearest[histories.lengths == 0] = -1
        return nearest

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {
            "item_map": self.item_map,
            "item_places": self.item_places,
            "centres": self.centres,
            "affinity": self.affinity,
            "prior": self.prior,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls(arrays["item_map"], arrays["item_places"], arrays["centres"], arrays["affinity"], arrays["prior"])


def unit_rows(matrix: Floats) -> Floats:
    """Each row scaled to length 1; rows of zeros stay zeros."""
    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    result: Floats = (matrix / np.where(lengths > 0, lengths, 1)).astype(np.float32)
    return result
