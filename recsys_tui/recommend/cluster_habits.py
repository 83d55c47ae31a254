"""How the people of a cluster rate and how active they are, beside everyone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histogram_cells import WITH_MEAN, level_of, levels_of, period_cells
from recsys_tui.data.histories import Flags, Histories, Longs
from recsys_tui.data.people_behind import PlacedRows, cells_and_sums, told_cells, told_coarse_cells
from recsys_tui.output.crowd_counts import few_in_rest, few_left, open_parts, open_table, shares_of_open
from recsys_tui.profiles.taker_shares import ClusterTakers

RECENT_SHARE = 0.1
MOST_PERIODS = 24
BLOCK = 1_000_000  # actions that are counted at once
LATE, EARLY = 0, 1


@dataclass(frozen=True)
class RatingHabits:
    """Mean rating here and among all, and the shares of ratings by level, lowest first.

    ``levels``: the rating, or the lower end of one of twelve equal stretches where there are more than 12. A share is
    None where too few people stand behind it, or would behind what it leaves; the others sum to 1. ``mean_overall`` is
    None where all but a few of those who rate are in the cluster.
    """

    mean: float
    mean_overall: float | None
    levels: tuple[float, ...]
    shares: tuple[float | None, ...]
    shares_overall: tuple[float | None, ...]


@dataclass(frozen=True)
class Activity:
    """How much and when. ``recent``: share of the cluster's actions among the newest tenth of everybody's.

    ``starts`` (epoch milliseconds): of days, months, quarters, years … over all the time the data spans, with the share
    of the cluster's and of all actions in each, None where too few people stand behind it, or would behind what it
    leaves; empty without dates. Figures about everyone are None where all but a few are in the cluster, and of two
    clusters.
    """

    median_history: float
    median_overall: float | None
    recent: float | None
    recent_overall: float | None
    starts: tuple[int, ...] = ()
    shares: tuple[float | None, ...] = ()
    shares_overall: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class CellTable:
    """How many different people, and how many actions, of each cluster stand in each cell of a histogram, both
    (clusters + 1, cells): the last row is of all of whom nothing is told. ``open_`` (clusters, cells): what is told."""

    people: Longs
    actions: Longs
    open_: Flags

    @classmethod
    def of(cls, takers: ClusterTakers, cells: NDArray[np.integer], may: Flags, sums: int = 1) -> Self:
        """Count actions by the cell of each (-1: none). ``may`` (cells,): which may be told of everyone. ``sums``: how
        many sums over all cells of a cluster are told."""
        told = np.append(takers.told, False)[takers.clusters]
        groups = np.where(told, takers.clusters, takers.count)
        people, actions = counted(takers.histories, cells, groups, takers.count + 1, len(may))
        open_ = open_table(people, takers.gate, np.broadcast_to(may, (takers.count, len(may))), sums)
        return cls(people, actions, open_)

    def shares(self, cluster: int) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
        """Shares of the actions of a cluster and of everyone's, in the cells that are told of it."""
        open_ = self.open_[cluster]
        beside = np.zeros_like(open_) if self.of_two else open_
        return shares_of_open(self.actions[cluster], open_), shares_of_open(self.actions.sum(axis=0), beside)

    @property
    def of_two(self) -> bool:
        """Whether everybody is of two groups, so that theirs and everyone's figures tell how much each of them did."""
        return int((self.actions.sum(axis=1) > 0).sum()) == 2


