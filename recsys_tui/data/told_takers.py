"""How many people have each item, as it may be told wherever a count of people shows: in scores, orders and lengths."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Flags, Histories, Longs
from recsys_tui.output.crowd_gate import CrowdGate


def told_items(histories: Histories, gate: CrowdGate) -> tuple[Flags, Flags]:
    """Of which items it may be told how many people have them, beside how many people and actions there are: each
    action is a person's only one on it. And of which it must not be, whatever else is told. Both (items,).

    Told is of enough people, beside whom enough or nobody lack the item, of all and of those who have anything, as
    sizes of groups tell how many these are; and what is not told is of nobody or enough, and no single item
    (complementary suppression, as :func:`recsys_tui.data.people_behind.told_cells` has it).
    """
    everyone = histories.item_counts()
    open_: Flags = everyone >= gate.minimum
    for people in (len(histories), int((histories.lengths > 0).sum())):
        open_ &= (everyone == people) | (everyone <= people - gate.minimum)
    secret: Flags = ~open_ & (everyone > 0)
    while open_.any():
        rest = np.flatnonzero(~open_[histories.items])
        people = len(np.unique(np.searchsorted(histories.indptr, rest, side="right")))
        there = ~open_ & (everyone > 0)
        if not 0 < people < gate.minimum and not (there.sum() == 1 and secret[there].any()):
            break
        told = np.flatnonzero(open_)
        open_[told[np.argmin(everyone[told])]] = False
    return open_, secret


def told_takers(histories: Histories, gate: CrowdGate) -> tuple[Longs, Flags]:
    """How many people have each item and whether that is told as it is, both (items,): where it may not be, it is the
    next multiple of ten, at most everybody."""
    everyone = histories.item_counts()
    exact = told_items(histories, gate)[0] | (everyone == 0)
    return np.where(exact, everyone, np.minimum(in_crowds(everyone, gate), len(histories))), exact


def in_crowds(people: Longs, gate: CrowdGate) -> Longs:
    """Counts of people as the next multiple of ten: 1 to 9 are ten."""
    return -(-people // gate.minimum) * gate.minimum
