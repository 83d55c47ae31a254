"""The bound on what one person can move, by brute force: every person there can be, every neighbour of small data."""

from itertools import combinations, permutations

import numpy as np
import pytest
from scipy import stats

from recsys_tui.data.histories import Histories
from recsys_tui.models.private.accountant import Budget, plan
from recsys_tui.models.private.secure_noise import NoNoise, SecureNoise
from recsys_tui.models.private.statistics import (
    SENSITIVITIES,
    Shape,
    count_vector,
    folded,
    item_weights,
    newest,
    pair_matrix,
    private_head,
    release,
    transition_matrix,
    unfolded,
)

ITEMS = 4
EVERY_PERSON = [list(order) for size in range(ITEMS + 1) for order in permutations(range(ITEMS), size)]
HEAD = np.array([0, 1, 3], np.int32)
WEIGHTS = np.array([0.3, 2.0, 1.0])


def people(*lists: list[int]) -> Histories:
    indptr = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64)
    items = np.array([item for one in lists for item in one], np.int32)
    return Histories(indptr, items, None, np.ones(len(items), np.float32), ITEMS)


def vectors(histories: Histories, kept: int) -> dict[str, np.ndarray]:
    """All statistics without noise as the vectors that noise is added to, in the light of a fixed head."""
    some = newest(histories, kept)
    return {
        "counts": count_vector(some),
        "pairs": unfolded(pair_matrix(some, HEAD, WEIGHTS)),
        "transitions": transition_matrix(some, HEAD).ravel(),
    }


@pytest.mark.parametrize("kept", [1, 2, 3, 4])
def test_nobody_moves_any_statistic_by_more_than_is_said(kept: int) -> None:
    """Every person over four items, alone against nobody."""
    nobody = vectors(people(), kept)
    furthest = dict.fromkeys(SENSITIVITIES, 0.0)
    for person in EVERY_PERSON:
        alone = vectors(people(person), kept)
        for name, bound in SENSITIVITIES.items():
            moved = float(np.linalg.norm(alone[name] - nobody[name]))
            assert moved <= bound * (1 + 1e-12), (name, person)
            furthest[name] = max(furthest[name], moved)
    # The bound is reached wherever somebody can: noise is not wasted. With one action there is no transition.
    assert furthest["counts"] == pytest.approx(1.0)
    assert furthest["pairs"] == pytest.approx(1.0)
    assert furthest["transitions"] == pytest.approx(0.0 if kept == 1 else 1.0)


@pytest.mark.parametrize("kept", [2, 4])
def test_removing_any_one_person_from_any_small_data(kept: int) -> None:
    """All data of two people out of a dozen kinds of person beside two fixed ones, less any one of the four."""
    kinds = EVERY_PERSON[::6]
    assert len(kinds) >= 10
    for first, second in combinations(kinds, 2):
        everyone = [first, [0, 1, 2, 3], second, [3, 1]]
        whole = vectors(people(*everyone), kept)
        for gone in range(len(everyone)):
            rest = vectors(people(*everyone[:gone], *everyone[gone + 1 :]), kept)
            for name, bound in SENSITIVITIES.items():
                assert np.linalg.norm(whole[name] - rest[name]) <= bound * (1 + 1e-12), (name, everyone, gone)


def test_large_random_data_less_any_one_person() -> None:
    random = np.random.default_rng(3)
    everyone = [random.permutation(ITEMS)[: random.integers(0, ITEMS + 1)].tolist() for _ in range(40)]
    whole = vectors(people(*everyone), 3)
    for gone in range(len(everyone)):
        rest = vectors(people(*everyone[:gone], *everyone[gone + 1 :]), 3)
        for name, bound in SENSITIVITIES.items():
            assert np.linalg.norm(whole[name] - rest[name]) <= bound * (1 + 1e-12)


