"""The ridge of EASE against a search by dense inverses, and that it follows the data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.ease import RIDGE
from recsys_tui.models.ease_ridge import JUDGED_LISTS, RIDGES, choose_ridge
from recsys_tui.models.held_out import HeldOut, hold_out


def gained(held_out: HeldOut, ridge: float) -> float:
    """Mean NDCG@10 of all lists that may be learned from, by EASE from the dense inverse in double precision."""
    older = held_out.older
    matrix = np.zeros((len(older), older.item_count))
    matrix[older.owners, older.items] = 1
    precision = np.linalg.inv(matrix.T @ matrix + ridge * np.eye(older.item_count))
    weights = -precision / np.diag(precision)
    np.fill_diagonal(weights, 0)
    discount = 1 / np.log2(np.arange(10) + 2)
    figures = []
    for row in np.flatnonzero(~held_out.apart):
        own = held_out.lists.items[held_out.lists.indptr[row] : held_out.lists.indptr[row + 1]]
        scores = weights[own].sum(axis=0)
        scores[own] = -np.inf
        wanted = held_out.targets[row][held_out.targets[row] >= 0]
        hits = np.isin(np.argsort(-scores)[:10], wanted)
        figures.append((hits * discount).sum() / discount[: len(wanted)].sum())
    return float(np.mean(figures))


def cut(histories: Histories) -> HeldOut:
    """Lists of what people take next, fewer than are judged at most."""
    found = hold_out(histories, "next", has_dates=True, most_lists=JUDGED_LISTS, seed=1)
    assert len(found.lists) <= JUDGED_LISTS
    return found


def people(popular: bool, seed: int) -> Histories:
    """400 people and 80 items: all draw the same popular items at random, or each goes round one of forty pairs."""
    random = np.random.default_rng(seed)
    lists = []
    for _person in range(400):
        if popular:
            chances = 1 / (1 + np.arange(80.0)) ** 1.5
            lists.append(random.choice(80, 6, replace=False, p=chances / chances.sum()))
        else:
            pairs = random.choice(40, 3, replace=False)
            lists.append(np.stack([2 * pairs, 2 * pairs + 1], axis=1).ravel())
    indptr = np.arange(401, dtype=np.int64) * 6
    items = np.concatenate(lists).astype(np.int32)
    times = np.tile(np.arange(6, dtype=np.int64), 400)
    return Histories(indptr, items, times, np.ones(len(items), np.float32), 80)


def test_it_is_the_best_of_a_dense_search(histories: Histories):
    held_out = cut(histories)
    by_hand = {ridge: gained(held_out, ridge) for ridge in RIDGES}
    assert len(set(by_hand.values())) > 1
    assert by_hand[choose_ridge(held_out, 4_000, 0)] == pytest.approx(max(by_hand.values()), abs=1e-3)


def test_shared_fashion_wants_a_large_one_and_narrow_pairs_a_small_one():
    fashion = choose_ridge(cut(people(popular=True, seed=2)), 4_000, 0)
    pairs = choose_ridge(cut(people(popular=False, seed=2)), 4_000, 0)
    assert pairs < RIDGE < fashion


def test_without_lists_it_is_the_usual_one(histories: Histories):
    none = np.zeros(0, np.int64)
    held_out = cut(histories)
    empty = replace(
        held_out,
        lists=histories.rows(0, 0),
        targets=np.zeros((0, 1), np.int64),
        people=none,
        validation=np.zeros(0, np.bool_),
        folds=None,
    )
    assert choose_ridge(empty, 4_000, 0) == RIDGE
