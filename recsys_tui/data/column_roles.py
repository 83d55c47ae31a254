"""What column names mean, and whether the first row of a text holds any."""

from __future__ import annotations

import re
from collections.abc import Sequence

from recsys_tui.data.column_words import ALL_NAMES, FAMILIES, FRIEND_NAMES, NAMES, USER, WHO_WHOM

_NOT_PLAIN = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"^[+-]?\d+(?:[.,]\d+)?(?:[eE][+-]?\d+)?$")
_DIGIT = re.compile(r"\d")


def plain(name: str) -> str:
    """A column name in lower case, letters and digits only: ``User-ID`` → ``userid``."""
    return _NOT_PLAIN.sub("", name.lower())


def name_rank(name: str, role: str) -> int | None:
    """How plainly a column name says a role (0 is plainest), or None where it does not."""
    names = NAMES[role]
    said = plain(name)
    return names.index(said) if said in names else None


def who_and_whom(names: Sequence[str]) -> tuple[str, str] | None:
    """The two columns of a graph of people, follower first, where the names say that it is one."""
    said = {plain(name): name for name in names}
    pairs = (*WHO_WHOM, *((user, friend) for user in NAMES[USER][:4] for friend in FRIEND_NAMES))
    return next(((said[who], said[whom]) for who, whom in pairs if who in said and whom in said), None)


def same_family(left: str, right: str, role: str) -> bool:
    """Whether two column names say the same thing about a role."""
    return any(plain(left) in family and plain(right) in family for family in FAMILIES.get(role, ()))


def looks_like_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether the first row of a text holds column names.

    It does if one of its fields is a known name, or if it holds no number although the rows below do; it does not if
    any of its fields is a number or is empty where others are.
    """
    fields = [field.strip() for field in first]
    if any(_NUMBER.match(field) for field in fields):
        return False
    if any(plain(field) in ALL_NAMES for field in fields):
        return True
    if not rest or not all(fields):
        return False
    below = [row for row in rest if len(row) == len(fields)]
    numeric = [
        sum(bool(_NUMBER.match(row[place].strip())) for row in below) > 0.8 * len(below) for place in range(len(fields))
    ]
    return bool(below) and any(numeric) and not any(_DIGIT.match(field) for field in fields)
