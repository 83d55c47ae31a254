"""Popularity, of all time and of late: the same for everyone, and the list for people without a history."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.models.contract import Arrays
from recsys_tui.models.partial_scores import SharedScores

RECENT_SHARE = 0.03


class Popularity:
    """log(1 + actions) of each item; ``recent`` counts the newest part of the span of time only, 3 % by default.

    Where the data has no dates, "recent" has no meaning and equals "of all time".
    """

    def __init__(self, name: str, strength: Floats) -> None:
        self.name = name
        self.strength = strength

    @classmethod
    def fit(
        cls, histories: Histories, name: str = "popular", recent: bool = False, share: float = RECENT_SHARE
    ) -> Self:
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
        return {"strength": self.strength, "recent": np.array([self.name == "recent"], np.uint8)}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls("recent" if arrays["recent"][0] else "popular", arrays["strength"])
