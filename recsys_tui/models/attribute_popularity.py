"""What is popular among people of whom only attributes are known: age, gender, country and the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Ints
from recsys_tui.data.text_list import TextList
from recsys_tui.models.contract import Arrays, with_prefix, without_prefix
from recsys_tui.output.crowd_gate import DEFAULT_MINIMUM

if TYPE_CHECKING:
    import polars as pl

PSEUDO_PEOPLE = 50.0
NUMBER_GROUPS = 6
FEW_VALUES = 8
SEPARATOR = "\x1f"
UNKNOWN = -1


class AttributePopularity:
    """Naive Bayes over attributes: how much more often people with a value take an item than everyone does.

    ``fields``: names of the attributes. ``values``: "field ␟ value" of each known value, numbers as the group they
    fall in. ``edges`` (fields, groups - 1): where the groups of a field of numbers end, not-a-number for other fields.
    ``lifts`` (values, items): log of the share of a value's people who have an item over everyone's, shrunk by 50
    people of everyone's taste; half precision. ``share`` (items,): everyone's. Values of fewer than ten people are
    unknown.
    """

    def __init__(
        self,
        fields: TextList,
        values: TextList,
        edges: Floats,
        lifts: NDArray[np.floating[Any]],
        share: Floats,
        people: int,
    ) -> None:
        self.fields, self.values, self.edges = fields, values, edges
        self.lifts, self.share, self.people = lifts, share, people

    @classmethod
    def fit(cls, histories: Histories, users: pl.DataFrame, minimum: int = DEFAULT_MINIMUM) -> Self | None:
        """Count who has what. ``users``: one row a person of ``histories``, an attribute a column; None without any."""
        import polars as pl

        from recsys_tui.data.histories import behaviour_matrix

        names = [name for name in users.columns if users[name].dtype == pl.String]
        if not names or not len(histories.items):
            return None
        edges = np.full((len(names), NUMBER_GROUPS - 1), np.nan, np.float32)
        for place, name in enumerate(names):
            edges[place] = _edges(users[name])
        taken = behaviour_matrix(histories)
        taken.data[:] = 1
        share = (np.asarray(taken.sum(axis=0)).ravel() + 1 / len(histories)) / (len(histories) + 1)
        kept, rows = [], []
        for place, name in enumerate(names):
            groups = np.array([_group(text, edges[place]) for text in users[name].to_list()], dtype=object)
            for value in sorted({group for group in groups if group is not None}):
                who = np.flatnonzero(groups == value)
                if len(who) < minimum or len(who) == len(groups):
                    continue
                having = np.asarray(taken[who].sum(axis=0)).ravel()
                rows.append(np.log((having / share + PSEUDO_PEOPLE) / (len(who) + PSEUDO_PEOPLE)))
                kept.append(f"{name}{SEPARATOR}{value}")
        if not rows:
            return None
        lifts = np.stack(rows).astype(np.float16)
        return cls(TextList.of(names), TextList.of(kept), edges, lifts, share.astype(np.float32), len(histories))

    def codes(self, attributes: Mapping[str, str | None]) -> Ints:
        """The place of each field's value, shape (fields,); -1 where it is not given or not known."""
        result = np.full(len(self.fields), UNKNOWN, np.int32)
        known = self.values.to_list()
        for place, name in enumerate(self.fields.to_list()):
            group = _group(attributes.get(str(name)), self.edges[place])
            entry = None if group is None else f"{name}{SEPARATOR}{group}"
            if entry in known:
                result[place] = known.index(entry)
        return result

    def strength(self, codes: Sequence[int] | Ints) -> Floats:
        """log(1 + people) who would have each item if everyone were as these attributes say, shape (items,).

        The lifts of several attributes, which say partly the same, are summed and divided by the root of their number.
        """
        chosen = np.array([code for code in codes if code >= 0], np.int64)
        told = np.asarray(self.lifts[chosen], np.float32).sum(axis=0) / max(1.0, len(chosen) ** 0.5)
        result: Floats = np.log1p(self.people * self.share * np.exp(told)).astype(np.float32)
        return result

    def known_fields(self, codes: Sequence[int] | Ints) -> list[str]:
        """The names of the attributes that count."""
        return [str(self.fields[place]) for place, code in enumerate(codes) if code >= 0]

    def values_of(self, field: str) -> list[str]:
        """The known values of a field, numbers as groups."""
        entries = [str(entry).split(SEPARATOR, 1) for entry in self.values.to_list()]
        return [value for name, value in entries if name == field]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {
            **with_prefix("fields", self.fields.to_arrays()),
            **with_prefix("values", self.values.to_arrays()),
            "edges": self.edges,
            "lifts": self.lifts,
            "share": self.share,
            "people": np.array([self.people], np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        fields, values = (TextList.from_arrays(without_prefix(name, arrays)) for name in ("fields", "values"))
        return cls(fields, values, arrays["edges"], arrays["lifts"], arrays["share"], int(arrays["people"][0]))


def _number(text: str | None) -> float:
    try:
        number = float(text) if text is not None else float("nan")
    except ValueError:
        return float("nan")
    return number if np.isfinite(number) else float("nan")


def _edges(column: pl.Series) -> Floats:
    """Where groups of about equal size end, for a column of many different numbers; else not-a-number."""
    numbers = np.array([_number(text) for text in column.drop_nulls().to_list()])
    if not len(numbers) or np.isnan(numbers).any() or len(np.unique(numbers)) <= FEW_VALUES:
        return np.full(NUMBER_GROUPS - 1, np.nan, np.float32)
    result: Floats = np.quantile(numbers, np.arange(1, NUMBER_GROUPS) / NUMBER_GROUPS).astype(np.float32)
    return result


def _group(text: str | None, edges: Floats) -> str | None:
    """The value itself, or the group of a number; None where it is missing or no number where numbers are meant."""
    if text is None or not text.strip():
        return None
    if np.isnan(edges).all():
        return text.strip()
    number = _number(text)
    return None if np.isnan(number) else str(int(np.searchsorted(edges, number, side="left")))
