"""What is popular among people of whom only attributes are known: age, gender, country and the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Histories, Ints, Longs
from recsys_tui.data.text_list import TextList
from recsys_tui.data.told_takers import told_takers
from recsys_tui.models.attribute_parts import (
    Field,
    Value,
    coarse,
    few,
    keep_rest_back,
    told_by_difference,
    told_by_sums,
)
from recsys_tui.models.contract import Arrays, with_prefix, without_prefix
from recsys_tui.output.crowd_gate import CrowdGate, smallest_crowd
from recsys_tui.output.messages import say

if TYPE_CHECKING:
    import polars as pl

PSEUDO_PEOPLE = 50.0
NUMBER_GROUPS = 6
FEW_VALUES = 8
MOST_COUNTED = 20_000_000  # values of an attribute times items: 160 MB a copy
SEPARATOR = "\x1f"
_TEXTS = ("fields", "values", "silent")
UNKNOWN = -1


class AttributePopularity:
    """Naive Bayes over attributes: how much more often people with a value take an item than everyone does.

    ``fields``: names of the attributes. ``values``: "field ␟ value" of each known value, numbers as the group they
    fall in. ``edges`` (fields, groups - 1): where the groups of a field of numbers end, as far as enough people lie
    on either side and in each group, then not-a-number; for other fields that alone.
    ``lifts`` (values, items): log of the share of a value's people who have an item over everyone's, shrunk by 50
    people of everyone's taste; half precision. ``share`` (items,): everyone's. Values that fewer than ten people have,
    or have not, are unknown, as are those beyond 20 million counts an attribute (one a value and item), those that most
    people have being known; and so is one of two of which fewer than ten people have one and not the other; fewer than
    ten people of whom no known value is known count as of the one that most have. 1 to 9
    people who took an item, with a value or without it, count as ten; where as many lack it, the value says nothing of
    it, and where as many who have one of two values and not the other took it or lack it, one of these; nor do so many
    values of an attribute say how many took it that the others are what is left of everyone, or that a few are left of
    a value of another attribute. ``silent``: ids
    of people who did nothing, whose values are ``silent_codes`` (people, fields).
    """

    def __init__(
        self,
        fields: TextList,
        values: TextList,
        edges: Floats,
        lifts: NDArray[np.floating[Any]],
        share: Floats,
        people: int,
        silent: TextList,
        silent_codes: Ints,
    ) -> None:
        self.fields, self.values, self.edges = fields, values, edges
        self.lifts, self.share, self.people = lifts, share, people
        self.silent, self.silent_codes = silent, silent_codes

    @classmethod
    def fit(
        cls,
        histories: Histories,
        users: pl.DataFrame,
        silent: pl.DataFrame | None = None,
        minimum: int | None = None,
    ) -> Self | None:
        """Count who has what; None where nothing is known of anyone.

        ``users``: one row a person of ``histories``, an attribute a column. ``silent``: the same of people who did
        nothing, with their ``id``. ``minimum``: how many people are enough; as the settings say, where it is not given.
        """
        import polars as pl

        from recsys_tui.data.dataset import ID
        from recsys_tui.data.histories import behaviour_matrix

        names = [name for name in users.columns if name != ID and users[name].dtype == pl.String]
        if not names or not len(histories.items):
            return None
        minimum = smallest_crowd() if minimum is None else minimum
        edges = np.full((len(names), NUMBER_GROUPS - 1), np.nan, np.float32)
        for place, name in enumerate(names):
            edges[place] = _edges(users[name], minimum)
        taken = behaviour_matrix(histories)
        taken.data[:] = 1
        everyone = np.asarray(taken.sum(axis=0)).ravel()
        told, exact = told_takers(histories, CrowdGate(minimum))
        share = (told + 1 / len(histories)) / (len(histories) + 1)
        fields: list[Field] = []
        most = max(FEW_VALUES, MOST_COUNTED // histories.item_count)
        rows = []
        for place, name in enumerate(names):
            groups = np.array([_group(text, edges[place]) for text in users[name].to_list()], dtype=object)
            kept: list[Value] = []
            silent_of: list[Flags] = []
            for value, who in _people_by_value(groups, minimum, most):
                if len(groups) - len(who) < minimum:
                    continue
                new = Value(f"{name}{SEPARATOR}{value}", who, np.asarray(taken[who].sum(axis=0)).ravel())
                secret = told_by_difference(new, fields, taken, minimum)
                if secret is None:
                    continue
                lacking = len(who) - new.having
                secret |= few(lacking, minimum) | few(len(groups) - everyone - lacking, minimum)
                kept.append(new)
                silent_of.append(secret | ~exact)
            field = keep_rest_back(kept, silent_of, fields, taken, minimum)
            silent_of = _with_others(kept, silent_of, everyone, len(groups), minimum)
            field = field.telling(silent_of, everyone, minimum)
            summed = told_by_sums(field, fields, taken, everyone, minimum)
            silent_of = [secret | summed for secret in silent_of]
            for new, secret in zip(kept, silent_of, strict=True):
                # Where their number is not told, how many of them are of this value is taken to be as among everyone.
                having = np.where(secret, share * len(new.who), _told(new.having, everyone, minimum))
                rows.append(np.log((having / share + PSEUDO_PEOPLE) / (len(new.who) + PSEUDO_PEOPLE)))
            fields.append(field.telling(silent_of, everyone, minimum))
        if not rows:
            return None
        lifts = np.stack(rows).astype(np.float16)
        known = (
            TextList.of(names),
            TextList.of([value.name for field in fields for value in field.values]),
            edges,
            lifts,
            share.astype(np.float32),
            len(histories),
        )
        nobody = cls(*known, TextList.of([]), np.zeros((0, len(names)), np.int32))
        if silent is None:
            return nobody
        given = silent.select(name for name in names if name in silent.columns)
        codes = [nobody.codes(row) for row in given.iter_rows(named=True)]
        return cls(*known, TextList.of(silent[ID].to_list()), np.stack(codes))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {str(entry): place for place, entry in enumerate(self.values.to_list())}

    def codes(self, attributes: Mapping[str, str | None]) -> Ints:
        """The place of each field's value, shape (fields,); -1 where it is not given or not known."""
        result = np.full(len(self.fields), UNKNOWN, np.int32)
        for place, name in enumerate(self.fields.to_list()):
            group = _group(attributes.get(str(name)), self.edges[place])
            result[place] = self._places.get(f"{name}{SEPARATOR}{group}", UNKNOWN)
        return result

    def told_values(self, field: str) -> list[str]:
        """The values of a field that are known of enough people; empty for one of numbers, which fall into groups."""
        names = [str(name) for name in self.fields.to_list()]
        if field not in names or not np.isnan(self.edges[names.index(field)]).all():
            return []
        split = (entry.partition(SEPARATOR) for entry in self._places)
        return [value for name, _, value in split if name == field]

    def band(self, field: str, value: str) -> str | None:
        """The group of numbers that a value of a field counts among, in words; None for other fields and values."""
        names = [str(name) for name in self.fields.to_list()]
        edges = np.asarray(self.edges[names.index(field)])
        edges, number = edges[np.isfinite(edges)], _number(value)
        if not len(edges) or np.isnan(number):
            return None
        place = int(np.searchsorted(edges, number, side="left"))
        low, high = (f"{float(edges[at]):g}" if 0 <= at < len(edges) else None for at in (place - 1, place))
        if low is None or high is None:
            return say("models.band_lowest", high=high) if low is None else say("models.band_highest", low=low)
        return say("models.band", low=low, high=high)

    def strength(self, codes: Sequence[int] | Ints) -> Floats:
        """log(1 + people) who would have each item if everyone were as these attributes say, shape (items,).

        The lifts of several attributes, which say partly the same, are summed and divided by the root of their number.
        """
        chosen = np.array([code for code in codes if code >= 0], np.int64)
        told = np.asarray(self.lifts[chosen], np.float32).sum(axis=0) / max(1.0, len(chosen) ** 0.5)
        result: Floats = np.log1p(self.people * self.share * np.exp(told)).astype(np.float32)
        return result

    def of_silent(self, user: str) -> Ints | None:
        """The values of somebody who did nothing; None for an id that is not among those."""
        place = self.silent.index(user)
        return None if place is None else np.asarray(self.silent_codes[place])

    def known_fields(self, codes: Sequence[int] | Ints) -> list[str]:
        """The names of the attributes that count."""
        return [str(self.fields[place]) for place, code in enumerate(codes) if code >= 0]

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {
            **with_prefix("fields", self.fields.to_arrays()),
            **with_prefix("values", self.values.to_arrays()),
            "edges": self.edges,
            "lifts": self.lifts,
            "share": self.share,
            "people": np.array([self.people], np.int64),
            **with_prefix("silent", self.silent.to_arrays()),
            "silent_codes": self.silent_codes,
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        fields, values, silent = (TextList.from_arrays(without_prefix(name, arrays)) for name in _TEXTS)
        return cls(
            fields,
            values,
            arrays["edges"],
            arrays["lifts"],
            arrays["share"],
            int(arrays["people"][0]),
            silent,
            arrays["silent_codes"],
        )


def _people_by_value(groups: NDArray[np.object_], minimum: int, most: int) -> list[tuple[str, Longs]]:
    """Each value that enough people have, and who they are; of too many the ``most`` that most have. People of no such
    value count as of the one that most have where they are a few: else they would be those whom the lists of all values
    leave."""
    places: dict[str, list[int]] = {}
    for place, value in enumerate(groups.tolist()):
        if value is not None:
            places.setdefault(value, []).append(place)
    enough = [value for value, who in places.items() if len(who) >= minimum]
    enough.sort(key=lambda value: (-len(places[value]), value))
    found = [(value, np.array(places[value], np.int64)) for value in sorted(enough[:most])]
    rest = np.setdiff1d(np.arange(len(groups)), np.concatenate([np.zeros(0, np.int64), *(who for _, who in found)]))
    if found and 0 < len(rest) < minimum:
        place = max(range(len(found)), key=lambda place: len(found[place][1]))
        found[place] = found[place][0], np.union1d(found[place][1], rest)
    return found


def _with_others(
    values: Sequence[Value], secret: list[Flags], everyone: Floats, people: int, minimum: int
) -> list[Flags]:
    """Of which items each value of an attribute says nothing, (items,) each, so that those it does not tell of are not
    what the lists of its other values leave: who took an item, or lacks it, and has none of the values that tell of it
    exactly, is nobody or enough people, and of no single value. Where not, the smallest is kept back (complementary
    suppression, as :func:`recsys_tui.data.people_behind.told_cells` has it)."""
    if not values:
        return secret
    having, size = np.stack([value.having for value in values]), np.array([[len(value.who)] for value in values])
    said, others = np.stack(secret), everyone - having
    vague = said | coarse(having, others, minimum)
    while True:
        took = everyone - np.where(vague, 0, having).sum(axis=0)
        lack = people - everyone - np.where(vague, 0, size - having).sum(axis=0)
        alone = (vague.sum(axis=0) == 1) & (size.sum() == people)
        smallest = np.where(vague | (having == 0), np.inf, having)
        places = np.flatnonzero((few(took, minimum) | few(lack, minimum) | alone) & np.isfinite(smallest).any(axis=0))
        if not len(places):
            return list(said)
        at = smallest[:, places].argmin(axis=0), places
        vague[at] = said[at] = True


def _told(having: Floats, everyone: Floats, minimum: int) -> Floats:
    """How many people with a value have each item, shape (items,), as a list may tell it: 1 to 9 of them count as ten,
    and so do 1 to 9 others, who are everyone's less theirs."""
    others = everyone - having
    having = np.where(few(others, minimum), np.maximum(0, everyone - minimum), having)
    return np.where(few(having, minimum), minimum, having)


def _number(text: str | None) -> float:
    try:
        number = float(text) if text is not None else float("nan")
    except ValueError:
        return float("nan")
    return number if np.isfinite(number) else float("nan")


def _edges(column: pl.Series, minimum: int) -> Floats:
    """Where groups of about equal size end, for a column of many different numbers, as far as ``minimum`` people lie on
    either side of such an end, which may be what one of them has, and between it and the one before; not-a-number in
    place of the others."""
    result = np.full(NUMBER_GROUPS - 1, np.nan, np.float32)
    numbers = np.array([_number(text) for text in column.drop_nulls().to_list()])
    if not len(numbers) or np.isnan(numbers).any() or len(np.unique(numbers)) <= FEW_VALUES:
        return result
    ends = np.quantile(numbers, np.arange(1, NUMBER_GROUPS) / NUMBER_GROUPS).astype(np.float32)
    below = (numbers[:, None] <= ends).sum(axis=0)
    count = last = 0
    for end, lower in zip(ends.tolist(), below.tolist(), strict=True):
        if lower - last >= minimum and len(numbers) - lower >= minimum:
            result[count], count, last = end, count + 1, lower
    return result


def _group(text: str | None, edges: Floats) -> str | None:
    """The value itself, or the group of a number; None where it is missing or no number where numbers are meant."""
    if text is None or not text.strip():
        return None
    if np.isnan(edges).all():
        return text.strip()
    number = _number(text)
    return None if np.isnan(number) else str(int(np.searchsorted(edges, number, side="left")))
