"""Habits counted in blocks of people are those counted at once."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.recommend import cluster_habits
from recsys_tui.recommend.cluster_habits import EveryonesHabits


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
    here = everyone.prefixes(range(20), everyone.lengths[:20])
    monkeypatch.setattr(cluster_habits, "BLOCK", 10**9)
    habits, gate = EveryonesHabits(everyone, True), CrowdGate()
    expected = habits.rating_habits(here, gate), habits.activity(here, gate)
    assert expected[0] is not None
    assert expected[1].starts
    monkeypatch.setattr(cluster_habits, "BLOCK", block)
    habits = EveryonesHabits(everyone, True)
    assert (habits.rating_habits(here, gate), habits.activity(here, gate)) == expected
    blocks = list(cluster_habits._blocks(everyone))
    assert sum(len(one) for one in blocks) == len(everyone)
    assert np.concatenate([one.items for one in blocks]).tolist() == everyone.items.tolist()


def test_people_are_counted_once_a_cell():
    """Against unique pairs."""
    everyone = crowd([4, 0, 9, 2, 30])
    cells = everyone.items % 5
    found = cluster_habits._Cells.count([(everyone.owners, cells)], 5)
    pairs = set(zip(everyone.owners.tolist(), cells.tolist(), strict=True))
    assert found.people.tolist() == [sum(cell == place for _, cell in pairs) for place in range(5)]
    assert found.actions.tolist() == np.bincount(cells, minlength=5).tolist()
