"""How far the ratings that a model expects are from those held out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import ID, ITEM, RATING, USER
from recsys_tui.evaluate.protocols import Split
from recsys_tui.models.contract import Expert
from recsys_tui.models.experts import people_at_once
from recsys_tui.models.rating_metrics import rating_metrics
from recsys_tui.models.trained_model import People
from recsys_tui.output.crowd_counts import told_rows
from recsys_tui.output.crowd_gate import CrowdGate


def rating_errors(model: Expert, whole: Split, people: People, fewest: int = 1) -> dict[str, float]:
    """Errors of the ratings that the model expects for the held-out pairs; empty where it expects none, or where fewer
    than ``fewest`` people gave any. Their ``count`` is told as :func:`told_rows` has it, of as
    many pairs as are told to be held out."""
    expected = getattr(model, "expected_ratings", None)
    if expected is None or RATING not in whole.test.columns:
        return {}
    test = whole.test.drop_nulls(RATING).filter(pl.col(ITEM).is_in(whole.train.items[ID].implode()))
    if not test.height:
        return {}
    users = {text: code for code, text in enumerate(whole.asked.users[ID].to_list())}
    items = {text: code for code, text in enumerate(whole.train.items[ID].to_list())}
    who = np.array([users[text] for text in test[USER].to_list()])
    if len(np.unique(who)) < fewest:
        return {}
    what = np.array([items[text] for text in test[ITEM].to_list()])
    predicted = _in_blocks(expected, people, who, what)
    others = whole.test.join(test, on=[USER, ITEM], how="anti")
    untold = whole.test.height - whole.held_out
    told = max(1, told_rows(test.height, others.height, others[USER].n_unique(), CrowdGate()) - untold)
    return {**rating_metrics(test[RATING].to_numpy(), predicted), "count": float(told)}


def _in_blocks(
    expected: Callable[..., NDArray[np.float32]], people: People, who: NDArray[np.int64], what: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Expected ratings of pairs, by scoring people in blocks."""
    result = np.empty(len(who), np.float32)
    order = np.argsort(who, kind="stable")
    size = people_at_once(people.histories.item_count)
    distinct = np.unique(who)
    for start in range(0, len(distinct), size):
        some = distinct[start : start + size]
        rows = order[np.isin(who[order], some)]
        batch = people.histories.prefixes(some, people.histories.lengths[some])
        result[rows] = expected(batch)[np.searchsorted(some, who[rows]), what[rows]]
    return result
