"""What a program passes instead of a person who types: ids as texts or whole numbers, one or many, and counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Real
from operator import index
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from recsys_tui.output.errors import ExitCode, UserError

Ids = Iterable[str | int] | str | int | None


def given_id(value: Any) -> str:
    """An id: a text, or a whole number (NumPy's too) as the text it is. Raises ``UserError`` (exit 2) for others."""
    if isinstance(value, str):
        return encodable(value)
    if not isinstance(value, bool):
        try:
            return str(index(value))
        except TypeError:
            pass
    raise UserError("models.no_id", value=repr(value))


def encodable(text: str) -> str:
    """The text with a question mark for what no file can hold: an id like any other that is not there."""
    return text.encode("utf-8", "replace").decode("utf-8")


def given_ids(values: Ids) -> list[str]:
    """Several ids. One alone is a list of one (its letters are no ids), and None is an empty one.

    Raises ``UserError`` (exit 2) for what is neither.
    """
    if values is None:
        return []
    if isinstance(values, Iterable) and not isinstance(values, str | bytes):
        return [given_id(value) for value in values]
    return [given_id(values)]


def given_conditions(values: Iterable[str] | str | None) -> list[str]:
    """Several conditions; one alone is a list of one, None an empty one. Raises ``UserError`` (exit 2) for no texts."""
    if values is None or isinstance(values, str):
        return [] if values is None else [values]
    listed: list[Any] = list(values) if isinstance(values, Iterable) else [values]
    for value in listed:
        if not isinstance(value, str):
            raise UserError("models.no_condition", ExitCode.USAGE, text=value)
    return listed


def given_path(value: Any, message: str, **about: object) -> str | Path:
    """A path, or a name. Raises ``UserError`` (exit 2) with this message for what is none."""
    if isinstance(value, str | Path):
        return value
    if isinstance(value, PathLike) and isinstance(path := fspath(value), str):
        return path
    raise UserError(message, ExitCode.USAGE, kind=type(value).__name__, **about)


def given_attributes(values: Any) -> dict[str, str]:
    """Attributes by name, their values texts or numbers; None is none. Raises ``UserError`` (exit 2) for others."""
    given = {} if values is None else values
    plain = isinstance(given, Mapping) and all(isinstance(name, str) for name in given)
    if not plain or any(isinstance(value, bool) or not isinstance(value, str | Real) for value in given.values()):
        raise UserError("models.no_attributes", ExitCode.USAGE, value=repr(values))
    return {name: str(value) for name, value in given.items()}


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
