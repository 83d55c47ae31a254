"""Counts that are told beside the whole: nobody can work out of them how few people are not among them."""

from __future__ import annotations

import pytest

from recsys_tui.output.crowd_counts import next_crowds, told_count, whole_crowds
from recsys_tui.output.crowd_gate import CrowdGate

GATE = CrowdGate(10)


@pytest.mark.parametrize("whole", [*range(10, 45)])
def test_what_is_told_of_most_of_a_whole_fits_more_than_one_small_rest(whole: int):
    told = {people: told_count(people, whole, GATE) for people in range(10, whole + 1)}
    for people, count in told.items():
        rests = {whole - other for other in told if told[other] == count}
        if 0 < whole - people < 10:
            assert rests >= {rest for rest in range(1, 10) if whole - rest >= 10}, "any number of a few"
            assert rests & {0, 10}, "or nobody, or enough"
        else:
            assert count == people
        assert 10 <= count <= whole


def test_fewer_than_enough_are_told_as_they_are_and_kept_back_elsewhere():
    assert [told_count(people, 40, GATE) for people in range(10)] == list(range(10))


def test_whole_and_next_crowds():
    assert [whole_crowds(count, GATE) for count in (0, 9, 10, 19, 20)] == [0, 0, 10, 10, 20]
    assert [next_crowds(count, GATE) for count in (0, 1, 10, 11)] == [0, 10, 10, 20]
