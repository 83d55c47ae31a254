"""Popularity, of all time and of late: the same for everyone, and the list for people without a history."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Histories
from recsys_tui.data.told_takers import in_crowds, told_takers
from recsys_tui.models.contract import Arrays
from recsys_tui.models.partial_scores import SharedScores
from recsys_tui.output.crowd_gate import CrowdGate

RECENT_SHARE = 0.03
POPULAR, RECENT = "popular", "recent"
_LESS_THAN_HALF = 0.49


def few_as_ten(counts: NDArray[np.integer[Any]], gate: CrowdGate) -> NDArray[np.int64]:
    """Counts of people, of which 1 to 9 count as ten, for what tells of them or is ordered by them."""
    return np.where((counts > 0) & (counts < gate.minimum), gate.minimum, counts).astype(np.int64)


def _told_of_late(counts: NDArray[np.integer[Any]], known: NDArray[np.int64], gate: CrowdGate) -> NDArray[np.int64]:
    """Counts of people of late in whole tens, at most the whole tens of those who are ``known`` of all time: as many as
    ten counts are told alike, as one or two that are beside those of all time, or bars of periods, tell of a few."""
    most = np.where(known < gate.minimum, known, known - known % gate.minimum)
    return np.where(counts > 0, np.minimum(in_crowds(counts.astype(np.int64), gate), most), 0)


class Popularity:
    """log(1 + actions) of each item; ``recent`` counts the newest part of the span of time only, 3 % by default.

    Where the data has no dates, "recent" has no meaning and equals "of all time". ``told``: of how many people it
    may be told that they have each item, and where that is as it is (:func:`recsys_tui.data.told_takers.told_takers`);
    None where only 1 to 9 people are kept back: in private models, whose counts are noisy, and among people of whom
    only attributes are known. ``ever``: by how many have them at all, as told, items come that are told to be taken by
    as many of late; None where all counts are of all time.
    """

    def __init__(
        self,
        name: str,
        strength: Floats,
        told: tuple[NDArray[np.integer[Any]], Flags] | None = None,
        ever: NDArray[np.integer[Any]] | None = None,
    ) -> None:
        self.name = name
        self.strength = strength
        self.told = told
        self.ever = ever

    @classmethod
    def fit(cls, histories: Histories, name: str = POPULAR, recent: bool = False, share: float = RECENT_SHARE) -> Self:
        """Count actions; ``recent``, for which ``histories.times`` must be dates, only those of the last ``share``."""
        items, gate = histories.items, CrowdGate()
        times = histories.times if recent and len(items) else None
        if times is not None:
            first, last = int(times.min()), int(times.max())
            items = items[times >= last - share * (last - first)]
        counts = np.bincount(items, minlength=histories.item_count)
        strength, (told, exact) = np.log1p(counts).astype(np.float32), told_takers(histories, gate)
        if times is None:
            return cls(name, strength, (told, exact))
        return cls(name, strength, (_told_of_late(counts, told, gate), counts == 0), told)

    def told_counts(self, gate: CrowdGate) -> NDArray[np.int64]:
        """How many people have each item, for what tells of them or is ordered by them, shape (items,): 1 to 9 count as
        ten, and what may not be told is the next multiple of ten."""
        counts = np.rint(np.expm1(np.asarray(self.strength, np.float64))) if self.told is None else self.told[0]
        return few_as_ten(np.asarray(counts, np.int64), gate)

    def exact(self, gate: CrowdGate) -> Flags:
        """Of which items :meth:`told_counts` has the people who have them as they are, shape (items,)."""
        if self.told is None:
            few: Flags = (self.strength > 0) & (self.strength < np.log1p(gate.minimum))
            return ~few
        told: Flags = (np.asarray(self.told[1]) > 0) & ~((self.told[0] > 0) & (self.told[0] < gate.minimum))
        return told

    def is_told(self, item: int, gate: CrowdGate) -> bool:
        """Whether :meth:`told_counts` has the people who have an item (a code) as they are."""
        return bool(self.exact(gate)[item])

    def told_strength(self, gate: CrowdGate) -> Floats:
        """The strengths as lists show them, and are ordered by, shape (items,): of late, less than half a person more
        for what has more of all time."""
        if self.told is not None:
            counts = self.told_counts(gate).astype(np.float64)
            if self.ever is not None:
                ever = few_as_ten(np.asarray(self.ever), gate)
                counts += np.where(counts > 0, _LESS_THAN_HALF * ever / max(1, int(ever.max(initial=0))), 0)
            return np.log1p(counts).astype(np.float32)
        strength, least = np.asarray(self.strength, np.float32), np.float32(np.log1p(gate.minimum))
        return np.where((strength > 0) & (strength < least), least, strength)

    def score(self, histories: Histories) -> Floats:
        """The same row for every person, shape (people, items)."""
        return np.broadcast_to(np.asarray(self.strength, np.float32), (len(histories), len(self.strength)))

    def shared(self) -> SharedScores:
        """The one row that everyone gets."""
        return SharedScores(np.asarray(self.strength, np.float32))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        told = {} if self.told is None else {"counts": self.told[0], "exact": self.told[1].astype(np.uint8)}
        ever = {} if self.ever is None else {"ever": self.ever}
        return {"strength": self.strength, "recent": np.array([self.name == RECENT], np.uint8), **told, **ever}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        told = (arrays["counts"], arrays["exact"] > 0) if "exact" in arrays else None
        return cls(RECENT if arrays["recent"][0] else POPULAR, arrays["strength"], told, arrays.get("ever"))
