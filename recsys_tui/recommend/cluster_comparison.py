"""Two clusters side by side: what both take more than everyone, and where they differ most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recsys_tui.profiles.cluster_description import NOTABLE_LIFT, SMALLEST_SHARE
from recsys_tui.recommend.cluster_page import ClusterFigures

MOST_ITEMS = 10


@dataclass(frozen=True)
class Contrast:
    """An item, and the share of each cluster's people who have it; None where fewer than ten do."""

    item: str
    title: str | None
    share_a: float | None
    share_b: float | None


@dataclass(frozen=True)
class ClusterComparison:
    """Clusters ``a`` and ``b``: ``closeness`` is the cosine of their centres, None where nothing is told of either.

    ``both``: items that stand out in both, by the smaller of their two lifts. ``more_a`` and ``more_b``: items that
    most more of the people of one have than of the other, by the difference of the shares.
    """

    a: int
    b: int
    closeness: float | None
    both: tuple[Contrast, ...]
    more_a: tuple[Contrast, ...]
    more_b: tuple[Contrast, ...]


def compare_clusters(figures: ClusterFigures, a: int, b: int) -> ClusterComparison:
    """Compare two clusters of a model. Lists are empty where either has fewer than ten people."""
    model = figures.model
    centres = model.experts.profiles.centres
    if not figures.takers.told[[a, b]].all():
        return ClusterComparison(a, b, None, (), (), ())
    closeness = float(centres[a] @ centres[b])
    told_a, told_b = figures.item_shares(a), figures.item_shares(b)
    share_a, lift_a, share_b, lift_b = told_a.share, told_a.lift, told_b.share, told_b.lift
    # Where fewer than ten have an item, so many at most.
    least_a, least_b = (figures.gate.minimum / figures.takers.sizes[one] for one in (a, b))
    more = share_a - np.maximum(share_b, least_b), share_b - np.maximum(share_a, least_a)
    notable = (share_a >= SMALLEST_SHARE) & (share_b >= SMALLEST_SHARE)
    both = np.where(notable, np.minimum(lift_a, lift_b) - NOTABLE_LIFT, 0)

    def listed(order: NDArray[np.float64]) -> tuple[Contrast, ...]:
        best = [int(item) for item in np.argsort(-order, kind="stable")[:MOST_ITEMS] if order[item] > 0]
        ids, titles = model.catalogue.ids, model.catalogue.titles
        return tuple(
            Contrast(str(ids[item]), titles[item], _known(share_a[item]), _known(share_b[item])) for item in best
        )

    return ClusterComparison(a, b, closeness, listed(both), listed(more[0]), listed(more[1]))


def _known(share: float) -> float | None:
    return float(share) if share > 0 else None
