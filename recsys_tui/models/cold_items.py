"""Items that nobody has taken yet: each stands where the known items stand that are most like it by content."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Ints, Longs
from recsys_tui.models.contract import Arrays
from recsys_tui.models.partial_scores import PartialScores
from recsys_tui.profiles.content_profiles import ContentProfiles
from recsys_tui.profiles.user_profiles import UserProfiles

NEAREST = 50
# The weight of a neighbour is its cosine to this power: many may speak, those that are hardly alike in a low voice.
SHARPNESS = 2
# Signals that are linear in what was learned of each item, and know nothing of an item without actions.
IMPUTED = ("sequence", "transitions", "ease", "neighbours", "encoder")


@dataclass(frozen=True)
class ColdItems:
    """``items`` (new,) the codes of items without actions; ``nearest`` (new, 50) the known items nearest by content and
    ``shares`` (new, 50) their weights, in proportion to their squared cosines; they sum to 1, or to 0 where nothing is
    alike. Fewer than 50 where no more are known.

    A score that is linear in the columns of a model, one an item, is the same whether the column of a new item is made
    the mean of its neighbours' columns or its score the mean of their scores: the latter needs no dense column more.
    """

    items: Ints
    nearest: Ints
    shares: Floats

    @classmethod
    def fit(cls, content: ContentProfiles, counts: Longs) -> Self | None:
        """Find the neighbours of every item without actions among those with any; None where there is no such item, or
        nothing is known of what items are about. ``counts`` (items,): actions.
        """
        cold, known = np.flatnonzero(counts == 0), np.flatnonzero(counts > 0)
        if not len(cold) or not len(known) or content.is_empty:
            return None
        places, cosines = content.nearest(cold, known, NEAREST)
        weights = np.maximum(cosines, 0) ** SHARPNESS
        total = weights.sum(axis=1, keepdims=True)
        shares = np.where(total > 0, weights / np.where(total > 0, total, 1), 0)
        return cls(cold.astype(np.int32), places, shares.astype(np.float32))

    def filled(self, scores: Floats) -> Floats:
        """The scores (rows, items) with the mean of its neighbours for each new item; those of known items stay."""
        if len(scores) == 1:
            mean = (scores[0, self.nearest] * self.shares).sum(axis=1)
        else:
            from scipy.sparse import csr_matrix

            ends = np.arange(0, self.nearest.size + 1, self.nearest.shape[1])
            table = (self.shares.ravel(), self.nearest.ravel(), ends)
            mean = (csr_matrix(table, shape=(len(self.items), scores.shape[1])) @ scores.T).T
        result = np.array(scores, np.float32)
        result[:, self.items] = mean
        return result

    def placed(self, profiles: UserProfiles) -> UserProfiles:
        """The user profiles with new items among those of the people who take what is like them."""
        places = np.ascontiguousarray(self.filled(profiles.item_places.T).T)
        return replace(profiles, item_places=places, affinity=self.filled(profiles.affinity))

    def places(self, codes: Ints) -> Longs:
        """The place among the new items of each item code, or -1 where it is none of them; same shape."""
        found = np.minimum(np.searchsorted(self.items, codes), len(self.items) - 1)
        return np.where(np.asarray(self.items)[found] == codes, found, -1)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {"items": self.items, "nearest": self.nearest, "shares": self.shares}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls(arrays["items"], arrays["nearest"], arrays["shares"])


@dataclass(frozen=True)
class ColdScores:
    """What an expert says, with the mean of its neighbours for each new item that is asked about."""

    source: PartialScores
    cold: ColdItems

    def at(self, items: Ints) -> Floats:
        """See :class:`~recsys_tui.models.partial_scores.PartialScores`."""
        scores = self.source.at(items)
        places = self.cold.places(items)
        rows, columns = np.nonzero(places >= 0)
        if not len(rows):
            return scores
        new = places[rows, columns]
        width = self.cold.nearest.shape[1]
        counts = np.bincount(rows, minlength=len(items))
        first = np.repeat(np.cumsum(counts) - counts, counts)
        within = width * (np.arange(len(rows)) - first)[:, None] + np.arange(width)
        asked = np.zeros((len(items), width * int(counts.max())), np.int32)
        asked[rows[:, None], within] = self.cold.nearest[new]
        said = self.source.at(asked)[rows[:, None], within]
        result = np.array(np.broadcast_to(scores, items.shape), np.float32)
        result[rows, columns] = (said * self.cold.shares[new]).sum(axis=1)
        return result

    def best(self, width: int, allowed: Flags) -> tuple[Longs, Ints]:
        """See :class:`~recsys_tui.models.partial_scores.PartialScores`: of the known items; content draws new ones."""
        return self.source.best(width, allowed)
