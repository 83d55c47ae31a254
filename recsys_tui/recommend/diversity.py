"""Lists whose items are unlike one another, at the least cost in relevance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recsys_tui.data.histories import Floats, Ints
from recsys_tui.models.experts import Experts

# Below any gain: taken only where no item is left.
NO_ITEM = -1e9


def marginally_relevant(
    relevance: Floats, alike: Callable[[Ints], Floats], first: int, k: int, diversity: float
) -> Ints:
    """Places of ``k`` items in the order of maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998).

    Each step takes the item with the highest (1 − d) · relevance − d · (greatest likeness to an item taken before).
    ``relevance`` (people, n): from 0 to 1, not a number where there is no item. ``alike``: given one place
    of each list, (people,), how alike it is with every place, (people, n), from 0 to 1.
    The ``first`` places are taken before any other, in their order. Ties go to the earlier place, and d = 0 keeps the
    order of relevance. Shape (people, min(k, n)).
    """
    count, width = relevance.shape
    value = np.where(np.isnan(relevance), NO_ITEM, (1 - diversity) * relevance)
    closest = np.zeros((count, width), np.float32)
    chosen = np.empty((count, min(k, width)), np.int32)
    rows = np.arange(count)
    for step in range(chosen.shape[1]):
        gain = value - diversity * closest
        best = np.full(count, step) if step < first else gain.argmax(axis=1)
        chosen[:, step] = best
        value[rows, best] = -np.inf
        closest = np.maximum(closest, alike(best))
    return chosen


def unit_relevance(scores: Floats, items: Ints) -> Floats:
    """Scores of each list stretched to 0 … 1, so that they weigh against likeness alike whichever model gave them.

    Shapes (people, n); not a number where ``items`` has none (-1).
    """
    there = items >= 0
    lowest = np.where(there, scores, np.inf).min(axis=1, keepdims=True)
    span = np.where(there, scores, -np.inf).max(axis=1, keepdims=True) - lowest
    usable = np.isfinite(span) & (span > 0)
    stretched = (np.where(there, scores, 0) - np.where(usable, lowest, 0)) / np.where(usable, span, 1)
    result: Floats = np.where(there, np.where(usable, stretched, 0), np.nan)
    return result


class Likeness:
    """How alike items are by content and by taste: called with one place of each list, it tells of all places.

    The mean of two cosines: of what they are about, and of where those stand who take them; only the latter where
    nothing is known of what items are about. Negative cosines count as 0,
    and so does a place without an item (-1). Memory grows with the length of the lists, not with its square.
    """

    def __init__(self, experts: Experts, items: Ints) -> None:
        """``items`` (people, n)."""
        codes = np.maximum(items, 0)
        spaces = [np.asarray(experts.profiles.item_places)]
        if not experts.content.is_empty:
            spaces.append(np.asarray(experts.content.dense))
        self._vectors = [space[codes] for space in spaces]
        self._there = items >= 0

    def __call__(self, places: Ints) -> Floats:
        """``places`` (people,); shape (people, n), from 0 to 1."""
        rows = np.arange(len(places))
        total = np.zeros(self._there.shape, np.float32)
        for vectors in self._vectors:
            total += np.maximum((vectors @ vectors[rows, places][:, :, None])[:, :, 0], 0)
        there = self._there & self._there[rows, places][:, None]
        result: Floats = np.minimum(total / len(self._vectors), 1) * there
        return result
