"""Settings of a classic recommender, chosen on people and items held out of the training part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import ID, ITEM, USER, Dataset, TimeKind
from recsys_tui.data.histories import Ints
from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.evaluate.classics import Classic, FitContext, Setting
from recsys_tui.evaluate.list_making import asked_codes, lists_of, people_asked
from recsys_tui.evaluate.protocols import LAST, RANDOM, TEMPORAL, Split, split
from recsys_tui.evaluate.ranking_metrics import found, ranking_metrics
from recsys_tui.evaluate.rating_errors import rating_errors
from recsys_tui.output.crowd_counts import drawn_people
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import UserError

MOST_PEOPLE = 10_000
DEPTH = 10
NDCG, RMSE = "ndcg@10", "rmse"


@dataclass(frozen=True)
class Tuned:
    """The chosen setting, and the ``metric`` (``ndcg@10`` or ``rmse``) on the held-out part for each setting that was
    tried, in their order."""

    setting: Setting
    tried: tuple[tuple[Setting, float], ...] = ()
    metric: str = NDCG


def tune(classic: Classic, whole: Split, context: FitContext) -> Tuned:
    """The setting of the grid that does best on validation: the training part, cut once more by the same protocol.

    Models are judged by NDCG@10, models of ratings by the root of their mean squared error. The budget is the grid:
    every setting is fitted once. At most 10,000 people are asked about. Where the training part is too small to be cut,
    the first setting of the grid is taken.
    """
    if len(classic.grid) < 2:
        return Tuned(classic.grid[0])
    try:
        inner = split(whole.train, _inner_protocol(whole), context.seed)
    except UserError:
        return Tuned(classic.grid[0])
    if classic.needs_ratings:
        return _by_ratings(classic, inner, context)
    people = people_asked(inner.train)
    chosen = asked_codes(inner.test, inner.asked)
    if len(chosen) > MOST_PEOPLE:
        chosen = drawn_people(chosen, np.random.default_rng(context.seed), CrowdGate().minimum, MOST_PEOPLE)
    truth = rows_of(inner.test, chosen, inner.asked, inner.train.items[ID])
    history = own_rows(people.histories.indptr, people.histories.items, chosen)
    popularity = np.log1p(people.histories.item_counts()).astype(np.float32)
    tried = []
    for done, setting in enumerate(classic.grid):
        report = _part(context.report, done / len(classic.grid), 1 / len(classic.grid))
        model = classic.fit(people.histories, setting, replace(context, train=inner.train, report=report))
        items, _ = lists_of(model, people, chosen, popularity, DEPTH)
        scores = ranking_metrics(found(items, truth, history), np.diff(truth.indptr), DEPTH)["ndcg"]
        tried.append((setting, float(scores.mean())))
        report(1.0)
    best = max(range(len(tried)), key=lambda place: tried[place][1])
    return Tuned(tried[best][0], tuple(tried))


def _by_ratings(classic: Classic, inner: Split, context: FitContext) -> Tuned:
    """The setting whose expected ratings come nearest to those held out; the first one where too few people
    gave any."""
    people = people_asked(inner.train)
    tried = []
    for done, setting in enumerate(classic.grid):
        model = classic.fit(people.histories, setting, replace(context, train=inner.train, report=lambda _share: None))
        errors = rating_errors(model, inner, people, CrowdGate().minimum)
        tried.append((setting, errors.get(RMSE, float("inf"))))
        context.report((done + 1) / len(classic.grid))
    best = min(range(len(tried)), key=lambda place: tried[place][1])
    return Tuned(tried[best][0], tuple(tried), RMSE) if np.isfinite(tried[best][1]) else Tuned(classic.grid[0])


def _inner_protocol(whole: Split) -> str:
    """The protocol of the split itself where that can be; for people held out, and for files, the nearest to it."""
    if whole.protocol in (LAST, TEMPORAL, RANDOM):
        return whole.protocol
    return RANDOM if whole.train.time_kind is TimeKind.NONE else LAST


def _part(report: Callable[[float], None], start: float, share: float) -> Callable[[float], None]:
    return lambda done: report(start + share * done)


def rows_of(test: pl.DataFrame, chosen: NDArray[np.int64], asked: Dataset, item_ids: pl.Series) -> SparseRows:
    """What the ``chosen`` people took in the test, each item once; items beyond the catalogue get codes above it."""
    table = test.select(
        pl.Series(USER, _places(test[USER], asked.users[ID].gather(chosen))),
        pl.Series(ITEM, _places(test[ITEM], item_ids, unknown=True)),
    )
    table = table.filter(pl.col(USER) >= 0).unique().sort(USER, ITEM)
    counts = np.bincount(table[USER].to_numpy(), minlength=len(chosen))
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    items = table[ITEM].to_numpy().astype(np.int32)
    return SparseRows(indptr, items, np.ones(len(items), np.float32))


def _places(values: pl.Series, known: pl.Series, unknown: bool = False) -> NDArray[np.int64]:
    """Place of each value among the ``known``; others -1, or with ``unknown`` a number of their own above."""
    places: dict[Any, int] = {text: place for place, text in enumerate(known.to_list())}
    if unknown:
        for text in values.to_list():
            places.setdefault(text, len(places))
    return np.array([places.get(text, -1) for text in values.to_list()], np.int64)


def own_rows(indptr: NDArray[np.int64], items: Ints, chosen: NDArray[np.int64]) -> SparseRows:
    """What the ``chosen`` people have taken, from histories laid end to end."""
    everyone = SparseRows(np.asarray(indptr), np.asarray(items), np.ones(len(items), np.float32))
    return everyone.take(chosen)
