"""The closed forms against dense NumPy in double precision, and against counts done by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.data.weighted_rows import SparseTable, strongest
from recsys_tui.models import following_actions
from recsys_tui.models.catalogue_head import head_items, head_positions
from recsys_tui.models.ease import Ease
from recsys_tui.models.following_actions import lagged_pair_counts
from recsys_tui.models.neighbours import WIDTH, Neighbours, Transitions
from recsys_tui.models.popularity import Popularity
from recsys_tui.models.sequence_regression import (
    DECAYS,
    RIDGE_RATIO,
    SCALES,
    SequenceRegression,
    default_ridge,
)

HALF = {"rtol": 2e-3, "atol": 2e-5}  # coefficients are stored in half precision: ten bits


def histories_from(lists: list[list[int]], items: int, times: list[int] | None = None) -> Histories:
    """Histories from plain lists of item codes."""
    codes = np.array([code for some in lists for code in some], np.int32)
    indptr = np.concatenate([[0], np.cumsum([len(some) for some in lists])]).astype(np.int64)
    when = None if times is None else np.array(times, np.int64)
    return Histories(indptr, codes, when, np.ones(len(codes), np.float32), items)


def dense_behaviour(histories: Histories) -> np.ndarray:
    """People × items of zeros and ones."""
    matrix = np.zeros((len(histories), histories.item_count))
    matrix[histories.owners, histories.items] = 1
    return matrix


def naive_lagged_counts(histories: Histories, decay: float, length: int) -> np.ndarray:
    """C[a, b] = Σ decay^(lag - 1) over every a that came lag steps before b, by three loops."""
    counts = np.zeros((histories.item_count, histories.item_count))
    for person in range(len(histories)):
        items = histories.items_of(person)
        for place, later in enumerate(items):
            for lag in range(1, min(length, place) + 1):
                counts[items[place - lag], later] += decay ** (lag - 1)
    return counts


@pytest.mark.parametrize("ridge", [5.0, 150.0])
def test_ease_is_its_closed_form(histories: Histories, ridge: float):
    behaviour = dense_behaviour(histories)
    precision = np.linalg.inv(behaviour.T @ behaviour + ridge * np.eye(histories.item_count))
    expected = np.eye(histories.item_count) - precision / np.diag(precision)[None, :]
    np.fill_diagonal(expected, 0)
    fitted = Ease.fit(histories, histories.item_count, ridge)
    np.testing.assert_allclose(fitted.coefficients, expected, **HALF)
    np.testing.assert_allclose(fitted.score(histories), behaviour @ expected, rtol=5e-3, atol=5e-4)


def test_ease_of_a_head_solves_for_the_head_alone_and_scores_the_rest_zero(histories: Histories):
    counts = histories.item_counts()
    fitted = Ease.fit(histories, 10, 20.0)
    assert sorted(counts[fitted.head])[0] >= sorted(np.delete(counts, fitted.head))[-1]
    behaviour = dense_behaviour(histories)[:, fitted.head]
    precision = np.linalg.inv(behaviour.T @ behaviour + 20 * np.eye(10))
    expected = -precision / np.diag(precision)[None, :]
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(fitted.coefficients, expected, **HALF)
    outside = np.setdiff1d(np.arange(histories.item_count), fitted.head)
    assert not fitted.score(histories)[:, outside].any()


@pytest.mark.parametrize("cells", [70, 210, 1_000, 300_000])
def test_lagged_pair_counts_are_those_of_three_loops(histories: Histories, cells: int, monkeypatch: pytest.MonkeyPatch):
    """In blocks of one action, of three, of a few items, and all at once."""
    monkeypatch.setattr(following_actions, "CELLS_AT_ONCE", cells)
    positions = np.arange(histories.item_count, dtype=np.int32)
    counted = lagged_pair_counts(histories, positions, histories.item_count, DECAYS)
    for found, (decay, length) in zip(counted, SCALES, strict=True):
        np.testing.assert_allclose(found, naive_lagged_counts(histories, decay, length), rtol=1e-5, atol=1e-6)


def test_lagged_pair_counts_end_at_the_length_of_the_scale():
    """Items 0 … 99 once in order: the pair (a, a + lag) counts decay^(lag - 1) up to the scale's length, then 0."""
    line = histories_from([list(range(100))], 100)
    counted = lagged_pair_counts(line, np.arange(100, dtype=np.int32), 100, DECAYS)
    for found, (decay, length) in zip(counted, SCALES, strict=True):
        assert found[0, length] == pytest.approx(decay ** (length - 1), rel=1e-5)
        assert found[0, length + 1] == 0


