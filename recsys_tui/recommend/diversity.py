"""Lists whose items are unlike one another, at the least cost in relevance."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Floats, Ints
from recsys_tui.models.experts import Experts

# Below any gain: taken only where no item is left.
NO_ITEM = -1e9


def marginally_relevant(relevance: Floats, alike: Floats, first: int, k: int, diversity: float) -> Ints:
    """Places of ``k`` items in the order of maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998).

    Each step takes the item with the highest (1 − d) · relevance − d · (greatest likeness to an item taken before).
    ``relevance`` (people, n): from 0 to 1, not a number where there is no item. ``alike`` (people, n, n): from 0 to 1.
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
        closest = np.maximum(closest, alike[rows, best])
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


def likeness(experts: Experts, items: Ints) -> Floats:
    """How alike items are by content and by taste, shape (people, n, n), from 0 to 1; ``items`` (people, n).

    The mean of two cosines: of what they are about, and of where those stand who take them; only the latter where
    nothing is known of what items are about. Negative cosines count as 0,
    and so does a place without an item (-1).
    """
    codes = np.maximum(items, 0)
    spaces = [np.asarray(experts.profiles.item_places)]
    if not experts.content.is_empty:
        spaces.append(np.asarray(experts.content.dense))
    total = np.zeros((*items.shape, items.shape[1]), np.float32)
    for space in spaces:
        vectors = space[codes]
        total += np.maximum(vectors @ vectors.transpose(0, 2, 1), 0)
    there = items >= 0
    result: Floats = np.minimum(total / len(spaces), 1) * (there[:, :, None] & there[:, None, :])
    return result
