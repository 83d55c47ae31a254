"""The rating that somebody who rated nothing is told to expect, which says nothing of how a few people rated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from recsys_tui.data.histogram_cells import Cells
from recsys_tui.data.histories import Floats, Histories, Longs
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_gate import CrowdGate

ONE = np.zeros(1, np.int64)


def told_to_somebody_new(model: TrainedModel, liked: Histories, item: int, gate: CrowdGate | None = None) -> float:
    """What somebody who rated nothing and ``liked`` things (one history, likes as ratings) would give an item (a code).

    To them an item's rating is what its raters gave. Where these are a few, or their mean would tell how a few rated,
    as :meth:`recsys_tui.data.histogram_cells.Cells.mean_told` has it, or how those did who have the items of which
    nothing is told, the item counts as any other, and a like of it counts for nothing, as it says how far they were
    from it; not-a-number where the mean of all ratings would tell that, and where there are no ratings.
    """
    known, cells, gate = model.people.histories, model.people.rating_cells, gate or CrowdGate()
    if model.ratings is None or known.ratings is None or cells is None or not cells.mean_told(gate):
        return float("nan")
    given = np.full(len(liked.items), np.nan, np.float32) if liked.ratings is None else liked.ratings
    places = [place for place in np.flatnonzero(np.isfinite(given)).tolist()
              if _raters_told(model, cells, int(liked.items[place]), gate)]  # fmt: skip
    liked = replace(Histories.of_one(liked.items[places], known.item_count), ratings=given[places])
    if _raters_told(model, cells, item, gate):
        return float(model.ratings.expected_of(liked, ONE, np.array([item], np.int64))[0])
    return model.ratings.expected_of_any(liked)


def told_to_silent_raters(model: TrainedModel, items: Longs) -> Floats:
    """The same for those who liked nothing either, by item (codes), shape (items,)."""
    known, cells, gate = model.people.histories, model.people.rating_cells, CrowdGate()
    if model.ratings is None or known.ratings is None or cells is None or not cells.mean_told(gate):
        return np.full(len(items), np.nan, np.float32)
    nothing = Histories.of_one([], known.item_count)
    distinct, places = np.unique(items, return_inverse=True)
    raters = np.bincount(known.items[np.isfinite(known.ratings)], minlength=known.item_count)[distinct]
    enough = distinct[raters >= gate.minimum]
    order = np.argsort(known.items, kind="stable")
    ends = [np.searchsorted(known.items[order], enough, side) for side in ("left", "right")]
    each = zip(enough.tolist(), *(end.tolist() for end in ends), strict=True)
    may = {item for item, start, end in each if _raters_told(model, cells, item, gate, order[start:end])}
    told = [item in may for item in distinct.tolist()]
    expected = model.ratings.expected_of(nothing, np.zeros(len(distinct), np.int64), distinct.astype(np.int64))
    result: Floats = np.where(told, expected, model.ratings.expected_of_any(nothing)).astype(np.float32)[places]
    return result


def rates_nothing(history: Histories) -> bool:
    """Whether the person of one history gave no rating."""
    return history.ratings is None or not np.isfinite(history.ratings).any()


def _raters_told(model: TrainedModel, cells: Cells, item: int, gate: CrowdGate, rows: Longs | None = None) -> bool:
    """Whether it may be told how those who rated an item (a code) did. ``rows``: those of the item, where many
    are asked about."""
    known = model.people.histories
    of_item = np.flatnonzero(known.items == item) if rows is None else rows
    raters = int(np.isfinite(known.ratings[of_item]).sum()) if known.ratings is not None else 0
    told = gate.open_for(raters) and model.experts.popular.is_told(item, gate)
    return told and cells.mean_told(gate, of_item)
