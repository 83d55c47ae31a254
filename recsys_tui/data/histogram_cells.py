"""Where every row of a dataset stands in the histograms that are drawn of it: by rating, by kind of event, by time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import EVENT, ITEM, RATING, ROW, STRENGTH, TIME, USER, Dataset, TimeKind
from recsys_tui.data.pair_keys import distinct_pairs, first_of_pairs, pair_keys, repeated_rows
from recsys_tui.data.people_behind import (
    Flags,
    Longs,
    PlacedRows,
    Rows,
    Whole,
    cells_and_sums,
    told_cells,
    told_coarse_cells,
)
from recsys_tui.output.crowd_gate import CrowdGate

MOST_BARS = 12
MOST_PERIODS = 60
DAY = 86_400_000
WITH_MEAN = 2  # sums that are told: how many ratings there are, and by their mean what they sum to
# Spans of time, finest first: (Polars' name, about how many days, how its first day is written).
SPANS = (
    ("1d", 1, "%Y-%m-%d"),
    ("1mo", 28, "%Y-%m"),
    ("1q", 90, "%Y-%m"),
    ("1y", 365, "%Y"),
    ("10y", 3650, "%Y"),
    ("200y", 73_000, "%Y"),
)
Span = tuple[str, int, str]


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram: its label, and its count, None where fewer than ten people stand behind it.

    ``beside``: enough people do, but it is kept back because the others and the whole would then tell of a few.
    """

    label: str
    count: int | None
    beside: bool = False


@dataclass(frozen=True)
class Cells:
    """The cells of one histogram: ``labels``, and who made each row and in which cell it stands. ``sums``: how many
    sums over all of it are told elsewhere, as :func:`told_cells` has it."""

    labels: tuple[str, ...]
    placed: PlacedRows
    sums: int = 1

    def bars(self, gate: CrowdGate, part: Flags | None = None) -> tuple[Bar, ...]:
        """One bar a cell, 0 where nothing is; of all rows, or of those of a mask beside all."""
        told = told_cells(self.placed, gate, part, sums=self.sums)
        shown = self.placed if part is None else self.placed.of(part)
        many = ~told & (shown.people(gate.minimum) >= gate.minimum)
        each = zip(self.labels, shown.rows.tolist(), told.tolist(), many.tolist(), strict=True)
        return tuple(Bar(label, count if open_ or not count else None, beside) for label, count, open_, beside in each)

    def mean_told(self, gate: CrowdGate, part: Rows | None = None) -> bool:
        """Whether the mean of what the cells are by may be told beside the bars: of all rows, or of some."""
        return cells_and_sums(self.placed, gate, part, sums=self.sums)[1]


