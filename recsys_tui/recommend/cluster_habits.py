"""How the people of a cluster rate and how active they are, beside everyone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Histories, Longs
from recsys_tui.output.crowd_counts import open_cells, shares_of_open
from recsys_tui.output.crowd_gate import CrowdGate

MOST_LEVELS = 12
RECENT_SHARE = 0.1
MOST_PERIODS = 24
BLOCK = 1_000_000  # actions that are counted at once


@dataclass(frozen=True)
class RatingHabits:
    """Mean rating here and among all, and the shares of ratings by level, lowest first.

    ``levels``: the rating, or the lower end of one of ten equal stretches where there are more than 12. A share is
    None where too few people stand behind it; the others sum to 1. ``mean_overall`` is None where all but a few of
    those who rate are in the cluster.
    """

    mean: float
    mean_overall: float | None
    levels: tuple[float, ...]
    shares: tuple[float | None, ...]
    shares_overall: tuple[float | None, ...]


@dataclass(frozen=True)
class Activity:
    """How much and when. ``recent``: share of the cluster's actions among the newest tenth of everybody's.

    ``starts`` (epoch milliseconds): of equal stretches over all the time the data spans, with the share of the
    cluster's and of all actions in each, None where too few people stand behind it; empty without dates. Figures about
    everyone are None where all but a few are in the cluster.
    """

    median_history: float
    median_overall: float | None
    recent: float | None
    recent_overall: float | None
    starts: tuple[int, ...] = ()
    shares: tuple[float | None, ...] = ()
    shares_overall: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class _Cells:
    """How many different people, and how many actions, stand in each cell of a histogram, both (cells,)."""

    people: Longs
    actions: Longs

    @classmethod
    def count(cls, blocks: Iterable[tuple[Longs, Longs]], count: int) -> _Cells:
        """Count actions, given by the person and the cell of each, in blocks of people in their order."""
        people, actions = np.zeros(count, np.int64), np.zeros(count, np.int64)
        for owners, cells in blocks:
            if not len(owners):
                continue
            met = np.zeros((int(owners[-1]) + 1, count), np.bool_)
            met[owners, cells] = True
            people += met.sum(axis=0)
            actions += np.bincount(cells, minlength=count)
        return cls(people, actions)

    def beside(self, everyone: _Cells, gate: CrowdGate) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
        """Shares of actions here and of everyone's, where enough people stand behind both."""
        shown = open_cells(self.people, everyone.people, gate)
        return shares_of_open(self.actions, shown), shares_of_open(everyone.actions, shown)


