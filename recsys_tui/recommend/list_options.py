"""What a person asks of a list beyond its length: which items may be in it, which stand first, how unlike they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from recsys_tui.output.errors import UserError
from recsys_tui.recommend.conditions import Condition
from recsys_tui.recommend.given_values import Ids, given_conditions, given_ids

REPEATS = ("auto", "never", "allow")
NEVER, ALLOW = "never", "allow"
HUNDRED = 100.0


@dataclass(frozen=True)
class ListOptions:
    """Options of lists, for one person, someone new and everyone alike. Items are named by their ids.

    ``repeat``: ``auto`` shows what somebody has taken before where people do take things again, ``never`` leaves it
    out, ``allow`` lets it in everywhere. ``products_only`` keeps out postage, manual entries and the like.
    ``where``: conditions that every item must fulfil. ``only``: the items a list may be made of, None for all;
    ``exclude``: items kept out of it. ``pin``: items that stand first, in this order. ``diversity``: 0 (the plain
    list) to 1 (as unlike one another as can be). ``hide_popular``: this percentage of the catalogue, the most
    popular, is kept out.

    Raises ``UserError`` (exit 2) for a value that makes no sense.
    """

    repeat: str = "auto"
    products_only: bool = False
    where: tuple[Condition, ...] = ()
    only: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    pin: tuple[str, ...] = ()
    diversity: float = 0.0
    hide_popular: float = 0.0

    def __post_init__(self) -> None:
        if self.repeat not in REPEATS:
            raise UserError("models.unknown_repeat", value=self.repeat)
        if not _within(self.diversity, 1):
            raise UserError("models.diversity_range", value=self.diversity)
        if not _within(self.hide_popular, HUNDRED):
            raise UserError("models.hide_popular_range", value=self.hide_popular)
        if self.only is not None and not self.only:
            raise UserError("models.only_nothing")


def _within(value: object, most: float) -> bool:
    return isinstance(value, int | float) and 0 <= value <= most


PLAIN = ListOptions()


class FurtherOptions(TypedDict, total=False):
    """Options of lists as a person writes them.

    ``where``: conditions such as ``year>=1990``, all of which must be fulfilled. ``only_items``, ``exclude_items``,
    ``pin``: ids of items. ``diversity``: 0 to 1. ``hide_popular``: a percentage. ``products_only``: no postage and
    the like. :class:`ListOptions` says what each does.
    """

    products_only: bool
    where: Sequence[str] | str
    only_items: Ids
    exclude_items: Ids
    pin: Ids
    diversity: float
    hide_popular: float


def list_options(repeat: str = "auto", **given: Unpack[FurtherOptions]) -> ListOptions:
    """Options from what a person wrote; raises ``UserError`` (exit 2) for what cannot be understood."""
    for name in given:
        if name not in FurtherOptions.__annotations__:
            raise UserError("models.no_such_option", name=name, names=", ".join(FurtherOptions.__annotations__))
    only = given.get("only_items")
    return ListOptions(
        repeat,
        given.get("products_only", False),
        tuple(Condition.of(text) for text in given_conditions(given.get("where"))),
        None if only is None else tuple(given_ids(only)),
        tuple(given_ids(given.get("exclude_items"))),
        tuple(dict.fromkeys(given_ids(given.get("pin")))),
        given.get("diversity", 0.0),
        given.get("hide_popular", 0.0),
    )
