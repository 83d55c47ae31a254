"""What people lean to, over all of them at once: whose taste leans to a category, who liked an item with a name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Histories, Ints, Longs
from recsys_tui.models.item_attributes import TextAttribute
from recsys_tui.models.trained_model import Catalogue
from recsys_tui.recommend.known_actions import known_actions

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session

LEANING, FEWEST = 1.5, 3
BINS = 5
KEPT = 64
PEOPLE_AT_ONCE = 50_000


class UserTastes:
    """Answers by user code. What takes long is done when it is made; then an answer about 10 million actions takes some
    50 ms, and one that was given lately next to nothing. Safe for use by one thread at a time."""

    def __init__(self, catalogue: Catalogue, histories: Histories) -> None:
        import polars as pl

        self._histories = histories
        found = catalogue.fields().get("categories")
        self._categories = found if isinstance(found, TextAttribute) else TextAttribute.of([[]] * len(catalogue))
        self._names = [str(name) for name in self._categories.vocabulary.to_list()]
        pairs = zip(catalogue.titles.to_list(), catalogue.ids.to_list(), strict=True)
        self._titles = pl.Series([title or str(item) for title, item in pairs], dtype=pl.String).str.to_lowercase()
        per_item = np.repeat(histories.item_counts(), np.diff(self._categories.indptr))
        counts = np.bincount(self._categories.codes, per_item, len(self._names))
        self._overall: Floats = (counts / max(1, len(histories.items))).astype(np.float32)
        self._leaning = _leaning_people(histories, self._categories, self._overall)
        self._liked_items, self._liked_bounds = _liked(histories)
        self._scale = _scale_of(histories)
        self._asked: dict[tuple[str, str], Flags] = {}

    @classmethod
    def of(cls, session: Session) -> Self:
        """Built from what is open; takes a few seconds where there are millions of actions."""
        return cls(*known_actions(session))

    @property
    def has_categories(self) -> bool:
        """Whether the items have any."""
        return bool(self._names)

    def leaning_to(self, text: str) -> Flags:
        """Who leans to a category whose name contains ``text`` (in lower case), shape (people,).

        At least three of their items are of that category, and these are at least 1.5 times the share of what they took
        that they are of all actions.
        """
        known = self._asked.get(("leaning", text))
        if known is not None:
            return known
        result = np.zeros(len(self._histories), np.bool_)
        bounds, people = self._leaning
        for place, name in enumerate(self._names):
            if text in name.lower():
                result[people[bounds[place] : bounds[place + 1]]] = True
        return self._kept("leaning", text, result)

    def who_liked(self, text: str) -> Flags:
        """Who took an item whose title contains ``text`` (in lower case); where people rate, who rated it no lower than
        they rate on average; shape (people,)."""
        known = self._asked.get(("liked", text))
        if known is not None:
            return known
        flags = self._titles.str.contains(text, literal=True).to_numpy()[self._liked_items]
        result = np.zeros(len(self._histories), np.bool_)
        some = np.flatnonzero(np.diff(self._liked_bounds) > 0)
        if len(some):
            result[some] = np.logical_or.reduceat(flags, self._liked_bounds[some])
        return self._kept("liked", text, result)

    def _kept(self, kind: str, text: str, answer: Flags) -> Flags:
        if len(self._asked) >= KEPT:
            self._asked.pop(next(iter(self._asked)))
        self._asked[kind, text] = answer
        return answer

    def likes(self, users: Sequence[int], most: int = 2) -> list[tuple[str, ...]]:
        """The categories that set each of some people apart, the most telling (count × log lift) first.

        None of which a person has fewer than three items.
        """
        owners, items = self._actions(users)
        starts, lengths = self._categories.indptr[items], np.diff(self._categories.indptr)[items]
        codes = self._categories.codes[_stretches(starts, lengths)]
        width = len(self._names)
        counts = np.bincount(np.repeat(owners, lengths) * width + codes, minlength=len(users) * width)
        table = counts.reshape(len(users), width).astype(np.float32)
        shares = table / np.maximum(1, np.bincount(owners, minlength=len(users)))[:, None]
        lifts = np.maximum(1, shares / np.maximum(self._overall, 1e-12))
        told = np.where(table >= FEWEST, table * np.log(lifts), 0)
        best = np.argsort(-told, axis=1, kind="stable")[:, :most]
        return [
            tuple(self._names[code] for code in row.tolist() if told[place, code] > 0) for place, row in enumerate(best)
        ]

    def ratings(self, users: Sequence[int]) -> list[tuple[int, ...]]:
        """How often each of some people rated in each fifth of the scale, from the lowest; empty where nobody rates."""
        ratings, scale = self._histories.ratings, self._scale
        if ratings is None or scale is None:
            return [() for _ in users]
        people = np.asarray(users, np.int64)
        lengths = self._histories.lengths[people]
        own = np.asarray(ratings)[_stretches(self._histories.indptr[people], lengths)]
        owners, known = np.repeat(np.arange(len(users)), lengths), np.isfinite(own)
        cells = ((own[known] - scale[0]) / (scale[1] - scale[0]) * BINS).astype(np.int64).clip(0, BINS - 1)
        counts = np.bincount(owners[known] * BINS + cells, minlength=len(users) * BINS).reshape(len(users), BINS)
        return [tuple(row) for row in counts.tolist()]

    def _actions(self, users: Sequence[int]) -> tuple[Longs, Ints]:
        """The actions of some people: the place of each one's person among ``users``, and its item."""
        people = np.asarray(users, np.int64)
        lengths = self._histories.lengths[people]
        items = np.asarray(self._histories.items)[_stretches(self._histories.indptr[people], lengths)]
        return np.repeat(np.arange(len(users)), lengths), items


