"""What people lean to, over all of them at once: whose taste leans to a category, who liked an item with a name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from recsys_tui.data.histories import Flags, Histories, Longs
from recsys_tui.models.item_attributes import TextAttribute
from recsys_tui.models.trained_model import Catalogue
from recsys_tui.recommend.known_actions import known_actions

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session

LEANING, FEWEST = 1.5, 3
BINS = 5
KEPT = 64


class UserTastes:
    """Answers by user code. Safe for use by one thread at a time; an answer about 10 million actions takes some 50 ms.

    What was asked lately is kept, so that typing a further word costs that word alone.
    """

    def __init__(self, catalogue: Catalogue, histories: Histories) -> None:
        import polars as pl

        self._histories = histories
        fields = catalogue.fields()
        nothing = TextAttribute.of([[]] * len(catalogue))
        categories = fields.get("categories", nothing)
        self._categories = categories if isinstance(categories, TextAttribute) else nothing
        self._names = [str(name) for name in self._categories.vocabulary.to_list()]
        pairs = zip(catalogue.titles.to_list(), catalogue.ids.to_list(), strict=True)
        self._titles = pl.Series([title or str(item) for title, item in pairs], dtype=pl.String).str.to_lowercase()
        self._asked: dict[tuple[str, str], Flags] = {}

    @classmethod
    def of(cls, session: Session) -> Self:
        """Built from what is open, with all that takes long done; takes a moment where there is much."""
        tastes = cls(*known_actions(session))
        _ = tastes._bounds, tastes._favoured, tastes._overall, tastes._scale
        return tastes

    @cached_property
    def _bounds(self) -> tuple[Longs, Longs]:
        """The people with any action, and where their actions begin."""
        some = np.flatnonzero(np.diff(self._histories.indptr) > 0)
        return some, np.asarray(self._histories.indptr)[some]

    @cached_property
    def _favoured(self) -> Flags | None:
        """Which actions are ratings at or above their person's own mean; None where nobody rates."""
        return None if self._histories.ratings is None else np.asarray(self._histories.weights) >= 1

    @cached_property
    def _overall(self) -> Longs:
        """Actions on each category."""
        counts = self._histories.item_counts()
        per_item = np.repeat(counts, np.diff(self._categories.indptr))
        return np.bincount(self._categories.codes, per_item, len(self._names)).astype(np.int64)

    def leaning_to(self, text: str) -> Flags:
        """Who leans to categories whose name contains ``text``, shape (people,).

        At least three of their items are of such a category, and the share of these in what they took is at least 1.5
        times the share among all actions.
        """
        return self._kept("leaning", text, self._leaning_to)

    def _leaning_to(self, text: str) -> Flags:
        named = np.array([text in name.lower() for name in self._names], np.bool_)
        of_items = np.zeros(self._histories.item_count, np.bool_)
        owners = np.repeat(np.arange(len(of_items)), np.diff(self._categories.indptr))
        of_items[owners[named[self._categories.codes]]] = True
        counts = self._count(of_items[self._histories.items])
        overall = counts.sum() / max(1, len(self._histories.items))
        result: Flags = (counts >= FEWEST) & (counts >= LEANING * overall * self._histories.lengths)
        return result

    def who_liked(self, text: str) -> Flags:
        """Who took an item whose title contains ``text``; where people rate, who rated it no lower than they rate on
        average; shape (people,)."""
        return self._kept("liked", text, self._who_liked)

    def _who_liked(self, text: str) -> Flags:
        of_items = self._titles.str.contains(text, literal=True).to_numpy()
        flags = of_items[self._histories.items]
        if self._favoured is not None:
            flags &= self._favoured
        result: Flags = self._count(flags) > 0
        return result

    def _count(self, flags: Flags) -> Longs:
        """How many of each person's actions are flagged, shape (people,)."""
        some, starts = self._bounds
        result = np.zeros(len(self._histories), np.int64)
        if len(some):
            result[some] = np.add.reduceat(flags.view(np.uint8), starts, dtype=np.int32)
        return result

    def _kept(self, kind: str, text: str, answer: Callable[[str], Flags]) -> Flags:
        key = (kind, text)
        if key not in self._asked:
            if len(self._asked) >= KEPT:
                self._asked.pop(next(iter(self._asked)))
            self._asked[key] = answer(text)
        return self._asked[key]

    def likes(self, user: int, most: int = 2) -> tuple[str, ...]:
        """The categories that set a person's taste apart, the most telling first: count × log lift, at least three."""
        items = self._histories.items_of(user)
        starts, stops = self._categories.indptr[items], self._categories.indptr[items + 1]
        lengths = stops - starts
        places = np.arange(int(lengths.sum())) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
        codes, counts = np.unique(self._categories.codes[places], return_counts=True)
        shares = counts / max(1, len(items))
        lifts = shares / np.maximum(self._overall[codes] / max(1, len(self._histories.items)), 1e-12)
        told = np.where(counts >= FEWEST, counts * np.log(np.maximum(lifts, 1)), 0)
        best = [place for place in np.argsort(-told, kind="stable")[:most] if told[place] > 0]
        return tuple(self._names[int(codes[place])] for place in best)

    @cached_property
    def _scale(self) -> tuple[float, float] | None:
        ratings = self._histories.ratings
        if ratings is None or not np.isfinite(ratings).any():
            return None
        return float(np.nanmin(ratings)), float(np.nanmax(ratings))

    def ratings(self, user: int) -> tuple[int, ...]:
        """How often a person rated in each fifth of the scale, from the lowest; empty where nobody rates."""
        ratings, scale = self._histories.ratings, self._scale
        if ratings is None or scale is None or scale[0] == scale[1]:
            return ()
        own = np.asarray(ratings[self._histories.indptr[user] : self._histories.indptr[user + 1]])
        return tuple(np.histogram(own[np.isfinite(own)], BINS, scale)[0].tolist())