class EveryonesHabits:
    """How everyone rates and when they act: counted once, beside which any group of them is put.

    ``has_dates``: times are dates.
    """

    def __init__(self, everyone: Histories, has_dates: bool) -> None:
        self.everyone, self.has_dates = everyone, has_dates

    def rating_habits(self, here: Histories, gate: CrowdGate) -> RatingHabits | None:
        """How some of the people rate; None where too few of them do."""
        if here.ratings is None or self._rated is None:
            return None
        given = ~np.isnan(here.ratings)
        raters = _distinct(here.owners[given])
        if not gate.open_for(raters):
            return None
        levels, all_cells, all_raters, mean = self._rated
        cells = _Cells.count(_rated_cells(here, levels), len(levels))
        shares, overall = cells.beside(all_cells, gate)
        others = all_raters - raters
        comparable = others == 0 or gate.open_for(others)
        return RatingHabits(
            mean=float(here.ratings[given].mean(dtype=np.float64)),
            mean_overall=mean if comparable else None,
            levels=tuple(levels.tolist()),
            shares=shares,
            shares_overall=overall,
        )

    def activity(self, here: Histories, gate: CrowdGate) -> Activity:
        """How active some of the people are."""
        others = len(self.everyone) - len(here)
        comparable = others == 0 or gate.open_for(others)
        median, overall = float(np.median(here.lengths)), self._median if comparable else None
        if here.times is None or self._late is None:
            return Activity(median, overall, None, None)
        newest, late_people, late_share = self._late
        late = here.times > newest
        shown = open_cells(np.array([_distinct(here.owners[late])]), np.array([late_people]), gate)[0]
        recent, recent_overall = (float(late.mean()), late_share) if shown else (None, None)
        if self._dated is None:
            return Activity(median, overall, recent, recent_overall)
        edges, all_cells = self._dated
        shares, all_shares = _Cells.count(_dated_cells(here, edges), MOST_PERIODS).beside(all_cells, gate)
        starts = tuple(int(edge) for edge in edges[:-1])
        return Activity(median, overall, recent, recent_overall, starts, shares, all_shares)

    @cached_property
    def _rated(self) -> tuple[NDArray[np.float64], _Cells, int, float] | None:
        """Levels, everyone's cells, how many people rate, and the mean rating."""
        ratings = self.everyone.ratings
        if ratings is None or np.isnan(ratings).all():
            return None
        levels = _levels(ratings[~np.isnan(ratings)])
        raters = sum(_distinct(owners) for owners, _ in _rated_cells(self.everyone, levels))
        cells = _Cells.count(_rated_cells(self.everyone, levels), len(levels))
        return levels, cells, raters, float(np.nanmean(ratings, dtype=np.float64))

    @cached_property
    def _median(self) -> float:
        return float(np.median(self.everyone.lengths))

    @cached_property
    def _late(self) -> tuple[float, int, float] | None:
        """From when on actions are among the newest tenth, how many people have some, and their share of all."""
        times = self.everyone.times
        if times is None or not len(times):
            return None
        newest = float(np.quantile(times, 1 - RECENT_SHARE))
        people = actions = 0
        for block in _blocks(self.everyone):
            late = _times(block) > newest
            people, actions = people + _distinct(block.owners[late]), actions + int(late.sum())
        return newest, people, actions / len(times)

    @cached_property
    def _dated(self) -> tuple[NDArray[np.float64], _Cells] | None:
        """The edges of equal stretches of time, and everyone's actions in them."""
        times = self.everyone.times
        if not self.has_dates or times is None or not len(times) or times.min() == times.max():
            return None
        edges = np.linspace(float(times.min()), float(times.max()) + 1, MOST_PERIODS + 1)
        return edges, _Cells.count(_dated_cells(self.everyone, edges), MOST_PERIODS)


def _blocks(histories: Histories) -> Iterator[Histories]:
    """The same people in their order, about a million actions at a time: counting them takes that much less memory."""
    ends = np.searchsorted(histories.indptr, np.arange(BLOCK, len(histories.items) + BLOCK, BLOCK), side="right")
    start = 0
    for end in ends.tolist():
        stop = min(max(end, start + 1), len(histories))
        if start < stop:
            yield histories.rows(start, stop)
        start = stop


def _times(histories: Histories) -> Longs:
    return np.zeros(0, np.int64) if histories.times is None else histories.times


def _dated_cells(histories: Histories, edges: NDArray[np.float64]) -> Iterator[tuple[Longs, Longs]]:
    """The person and the stretch of time of each action, in blocks."""
    for block in _blocks(histories):
        yield block.owners, np.searchsorted(edges, _times(block), side="right") - 1


def _rated_cells(histories: Histories, levels: NDArray[np.float64]) -> Iterator[tuple[Longs, Longs]]:
    """The person and the level of each rating, in blocks."""
    for block in _blocks(histories):
        if block.ratings is not None:
            given = ~np.isnan(block.ratings)
            yield block.owners[given], _cells(block.ratings[given], levels)


def _levels(ratings: NDArray[np.float32]) -> NDArray[np.float64]:
    """The ratings there are, or the lower ends of ten equal stretches where there are many."""
    found = np.unique(ratings).astype(np.float64)
    return found if len(found) <= MOST_LEVELS else np.linspace(found[0], found[-1], 11)[:-1]


def _cells(ratings: NDArray[np.float32], levels: NDArray[np.float64]) -> Longs:
    """The level of each rating."""
    return np.maximum(0, np.searchsorted(levels, ratings.astype(np.float64), side="right") - 1)


def _distinct(owners: Longs) -> int:
    """How many different people own some actions, given in the order of the people."""
    return int(len(owners) > 0) + int((np.diff(owners) != 0).sum())
