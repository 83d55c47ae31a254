"""The overview of a dataset: counts, ratings over their scale, activity over time, the long tail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.cleaning import told_repeat_share
from recsys_tui.data.column_words import REVIEW
from recsys_tui.data.dataset import (
    BASKET,
    CATEGORIES,
    COUNT,
    EVENT,
    ITEM,
    QUANTITY,
    RATING,
    TIME,
    TITLE,
    USER,
    Dataset,
    TimeKind,
)
from recsys_tui.data.histogram_cells import Bar, HistogramCells
from recsys_tui.output.crowd_counts import next_crowds
from recsys_tui.output.crowd_gate import CrowdGate

TOP_SHARE = 0.1
TAIL_POINTS = 40
TAIL_STEPS = (40, 20, 10, 5, 2)
ROLES = (USER, ITEM, RATING, TIME, EVENT, QUANTITY, BASKET, REVIEW)


@dataclass(frozen=True)
class Overview:
    """Figures about a dataset.

    ``density``: of all pairs of a person and an item that was taken, the share that occurs, however often each does;
    a pair of which all was taken back does not. Of the only item that anybody has, in tens where it would tell of a
    few.

    ``periods``: activity over all the time the data spans, in the finest of days, months, quarters, years … that makes
    no more than 60 bars, each labelled with its start.

    ``top_items_share``: of the interactions, on the tenth of the items that is taken most; ``tail``: that share for
    more and more items, at even steps. ``longest_history``: the longest that ten people (the gate's number) reach. None
    or empty where too few people stand behind it, or behind the rest. ``cells``: where every row stands.
    """

    rows: int
    users: int
    items: int
    catalogue_items: int
    interactions: int
    density: float
    first_time: int | None
    last_time: int | None
    ratings: tuple[Bar, ...]
    events: tuple[Bar, ...]
    periods: tuple[Bar, ...]
    top_items_share: float | None
    tail: tuple[float, ...]
    median_history: float | None
    longest_history: int | None
    titles: int
    categories: int

    def to_json(self) -> dict[str, Any]:
        """Plain values; :meth:`from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Build from :meth:`to_json`'s document. Raises ``TypeError`` or ``KeyError`` for anything else."""
        bars = {name: tuple(Bar(**bar) for bar in document[name]) for name in ("ratings", "events", "periods")}
        return cls(**document | bars | {"tail": tuple(document["tail"])})


def describe(dataset: Dataset, gate: CrowdGate | None = None, cells: HistogramCells | None = None) -> Overview:
    """Compute the overview. What is counted by cells passes the crowd gate; totals do not need to.

    ``cells``: those of the dataset, where they are placed already.
    """
    gate, cells = gate or CrowdGate(), cells or HistogramCells.of(dataset)
    table, items = dataset.interactions, dataset.items
    periods = cells.coarser_periods(cells.span, cells.counted_in_time(gate))
    possible, everyone = dataset.user_count * dataset.item_count, dataset.user_count
    few = cells.items_taken() == 1 and any(0 < part < gate.minimum for part in (cells.pairs, everyone - cells.pairs))
    pairs = min(everyone, next_crowds(cells.pairs, gate)) if few else cells.pairs
    shown = _kept_back if few else tuple  # bars over all pairs would sum to how many there are
    has_dates = dataset.time_kind is TimeKind.TIME and TIME in table.columns
    history = np.sort(dataset.users[COUNT].to_numpy())
    enough = gate.open_for(len(history))
    titles = items.height - items[TITLE].null_count() if TITLE in items.columns else 0
    categories = int((items[CATEGORIES].list.len() > 0).sum()) if CATEGORIES in items.columns else 0
    return Overview(
        rows=dataset.rows_read,
        users=dataset.user_count,
        items=dataset.item_count,
        catalogue_items=items.height,
        interactions=dataset.interaction_count,
        density=pairs / possible if possible else 0.0,
        first_time=int(str(table[TIME].min())) if has_dates else None,
        last_time=int(str(table[TIME].max())) if has_dates else None,
        ratings=() if cells.ratings is None else shown(cells.ratings.bars(gate)[::-1]),
        events=() if cells.events is None else cells.events.bars(gate),
        periods=() if periods is None else shown(periods.bars(gate)),
        top_items_share=_top_share(dataset, cells, gate),
        tail=_tail(dataset, cells, gate),
        median_history=float(np.median(history)) if enough else None,
        longest_history=int(history[-gate.minimum]) if enough else None,
        titles=titles,
        categories=categories,
    )


def _kept_back(bars: Sequence[Bar]) -> tuple[Bar, ...]:
    """Bars with what is in none of them alone."""
    return tuple(bar if bar.count == 0 else replace(bar, count=None, beside=True) for bar in bars)


def _steps(dataset: Dataset, cells: HistogramCells, ends: Sequence[int], gate: CrowdGate) -> NDArray[np.float64] | None:
    """The share of the interactions on the first so many items, the most taken first, of those that count in figures
    of single items; None where any step from one to the next is of too few people."""
    counted = cells.counted(gate)
    counts = np.bincount(cells.items.places[counted], minlength=dataset.items.height)
    order = np.argsort(-counts, kind="stable")[: dataset.item_count]
    step_of_item = np.zeros(len(counts), np.int64)
    step_of_item[order] = np.searchsorted(np.asarray(ends), np.arange(len(order)), side="right")
    rows = np.bincount(step_of_item, counts, minlength=len(ends))
    if not (rows > 0).all() or not cells.told_item_steps(step_of_item, len(ends), gate):
        return None
    shares: NDArray[np.float64] = np.cumsum(rows) / max(1.0, float(rows.sum()))
    return shares


def _top_share(dataset: Dataset, cells: HistogramCells, gate: CrowdGate) -> float | None:
    count = dataset.item_count
    top = max(1, round(TOP_SHARE * count))
    shares = _steps(dataset, cells, (top, count) if top < count else (count,), gate)
    return None if shares is None else float(shares[0])


def _tail(dataset: Dataset, cells: HistogramCells, gate: CrowdGate) -> tuple[float, ...]:
    """In so many steps that enough people stand behind each, drawn out to forty points."""
    for steps in TAIL_STEPS:
        if steps > dataset.item_count:
            continue
        ends = np.linspace(0, dataset.item_count, steps + 1)[1:].round().astype(int).tolist()
        shares = _steps(dataset, cells, ends, gate)
        if shares is not None:
            points = np.linspace(0, steps, TAIL_POINTS + 1)[1:]
            return tuple(np.interp(points, np.arange(steps + 1), [0.0, *shares]).tolist())
    return ()


def overview_json(dataset: Dataset, overview: Overview) -> dict[str, Any]:
    """The document of ``recsys inspect --json``."""
    choices = {choice.role: choice for choice in dataset.columns}

    def column(role: str) -> dict[str, Any] | None:
        choice = choices.get(role)
        if choice is None:
            return None
        return {"column": choice.column, "why": choice.why, "confidence": choice.confidence}

    return {
        "name": dataset.name,
        "path": str(dataset.path),
        "files": [str(path) for path in dataset.files],
        "format": dataset.format,
        "columns": {role: column(role) for role in ROLES},
        "described_by": [
            {"role": choice.role, "column": choice.column, "why": choice.why, "confidence": choice.confidence}
            for choice in dataset.columns
            if choice.role not in ROLES
        ],
        "rows": overview.rows,
        "users": overview.users,
        "items": overview.items,
        "catalogue_items": overview.catalogue_items,
        "interactions": overview.interactions,
        "density": overview.density,
        "time_kind": dataset.time_kind.value,
        "first_time": overview.first_time,
        "last_time": overview.last_time,
        "explicit_ratings": dataset.explicit,
        "ratings": [{"label": bar.label, "count": bar.count} for bar in overview.ratings],
        "events": [
            {"label": bar.label, "count": bar.count, "weight": dataset.weights.get(bar.label)}
            for bar in overview.events
        ],
        "repeat_share": told_repeat_share(dataset.repeat_share, overview.interactions, dataset.findings),
        "shared_ids": dataset.shared_ids,
        "links": dataset.links.height,
        "periods": [{"label": bar.label, "count": bar.count} for bar in overview.periods],
        "top_items_share": overview.top_items_share,
        "median_history": overview.median_history,
        "longest_history": overview.longest_history,
        "items_with_title": overview.titles,
        "items_with_categories": overview.categories,
        "findings": [
            {"code": entry.code, "count": entry.count, "action": entry.action.value, "message": entry.message}
            for entry in dataset.findings
        ],
    }
