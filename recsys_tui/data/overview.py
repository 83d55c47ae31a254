"""The overview of a dataset: counts, ratings over their scale, activity over time, the long tail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

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
from recsys_tui.data.people_behind import counts_and_people
from recsys_tui.output.crowd_gate import CrowdGate

MOST_BARS = 12
MOST_PERIODS = 60
DAY = 86_400_000
# Spans of time, finest first: (Polars' name, about how many days, how its first day is written).
SPANS = (
    ("1d", 1, "%Y-%m-%d"),
    ("1mo", 28, "%Y-%m"),
    ("1q", 90, "%Y-%m"),
    ("1y", 365, "%Y"),
    ("10y", 3650, "%Y"),
    ("200y", 73_000, "%Y"),
)
TOP_SHARE = 0.1
ROLES = (USER, ITEM, RATING, TIME, EVENT, QUANTITY, BASKET, REVIEW)


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram: its label, its count, or None where fewer than ten people stand behind it."""

    label: str
    count: int | None


@dataclass(frozen=True)
class Overview:
    """Figures about a dataset.

    ``periods``: activity over all the time the data spans, in the finest of days, months, quarters, years … that makes
    no more than 60 bars, each labelled with its start.
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
    top_items_share: float
    tail: tuple[float, ...]
    median_history: float
    longest_history: int
    titles: int
    categories: int


def describe(dataset: Dataset, gate: CrowdGate | None = None) -> Overview:
    """Compute the overview. Histogram cells pass the crowd gate; totals do not need to."""
    gate = gate or CrowdGate()
    table, items = dataset.interactions, dataset.items
    has_dates = dataset.time_kind is TimeKind.TIME and TIME in table.columns
    counts = np.sort(items[COUNT].to_numpy())[::-1]
    counts = counts[counts > 0]
    cumulative = np.cumsum(counts) / max(1, counts.sum())
    top = max(1, round(TOP_SHARE * len(counts)))
    history = dataset.users[COUNT]
    titles = items.height - items[TITLE].null_count() if TITLE in items.columns else 0
    categories = int((items[CATEGORIES].list.len() > 0).sum()) if CATEGORIES in items.columns else 0
    return Overview(
        rows=dataset.rows_read,
        users=dataset.user_count,
        items=dataset.item_count,
        catalogue_items=items.height,
        interactions=dataset.interaction_count,
        density=dataset.density,
        first_time=int(str(table[TIME].min())) if has_dates else None,
        last_time=int(str(table[TIME].max())) if has_dates else None,
        ratings=rating_bars(table, gate),
        events=_mix(table, EVENT, gate) if EVENT in table.columns else (),
        periods=period_bars(table, gate) if has_dates else (),
        top_items_share=float(cumulative[top - 1]) if len(counts) else 0.0,
        tail=tuple(float(share) for share in cumulative[np.linspace(0, len(counts) - 1, 40).astype(int)]),
        median_history=float(str(history.median())),
        longest_history=int(str(history.max())),
        titles=titles,
        categories=categories,
    )


def _mix(table: pl.DataFrame, column: str, gate: CrowdGate) -> tuple[Bar, ...]:
    grouped = counts_and_people(table, [column], gate.minimum)
    rows = grouped.sort("count", descending=True).head(MOST_BARS).iter_rows(named=True)
    return tuple(Bar(str(row[column]), gate.pass_value(row["count"], row["people"])) for row in rows)


def rating_bars(table: pl.DataFrame, gate: CrowdGate) -> tuple[Bar, ...]:
    """One bar a value, highest first; ranges of about equal width where there are many values."""
    if RATING not in table.columns:
        return ()
    known = table.select(USER, pl.col(RATING)).drop_nulls()
    if known[RATING].n_unique() <= MOST_BARS:
        known = known.with_columns(pl.col(RATING).alias("low"), pl.col(RATING).alias("high"))
    else:
        low, high = float(str(known[RATING].min())), float(str(known[RATING].max()))
        width = (high - low) / MOST_BARS
        cell = ((pl.col(RATING) - low) / width).floor().clip(0, MOST_BARS - 1)
        known = known.with_columns((low + cell * width).alias("low"), (low + (cell + 1) * width).alias("high"))
    grouped = counts_and_people(known, ["low", "high"], gate.minimum)
    return tuple(
        Bar(_span(row["low"], row["high"]), gate.pass_value(row["count"], row["people"]))
        for row in grouped.sort("low", descending=True).iter_rows(named=True)
    )


def _span(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:.4g}-{high:.4g}"


def span_of(table: pl.DataFrame) -> tuple[str, int, str]:
    """The finest of ``SPANS`` that makes no more than 60 bars of the time that a table with dates spans."""
    first, last = int(str(table[TIME].min())), int(str(table[TIME].max()))
    days = (last - first) / DAY
    return next((span for span in SPANS if days / span[1] < MOST_PERIODS - 1), SPANS[-1])


def period_bars(table: pl.DataFrame, gate: CrowdGate, span: tuple[str, int, str] | None = None) -> tuple[Bar, ...]:
    """One bar a period from the first row of a table with dates to its last; ``span`` as :func:`span_of` gives it."""
    step, _, pattern = span or span_of(table)
    ends = table.select(
        pl.from_epoch(end, time_unit="ms").dt.truncate(step).alias(name)
        for name, end in (("first", pl.col(TIME).min()), ("last", pl.col(TIME).max()))
    )
    whole = ends.select(pl.datetime_range(pl.col("first").first(), pl.col("last").first(), step))["first"]
    # A search among the starts of the periods: truncating every time to its period takes three times as long.
    places = np.searchsorted(whole.dt.epoch("ms").to_numpy(), table[TIME].to_numpy(), "right") - 1
    of_rows = pl.DataFrame({USER: table[USER], "place": places.astype(np.uint16)})
    found = {row["place"]: row for row in counts_and_people(of_rows, ["place"], gate.minimum).iter_rows(named=True)}
    return tuple(
        Bar(when.strftime(pattern), gate.pass_value(row["count"], row["people"]) if (row := found.get(place)) else 0)
        for place, when in enumerate(whole)
    )


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
        "repeat_share": dataset.repeat_share,
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
