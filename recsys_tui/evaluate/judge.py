"""Lists held against what people took: every metric of every list, and the means with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import CATEGORIES, ID, ITEM, RATING, STRENGTH, TIME, USER, Dataset
from recsys_tui.data.histories import Histories
from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.data.told_takers import told_takers
from recsys_tui.evaluate.list_making import asked_codes
from recsys_tui.evaluate.list_metrics import coverage, diversity, gini, novelty
from recsys_tui.evaluate.protocols import Split
from recsys_tui.evaluate.ranking_metrics import RANKING_METRICS, found, ranking_metrics, repeated, seen_shown
from recsys_tui.evaluate.taken_pairs import Ranks, TakenPairs
from recsys_tui.evaluate.taste_metrics import (
    FARTHEST,
    category_shares,
    miscalibration,
    popularity_lift,
    popularity_of_histories,
    popularity_of_lists,
)
from recsys_tui.output.crowd_counts import in_steps, next_crowds
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.profiles.content_profile_fitting import fit_content_profiles

LENGTHS = (10, 20)
RANK = "rank"


@dataclass(frozen=True)
class Figures:
    """What one model's lists are worth. ``scores``: metric (such as ``ndcg@10``) → value of each person asked about;
    ``shown``: metrics of all lists together, or means where nothing is judged; counts of lists that went wrong.
    ``ranks`` (runs, pairs): where lists have each held-out pair. ``popularity`` (people,): that of the first 10.
    ``at_fault``: how many people have no list, are shown what they have, or the same item twice."""

    scores: dict[str, NDArray[np.float64]]
    shown: dict[str, float | None]
    without_list: int
    seen_shown: int
    repeated: int
    ranks: Ranks = field(default_factory=lambda: np.zeros((1, 0), np.int64))
    popularity: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    at_fault: tuple[int, int, int] = (0, 0, 0)

    def told_faults(self, gate: CrowdGate) -> tuple[int | None, ...]:
        """``without_list``, ``seen_shown`` and ``repeated``; None where few people's lists went wrong so, or where few
        people have a list. What is shown of what people have counts in tens: by own lists that differ by an item it
        would be known whether a person has it."""
        counts = (self.without_list, next_crowds(self.seen_shown, gate), self.repeated)
        return tuple(
            count if not self._are_few(gate) and (not count or gate.open_for(people)) else None
            for count, people in zip(counts, self.at_fault, strict=True)
        )

    def of_crowds(self, gate: CrowdGate) -> Figures:
        """The same without what all lists together show, where few people have one: it would be theirs."""
        return replace(self, shown=dict.fromkeys(self.shown)) if self._are_few(gate) else self

    def _are_few(self, gate: CrowdGate) -> bool:
        people = max((len(values) for values in self.scores.values()), default=0)
        return 0 < people - self.at_fault[0] < gate.minimum <= people

    @property
    def means(self) -> dict[str, float | None]:
        """Every metric's figure."""
        return {name: float(values.mean()) for name, values in self.scores.items()} | self.shown