def test_statistics_by_hand() -> None:
    # One person, oldest first: 2, 0, 1. The head holds 0, 1 and 3; weights .3, 2 and 1.
    histories = people([2, 0, 1])
    third = 1 / np.sqrt(3)
    assert count_vector(histories) == pytest.approx([third, third, third, 0])
    row = np.array([0.3, 2.0, 0.0]) / np.sqrt(0.09 + 4)
    assert pair_matrix(histories, HEAD, WEIGHTS) == pytest.approx(np.outer(row, row))
    # Without the 2, which is not in the head, 1 follows 0 at once, and that is all.
    expected = np.zeros((3, 3))
    expected[0, 1] = 1.0
    assert transition_matrix(histories, HEAD) == pytest.approx(expected)
    # Three of the head in a row: steps of one weigh 1, the step of two ½, together of length 1.
    longer = transition_matrix(people([3, 0, 1]), HEAD)
    expected = np.zeros((3, 3))
    expected[2, 0] = expected[0, 1] = 1.0
    expected[2, 1] = 0.5
    assert longer == pytest.approx(expected / 1.5)


def test_only_the_newest_actions_of_each_person_count() -> None:
    kept = newest(people([0, 1, 2], [3], [], [2, 3]), 2)
    assert kept.indptr.tolist() == [0, 2, 3, 3, 5]
    assert kept.items.tolist() == [1, 2, 3, 2, 3]


def test_a_symmetric_matrix_survives_unfolding_with_its_length() -> None:
    matrix = np.random.default_rng(0).normal(size=(5, 5))
    matrix += matrix.T
    vector = unfolded(matrix)
    assert len(vector) == 15
    assert np.linalg.norm(vector) == pytest.approx(np.linalg.norm(matrix))
    assert folded(vector, 5) == pytest.approx(matrix)


def test_noise_of_a_symmetric_matrix_is_smaller_beside_the_diagonal() -> None:
    size = 300
    drawn = folded(SecureNoise().normal(size * (size + 1) // 2), size)
    assert drawn == pytest.approx(drawn.T)
    beside = drawn[np.triu_indices(size, 1)]
    assert beside.std() == pytest.approx(np.sqrt(0.5), rel=0.02)
    assert np.diag(drawn).std() == pytest.approx(1.0, rel=0.2)


def test_noise_is_gaussian_and_never_the_same() -> None:
    drawn = SecureNoise().normal(100_000)
    assert stats.kstest(drawn, "norm").pvalue > 1e-6
    assert not np.array_equal(drawn[:100], SecureNoise().normal(100))


def test_the_head_is_chosen_from_noisy_counts_alone() -> None:
    counts = np.array([0.5, 9.0, -3.0, 7.0, 2.0])
    assert private_head(counts, 1.0, Shape(head=2, fewest=1)).tolist() == [1, 3]
    assert private_head(counts, 1.0, Shape(head=4, fewest=1)).tolist() == [1, 3]  # the others are within the noise
    assert private_head(counts, 1.0, Shape(head=4, fewest=3)).tolist() == [1, 3, 4]
    assert item_weights(np.array([4.0, -2.0, 0.1]), 1.0) == pytest.approx([0.5, 1.0, 1.0])
    assert item_weights(np.array([4.0, -2.0, 0.1]), 16.0) == pytest.approx([0.25, 0.25, 0.25])


def test_what_is_let_out_has_the_noise_of_the_plan() -> None:
    random = np.random.default_rng(5)
    everyone = [random.permutation(ITEMS)[: random.integers(1, ITEMS + 1)].tolist() for _ in range(200)]
    histories = people(*everyone)
    releases = plan(Budget(1.0, 1e-4), SENSITIVITIES, {"counts": 1.0, "pairs": 4.0, "transitions": 4.0})
    shape = Shape(head=ITEMS, threshold=-np.inf, fewest=ITEMS)
    exact = release(histories, releases, NoNoise(), shape)
    off = np.array([release(histories, releases, SecureNoise(), shape).counts - exact.counts for _ in range(400)])
    assert off.std() == pytest.approx(releases["counts"].sigma, rel=0.1)
    assert abs(off.mean()) < 5 * releases["counts"].sigma / np.sqrt(off.size)
    noisy = release(histories, releases, SecureNoise(), shape)
    assert noisy.pairs == pytest.approx(noisy.pairs.T)
    # Numbers lie on a grid that is coarse beside their own precision.
    steps = noisy.transitions / (releases["transitions"].sigma / 1024)
    assert steps == pytest.approx(np.round(steps), abs=1e-6)