def test_lagged_pair_counts_of_a_head_keep_the_steps_between():
    """Item 9 is outside the head: 0 → 1 across it is two steps, not one."""
    positions = head_positions(np.array([0, 1], np.int32), 10)
    counted = lagged_pair_counts(histories_from([[0, 9, 1]], 10), positions, 2, DECAYS)
    for found, (decay, _) in zip(counted, SCALES, strict=True):
        np.testing.assert_allclose(found, [[0, decay], [0, 0]], rtol=1e-6)


@pytest.mark.parametrize("ridge", [5.0, 60.0])
def test_sequence_regression_solves_its_normal_equations(histories: Histories, ridge: float):
    """(γ_x C_x + γ_y C_yᵀ + diag n) / (1 − γ_x γ_y) + λ on the diagonal, B = normal⁻¹ [C_1; C_2], in float64."""
    lagged = [naive_lagged_counts(histories, decay, length) for decay, length in SCALES]
    counts = np.diag(histories.item_counts())
    normal = np.block(
        [
            [
                (gx * lagged[x] + gy * lagged[y].T + counts) / (1 - gx * gy) + (x == y) * ridge * RIDGE_RATIO**x * eye
                for y, (gy, _) in enumerate(SCALES)
            ]
            for x, (gx, _) in enumerate(SCALES)
            for eye in [np.eye(histories.item_count)]
        ]
    )
    expected = np.linalg.solve(normal, np.concatenate(lagged))
    fitted = SequenceRegression.fit(histories, histories.item_count, ridge)
    assert (fitted.head == np.flatnonzero(histories.item_counts())).all()
    kept = np.concatenate([fitted.head, fitted.head + histories.item_count])
    np.testing.assert_allclose(fitted.coefficients, expected[np.ix_(kept, fitted.head)], rtol=5e-3, atol=5e-5)


def test_normal_equations_are_those_of_a_regression_on_states():
    """The stated problem solved as it reads: one row a moment, states walked step by step, nothing counted.

    Histories of at most 12 actions lose nothing at the ends of the scales; states fade on after the last action with
    no item to predict, which is what neglecting the ends means.
    """
    random = np.random.default_rng(8)
    lists = [random.choice(9, random.integers(2, 9), replace=False).tolist() for _ in range(40)]
    histories = histories_from(lists, 9)
    rows, targets = [], []
    for items in lists:
        states = [np.zeros(9), np.zeros(9)]
        for item in [*items, *[None] * 300]:
            rows.append(np.concatenate(states))
            targets.append(np.zeros(9))
            for k, (decay, _) in enumerate(SCALES):
                states[k] = decay * states[k]
            if item is not None:
                targets[-1][item] = 1
                for state in states:
                    state[item] += 1
    X, Y = np.array(rows), np.array(targets)
    penalty = np.diag(np.repeat([10.0 * RIDGE_RATIO**k for k in range(len(SCALES))], 9))
    expected = np.linalg.solve(X.T @ X + penalty, X.T @ Y)
    fitted = SequenceRegression.fit(histories, 9, 10.0)
    np.testing.assert_allclose(fitted.coefficients, expected, rtol=5e-3, atol=5e-5)


