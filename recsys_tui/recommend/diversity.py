"""Lists whose items are unlike one another, at the least cost in relevance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from recsys_tui.data.histories import Floats, Ints
from recsys_tui.models.experts import Experts

# Places of a list that are made unlike one another; what follows keeps its order. Chosen from three times as many.
DIVERSE_PLACES = 200
POOL_TIMES = 3
# What every item has of its own: no two are quite the same.
OWN = 1e-3
# Below any gain: taken only where no item is left.
NO_ITEM = -1e9


def diverse_order(relevance: Floats, alike: Callable[[Ints], Floats], first: int, k: int, diversity: float) -> Ints:
    """Places of ``k`` items, each the best beside those before it: the greedy mode of a determinantal point process.

    Its kernel is exp(a·rᵢ) · Sᵢⱼ · exp(a·rⱼ) with relevance r, likeness S and a = (1 − d) / d (Kulesza and Taskar
    2012), so that each step takes the item with the highest log(what is new in it) + 2a · r; the steps are those of
    an incremental Cholesky decomposition (Chen, Zhang and Zhou, NeurIPS 2018).

    ``relevance`` (people, n): from 0 to 1, not a number where there is no item. ``alike``: for one place a person
    (people,) the likeness of all places to it, (people, n), from 0 to 1. The ``first`` places are taken before any
    other, in their order. Ties go to the earlier place. ``diversity``: above 0, to 1. Shape (people, min(k, n)).
    """
    count, width = relevance.shape
    steps = min(k, width)
    rows = np.arange(count)
    worth = np.where(np.isnan(relevance), NO_ITEM, 2 * (1 - diversity) / diversity * relevance)
    new = np.full((count, width), 1 + OWN)
    parts = np.zeros((count, steps, width), np.float32)
    chosen = np.empty((count, steps), np.int32)
    for step in range(steps):
        gain = worth + np.log(new)
        best = np.full(count, step) if step < first else gain.argmax(axis=1)
        chosen[:, step] = best
        worth[rows, best] = -np.inf
        explained = np.einsum("psn,ps->pn", parts[:, :step], parts[rows, :step, best])
        part = (alike(best) - explained) / np.sqrt(new[rows, best])[:, None]
        # Clipped cosines need not be those of any vectors; then this bound, which all others keep, holds the steps.
        bound = np.sqrt(np.maximum(new - OWN, 0))
        part = np.clip(part, -bound, bound)
        parts[:, step] = part
        new = np.maximum(new - part**2, OWN)
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


def likeness_of(experts: Experts, items: Ints) -> Callable[[Ints], Floats]:
    """How alike items (people, n) are by content and by taste, from 0 to 1; what :func:`diverse_order` asks.

    The mean of two cosines: of what they are about, and of where those stand who take them; only the latter where
    nothing is known of what items are about. Negative cosines count as 0, and so does a place without an item (-1).
    """
    codes, there = np.maximum(items, 0), items >= 0
    spaces = [np.asarray(experts.profiles.item_places)]
    if not experts.content.is_empty:
        spaces.append(np.asarray(experts.content.dense))
    vectors = [space[codes] for space in spaces]
    rows = np.arange(len(items))

    def alike(places: Ints) -> Floats:
        cosines = [np.einsum("pnd,pd->pn", space, space[rows, places]) for space in vectors]
        mean = sum(np.maximum(cosine, 0) for cosine in cosines) / len(cosines)
        result: Floats = np.minimum(mean, 1) * (there & there[rows, places][:, None])
        return result

    return alike
