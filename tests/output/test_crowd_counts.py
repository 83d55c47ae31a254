"""Counts that are told beside the whole: nobody can work out of them how few people are not among them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from recsys_tui.output.crowd_counts import in_steps, next_crowds, told_count, whole_crowds
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


@pytest.mark.parametrize("spread", [1.0, 4.0, 4.605, 0.3, 776.0])
@pytest.mark.parametrize("people", [10, 20, 27, 30, 32, 1000])
def test_steps_are_what_one_person_can_change_and_tell_neither_of_how_many_nor_between_what(spread: float, people: int):
    """Powers of two, so that several means have nothing in common with either; at most twice as wide as need be."""
    step = 2.0 ** math.ceil(math.log2(spread / people))
    for mean in np.linspace(0, spread, 50).tolist():
        told = in_steps(mean, people, spread)
        assert told / step == round(told / step)
        assert abs(told - mean) <= step / 2 + 1e-9
    assert spread / people <= step < 2 * spread / people


def test_a_mean_of_people_who_are_all_alike_is_told_as_it_is():
    assert in_steps(3.3, 12, 0) == 3.3


def test_from_the_middle_of_two_steps_it_goes_up():
    assert [in_steps(each / 4, 10, 5) for each in range(5)] == [0, 0.5, 0.5, 1, 1]
