"""Held-out lists: nothing of the future reaches what is fitted, and nobody is on both sides."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.held_out import FOLDS, hold_out


def histories(people: int = 200) -> Histories:
    random = np.random.default_rng(3)
    lengths = random.integers(1, 30, people)
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    items = np.concatenate([random.permutation(300)[:length] for length in lengths]).astype(np.int32)
    times = np.concatenate([np.sort(random.integers(0, 10**6, length)) for length in lengths]).astype(np.int64)
    return Histories(indptr, items, times, np.ones(len(items), np.float32), 300)


@pytest.mark.parametrize("horizon", ["next", "later"])
@pytest.mark.parametrize("has_dates", [True, False])
def test_targets_follow_the_history_and_are_unseen_by_the_experts(horizon: str, has_dates: bool):
    everyone = histories()
    held = hold_out(everyone, horizon, has_dates, 300, seed=0)
    assert len(held.lists) > 50
    for place in range(len(held.lists)):
        whole = everyone.items_of(int(held.people[place])).tolist()
        before = held.lists.items_of(place).tolist()
        targets = held.targets[place][held.targets[place] >= 0].tolist()
        assert before == whole[: len(before)]
        following = whole[len(before) :]
        if horizon == "next":
            assert targets == following[:1]
        else:
            assert sorted(targets) == sorted(following)
        # The experts saw no more of this person than every list of theirs begins with.
        older = held.older.items_of(int(held.people[place])).tolist()
        assert older == whole[: len(older)]
        assert len(older) <= len(before)
        assert not set(targets) & set(older)


@pytest.mark.parametrize("horizon", ["next", "later"])
def test_of_few_people_everyone_is_left_out_once(horizon: str):
    held = hold_out(histories(), horizon, True, 300, seed=0)
    assert held.folds is not None
    assert not held.apart.any()
    assert sorted(set(held.folds.tolist())) == list(range(FOLDS))
    for person in np.unique(held.people):
        mine = held.people == person
        assert len(set(held.folds[mine].tolist())) == 1
        # Judged once, at the newest moment.
        judged = held.lists.lengths[mine & held.validation].tolist()
        assert judged == [held.lists.lengths[mine].max()]


@pytest.mark.parametrize("horizon", ["next", "later"])
def test_of_many_people_some_are_kept_apart(horizon: str):
    held = hold_out(histories(5_000), horizon, True, 40_000, seed=0)
    assert held.folds is None
    np.testing.assert_array_equal(held.apart, held.validation)
    training, validation = set(held.people[~held.apart].tolist()), held.people[held.apart].tolist()
    assert not training & set(validation)
    assert len(validation) == len(set(validation))
    assert len(validation) == pytest.approx(0.15 * (len(training) + len(validation)), abs=1)


def test_what_follows_a_cut_in_time_comes_in_no_order():
    everyone = histories()
    held = hold_out(everyone, "later", True, 300, seed=0)
    later = held.targets[(held.targets >= 0).sum(axis=1) >= 5]
    firsts = np.array([row[0] for row in later])
    people = held.people[(held.targets >= 0).sum(axis=1) >= 5]
    lengths = held.lists.lengths[(held.targets >= 0).sum(axis=1) >= 5]
    next_items = np.array([everyone.items_of(int(who))[length] for who, length in zip(people, lengths, strict=True)])
    assert len(firsts) > 50
    assert (firsts == next_items).mean() < 0.5


def test_a_bound_on_lists_is_kept_and_the_seed_decides():
    first, again = (hold_out(histories(), "next", True, 60, seed=1) for _ in range(2))
    other = hold_out(histories(), "next", True, 60, seed=2)
    assert (~first.apart).sum() <= 60
    np.testing.assert_array_equal(first.people, again.people)
    assert not np.array_equal(first.people, other.people)


def test_at_most_five_and_a_third_of_a_history_is_held_out_for_the_next_item():
    everyone = histories()
    held = hold_out(everyone, "next", True, 10_000, seed=0)
    np.testing.assert_array_equal(held.older.lengths, everyone.lengths - np.minimum(5, everyone.lengths // 3))


def test_weeks_ahead_are_cut_at_one_moment_for_all():
    """What the experts see is older than 76 % of all actions' time, and every list begins at or after that."""
    everyone = histories()
    held = hold_out(everyone, "later", True, 10_000, seed=0)
    assert everyone.times is not None
    assert held.older.times is not None
    cut = np.quantile(everyone.times, 0.76)
    np.testing.assert_array_equal(np.sort(held.older.times), np.sort(everyone.times[everyone.times < cut]))
    for place in range(len(held.lists)):
        person, length = int(held.people[place]), int(held.lists.lengths[place])
        assert everyone.times[everyone.indptr[person] + length] >= cut
    moments = list(zip(held.people.tolist(), held.lists.lengths.tolist(), strict=True))
    assert len(moments) == len(set(moments))


@pytest.mark.parametrize("horizon", ["next", "later"])
def test_people_with_one_action_each_give_no_lists(horizon: str):
    alone = Histories(np.arange(6), np.arange(5, dtype=np.int32), np.arange(5), np.ones(5, np.float32), 5)
    held = hold_out(alone, horizon, False, 100, seed=0)
    assert len(held.lists) == len(held.people) == len(held.validation) == 0
    assert len(held.older) == 5


@pytest.mark.parametrize("horizon", ["next", "later"])
@pytest.mark.parametrize("has_dates", [True, False])
def test_people_who_took_back_all_they_had_give_no_lists(horizon: str, has_dates: bool):
    nothing = Histories(np.zeros(6, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, np.float32), 5)
    held = hold_out(nothing, horizon, has_dates, 100, seed=0)
    assert (len(held.lists), len(held.older), len(held.older.items)) == (0, 5, 0)


@pytest.mark.parametrize("horizon", ["next", "later"])
def test_what_people_disliked_is_no_target(horizon: str):
    everyone = histories()
    disliked = np.random.default_rng(5).random(len(everyone.items)) < 0.3
    weights = np.where(disliked, 0.69, 0.71).astype(np.float32)
    rated = replace(everyone, weights=weights, ratings=np.ones(len(weights), np.float32))
    held = hold_out(rated, horizon, True, 10_000, seed=0)
    assert len(held.lists) > 50
    for row, person in enumerate(held.people):
        first = int(rated.indptr[person])
        never = set(rated.items[first : int(rated.indptr[person + 1])][disliked[first : int(rated.indptr[person + 1])]])
        targets = held.targets[row][held.targets[row] >= 0].tolist()
        assert targets
        assert not never & set(targets)
    # Weights that are no ratings, such as counts of plays, say nothing of dislike.
    counted = hold_out(replace(rated, ratings=None), horizon, True, 10_000, seed=0)
    plain = hold_out(everyone, horizon, True, 10_000, seed=0)
    np.testing.assert_array_equal(np.sort(counted.targets, axis=1), np.sort(plain.targets, axis=1))
