"""Whom the values of attributes part people into, and what these tell of a few beside those of other attributes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Longs

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class Value(NamedTuple):
    """A value of an attribute: ``who`` (people) has it, and how many of them have each item (items,)."""

    name: str
    who: Longs
    having: Floats


class Field(NamedTuple):
    """The values of an attribute, and last, where there are any, those who have none of these, whom the lists of all
    values leave: ``codes`` (people,) says which is whose, ``values`` are without the last. ``exact`` (values, items):
    of which items a value tells how many took them."""

    values: list[Value]
    parts: list[Value]
    codes: Longs
    exact: NDArray[np.bool_]

    @classmethod
    def of(cls, values: list[Value], taken: csr_matrix) -> Self:
        """``taken`` (people, items): who has what."""
        codes = np.full(taken.shape[0], len(values), np.int64)
        for code, value in enumerate(values):
            codes[value.who] = code
        rest = np.flatnonzero(codes == len(values))
        left = [Value("", rest, np.asarray(taken[rest].sum(axis=0)).ravel())] if values and len(rest) else []
        return cls(list(values), [*values, *left], codes, np.zeros((0, taken.shape[1]), np.bool_))

    def telling(self, silent_of: Sequence[Flags], everyone: Floats, minimum: int) -> Self:
        """The same, where each value says nothing of some items, (items,) each; of others it tells no few."""
        if not self.values:
            return self
        having = np.stack([value.having for value in self.values])
        return self._replace(exact=~(np.stack(silent_of) | coarse(having, everyone - having, minimum)))


def few(people: Floats | Longs, minimum: int) -> Flags:
    """Where some are counted, and not enough."""
    found: Flags = (people > 0) & (people < minimum)
    return found


def coarse(having: Floats, others: Floats, minimum: int) -> Flags:
    """Where a count of people may stand for that of a few: of those who have an item and a value, or of the others."""
    found: Flags = (having > 0) & (having <= minimum) | (others > 0) & (others <= minimum)
    return found


def told_by_difference(new: Value, fields: Sequence[Field], taken: csr_matrix, minimum: int) -> Flags | None:
    """Of which items, shape (items,), a value may say nothing beside those of other attributes: those who have one of
    two values and not both, and took the item or lack it, are a few. None where those who have it are all but a few of
    those of one or several values of another, or those and a few more.

    ``taken`` (people, items): who has what.
    """
    from scipy.sparse import csr_matrix

    secret, own = np.zeros(len(new.having), np.bool_), taken[new.who]
    for field in fields:
        if few(np.array(_apart(new, field).sum()), minimum):
            return None
        others, found = field.parts, field.codes[new.who]
        there = np.flatnonzero(found < len(others))
        both = np.bincount(found[there], minlength=len(others))
        beside = np.array([len(new.who) + len(other.who) for other in others], np.int64) - 2 * both
        having = csr_matrix((np.ones(len(there)), (found[there], there)), shape=(len(others), len(new.who))) @ own
        # With fewer in common, too few are, of those who took an item or lack it, for all others to be a few.
        for code in np.flatnonzero(both > minimum // 2).tolist():
            apart = new.having + others[code].having - 2 * having[code].toarray().ravel()
            secret |= few(apart, minimum) | few(beside[code] - apart, minimum)
    return secret


def _apart(one: Value, field: Field) -> Longs:
    """How many people of each part of a field, shape (parts,), are of a value of another or not, whichever are fewer:
    in all as many as make the value differ from the sum of those parts that are most like it."""
    both = np.bincount(field.codes[one.who], minlength=len(field.parts))
    found: Longs = np.minimum(both, np.bincount(field.codes, minlength=len(field.parts)) - both)
    return found if field.parts else np.zeros(0, np.int64)


def keep_rest_back(
    kept: list[Value], silent_of: list[Flags], fields: Sequence[Field], taken: csr_matrix, minimum: int
) -> Field:
    """The values of an attribute that stay known, so that those who have none of them, be they of one that says
    nothing, do not tell beside other attributes what such a value would tell: the smallest goes until that is so, and
    the smallest that is left says nothing of items of which those would tell. Nor do several of them together tell what
    a few did beside a value of another attribute, as towns do beside their country: the smallest of these goes.
    ``kept`` and ``silent_of`` change."""
    while True:
        field = Field.of(kept, taken)
        if not kept:
            return field
        sizes = np.array([len(value.who) for value in kept])
        one = next(
            (one for own in fields for one in own.parts if few(np.array(_apart(one, field).sum()), minimum)), None
        )
        if one is not None:
            both = np.bincount(field.codes[one.who], minlength=len(field.parts))[: len(kept)]
            inside = 2 * both > sizes
            smallest = int(np.where(inside | (not inside.any()), sizes, sizes.max() + 1).argmin())
        else:
            smallest, left = int(sizes.argmin()), field.parts[len(kept) :]
            if not left:
                return field
            secret = told_by_difference(left[0], fields, taken, minimum)
            if secret is not None:
                silent_of[smallest] |= secret
                return field
        del kept[smallest], silent_of[smallest]


def told_by_sums(field: Field, fields: Sequence[Field], taken: csr_matrix, everyone: Floats, minimum: int) -> Flags:
    """Of which items, shape (items,), a value of an attribute and several of another together tell what a few took, or
    lack, who make their difference: a value of ``field`` and those of one of ``fields``, or the other way round."""
    found = np.zeros(len(everyone), np.bool_)
    told = {place: _Told.of(one, everyone) for place, one in enumerate([field, *fields]) if one.values}
    for place, other in enumerate(fields, 1):
        for some, of_all in ((field, place), (other, 0)):
            if some.values and of_all in told:
                for value, exact in zip(some.values, some.exact, strict=True):
                    found |= exact & _few_beside(value, told[of_all], taken, everyone, minimum)
    return found


class _Told(NamedTuple):
    """What the values of a field tell: how many people have one (values,), how many of these took each item (values,
    items), and of how many people whose values do not tell of an item it is known how many took it, or lack it,
    (items,) each."""

    field: Field
    people: Longs
    having: Floats
    took: Floats
    lack: Floats

    @classmethod
    def of(cls, field: Field, everyone: Floats) -> Self:
        having, people = np.stack([value.having for value in field.values]), [len(value.who) for value in field.values]
        took = everyone - np.where(field.exact, having, 0).sum(axis=0)
        lack = len(field.codes) - np.array(people) @ field.exact - took
        return cls(field, np.array(people), having, took, lack)


def _few_beside(one: Value, told: _Told, taken: csr_matrix, everyone: Floats, minimum: int) -> Flags:
    """Of which items, shape (items,), a value and the sum of those of a field that is most like it differ by a few
    people who took it, or who lack it. Values that do not tell of an item are one there, with those who have none."""
    from scipy.sparse import csr_matrix

    field, people, having, all_took, all_lack = told
    codes = field.codes[one.who]
    there = np.flatnonzero(codes < len(people))
    shape = (len(people), len(codes))
    inside = csr_matrix((np.ones(len(there)), (codes[there], there)), shape=shape) @ taken[one.who]
    own = inside.tocoo()
    of_exact = field.exact[own.row, own.col]
    rows, items, took = own.row[of_exact], own.col[of_exact], own.data[of_exact]
    rest = one.having - np.bincount(items, took, len(everyone))
    least = np.bincount(items, np.minimum(took, having[rows, items] - took), len(everyone))
    found = few(least + np.minimum(rest, all_took - rest), minimum)
    # Of other items too many lack one, beside the value or in it, for these to be a few.
    near = np.flatnonzero(everyone > _apart(one, field).sum() - minimum)
    if len(near):
        both = np.bincount(codes[there], minlength=len(people))
        some = np.flatnonzero(both)
        at = np.ix_(some, near)
        exact, lack = field.exact[at], both[some, None] - inside[some][:, near].toarray()
        rest = len(codes) - one.having[near] - np.where(exact, lack, 0).sum(axis=0)
        least = np.where(exact, np.minimum(lack, people[some, None] - having[at] - lack), 0).sum(axis=0)
        found[near] |= few(least + np.minimum(rest, all_lack[near] - rest), minimum)
    return found
