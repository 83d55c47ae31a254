"""One list from two: team-draft interleaving (Radlinski, Kurup & Joachims, CIKM 2008)."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TypeVar

from recsys_tui.store.ab_records import ARM_A, ARM_B

Item = TypeVar("Item", bound=Hashable)


def team_draft(a: Sequence[Item], b: Sequence[Item], k: int, coins: Iterator[bool]) -> list[tuple[Item, str | None]]:
    """The ``k`` first items of the lists ``a`` and ``b`` drafted in turn, each with the arm that it counts for.

    In every round a coin says which arm picks first; an arm picks the highest item of its list that is not taken yet.
    So both arms have equally many places, but for one in a round that is not over, and where the two lists are the same
    each item counts for either with a chance of one half. Where one list is used up the draft is over: what the other
    still has follows, and counts for no arm.
    """
    chosen: dict[Item, str | None] = {}
    lists: dict[str, Sequence[Item]] = {ARM_A: a, ARM_B: b}
    places = dict.fromkeys(lists, 0)

    def highest(arm: str) -> bool:
        """Move on to the highest item of an arm that is not taken; False where there is none."""
        items, place = lists[arm], places[arm]
        while place < len(items) and items[place] in chosen:
            place += 1
        places[arm] = place
        return place < len(items)

    while len(chosen) < k:
        first = ARM_A if next(coins) else ARM_B
        for arm in (first, ARM_B if first == ARM_A else ARM_A):
            there = {name: highest(name) for name in lists}
            if not all(there.values()):
                left = [item for name in lists for item in lists[name] if item not in chosen]
                return [*chosen.items(), *((item, None) for item in dict.fromkeys(left))][:k]
            if len(chosen) < k:
                chosen[lists[arm][places[arm]]] = arm
    return list(chosen.items())
