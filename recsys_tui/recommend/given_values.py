"""What a program passes instead of a person who types: ids as texts or whole numbers, one or many, and counts."""

from __future__ import annotations

from collections.abc import Iterable
from operator import index
from typing import Any

from recsys_tui.output.errors import ExitCode, UserError

Ids = Iterable[str | int] | str | int | None


def given_id(value: Any) -> str:
    """An id: a text, or a whole number (NumPy's too) as the text it is. Raises ``UserError`` (exit 2) for others."""
    if isinstance(value, str):
        return value
    if not isinstance(value, bool):
        try:
            return str(index(value))
        except TypeError:
            pass
    raise UserError("models.no_id", value=repr(value))


def given_ids(values: Ids) -> list[str]:
    """Several ids. One alone is a list of one (its letters are no ids), and None is an empty one.

    Raises ``UserError`` (exit 2) for what is neither.
    """
    if values is None:
        return []
    if isinstance(values, Iterable) and not isinstance(values, str | bytes):
        return [given_id(value) for value in values]
    return [given_id(values)]


def given_texts(values: Iterable[str] | str | None) -> list[str]:
    """Several texts; one alone is a list of one, None an empty one."""
    return [] if values is None else [values] if isinstance(values, str) else list(values)


def check_opinions(like: Iterable[str], dislike: Iterable[str]) -> None:
    """Raises ``UserError`` (exit 2) where the same item is liked and disliked at once."""
    unwanted = set(dislike)
    both = next((item for item in like if item in unwanted), None)
    if both is not None:
        raise UserError("models.liked_and_disliked", ExitCode.USAGE, item=both)


def given_count(value: Any) -> int:
    """How many items or people are wanted. Raises ``UserError`` (exit 2) for less than one and for no whole number."""
    try:
        count = 0 if isinstance(value, bool) else index(value)
    except TypeError:
        count = 0
    if count < 1:
        raise UserError("models.no_count", value=repr(value))
    return count