def test_sequence_scores_are_states_times_coefficients(histories: Histories):
    fitted = SequenceRegression.fit(histories, 20, 10.0)
    items = histories.items_of(9)
    expected = np.zeros(histories.item_count)
    places = {int(item): place for place, item in enumerate(fitted.head)}
    for k, (decay, length) in enumerate(SCALES):
        for lag, item in enumerate(items[::-1]):
            if int(item) in places and lag < length:
                row = fitted.coefficients[k * 20 + places[int(item)]].astype(np.float64)
                expected[fitted.head] += decay**lag * row
    np.testing.assert_allclose(fitted.score(histories.rows(9, 10))[0], expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("length", "ridge"), [(2, 20.0), (40, 80.0), (400, 300.0)])
def test_default_ridge_is_twice_the_mean_length_within_bounds(length: int, ridge: float):
    assert default_ridge(histories_from([list(range(length))] * 3, 500)) == ridge


def test_neighbours_by_hand():
    """Three people: {0, 1}, {0, 1}, {0, 2}. n = 3, 2, 1; pairs 01 twice, 02 once, 12 never."""
    fitted = Neighbours.fit(histories_from([[0, 1], [1, 0], [0, 2]], 4))
    likes_first = fitted.score(Histories.of_one([0], 4))[0]
    np.testing.assert_allclose(likes_first, [0, 2 / (6**0.5 + 20), 1 / (3**0.5 + 20), 0], rtol=1e-3)
    both = fitted.score(Histories.of_one([1, 2], 4))[0]
    np.testing.assert_allclose(both, [2 / (6**0.5 + 20) + 1 / (3**0.5 + 20), 0, 0, 0], rtol=1e-3)


def test_neighbours_are_the_shrunk_cosines_of_the_dense_matrix(histories: Histories):
    behaviour = dense_behaviour(histories)
    together, counts = behaviour.T @ behaviour, behaviour.sum(axis=0)
    expected = together / (np.sqrt(np.outer(counts, counts)) + 20)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(Neighbours.fit(histories).score(histories), behaviour @ expected, rtol=2e-3, atol=1e-5)


def test_neighbours_in_many_blocks_are_those_in_one(histories: Histories, monkeypatch: pytest.MonkeyPatch):
    whole = Neighbours.fit(histories).score(histories)
    monkeypatch.setattr("recsys_tui.models.neighbours.CELLS_AT_ONCE", 500)
    np.testing.assert_array_equal(Neighbours.fit(histories).score(histories), whole)


def test_only_the_strongest_partners_are_kept():
    """Item 0 is met once with each of 1 … 150, and ten times more with 51 … 150: those hundred stay."""
    lists = [[0, other] for other in range(1, 151)] + [[0, other] for other in range(51, 151)] * 10
    fitted = Neighbours.fit(histories_from(lists, 151))
    assert fitted.table.partners.shape == (151, WIDTH)
    assert np.flatnonzero(fitted.score(Histories.of_one([0], 151))[0]).tolist() == list(range(51, 151))


def test_transitions_by_hand():
    """0 1 2 and 0 1: 0→1 twice, 1→2 once, 0→2 a half. N = 3.5, out = 2.5, 1, 0, in = 0, 2, 1.5."""
    fitted = Transitions.fit(histories_from([[0, 1, 2], [0, 1]], 3))
    lift_01 = np.log1p(2 / (2.5 * 2 / 3.5 + 20))
    lift_02 = np.log1p(0.5 / (2.5 * 1.5 / 3.5 + 20))
    lift_12 = np.log1p(1 / (1 * 1.5 / 3.5 + 20))
    np.testing.assert_allclose(fitted.score(Histories.of_one([0], 3))[0], [0, lift_01, lift_02], rtol=1e-3)
    np.testing.assert_allclose(
        fitted.score(Histories.of_one([0, 1], 3))[0], [0, lift_01 / 2, lift_12 + lift_02 / 2], rtol=1e-3
    )


def test_transitions_are_the_same_in_blocks(histories: Histories, monkeypatch: pytest.MonkeyPatch):
    whole = Transitions.fit(histories).score(histories)
    for cells in (3, 60):  # one action in a block, and twenty
        monkeypatch.setattr(following_actions, "CELLS_AT_ONCE", cells)
        np.testing.assert_allclose(Transitions.fit(histories).score(histories), whole, rtol=1e-6)


