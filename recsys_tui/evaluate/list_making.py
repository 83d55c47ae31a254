"""Lists for the people who are asked about, from any model that scores the catalogue."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.dataset import ID, ITEM, USER, Dataset
from recsys_tui.data.histories import Floats, Ints, histories_of
from recsys_tui.data.merged_pairs import merged_pairs
from recsys_tui.models.contract import Expert
from recsys_tui.models.experts import people_at_once
from recsys_tui.models.peers import Ties, with_peers
from recsys_tui.models.trained_model import People
from recsys_tui.recommend.ranking import strongest_allowed
from recsys_tui.training.pipeline import people_of

TIE = 1e-9


def people_asked(dataset: Dataset) -> People:
    """The people of a dataset as models see them: with their histories, their links, and what is ruled out for them.

    Nobody's lists show again what they have taken; clusters play no part.
    """
    pairs, ties = merged_pairs(dataset), Ties.of(dataset)
    histories = with_peers(histories_of(dataset, pairs), ties)
    return people_of(dataset, pairs, histories, ties, np.zeros(len(histories), np.int32), None)


def lists_of(
    model: Expert,
    people: People,
    chosen: NDArray[np.int64],
    popularity: Floats,
    k: int,
    report: Callable[[float], None] = lambda _share: None,
) -> tuple[Ints, Floats]:
    """The ``k`` best items of the ``chosen`` people (codes) and their scores, each (people, k); -1 where none is left.

    The whole catalogue is ranked, but for what a person has taken, took back, or is. Equal scores, such as the zeros
    of a model that knows nothing about an item, are put in the order of ``popularity`` (items,).
    """
    histories = people.histories
    size = people_at_once(histories.item_count)
    fame = popularity / max(1e-12, float(popularity.max(initial=0.0)))
    items, scores = [], []
    for start in range(0, len(chosen), size):
        some = chosen[start : start + size]
        batch = histories.prefixes(some, histories.lengths[some])
        allowed = np.ones((len(batch), batch.item_count), np.bool_)
        people.ruled_out(some, allowed)
        allowed[batch.owners, batch.items] = False
        scored = np.asarray(model.score(batch), np.float64)
        scale = np.maximum(1e-12, np.abs(scored).max(axis=1, keepdims=True))
        best, values = strongest_allowed(scored / scale + TIE * fame, allowed, k)
        items.append(best)
        scores.append((values * scale).astype(np.float32))
        report((start + len(some)) / len(chosen))
    return np.concatenate(items), np.concatenate(scores)


def asked_codes(test: pl.DataFrame, asked: Dataset) -> NDArray[np.int64]:
    """Codes of the people of the test, in ascending order."""
    wanted = asked.users[ID].is_in(test[USER].implode())
    return np.flatnonzero(wanted.to_numpy())


def as_table(items: Ints, scores: Floats, chosen: NDArray[np.int64], asked: Dataset) -> pl.DataFrame:
    """Lists by ids, as files have them: columns ``user``, ``item``, ``rank`` (from 1) and ``score``."""
    rows, places = np.nonzero(items >= 0)
    return pl.DataFrame(
        [
            asked.users[ID].gather(chosen[rows]).alias(USER),
            asked.items[ID].gather(items[rows, places]).alias(ITEM),
            pl.Series("rank", places + 1, pl.UInt32),
            pl.Series("score", scores[rows, places], pl.Float32),
        ]
    )
