"""The floor under the deep model: where one of its own parts ranks better on held-out lists, that part serves."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Floats
from recsys_tui.models.signal_names import SIGNALS

FEWEST_LISTS = 20


def served(part_gains: Floats | None, deep_gains: Floats) -> str:
    """``deep``, or the name of the part that serves in its place.

    ``part_gains`` (lists, signals) and ``deep_gains`` (lists,): NDCG@10 of the same held-out lists, none of which the
    deep model learned from. The best of many parts looks better than it is, and figures of few lists are noise: a part
    serves only where it is ahead by more than one standard error of the paired difference (the rule of Breiman et al.,
    Classification and Regression Trees, 1984), on 20 lists at least.
    """
    if part_gains is None or len(deep_gains) < FEWEST_LISTS:
        return "deep"
    best = int(np.argmax(part_gains.mean(axis=0)))
    ahead = part_gains[:, best] - deep_gains
    error = ahead.std(ddof=1) / np.sqrt(len(ahead))
    return SIGNALS[best] if ahead.mean() > error else "deep"
