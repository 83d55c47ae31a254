"""The model of expected ratings, and how far it is from ratings that it has not seen."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Histories
from recsys_tui.models.classics.biased_factors import BiasedFactors, BiasedSettings
from recsys_tui.models.rating_metrics import rating_metrics
from recsys_tui.output.crowd_counts import drawn_people, told_count
from recsys_tui.output.crowd_gate import CrowdGate

MOST_JUDGED = 5_000


def fit_expected_ratings(
    histories: Histories, older: Histories, settings: BiasedSettings, seed: int
) -> tuple[BiasedFactors | None, dict[str, float]]:
    """Fit on all ratings; measure a model fitted on ``older``, everybody's earlier part, at their newest rating.

    Returns None and nothing measured where there are no ratings; else the model, its ``rmse`` and ``mae`` in the unit
    of the ratings, those of each item's mean rating (``item_mean_rmse``, ``item_mean_mae``) on the same ``ratings``,
    told as ten fewer than there could be where all but a few people gave one.
    """
    if histories.ratings is None or not np.isfinite(histories.ratings).any():
        return None, {}
    model = BiasedFactors.fit(histories, settings=settings, seed=seed)
    newest = histories.indptr[1:] - 1
    able = np.flatnonzero(older.lengths < histories.lengths)
    asked = len(able)
    able = able[np.isfinite(histories.ratings[newest[able]])]
    known = older.ratings is not None and bool(np.isfinite(older.ratings).any())
    if not len(able) or not known or older.ratings is None:
        return model, {}
    told = told_count(len(able), asked, CrowdGate())
    if len(able) > MOST_JUDGED:
        able = drawn_people(able, np.random.default_rng(seed), CrowdGate().minimum, MOST_JUDGED)
        told = min(told, len(able))
        if not len(able):
            return model, {}
    items, given = histories.items[newest[able]].astype(np.int64), histories.ratings[newest[able]]
    earlier = BiasedFactors.fit(older, settings=settings, seed=seed)
    expected = earlier.expected_of(older.prefixes(able, older.lengths[able]), np.arange(len(able)), items)
    rated = np.isfinite(older.ratings)
    counts = np.bincount(older.items[rated], minlength=older.item_count)
    sums = np.bincount(older.items[rated], older.ratings[rated], minlength=older.item_count)
    means = np.where(counts > 0, sums / np.maximum(1, counts), earlier.mean)
    of_means = rating_metrics(given, means[items])
    figures = rating_metrics(given, expected) | {f"item_mean_{name}": value for name, value in of_means.items()}
    return model, figures | {"ratings": float(told)}