@dataclass(frozen=True)
class HistogramCells:
    """All histograms of a dataset: ``ratings`` lowest first, ``events`` the most frequent first, ``periods`` oldest
    first, each of a ``span`` from its ``starts`` (epoch milliseconds); None where the data has none of it. ``items``:
    each row by its item (a code).

    ``pairs``: how many different pairs of a person and an item there are, as lists count them: without those of which
    everything was taken back, which would be told beside lists and periods. ``once`` (rows,): the first row that counts
    of each, which is what lists and groups know of them; None where nobody did anything twice. The rows of ``ratings``
    are these alone, with the first rating that was given, as everywhere else.
    """

    items: PlacedRows
    pairs: int
    ratings: Cells | None
    events: Cells | None
    periods: Cells | None
    span: Span = SPANS[0]
    starts: NDArray[np.int64] | None = None
    once: Flags | None = None

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """Place every row."""
        table = dataset.interactions
        owners = table[USER].to_numpy()
        items = PlacedRows(owners, table[ITEM].to_numpy(), dataset.items.height)
        keys, taken, once = pair_keys(table), table, None
        if STRENGTH in table.columns or distinct_pairs(keys) < table.height:
            once, taken = first_rows(dataset, keys)
        del keys
        pairs, ratings = taken.height, None
        if RATING in table.columns:
            ratings = rating_cells(taken[USER].to_numpy(), taken[RATING])
        events = _event_cells(owners, table[EVENT]) if EVENT in table.columns else None
        if dataset.time_kind is not TimeKind.TIME or TIME not in table.columns or not table[TIME].count():
            return cls(items, pairs, ratings, events, None, once=once)
        periods, span, starts = period_cells(owners, table[TIME])
        return cls(items, pairs, ratings, events, periods, span, starts, once)

    def coarser_periods(self, span: Span, counted: Flags | None = None) -> Cells | None:
        """The periods in a longer span, or this one; of some of the rows, as :meth:`counted_in_time` has it."""
        found = self._in_span(span)
        return found if counted is None or found is None else replace(found, placed=found.placed.of(counted))

    def _in_span(self, span: Span) -> Cells | None:
        if self.periods is None or self.starts is None or span == self.span:
            return self.periods
        starts = _starts_of(self.starts, span)
        own = np.searchsorted(starts, self.starts, "right") - 1
        places = np.append(own, -1).astype(np.int8)[self.periods.placed.places]
        return Cells(_period_labels(starts, span), PlacedRows(self.items.owners, places, len(starts)))

    def counted(self, gate: CrowdGate) -> Flags:
        """Which rows count in figures of single items, shape (rows,): of an item with which a few people did more than
        to take it once, or other things, each who took it counts once: beside how many these are, as lists tell it, the
        others would be told. So does each of another item, where all rows would tell of the few of one."""
        if self.once is None:
            return np.ones(len(self.items.places), np.bool_)
        found = self._known_counted
        if gate.minimum not in found:
            found[gate.minimum] = self.once | told_cells(self.items.of(~self.once), gate)[self.items.places]
        return found[gate.minimum]

    @cached_property
    def _known_counted(self) -> dict[int, Flags]:
        return {}

    def counted_in_time(self, gate: CrowdGate) -> Flags | None:
        """Which rows count in periods, shape (rows,): all (None), or the first ones alone, as groups of people are told
        of, where what is done again in one of the finest is of a few people."""
        if self.once is None or self.periods is None:
            return None
        again = self.periods.placed.of(~self.once)
        return None if told_cells(again, gate)[again.rows > 0].all() else self.once

    def items_taken(self) -> int:
        """How many items anybody has, who did not take all of them back."""
        return int((self.items if self.once is None else self.items.of(self.once)).rows.astype(np.bool_).sum())

    def told_items(self, gate: CrowdGate) -> Flags:
        """Of which items, shape (items,), it may be told how many rows and people there are, beside how many there are
        in all: it is not where hardly anybody has not taken them either."""
        return self._of_items(gate)[0]

    def told_item_steps(self, of_item: Longs, steps: int, gate: CrowdGate) -> bool:
        """Whether it may be told how many of the rows that are :meth:`counted` are in each of some steps, beside items;
        ``of_item`` (items,): the step of each. Nor is one told whose first rows, that density counts, would not be."""
        told, may = self._of_items(gate)
        for items in self._parts_by_item(gate):
            coarse = PlacedRows(items.owners, of_item[items.places], steps)
            if not told_coarse_cells(items, told, coarse, gate, may)[coarse.rows > 0].all():
                return False
        return True

    def _parts_by_item(self, gate: CrowdGate) -> list[PlacedRows]:
        """By item the rows that are :meth:`counted` and the first ones, or all: once for all steps, as people are
        counted once in each."""
        found = self._known_parts
        if gate.minimum not in found:
            counted = self.counted(gate)
            parts = [] if self.once is None else [counted] if (counted == self.once).all() else [counted, self.once]
            found[gate.minimum] = [self.items.of(part) for part in parts] or [self.items]
        return found[gate.minimum]

    @cached_property
    def _known_parts(self) -> dict[int, list[PlacedRows]]:
        return {}

    @cached_property
    def _known_items(self) -> dict[int, tuple[Flags, Flags]]:
        return {}

    def _of_items(self, gate: CrowdGate) -> tuple[Flags, Flags]:
        """Which items are told, and which come into question."""
        found = self._known_items
        if gate.minimum not in found:
            everyone = int(self.items.owners.max()) + 1 if len(self.items.owners) else 0
            items = self.items if self.once is None else self.items.of(self.once)
            may = np.ones(items.count, np.bool_)
            # Sizes of groups tell how many have anything, beside how many took all of it back.
            wholes = (everyone, int((np.bincount(items.owners) > 0).sum()))
            for item in np.flatnonzero(items.rows > min(wholes) - gate.minimum).tolist():
                lacking = [people - len(np.unique(items.owners[items.places == item])) for people in wholes]
                may[item] = all(few == 0 or gate.open_for(few) for few in lacking)
            found[gate.minimum] = told_cells(items, gate, may=may), may
        return found[gate.minimum]


