"""Friends' taste and who follows back: sums over links, checked against sums by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.models.held_out import hold_out
from recsys_tui.models.peers import DECAY, FOLLOWS_BACK, FRIENDS, NEWEST, Ties, peers_at, with_peers


def histories(*items: list[int], count: int = 6) -> Histories:
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in items])])
    codes = np.array([item for one in items for item in one], np.int32)
    return Histories(indptr, codes, None, np.ones(len(codes), np.float32), count)


def ties(pairs: list[tuple[int, int]], people: int, item_of: list[int] | None = None) -> Ties:
    who, whom = (np.array([pair[side] for pair in pairs], np.int32) for side in (0, 1))
    return Ties(who, whom, np.array(item_of or [-1] * people, np.int32))


def test_friends_taste_is_a_sum_over_friends_newest_first():
    found = with_peers(histories([0], [1, 2], [2, 3]), ties([(0, 1), (2, 0)], 3))
    row = found.peer_scores(FRIENDS)[0]
    # Person 0 is linked with 1 and 2, whichever way it was written; of each the newest action weighs 1, the next .97.
    assert row == pytest.approx(np.array([0, DECAY, 1 + DECAY, 1, 0, 0]) / np.sqrt(2), abs=1e-6)
    assert found.peer_scores(FRIENDS)[1] == pytest.approx([1, 0, 0, 0, 0, 0])


def test_only_the_newest_actions_of_a_friend_count():
    long = list(range(NEWEST + 5))
    found = with_peers(histories([0], long, count=NEWEST + 5), ties([(0, 1)], 2))
    assert np.flatnonzero(found.peer_scores(FRIENDS)[0]).tolist() == long[5:]


def test_who_follows_somebody_shows_as_an_item():
    # Items 0, 1 and 2 are the people 0, 1 and 2: person 0 follows 1, and 2 follows 0.
    found = with_peers(histories([1], [3], [0], count=4), ties([], 3, [0, 1, 2]))
    assert found.peer_scores(FOLLOWS_BACK).tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
    # In a graph of people those one follows are one's friends.
    assert found.peer_scores(FRIENDS)[0].tolist() == pytest.approx([0, 0, 0, 1])


def test_without_links_nothing_is_stored_and_all_is_zero():
    alone = with_peers(histories([0], [1]), None)
    assert not alone.peers
    assert not alone.peer_scores(FRIENDS).any()


def test_held_out_lists_know_only_the_older_part():
    everyone = histories(list(range(12)), [12, 13, 14, 15, 16, 17, 18, 19, 20], count=21)
    links = ties([(0, 1)], 2)
    held_out = hold_out(with_peers(everyone, links), "next", False, 100, 0)
    held_out = held_out.with_peers(with_peers(held_out.older, links), {})
    kept = set(held_out.older.items_of(1).tolist())
    rows = held_out.lists.peer_scores(FRIENDS)[held_out.people == 0]
    assert len(rows)
    assert {int(item) for row in rows for item in np.flatnonzero(row)} == kept
    assert 20 not in kept


def test_at_a_past_moment_only_what_was_done_before_it_is_known():
    # Person 0 acts at 10, 20, 30; their friend, person 1, at 5, 15, 25, 35.
    indptr, items = np.array([0, 3, 7]), np.array([0, 1, 2, 3, 4, 5, 1], np.int32)
    times = np.array([10, 20, 30, 5, 15, 25, 35], np.int64)
    both = Histories(indptr, items, times, np.ones(7, np.float32), 6)
    rows = peers_at(both, ties([(0, 1)], 2), np.array([0, 0, 0]), np.array([0, 1, 2]))[FRIENDS].dense(6)
    assert rows[0].tolist() == pytest.approx([0, 0, 0, 1, 0, 0])
    assert rows[1].tolist() == pytest.approx([0, 0, 0, DECAY, 1, 0])
    assert rows[2].tolist() == pytest.approx([0, 0, 0, DECAY**2, DECAY, 1])


def test_who_follows_somebody_is_known_from_when_they_did():
    # The items 0 and 1 are the people; 1 follows 0 at 15, while 0 acts at 10, 20.
    both = Histories(
        np.array([0, 2, 3]), np.array([2, 3, 0], np.int32), np.array([10, 20, 15]), np.ones(3, np.float32), 4
    )
    rows = peers_at(both, ties([], 2, [0, 1]), np.array([0, 0]), np.array([0, 1]))[FOLLOWS_BACK].dense(4)
    assert rows.tolist() == [[0, 0, 0, 0], [0, 1, 0, 0]]


def test_rows_of_people_are_taken_and_sliced():
    rows = SparseRows(np.array([0, 2, 2, 3]), np.array([1, 3, 0], np.int32), np.array([5, 6, 7], np.float32))
    assert rows.take(np.array([2, 0, 2])).dense(4).tolist() == [[7, 0, 0, 0], [0, 5, 0, 6], [7, 0, 0, 0]]
    assert rows.slice(1, 3).dense(4).tolist() == [[0, 0, 0, 0], [7, 0, 0, 0]]
    again = SparseRows.from_arrays(rows.to_arrays())
    np.testing.assert_array_equal(again.dense(4), rows.dense(4))


def test_only_the_largest_entries_of_a_row_are_kept():
    from scipy.sparse import csr_matrix

    kept = SparseRows.of_matrix(csr_matrix([[1.0, 4.0, 0.0, 3.0, 2.0]]), 2)
    assert kept.dense(5).tolist() == [[0, 4, 0, 3, 0]]