class EveryonesHabits:
    """How everyone rates and when they act, by cluster: counted once. ``has_dates``: times are dates."""

    def __init__(self, takers: ClusterTakers, has_dates: bool) -> None:
        self.takers, self.everyone, self.has_dates = takers, takers.histories, has_dates

    def rating_habits(self, cluster: int) -> RatingHabits | None:
        """How the people of a cluster rate; None where too few of them do, or all but a few of those who do."""
        if self._rated is None or not self._rated[2][cluster]:
            return None
        levels, table, told, means = self._rated
        shares, overall = table.shares(cluster)
        return RatingHabits(
            mean=float(means[cluster]),
            mean_overall=float(means[-1]) if told[-1] else None,
            levels=tuple(levels.tolist()),
            shares=shares,
            shares_overall=overall,
        )

    def activity(self, cluster: int) -> Activity:
        """How active the people of a cluster are."""
        lengths = self.everyone.lengths[self.takers.members(cluster)]
        others = len(self.everyone) - len(lengths)
        comparable = others == 0 or self.takers.gate.open_for(others)
        median, overall = float(np.median(lengths)), self._median if comparable else None
        if self._late is None:
            return Activity(median, overall, None, None)
        here, everyone, open_ = self._late.actions[cluster], self._late.actions.sum(axis=0), self._late.open_[cluster]
        recent = recent_overall = None
        if open_[LATE] and (open_[EARLY] or not here[EARLY]):
            recent = float(here[LATE] / here.sum())
            recent_overall = None if self._late.of_two else float(everyone[LATE] / everyone.sum())
        if self._dated is None:
            return Activity(median, overall, recent, recent_overall)
        starts, table = self._dated
        shares, all_shares = table.shares(cluster)
        return Activity(median, overall, recent, recent_overall, tuple(starts.tolist()), shares, all_shares)

    @cached_property
    def _rated(self) -> tuple[NDArray[np.float64], CellTable, Flags, NDArray[np.float64]] | None:
        """Levels, their table, which means may be told, and the means: by cluster, last everyone's."""
        ratings = self.everyone.ratings
        if ratings is None or np.isnan(ratings).all():
            return None
        given = ~np.isnan(ratings)
        levels = levels_of(ratings[given])
        cells = np.full(len(ratings), -1, np.int8)
        cells[given] = level_of(ratings[given], levels)
        gate, count, placed = self.takers.gate, self.takers.count, PlacedRows(self._owners, cells, len(levels))
        told, mean_told = cells_and_sums(placed, gate, sums=WITH_MEAN)
        table = CellTable.of(self.takers, cells, told, WITH_MEAN)
        raters, _ = counted(self.everyone, np.where(given, 0, -1), self._groups, count + 1, 1)
        open_ = open_parts(raters[:-1, 0], gate, untold=int(raters[-1, 0]))
        open_ &= ~few_left(table.people, table.open_, gate, WITH_MEAN)
        while open_.any() and few_in_rest(table.people, open_, gate, WITH_MEAN):
            open_[np.flatnonzero(open_)[raters[:-1, 0][open_].argmin()]] = False
        open_ = np.append(open_, mean_told and not table.of_two)
        of_action = self._groups[self._owners[given]]
        sums = np.bincount(of_action, ratings[given].astype(np.float64), minlength=count + 1)
        counts = np.bincount(of_action, minlength=count + 1)
        means = np.append(sums[:-1] / np.maximum(1, counts[:-1]), sums.sum() / counts.sum())
        return levels, table, open_, means

    @cached_property
    def _groups(self) -> Longs:
        """The cluster of everybody of whom anything is told, one more for all others, shape (people,)."""
        told = np.append(self.takers.told, False)[self.takers.clusters]
        return np.where(told, self.takers.clusters, self.takers.count).astype(np.int64)

    @cached_property
    def _owners(self) -> NDArray[np.int32]:
        return self.everyone.owners.astype(np.int32)

    @cached_property
    def _median(self) -> float:
        return float(np.median(self.everyone.lengths))

    @cached_property
    def _late(self) -> CellTable | None:
        """Actions among the newest tenth, and all others."""
        times = self.everyone.times
        if times is None or not len(times):
            return None
        cells = np.where(times > float(np.quantile(times, 1 - RECENT_SHARE)), LATE, EARLY).astype(np.int8)
        told = told_cells(PlacedRows(self._owners, cells, 2), self.takers.gate)
        return CellTable.of(self.takers, cells, told)

    @cached_property
    def _dated(self) -> tuple[Longs, CellTable] | None:
        """When the periods start, and everyone's actions in them."""
        import polars as pl

        times = self.everyone.times
        if not self.has_dates or times is None or not len(times) or times.min() == times.max():
            return None
        series = pl.Series(times)
        fine, _, _ = period_cells(self._owners, series)
        periods, _, starts = period_cells(self._owners, series, MOST_PERIODS)
        gate, anything = self.takers.gate, np.ones(fine.placed.count, np.bool_)
        told = told_coarse_cells(fine.placed, told_cells(fine.placed, gate), periods.placed, gate, anything)
        return starts, CellTable.of(self.takers, periods.placed.places, told)


def counted(
    histories: Histories, cells: NDArray[np.integer], groups: Longs, group_count: int, cell_count: int
) -> tuple[Longs, Longs]:
    """How many different people, and how many actions, of each group of people stand in each cell, both (groups,
    cells): given the cell of each action (-1: none) and the group of each person."""
    people = np.zeros((group_count, cell_count), np.int64)
    actions = np.zeros(group_count * cell_count, np.int64)
    for start, stop in _blocks(histories):
        rows = slice(int(histories.indptr[start]), int(histories.indptr[stop]))
        placed = cells[rows] >= 0
        owners = np.repeat(np.arange(stop - start), histories.lengths[start:stop])[placed]
        own = cells[rows][placed].astype(np.int64)
        met = np.zeros((stop - start, cell_count), np.bool_)
        met[owners, own] = True
        of_person = groups[start:stop]
        for group in np.unique(of_person).tolist():
            people[group] += met[of_person == group].sum(axis=0)
        actions += np.bincount(of_person[owners] * cell_count + own, minlength=len(actions))
    return people, actions.reshape(group_count, cell_count)


def _blocks(histories: Histories) -> Iterator[tuple[int, int]]:
    """All people in their order, from and to, about a million actions at a time: that takes so much less memory."""
    ends = np.searchsorted(histories.indptr, np.arange(BLOCK, len(histories.items) + BLOCK, BLOCK), side="right")
    start = 0
    for end in ends.tolist():
        stop = min(max(end, start + 1), len(histories))
        if start < stop:
            yield start, stop
        start = stop
