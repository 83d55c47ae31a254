"""Popularity as lists tell it: nothing of the few who have an item, have it not, or took it earlier than others."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.popularity import Popularity
from recsys_tui.output.crowd_gate import CrowdGate

PEOPLE = 60


def told(takers: list[range], recent: list[range] | None = None) -> list[int]:
    """How many people a list tells of each item, by who has it; of late, by who took it then (``recent``)."""
    return np.rint(np.expm1(told_strength(takers, recent))).astype(int).tolist()


def told_strength(takers: list[range], recent: list[range] | None = None) -> np.ndarray:
    """The last item, which everybody took long ago, is beside those that are asked about: nobody has nothing."""
    takers, recent = [*takers, range(PEOPLE)], None if recent is None else [*recent, range(0)]
    owned = [[item for item, who in enumerate(takers) if person in who] for person in range(PEOPLE)]
    late = [[recent is not None and person in recent[item] for item in own] for person, own in enumerate(owned)]
    indptr = np.concatenate([[0], np.cumsum([len(own) for own in owned])])
    items = np.array([item for own in owned for item in own], np.int32)
    times = np.array([1_000 if new else 0 for own in late for new in own])
    known = Histories(indptr, items, times, np.ones(len(items), np.float32), len(takers))
    found = Popularity.fit(known) if recent is None else Popularity.fit(known, "recent", recent=True)
    stored = Popularity.from_arrays(found.to_arrays())
    np.testing.assert_array_equal(stored.told_strength(CrowdGate()), found.told_strength(CrowdGate()))
    return found.told_strength(CrowdGate())[:-1]


@pytest.mark.parametrize("few", [1, 9])
def test_1_to_9_people_who_have_an_item_or_have_it_not_count_as_ten(few: int):
    others = [range(20), range(30), range(PEOPLE), range(0), range(5, 14)]
    assert told([range(few), *others]) == [10, 20, 30, PEOPLE, 0, 10]
    assert told([range(PEOPLE - few), *others]) == [PEOPLE, 20, 30, PEOPLE, 0, 10]


def test_an_item_that_would_give_away_the_only_untold_one_counts_in_tens():
    """How many actions there are is told, so that of one item alone the others leave how many took it."""
    assert told([range(3), range(21), range(32)]) == [10, 30, 32]
    assert told([range(3), range(30, 32), range(21), range(32)]) == [10, 10, 30, 32]  # five people behind both
    assert told([range(6), range(30, 36), range(21), range(32)]) == [10, 10, 21, 32]


def test_who_took_an_item_of_late_is_told_in_tens():
    """Where exact counts are, one of them and the bars of periods tell of the few of another period."""
    everyone = [range(30), range(25), range(6), range(20, 27)]
    assert told(everyone, [range(27), range(12), range(0), range(0)]) == [30, 20, 0, 0]
    assert told(everyone, [range(21), range(15), range(0), range(0)]) == [30, 20, 0, 0]
    assert told(everyone, [range(30), range(3), range(2), range(20, 22)]) == [30, 10, 10, 10]
    assert told(everyone, [range(20), range(21), range(6), range(20, 27)]) == [20, 20, 10, 10]


def test_how_many_took_an_item_of_late_is_one_of_ten_counts_beside_all_who_have_it():
    """Of eleven people the one who took an item of late was told as ten, and two or more as eleven."""
    alike: dict[tuple[int, int], set[int]] = {}
    for having in range(1, 51):
        for late in range(1, having + 1):
            shown = told([range(having), range(20), range(30)], [range(late), range(5), range(5)])[0]
            alike.setdefault((having, shown), set()).add(late)
    assert all(len(counts) >= min(10, having) for (having, _), counts in alike.items())


def test_what_is_told_to_be_taken_by_as_many_of_late_comes_by_all_time():
    strength = told_strength([range(40), range(32), range(50), range(12)], [range(11), range(19), range(20), range(0)])
    assert np.argsort(-strength).tolist() == [2, 0, 1, 3]
    assert np.rint(np.expm1(strength)).tolist() == [20, 20, 20, 0]
    assert strength[3] == 0


@pytest.mark.parametrize("few", [1, 9])
def test_an_item_that_everybody_took_of_late_tells_no_more_than_it_does_of_all_time(few: int):
    """Nobody took it before, so that of late is of all time: neither who lacks it nor who took the untold one shows."""
    others = [range(20), range(30), range(5, 14)]
    late = [range(10), range(0), range(0)]
    assert told([range(PEOPLE - few), *others], [range(PEOPLE - few), *late]) == [PEOPLE, 10, 0, 0]
    assert told([range(3), range(21), range(32)], [range(3), range(21), range(20)]) == [10, 30, 20]


def test_an_item_that_hardly_anybody_lacks_of_those_who_have_anything_counts_in_tens():
    """Sizes of groups tell how many have anything."""
    owned = [[0] * (person < 57) + [1] * (person >= 20) for person in range(60)] + [[] for _ in range(20)]
    indptr = np.concatenate([[0], np.cumsum([len(own) for own in owned])])
    items = np.array([item for own in owned for item in own], np.int32)
    found = Popularity.fit(Histories(indptr, items, None, np.ones(len(items), np.float32), 2))
    assert np.rint(np.expm1(found.told_strength(CrowdGate()))).tolist() == [60, 40]
