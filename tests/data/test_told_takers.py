"""How many people have an item, as it may be told: as it is, or in whole crowds."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Histories
from recsys_tui.data.told_takers import in_crowds, told_items, told_takers
from recsys_tui.output.crowd_gate import CrowdGate

GATE = CrowdGate(10)


def taken_by(*people: list[int], count: int = 40) -> Histories:
    """The histories of ``count`` people: who has each item."""
    owned = [[item for item, who in enumerate(people) if person in who] for person in range(count)]
    starts = np.concatenate([[0], np.cumsum([len(own) for own in owned])]).astype(np.int64)
    items = np.array([item for own in owned for item in own], np.int32)
    return Histories(starts, items, None, np.ones(len(items), np.float32), len(people))


def test_enough_who_have_it_and_enough_who_lack_it():
    histories = taken_by([*range(15)], [*range(3)], [*range(33)], [*range(5, 9)], [*range(10)], [*range(40)], [])
    counts, exact = told_takers(histories, GATE)
    assert counts.tolist() == [15, 10, 40, 10, 10, 40, 0]  # 33 of 40: seven lack it
    assert exact.tolist() == [True, False, False, False, True, True, True]
    assert told_items(histories, GATE)[1].tolist() == [False, True, True, True, False, False, False]


def test_beside_one_item_of_few_the_next_smallest_is_kept_back():
    """All actions together are known: less those that are told, they were those of the few."""
    counts, exact = told_takers(taken_by([*range(12)], [*range(4)], [*range(25)]), GATE)
    assert counts.tolist() == [20, 10, 25]
    assert exact.tolist() == [False, False, True]


def test_enough_of_those_who_have_anything_lack_it():
    """Of 50 people 20 have nothing, as everybody less the sizes of all groups tells: 23 lack the first item, but three
    of those who have anything."""
    histories = taken_by([*range(27)], [*range(3)], [*range(15, 30)], count=50)
    counts, exact = told_takers(histories, GATE)
    assert counts.tolist() == [30, 10, 15]
    assert exact.tolist() == [False, False, True]
    assert told_items(histories, GATE)[1].tolist() == [True, True, False]


def test_whole_crowds():
    assert in_crowds(np.array([0, 1, 9, 10, 11, 20]), GATE).tolist() == [0, 10, 10, 10, 20, 20]
