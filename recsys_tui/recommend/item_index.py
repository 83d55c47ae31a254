"""The catalogue as one looks through it: in order of popularity, by words, categories and comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
import polars as pl

from recsys_tui.data.histories import Flags, Ints, Longs
from recsys_tui.models.item_attributes import Attribute, TextAttribute
from recsys_tui.models.trained_model import Catalogue
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.conditions import Condition
from recsys_tui.recommend.known_actions import known_actions

if TYPE_CHECKING:
    from recsys_tui.recommend.session import Session

KEPT = 16
PLACE = "place"


@dataclass(frozen=True)
class _Texts:
    """A field of texts: ``values`` in lower case, and for each place where one is said its code and its item."""

    values: pl.Series
    codes: Ints
    owners: Longs

    @classmethod
    def of(cls, attribute: TextAttribute) -> Self:
        """Prepare an attribute for searching."""
        values = pl.Series(attribute.vocabulary.to_list(), dtype=pl.String).str.to_lowercase()
        owners = np.repeat(np.arange(len(attribute.indptr) - 1), np.diff(attribute.indptr))
        return cls(values, np.asarray(attribute.codes), owners)


class ItemIndex:
    """Places are those of ``rows``: one an item, the most popular first, as far as that is told, and those that equal
    each other by title, or id without one; columns code, id, title, categories (joined) and people (how many took it,
    null where that is not told). Safe for use by one thread at a time."""

    def __init__(self, catalogue: Catalogue, people: Longs, told: Flags) -> None:
        joined = [", ".join(catalogue.categories_of(item)) for item in range(len(catalogue))]
        rows = pl.DataFrame(
            {
                "code": pl.Series(np.arange(len(catalogue)), dtype=pl.UInt32),
                "id": pl.Series(catalogue.ids.to_list(), dtype=pl.String),
                "title": pl.Series(catalogue.titles.to_list(), dtype=pl.String),
                "categories": pl.Series(joined, dtype=pl.String),
                "people": pl.Series(people, dtype=pl.UInt32).set(pl.Series(~told & (people > 0)), None),
            }
        ).with_columns(_told_place(people, told))
        rows = rows.sort(
            PLACE, pl.coalesce("title", "id"), "id", descending=[True, False, False], maintain_order=True
        ).drop(PLACE)
        self.rows = rows
        self._codes = rows["code"].to_numpy()
        self._ids = rows["id"].str.to_lowercase()
        self._titles = rows["title"].str.to_lowercase().fill_null("")
        self._fields: dict[str, Attribute] = catalogue.fields()
        self._texts = {name: _Texts.of(one) for name, one in self._fields.items() if isinstance(one, TextAttribute)}
        self._asked: dict[str, Flags] = {}

    @classmethod
    def of(cls, session: Session) -> Self:
        """The index of what is open; takes a moment where there are many items."""
        catalogue, histories = known_actions(session)
        people, gate = histories.item_counts(), CrowdGate()
        return cls(catalogue, people, session.cells.told_items(gate) & (people >= gate.minimum))

    def containing(self, words: Sequence[str]) -> pl.Series:
        """Which items have each of the words (in lower case) in their id or title; Boolean, by place."""
        found = pl.Series([True]).new_from_index(0, self.rows.height)
        for word in words:
            found &= self._ids.str.contains(word, literal=True) | self._titles.str.contains(word, literal=True)
        return found

    def named(self, word: str) -> pl.Series:
        """Which items have exactly this id or title, in lower case; Boolean, by place."""
        return (self._ids == word) | (self._titles == word)

    def with_text(self, field: str, text: str) -> Flags:
        """Which items have a value of a field of texts that contains a text in lower case, by place."""
        found = self._texts.get(field)
        if found is None:
            return np.zeros(self.rows.height, np.bool_)
        known = found.values.str.contains(text, literal=True).to_numpy()
        result = np.zeros(self.rows.height, np.bool_)
        result[found.owners[known[found.codes]]] = True
        by_place: Flags = result[self._codes]
        return by_place

    def text_field(self, name: str) -> str | None:
        """The field of texts that goes by a name in lower case, or None."""
        return next((field for field in self._texts if field.lower() == name), None)

    def fulfilling(self, condition: str) -> Flags | None:
        """Which items fulfil a condition such as ``year>=1990``, by place; None where this data cannot answer it."""
        if condition not in self._asked:
            try:
                flags = Condition.of(condition).fulfilled(self._fields)[self._codes]
            except UserError:
                return None
            if len(self._asked) >= KEPT:
                self._asked.pop(next(iter(self._asked)))
            self._asked[condition] = flags
        return self._asked[condition]

    def has_field(self, name: str) -> bool:
        """Whether conditions on a field of this name can be answered."""
        return self.fulfilling(f"{name}!=0") is not None


def _told_place(people: Longs, told: Flags) -> pl.Series:
    """What items are put in order by: how many people took each, or where that is not told the highest number told that
    is not above it, 1 where there is none, so that their order says no more than what is told beside them."""
    known = np.unique(np.concatenate([[0, 1], people[told]]))
    return pl.Series(PLACE, np.where(told, people, known[np.searchsorted(known, people, "right") - 1]))