class Judge:
    """Knows the people asked about, what they took and had, and the catalogue; the same for every model."""

    def __init__(self, split: Split) -> None:
        train, asked = split.train, split.asked
        self.chosen = asked_codes(split.test, asked)
        self._people = {text: row for row, text in enumerate(asked.users[ID].gather(self.chosen).to_list())}
        self._items = {text: code for code, text in enumerate(train.items[ID].to_list())}
        self._catalogue = len(self._items)
        self._trained_items = train.item_count
        test = split.test.unique([USER, ITEM], keep="first", maintain_order=True)
        self._truth = self._rows(test)
        self.pairs = self._taken(test)
        self._wanted = np.diff(self._truth.indptr)
        self._history = self._rows(_pairs(asked).filter(pl.col(USER).is_in(list(self._people))))
        pairs = train.interactions.select(USER, ITEM).unique().sort(USER)
        self._owners = pairs[ITEM].to_numpy()
        starts = np.searchsorted(pairs[USER].to_numpy(), np.arange(train.user_count + 1))
        before = Histories(starts, self._owners, None, np.ones(0, np.float32), len(self._items))
        self._told_takers = told_takers(before, CrowdGate())[0]
        self._people_trained = train.user_count
        self.content = fit_content_profiles(train.items, seed=0)[0]
        self._categories = train.items[CATEGORIES].to_list() if CATEGORIES in train.items.columns else []

    def figures(self, lists: pl.DataFrame) -> Figures:
        """Judge lists: columns ``user``, ``item`` (ids) and ``rank``; people who are not asked about do not count."""
        codes = self._matrix(lists)
        hits = found(codes, self._truth, self._history)
        scores: dict[str, NDArray[np.float64]] = {}
        shown: dict[str, float | None] = {}
        for k in LENGTHS:
            of_k = ranking_metrics(hits, self._wanted, k)
            scores |= {f"{name}@{k}": of_k[name] for name in RANKING_METRICS}
        known = len(self._items)
        owners = self._told_owners()
        content = self._content_rows(known)
        kinds = category_shares(self._categories, known)
        had = self.popularity_before()
        newest, with_list = float(np.log2(self._people_trained + 1)), (codes >= 0).any(axis=1)
        for k in LENGTHS:
            shown[f"coverage@{k}"] = coverage(codes, k, self._trained_items)
            shown[f"novelty@{k}"] = _in_steps(novelty(codes, k, owners, self._people_trained), newest)
            shown[f"diversity@{k}"] = _of_enough(diversity(codes, k, content), 1.0)
            uneven = gini(codes, k, max(known, self._catalogue))
            shown[f"gini@{k}"] = _in_steps(np.where(with_list, uneven, np.nan), 1.0)
            listed = popularity_of_lists(codes, k, owners, self._people_trained)
            both = int((np.isfinite(listed) & np.isfinite(had)).sum())
            lift = popularity_lift(listed, had, self.most_popular)
            shown[f"popularity_lift@{k}"] = CrowdGate().pass_value(lift, both)
            apart = np.zeros(0) if kinds is None else miscalibration(codes, k, self._history, kinds)
            shown[f"miscalibration@{k}"] = _of_enough(apart, FARTHEST)
        without, seen, again = (codes < 0).all(axis=1), seen_shown(codes, self._history), repeated(codes)
        return Figures(
            scores,
            shown,
            int(without.sum()),
            int(seen.sum()),
            int(again.sum()),
            self.pairs.ranks(codes, hits)[None],
            popularity_of_lists(codes, LENGTHS[0], owners, self._people_trained),
            (int(without.sum()), int((seen > 0).sum()), int((again > 0).sum())),
        )

    @property
    def most_popular(self) -> float:
        """The largest share of the training's people who have an item, as it may be told: no mean is above it."""
        return float(self._told_takers.max(initial=0)) / max(1, self._people_trained)

    def popularity_before(self) -> NDArray[np.float64]:
        """Mean share of people who have an item, over what each person asked about had before, shape (people,)."""
        return popularity_of_histories(self._history, self._told_owners(), self._people_trained)

    def _told_owners(self) -> NDArray[np.int64]:
        """How many people of the training have each item, as that may be told: how rare it is what lists show would
        tell how few they are, where somebody brings their own lists. Nobody has what is in no training."""
        return np.append(self._told_takers, np.zeros(len(self._items) - len(self._told_takers), np.int64))

    def popularity_taken(self) -> NDArray[np.float64]:
        """The same of what each of them took in the held-out part, shape (people,)."""
        share = self.told_having(self.pairs.items) / max(1, self._people_trained)
        return np.bincount(self.pairs.owners, share, minlength=len(self._people)) / self._wanted

    def people_having(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """How many people of the training have each of these items (codes)."""
        return np.bincount(self._owners, minlength=len(self._items))[items].astype(np.int64)

    def told_having(self, items: NDArray[np.int64]) -> NDArray[np.int64]:
        """The same as it may be told: 1 to 9 people are ten."""
        return self._told_owners()[items]

    def _taken(self, test: pl.DataFrame) -> TakenPairs:
        """The held-out pairs with what is known of each."""
        kind = next((name for name in (RATING, STRENGTH) if name in test.columns), None)
        return TakenPairs(
            len(self._people),
            np.array([self._people[text] for text in test[USER].to_list()], np.int64),
            self._codes(test[ITEM]),
            None if kind is None else _numbers(test[kind]),
            kind,
            _numbers(test[TIME]) if TIME in test.columns else None,
        )

    def _content_rows(self, known: int) -> Any:
        """What every item is about, by its terms: sparse rows, empty for the items beyond the catalogue."""
        from scipy.sparse import csr_matrix

        content = self.content
        indptr = np.concatenate([content.indptr, np.full(known - self._catalogue, content.indptr[-1])])
        return csr_matrix((content.values, content.terms, indptr), shape=(known, max(1, len(content.kinds))))

    def _matrix(self, lists: pl.DataFrame) -> NDArray[np.int64]:
        """Item codes by person and place, -1 where a list has no more; an item nobody knows gets a code of its own."""
        ours = lists.filter(pl.col(USER).is_in(list(self._people))).sort(USER, RANK, maintain_order=True)
        rows = np.array([self._people[text] for text in ours[USER].to_list()], np.int64)
        items = self._codes(ours[ITEM])
        counts = np.bincount(rows, minlength=len(self._people))
        first = np.full(len(self._people), 0, np.int64)
        starts = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]])) if len(rows) else np.zeros(0, np.int64)
        first[rows[starts]] = starts
        result = np.full((len(self._people), int(max(LENGTHS[-1], counts.max(initial=0)))), -1, np.int64)
        result[rows, np.arange(len(rows)) - first[rows]] = items
        return result

    def _rows(self, pairs: pl.DataFrame) -> SparseRows:
        rows = np.array([self._people[text] for text in pairs[USER].to_list()], np.int64)
        items = self._codes(pairs[ITEM])
        order = np.argsort(rows, kind="stable")
        counts = np.bincount(rows, minlength=len(self._people))
        indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        return SparseRows(indptr, items[order].astype(np.int32), np.ones(len(items), np.float32))

    def _codes(self, ids: pl.Series) -> NDArray[np.int64]:
        return np.array([self._items.setdefault(text, len(self._items)) for text in ids.to_list()], np.int64)