def first_rows(dataset: Dataset, keys: NDArray[np.uint64]) -> tuple[Flags | None, pl.DataFrame]:
    """The first row that counts of each person and item, (rows,), as :func:`merged_pairs` has it; None where that is
    every row. And who made these, with the first ratings that were given; ``keys``: the pair of each row.

    Merging takes much memory: only the rows of repeated pairs are merged, and none where the first row is what counts.
    """
    from recsys_tui.data.merged_pairs import merged_pairs

    table, columns = dataset.interactions, [USER, RATING] if RATING in dataset.interactions.columns else [USER]
    if RATING not in table.columns and STRENGTH not in table.columns:
        once = first_of_pairs(keys)
        return None if once.all() else once, table.select(columns).filter(once)
    again = repeated_rows(keys)
    pairs = merged_pairs(replace(dataset, interactions=table.filter(again))).taken
    counts = (table[STRENGTH] > 0).fill_null(value=False).to_numpy() if STRENGTH in table.columns else True
    once = (counts & ~again) | table[ROW].is_in(pairs[ROW].implode()).to_numpy()
    taken = table.select(columns).filter(once)
    if RATING in table.columns and pairs.height:
        taken = taken.with_columns(taken[RATING].scatter(np.flatnonzero(again[once]), pairs[RATING]))
    return None if once.all() else once, taken


def levels_of(ratings: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """The ratings there are, lowest first; the lower ends of twelve ranges of equal width where there are more."""
    found = np.unique(ratings).astype(np.float64)
    return found if len(found) <= MOST_BARS else np.linspace(found[0], found[-1], MOST_BARS + 1)[:-1]


def level_of(ratings: NDArray[np.floating[Any]], levels: NDArray[np.float64]) -> NDArray[np.int64]:
    """The place of each rating among the levels."""
    return np.maximum(0, np.searchsorted(levels, ratings.astype(np.float64), side="right") - 1)


def rating_cells(owners: Whole, column: pl.Series) -> Cells | None:
    """One cell a value, or a range where there are many values; None where nothing is rated."""
    known = column.is_not_null().to_numpy()
    ratings = column.drop_nulls().to_numpy()
    if not len(ratings):
        return None
    levels = levels_of(ratings)
    places = np.full(len(column), -1, np.int8)
    places[known] = level_of(ratings, levels)
    ends = [*levels[1:].tolist(), float(ratings.max())]
    values = float(levels[-1]) == ends[-1]
    labels = [
        f"{low:g}" if values else f"{low:.4g}-{high:.4g}" for low, high in zip(levels.tolist(), ends, strict=True)
    ]
    return Cells(tuple(labels), PlacedRows(owners, places, len(labels)), WITH_MEAN)


def _event_cells(owners: Whole, column: pl.Series) -> Cells:
    """One cell a kind of event, the most frequent first; what is not among the first twelve is in none."""
    counts = column.drop_nulls().value_counts(name="rows").sort(["rows", column.name], descending=[True, False])
    names = counts[column.name].head(MOST_BARS)
    codes = column.cast(pl.Enum(names), strict=False).to_physical().cast(pl.Int8)
    return Cells(tuple(names.to_list()), PlacedRows(owners, codes.fill_null(-1).to_numpy(), len(names)))


def period_cells(owners: Whole, times: pl.Series, most: int = MOST_PERIODS) -> tuple[Cells, Span, NDArray[np.int64]]:
    """One cell a period from the first of some dates to the last, in the finest span that makes no more than ``most``;
    with that span, and with when each period begins (epoch milliseconds)."""
    ends = np.array([times.min(), times.max()], np.int64)
    days = int(ends[1] - ends[0]) / DAY
    span = next((span for span in SPANS if days / span[1] < most - 1), SPANS[-1])
    starts = _starts_of(ends, span)
    known = times.is_not_null().to_numpy()
    # A search among the starts of the periods: truncating every time to its period takes three times as long.
    places = np.searchsorted(starts, times.fill_null(0).to_numpy(), "right") - 1
    placed = PlacedRows(owners, np.where(known, places, -1).astype(np.int8), len(starts))
    return Cells(_period_labels(starts, span), placed), span, starts


def _starts_of(times: NDArray[np.int64], span: Span) -> NDArray[np.int64]:
    """When the periods from the first of some dates to the last begin, epoch milliseconds."""
    ends = pl.DataFrame({"first": [int(times.min())], "last": [int(times.max())]}).select(
        pl.from_epoch(pl.all(), time_unit="ms").dt.truncate(span[0])
    )
    whole = ends.select(pl.datetime_range(pl.col("first").first(), pl.col("last").first(), span[0])).to_series()
    return whole.dt.epoch("ms").to_numpy()


def _period_labels(starts: NDArray[np.int64], span: Span) -> tuple[str, ...]:
    return tuple(when.strftime(span[2]) for when in pl.from_epoch(pl.Series(starts), time_unit="ms"))
