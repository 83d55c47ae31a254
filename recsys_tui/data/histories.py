"""People as time-ordered lists of items: the one form in which every model sees a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.sparse_rows import SparseRows

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.data.dataset import Dataset
    from recsys_tui.data.merged_pairs import MergedPairs

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]

RATING_SLOPE = 0.3
WEIGHT_BOUNDS = (0.2, 1.8)
MANY_REPEATS = 1.1


@dataclass(frozen=True)
class Histories:
    """Histories of some people, each oldest action first, laid end to end.

    ``indptr`` (people + 1) bounds each person's stretch of ``items`` (codes), ``times`` (epoch milliseconds or
    positions, None where the data has neither) and ``weights`` (1 for a plain action; with ratings 1 plus 0.3 times
    the distance from the person's own mean in standard deviations of all such distances, kept within 0.2 to 1.8).
    ``peers``: sparse rows, one a person, of what the people they are linked with have taken; empty without links.
    ``ratings`` (actions,): as given, not-a-number where one is missing; None where the data has none. ``disliked``:
    codes of what a single person said they dislike, which is no part of their history; None for anybody else.
    """

    indptr: Longs
    items: Ints
    times: Longs | None
    weights: Floats
    item_count: int
    peers: Mapping[str, SparseRows] = field(default_factory=dict)
    ratings: Floats | None = None
    disliked: Ints | None = None

    def __len__(self) -> int:
        return len(self.indptr) - 1

    @property
    def lengths(self) -> Longs:
        """Actions of each person, shape (people,)."""
        return np.diff(self.indptr)

    @property
    def owners(self) -> Longs:
        """The person (row) each action belongs to, shape (actions,)."""
        return np.repeat(np.arange(len(self)), self.lengths)

    @property
    def lags(self) -> Longs:
        """How many actions of the same person came later, shape (actions,): 0 is the newest."""
        return np.repeat(self.indptr[1:], self.lengths) - 1 - np.arange(len(self.items))

    def items_of(self, person: int) -> Ints:
        """The items of one person, oldest first."""
        return self.items[self.indptr[person] : self.indptr[person + 1]]

    def owners_of(self, item: int) -> Longs:
        """The rows of the people who have an item (a code)."""
        return np.searchsorted(self.indptr, np.flatnonzero(self.items == item), side="right") - 1

    def prefixes(self, people: Iterable[int], lengths: Iterable[int]) -> Histories:
        """The first ``lengths[j]`` actions of ``people[j]``: a person may occur at several moments."""
        people_array = np.fromiter(people, dtype=np.int64)
        lengths_array = np.fromiter(lengths, dtype=np.int64)
        indptr = np.concatenate([[0], np.cumsum(lengths_array)]).astype(np.int64)
        within = np.arange(indptr[-1]) - np.repeat(indptr[:-1], lengths_array)
        source = np.repeat(self.indptr[people_array], lengths_array) + within
        return Histories(
            indptr,
            self.items[source],
            None if self.times is None else self.times[source],
            self.weights[source],
            self.item_count,
            {name: rows.take(people_array) for name, rows in self.peers.items()},
            None if self.ratings is None else self.ratings[source],
        )

    def rows(self, start: int, stop: int) -> Histories:
        """The people ``start`` to ``stop`` - 1, without copying their actions."""
        first, last = self.indptr[start], self.indptr[stop]
        return Histories(
            self.indptr[start : stop + 1] - first,
            self.items[first:last],
            None if self.times is None else self.times[first:last],
            self.weights[first:last],
            self.item_count,
            {name: rows.slice(start, stop) for name, rows in self.peers.items()},
            None if self.ratings is None else self.ratings[first:last],
        )

    def peer_scores(self, name: str) -> Floats:
        """A row of peers in full, shape (people, items); all 0 where nobody is linked."""
        rows = self.peers.get(name)
        if rows is None:
            return np.broadcast_to(np.zeros((), np.float32), (len(self), self.item_count))
        return rows.dense(self.item_count)

    def peer_rows(self, name: str) -> SparseRows:
        """The same rows as they are kept; empty where nobody is linked."""
        nothing = SparseRows(np.zeros(len(self) + 1, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
        return self.peers.get(name, nothing)

    def item_counts(self) -> Longs:
        """Actions on each item, shape (items,)."""
        return np.bincount(self.items, minlength=self.item_count)

    @classmethod
    def of_one(cls, items: Sequence[int] | Ints, item_count: int, weights: Floats | None = None) -> Histories:
        """A single person given by a list of item codes, oldest first."""
        codes = np.asarray(items, dtype=np.int32)
        if weights is None:
            weights = np.ones(len(codes), np.float32)
        return cls(np.array([0, len(codes)], np.int64), codes, None, weights.astype(np.float32), item_count)


def histories_of(dataset: Dataset, pairs: MergedPairs | None = None) -> Histories:
    """The view of a dataset that the models learn from: each (user, item) pair once, at its first event.

    The dataset stores every event; this view merges repeats because lists show what a person has not taken yet. Pairs
    that were taken back are not in it.
    """
    from recsys_tui.data.dataset import ITEM, RATING, TIME, USER
    from recsys_tui.data.merged_pairs import merged_pairs

    frame = (pairs or merged_pairs(dataset)).taken
    counts = np.bincount(frame[USER].to_numpy(), minlength=dataset.user_count)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    times = frame[TIME].to_numpy().astype(np.int64) if TIME in frame.columns else None
    items = frame[ITEM].to_numpy().astype(np.int32)
    ratings = None
    if RATING in frame.columns:
        ratings = frame[RATING].fill_null(float("nan")).to_numpy().astype(np.float32)
    return Histories(indptr, items, times, _weights(dataset, frame), dataset.items.height, ratings=ratings)


def _weights(dataset: Dataset, frame: pl.DataFrame) -> Floats:
    """1 for a plain action; else 1 + 0.3 × the standardised rating, or log strength of the pair, within bounds.

    Ratings and counts are centred per person, who each have their own scale; kinds of events over everyone.
    """
    import polars as pl

    from recsys_tui.data.dataset import RATING, STRENGTH, USER
    from recsys_tui.data.merged_pairs import NET, counts_per_person

    if dataset.explicit and RATING in frame.columns:
        value, of_person = pl.col(RATING), True
    elif STRENGTH in dataset.interactions.columns or dataset.interactions.height > MANY_REPEATS * frame.height:
        value, of_person = pl.col(NET).log1p(), counts_per_person(dataset)
    else:
        return np.ones(frame.height, np.float32)
    middle = value.mean().over(USER) if of_person else value.mean()
    centred = frame.select((value - middle).alias("value"))["value"].fill_null(0.0).to_numpy()
    spread = float(np.std(centred)) or 1.0
    return np.clip(1 + RATING_SLOPE * centred / spread, *WEIGHT_BOUNDS).astype(np.float32)


def behaviour_matrix(histories: Histories, weights: Floats | None = None) -> Any:
    """The sparse people × items matrix (CSR): 1, or the given weight, where a person has an item."""
    from scipy.sparse import csr_matrix

    values = np.ones(len(histories.items), np.float32) if weights is None else weights
    matrix = csr_matrix(
        (values, histories.items, histories.indptr), shape=(len(histories), histories.item_count), copy=True
    )
    matrix.sum_duplicates()
    return matrix