def _pairs(dataset: Dataset) -> pl.DataFrame:
    pairs = dataset.interactions.select(USER, ITEM).unique(maintain_order=True)
    return pl.DataFrame(
        [dataset.users[ID].gather(pairs[USER]).alias(USER), dataset.items[ID].gather(pairs[ITEM]).alias(ITEM)]
    )


def _numbers(values: pl.Series) -> NDArray[np.float64]:
    return values.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def over_seeds(runs: Sequence[Figures]) -> Figures:
    """What a model's lists are worth on average over runs with several seeds; every person counts once."""
    if len(runs) == 1:
        return runs[0]
    shown = {name: [value for run in runs if (value := run.shown[name]) is not None] for name in runs[0].shown}
    return Figures(
        {name: np.mean([run.scores[name] for run in runs], axis=0) for name in runs[0].scores},
        {name: float(np.mean(values)) if len(values) == len(runs) else None for name, values in shown.items()},
        max(run.without_list for run in runs),
        max(run.seen_shown for run in runs),
        max(run.repeated for run in runs),
        np.concatenate([run.ranks for run in runs]),
        np.mean([run.popularity for run in runs], axis=0),
        fewest_at_fault(runs),
    )


def fewest_at_fault(runs: Sequence[Figures]) -> tuple[int, int, int]:
    """The fewest people that stand behind a fault in any run that has it: so many there are at least in all."""
    fewest = [min((run.at_fault[kind] for run in runs if run.at_fault[kind]), default=0) for kind in range(3)]
    return fewest[0], fewest[1], fewest[2]


def _of_enough(values: NDArray[np.float64], spread: float) -> float | None:
    """The same where enough people have a number: who has none is not told by the lists alone."""
    return CrowdGate().pass_value(_in_steps(values, spread), int(np.isfinite(values).sum()))


def _in_steps(values: NDArray[np.float64], spread: float) -> float | None:
    """Mean of what is a number, in steps of what one person can change it by; None where nothing is.

    Beside how many people there are, exact means of lists that differ from one another in what people had would tell
    how few of them had it.
    """
    some = values[np.isfinite(values)]
    return in_steps(float(some.mean()), len(some), spread) if len(some) else None
