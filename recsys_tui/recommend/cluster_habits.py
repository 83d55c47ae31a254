"""How the people of a cluster rate and how active they are, beside everyone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Histories, Longs
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.recommend.crowd_counts import open_cells, shares_of_open

MOST_LEVELS = 12
RECENT_SHARE = 0.1
MOST_PERIODS = 24


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
    def count(cls, owners: Longs, cells: Longs, count: int) -> _Cells:
        """Count actions, given by the person and the cell of each."""
        pairs = np.unique(owners * count + cells)
        return cls(np.bincount(pairs % count, minlength=count), np.bincount(cells, minlength=count))

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
        cells = _Cells.count(here.owners[given], _cells(here.ratings[given], levels), len(levels))
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
        places = np.searchsorted(edges, here.times, side="right") - 1
        shares, all_shares = _Cells.count(here.owners, places, MOST_PERIODS).beside(all_cells, gate)
        starts = tuple(int(edge) for edge in edges[:-1])
        return Activity(median, overall, recent, recent_overall, starts, shares, all_shares)

    @cached_property
    def _rated(self) -> tuple[NDArray[np.float64], _Cells, int, float] | None:
        """Levels, everyone's cells, how many people rate, and the mean rating."""
        ratings = self.everyone.ratings
        if ratings is None or np.isnan(ratings).all():
            return None
        given = ~np.isnan(ratings)
        levels, owners = _levels(ratings[given]), self.everyone.owners[given]
        cells = _Cells.count(owners, _cells(ratings[given], levels), len(levels))
        return levels, cells, _distinct(owners), float(ratings[given].mean(dtype=np.float64))

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
        late = times > newest
        return newest, _distinct(self.everyone.owners[late]), float(late.mean())

    @cached_property
    def _dated(self) -> tuple[NDArray[np.float64], _Cells] | None:
        """The edges of equal stretches of time, and everyone's actions in them."""
        times = self.everyone.times
        if not self.has_dates or times is None or not len(times) or times.min() == times.max():
            return None
        edges = np.linspace(float(times.min()), float(times.max()) + 1, MOST_PERIODS + 1)
        places = np.searchsorted(edges, times, side="right") - 1
        return edges, _Cells.count(self.everyone.owners, places, MOST_PERIODS)


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
