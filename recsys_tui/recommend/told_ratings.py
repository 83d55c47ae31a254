"""The rating that somebody new is told to expect, which says nothing of how a few people rated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recsys_tui.data.histogram_cells import Cells
from recsys_tui.data.histories import Histories
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_gate import CrowdGate

ONE = np.zeros(1, np.int64)


def told_to_somebody_new(model: TrainedModel, liked: Histories, item: int, gate: CrowdGate | None = None) -> float:
    """What somebody who only ``liked`` things (one history, likes as ratings) would give an item (a code).

    To them an item's rating is what its raters gave. Where these are a few, or their mean would tell how a few rated,
    as :meth:`recsys_tui.data.histogram_cells.Cells.mean_told` has it, the item counts as any other, and a like of it
    counts for nothing, as it says how far they were from it; not-a-number where the mean of all ratings would tell
    that, and where there are no ratings.
    """
    known, cells, gate = model.people.histories, model.people.rating_cells, gate or CrowdGate()
    if model.ratings is None or known.ratings is None or cells is None or not cells.mean_told(gate):
        return float("nan")
    told = np.array([_raters_told(known, cells, of, gate) for of in liked.items.tolist()], np.bool_)
    rated = None if liked.ratings is None else liked.ratings[told]
    liked = replace(Histories.of_one(liked.items[told], known.item_count), ratings=rated)
    if _raters_told(known, cells, item, gate):
        return float(model.ratings.expected_of(liked, ONE, np.array([item], np.int64))[0])
    return model.ratings.expected_of_any(liked)


def _raters_told(known: Histories, cells: Cells, item: int, gate: CrowdGate) -> bool:
    """Whether it may be told how those who rated an item (a code) did."""
    of_item = known.items == item
    raters = int(np.isfinite(known.ratings[of_item]).sum()) if known.ratings is not None else 0
    return gate.open_for(raters) and cells.mean_told(gate, of_item)
