"""Habits counted in blocks of people are those counted at once, and against counting pairs."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.profiles.taker_shares import ClusterTakers
from recsys_tui.recommend import cluster_habits
from recsys_tui.recommend.cluster_habits import EveryonesHabits, counted


def crowd(lengths: list[int]) -> Histories:
    random = np.random.default_rng(1)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    count = int(indptr[-1])
    ratings = random.integers(1, 6, count).astype(np.float32)
    ratings[random.random(count) < 0.2] = np.nan
    return Histories(
        indptr,
        random.integers(0, 30, count).astype(np.int32),
        1_600_000_000_000 + random.integers(0, 10**10, count),
        np.ones(count, np.float32),
        30,
        ratings=ratings,
    )


@pytest.mark.parametrize("block", [1, 7, 50, 10_000])
def test_blocks_of_any_size_make_no_difference(block: int, monkeypatch: pytest.MonkeyPatch):
    """Among people without any action, at the ends too, and one with more than a block holds."""
    everyone = crowd([0, 0, 5, 60, 0, *[3] * 40, 1, 0])
    clusters = np.array([0] * 25 + [1] * (len(everyone) - 25), np.int16)
    clusters[[0, 1, 4, -1]] = -1
    takers = ClusterTakers(everyone, clusters, 2, CrowdGate())
    monkeypatch.setattr(cluster_habits, "BLOCK", 10**9)
    habits = EveryonesHabits(takers, True)
    expected = habits.rating_habits(0), habits.activity(0)
    assert expected[0] is not None
    assert expected[1].starts
    monkeypatch.setattr(cluster_habits, "BLOCK", block)
    habits = EveryonesHabits(takers, True)
    assert (habits.rating_habits(0), habits.activity(0)) == expected
    blocks = list(cluster_habits._blocks(everyone))
    assert [person for start, stop in blocks for person in range(start, stop)] == list(range(len(everyone)))


def test_people_are_counted_once_a_cell():
    """Against unique pairs, by group."""
    everyone = crowd([4, 0, 9, 2, 30])
    cells = everyone.items % 5 - 1
    groups = np.array([0, 1, 1, 0, 1])
    people, actions = counted(everyone, cells, groups, 2, 4)
    rows = list(zip(everyone.owners.tolist(), cells.tolist(), strict=True))
    for group in (0, 1):
        for cell in range(4):
            own = [owner for owner, place in rows if place == cell and groups[owner] == group]
            assert (people[group, cell], actions[group, cell]) == (len(set(own)), len(own))
