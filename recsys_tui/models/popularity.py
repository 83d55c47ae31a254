"""Popularity, of all time and of late: the same for everyone, and the list for people without a history."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.models.contract import Arrays
from recsys_tui.models.partial_scores import SharedScores
from recsys_tui.output.crowd_gate import CrowdGate

RECENT_SHARE = 0.03
POPULAR, RECENT = "popular", "recent"


def told_strength(name: str, strength: Floats, gate: CrowdGate) -> Floats:
    """The scores of a part as lists show them, and are ordered by: of popularity, which is a count of people, 1 to 9
    count as ten."""
    if name not in (POPULAR, RECENT):
        return strength
    return np.where((strength > 0) & (strength < np.log1p(gate.minimum)), np.float32(np.log1p(gate.minimum)), strength)


def told_counts(counts: NDArray[np.integer[Any]], gate: CrowdGate) -> NDArray[np.int64]:
    """Counts of people, of which 1 to 9 count as ten, for what tells of them or is ordered by them."""
    return np.where((counts > 0) & (counts < gate.minimum), gate.minimum, counts).astype(np.int64)


class Popularity:
    """log(1 + actions) of each item; ``recent`` counts the newest part of the span of time only, 3 % by default.

    Where the data has no dates, "recent" has no meaning and equals "of all time".
    """

    def __init__(self, name: str, strength: Floats) -> None:
        self.name = name
        self.strength = strength

    @classmethod
    def fit(cls, histories: Histories, name: str = POPULAR, recent: bool = False, share: float = RECENT_SHARE) -> Self:
        """Count actions; ``recent``, for which ``histories.times`` must be dates, only those of the last ``share``."""
        items = histories.items
        if recent and histories.times is not None and len(histories.times):
            first, last = int(histories.times.min()), int(histories.times.max())
            items = items[histories.times >= last - share * (last - first)]
        counts = np.bincount(items, minlength=histories.item_count)
        return cls(name, np.log1p(counts).astype(np.float32))

    def score(self, histories: Histories) -> Floats:
        """The same row for every person, shape (people, items)."""
        return np.broadcast_to(np.asarray(self.strength, np.float32), (len(histories), len(self.strength)))

    def shared(self) -> SharedScores:
        """The one row that everyone gets."""
        return SharedScores(np.asarray(self.strength, np.float32))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {"strength": self.strength, "recent": np.array([self.name == RECENT], np.uint8)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls(RECENT if arrays["recent"][0] else POPULAR, arrays["strength"])