def test_without_any_action_there_is_nothing_to_solve():
    nobody = histories_from([[], []], 5)
    for fitted in (SequenceRegression.fit(nobody, 10), Ease.fit(nobody, 10), Transitions.fit(nobody)):
        assert not fitted.score(histories_from([[1, 2]], 5)).any()


def test_one_item_that_everybody_has_takes_no_more_memory_than_its_pairs():
    """100,000 actions on it, each the last of a person: no lag is ever needed."""
    lists = histories_from([[1, 0]] * 100_000, 2)
    blocks = list(following_actions.following_actions(lists, np.arange(2, dtype=np.int32), 2, 70, 2))
    assert max(block.following.size for block in blocks) < following_actions.CELLS_AT_ONCE
    assert sum(len(block.following) for block in blocks) == 200_000
    assert lagged_pair_counts(lists, np.arange(2, dtype=np.int32), 2, DECAYS)[0].tolist() == [[0, 0], [100_000, 0]]


def test_transitions_forget_after_three_steps():
    fitted = Transitions.fit(histories_from([[0, 1]] * 5, 6))
    assert fitted.score(Histories.of_one([0, 2, 3], 6))[0, 1] > 0
    assert fitted.score(Histories.of_one([0, 2, 3, 4], 6))[0, 1] == 0


def test_popularity_is_the_log_of_counts_and_recent_looks_at_the_newest_three_percent():
    """Times 0 … 1,000: the newest 3 % begin at 970."""
    histories = histories_from([[0, 1], [0, 2], [0, 1]], 4, [0, 960, 10, 970, 500, 1000])
    popular = Popularity.fit(histories).score(histories)[0]
    np.testing.assert_allclose(popular, np.log([4, 3, 2, 1]), rtol=1e-6)
    recent = Popularity.fit(histories, "recent", recent=True).score(histories)[0]
    np.testing.assert_allclose(recent, np.log([1, 2, 2, 1]), rtol=1e-6)
    without_dates = Popularity.fit(histories, "recent", recent=False).score(histories)[0]
    np.testing.assert_array_equal(without_dates, popular)


def test_head_is_the_most_frequent_without_the_never_taken():
    counts = np.array([3, 0, 5, 3, 1, 0])
    assert head_items(counts, 2).tolist() == [0, 2]
    assert head_items(counts, 6).tolist() == [0, 2, 3, 4]
    assert head_positions(head_items(counts, 2), 6).tolist() == [0, -1, 1, -1, -1, -1]


def test_sparse_table_is_a_dense_product(histories: Histories):
    random = np.random.default_rng(2)
    items = histories.item_count
    partners = np.array([random.permutation(items)[:5] for _ in range(items)], np.int32)
    values = random.normal(size=(items, 5)).astype(np.float16)
    values[::4, 3:] = 0
    dense = np.zeros((items, items))
    for row in range(items):
        dense[row, partners[row]] = values[row]
    weights = random.uniform(0, 2, len(histories.items)).astype(np.float32)
    keep = random.random(len(histories.items)) < 0.7
    picks = np.zeros((len(histories), items))
    np.add.at(picks, (histories.owners[keep], histories.items[keep]), weights[keep])
    table = SparseTable(partners, values)
    np.testing.assert_allclose(table.weighted_sum(histories, weights, keep), picks @ dense, rtol=1e-4, atol=1e-4)
    first, last = histories.indptr[8], histories.indptr[9]
    alone = table.weighted_sum(histories.rows(8, 9), weights[first:last], keep[first:last])
    np.testing.assert_allclose(alone[0], picks[8] @ dense, rtol=1e-4, atol=1e-4)


def test_strongest_are_the_largest_of_each_row():
    scores = np.random.default_rng(0).normal(size=(6, 40)).astype(np.float32)
    columns, values = strongest(scores, 7)
    np.testing.assert_array_equal(np.sort(values, axis=1), np.sort(scores, axis=1)[:, -7:])
    np.testing.assert_array_equal(np.take_along_axis(scores, columns.astype(int), axis=1), values)
    assert strongest(scores, 100)[0].shape == (6, 40)