def _stretches(starts: Longs, lengths: Longs) -> Longs:
    """The places of several stretches, one after the other."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    result: Longs = np.arange(total) + np.repeat(starts - ends + lengths, lengths)
    return result


def _leaning_people(histories: Histories, categories: TextAttribute, overall: Floats) -> tuple[Longs, Ints]:
    """The people who lean to each category, one category after the other, and where each begins."""
    from scipy.sparse import csr_matrix

    shape = (histories.item_count, len(overall))
    has = csr_matrix((np.ones(len(categories.codes), np.float32), categories.codes, categories.indptr), shape=shape)
    found, people = [], []
    for start in range(0, len(histories), PEOPLE_AT_ONCE):
        some = histories.rows(start, min(start + PEOPLE_AT_ONCE, len(histories)))
        ones = np.ones(len(some.items), np.float32)
        counts = csr_matrix((ones, some.items, some.indptr), shape=(len(some), shape[0])) @ has
        owners = np.repeat(np.arange(len(some)), np.diff(counts.indptr))
        enough = LEANING * overall[counts.indices] * some.lengths[owners]
        leaning = (counts.data >= FEWEST) & (counts.data >= enough)
        found.append(counts.indices[leaning])
        people.append(owners[leaning] + start)
    codes = np.concatenate(found) if found else np.zeros(0, np.int32)
    order = np.argsort(codes, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(overall)))]).astype(np.int64)
    who = np.concatenate(people)[order].astype(np.int32) if people else np.zeros(0, np.int32)
    return bounds, who


def _liked(histories: Histories) -> tuple[Ints, Longs]:
    """The items that people liked, and where those of each begin: ratings at or above their own mean, else all."""
    items, indptr = np.asarray(histories.items), np.asarray(histories.indptr)
    if histories.ratings is None:
        return items, indptr
    liked = np.asarray(histories.weights) >= 1
    kept = np.concatenate([[0], np.cumsum(liked)])[indptr]
    return items[liked], kept


def _scale_of(histories: Histories) -> tuple[float, float] | None:
    """The lowest and the highest rating; None where nobody rates, or all alike."""
    known = np.zeros(0) if histories.ratings is None else np.asarray(histories.ratings)
    known = known[np.isfinite(known)]
    return (float(known.min()), float(known.max())) if len(known) and known.min() < known.max() else None
