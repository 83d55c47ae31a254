"""Windows that sequence models learn from: every next item is asked about once, with the right inputs."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.encoder.training_windows import batches_by_length, cut_windows, newest_of_each, sample_of

LENGTHS = [0, 1, 2, 5, 13, 40, 3]
WIDTH = 8


@pytest.fixture
def numbered() -> Histories:
    """People whose items are the numbers of their actions, so that each says where it comes from."""
    indptr = np.concatenate([[0], np.cumsum(LENGTHS)]).astype(np.int64)
    total = int(indptr[-1])
    return Histories(indptr, np.arange(total, dtype=np.int32), None, np.ones(total, np.float32), total)


@pytest.mark.parametrize("stride", [1, 3, 4, 8])
@pytest.mark.parametrize("seed", range(5))
def test_every_next_item_is_asked_about_once(numbered: Histories, stride: int, seed: int):
    random = np.random.default_rng(seed)
    windows = cut_windows(numbered, WIDTH, stride, random)
    asked = []
    for batch in batches_by_length(numbered, windows, 10, random):
        assert batch.targets.shape[1] <= min(stride, batch.inputs.shape[1])
        newest = batch.inputs[:, -batch.targets.shape[1] :]
        there = batch.targets >= 0
        np.testing.assert_array_equal(batch.targets[there], newest[there] + 1)
        asked += batch.targets[there].tolist()
    firsts = set(numbered.indptr[:-1].tolist())
    assert sorted(asked) == [action for action in range(len(numbered.items)) if action not in firsts]


def test_inputs_are_one_person_s_newest_before_the_target(numbered: Histories):
    random = np.random.default_rng(0)
    windows = cut_windows(numbered, WIDTH, 3, random)
    owner = numbered.owners
    seen_full = False
    for batch in batches_by_length(numbered, windows, 6, random):
        for row in batch.inputs:
            there = row[row >= 0]
            assert (row[: len(row) - len(there)] == -1).all()
            np.testing.assert_array_equal(np.diff(there), 1)
            assert len(set(owner[there])) == 1
            at_start = there[0] == numbered.indptr[owner[there[0]]]
            assert len(there) == WIDTH or at_start
            seen_full |= len(there) == WIDTH
    assert seen_full


def test_other_offsets_cut_other_windows(numbered: Histories):
    random = np.random.default_rng(0)
    cuts = {tuple(cut_windows(numbered, WIDTH, 4, random).stop.tolist()) for _ in range(5)}
    assert len(cuts) > 1


def test_nothing_to_ask_gives_no_batch():
    short = Histories(np.array([0, 1, 1], np.int64), np.array([4], np.int32), None, np.ones(1, np.float32), 5)
    random = np.random.default_rng(0)
    windows = cut_windows(short, WIDTH, 4, random)
    assert len(windows) == 0
    assert list(batches_by_length(short, windows, 10, random)) == []


def test_the_newest_of_each_ask_for_everybody_s_newest_item(numbered: Histories):
    random = np.random.default_rng(0)
    windows = newest_of_each(numbered, cut_windows(numbered, WIDTH, 3, random))
    (batch,) = batches_by_length(numbered, windows, 1_000, random)
    last_of_able = [int(numbered.indptr[person + 1]) - 1 for person, n in enumerate(LENGTHS) if n > 1]
    assert sorted(batch.targets[:, -1].tolist()) == last_of_able


def test_a_sample_of_windows_asks_for_no_more_than_wanted(numbered: Histories):
    random = np.random.default_rng(0)
    windows = cut_windows(numbered, WIDTH, 4, random)
    some = sample_of(windows, 20, random)
    assert 16 <= some.asked.sum() <= 20
    assert set(some.stop.tolist()) <= set(windows.stop.tolist())
    assert len(set(some.stop.tolist())) == len(some)
    assert sample_of(windows, int(windows.asked.sum()), random) is windows
