"""The list of one visit in an A/B test, and what is told by what somebody does with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from recsys_tui.evaluate.ab.assignment import arm_of, coins
from recsys_tui.evaluate.ab.interleaving import team_draft
from recsys_tui.store.ab_records import ARM_A, ARM_B, SKIP, SPLIT, AbTest, Visit

Shown = tuple[tuple[str, str | None], ...]
"""A list that was shown, best first: each item with the arm that it counts for, None for neither."""


def arm_for(test: AbTest, user: str) -> str | None:
    """The arm of a person where people are split, else None."""
    return arm_of(test.salt, user) if test.mode == SPLIT else None


def deal(test: AbTest, visit: Visit, k: int, list_of: Callable[[str], Sequence[str]]) -> Shown:
    """The ``k`` items to show in a visit; ``list_of`` gives an arm's own list, of ``k`` items or more.

    Where people are split it is that of their arm, else what a team draft makes of both, by coins of this visit: the
    same whenever it is asked.
    """
    if visit.arm is not None:
        return tuple((item, visit.arm) for item in list_of(visit.arm)[:k])
    return tuple(team_draft(list_of(ARM_A), list_of(ARM_B), k, coins(test.salt, visit.user, visit.visit)))


def counted_for(shown: Shown, item: str) -> str | None:
    """The arm that an item of a list counts for."""
    return next((arm for other, arm in shown if other == item), None)


def passed_over(shown: Shown, item: str, touched: Iterable[str]) -> list[tuple[str, str, str | None]]:
    """What a like of ``item`` tells of the items above it: they were seen, and nothing was done with them.

    As events for the log; those that something was done with (``touched``) are left out, and where ``item`` is not in
    the list nothing is told.
    """
    known = set(touched)
    items = [other for other, _ in shown]
    above = shown[: items.index(item)] if item in items else ()
    return [(other, SKIP, arm) for other, arm in above if other not in known]
