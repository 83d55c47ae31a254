"""Coverage, novelty, diversity and Gini: cases by hand, and the definitions written out as loops."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from recsys_tui.evaluate import list_metrics
from recsys_tui.evaluate.list_metrics import coverage, diversity, gini, novelty


def test_coverage_counts_distinct_items_of_the_first_places():
    lists = np.array([[0, 1, 5], [1, 2, -1], [-1, -1, -1]])
    assert coverage(lists, 2, 6) == 3 / 6
    assert coverage(lists, 3, 6) == 4 / 6
    # An item of the item file alone may be shown: score by the items of the training all the same.
    assert coverage(lists, 3, 3) == 4 / 3
    assert coverage(np.full((2, 3), -1), 3, 6) == 0


def test_novelty_is_the_mean_information_in_bits():
    owners = np.array([8, 4, 1, 0])
    lists = np.array([[0, 1, 2], [1, -1, -1], [-1, -1, -1], [2, 3, -1]])
    # Shares 1, 1/2, 1/8 are 0, 1 and 3 bits; the item nobody has is 1 / 9 of 8 people and the next.
    expected = [4 / 3, 1, np.nan, (3 + np.log2(9)) / 2]
    assert novelty(lists, 3, owners, 8) == pytest.approx(expected, nan_ok=True)
    assert novelty(lists, 1, owners, 8) == pytest.approx([0, 1, np.nan, 3], nan_ok=True)


def test_an_item_without_owners_is_the_most_novel():
    bits = novelty(np.array([[0], [1]]), 1, np.array([0, 1]), 1_000)
    assert np.isfinite(bits).all()
    assert bits[0] > bits[1]


def test_diversity_by_hand():
    content = np.array([[1, 0], [0, 1], [0.6, 0.8], [0, 0]])
    # Cosines: 0·1 → 0, 0·2 → .6, 1·2 → .8; item 3 has no content.
    lists = np.array([[0, 1, 2], [0, 2, 3], [0, 0, -1], [3, 3, 1], [2, -1, -1]])
    expected = [1 - (0 + 0.6 + 0.8) / 3, 1 - 0.6, 0, np.nan, np.nan]
    assert diversity(lists, 3, content) == pytest.approx(expected, nan_ok=True)
    assert diversity(lists, 2, content)[0] == pytest.approx(1)


def test_diversity_agrees_with_a_loop_over_pairs_whatever_the_block(monkeypatch: pytest.MonkeyPatch):
    random = np.random.default_rng(2)
    content = random.normal(size=(30, 5)).astype(np.float32)
    content /= np.linalg.norm(content, axis=1, keepdims=True)
    content[random.choice(30, 6, replace=False)] = 0
    lists = random.integers(-1, 30, (25, 8))
    expected = []
    for shown in lists[:, :6]:
        pairs = list(combinations([item for item in shown if item >= 0 and content[item].any()], 2))
        expected.append(np.mean([1 - float(content[a] @ content[b]) for a, b in pairs]) if pairs else np.nan)
    monkeypatch.setattr(list_metrics, "PEOPLE_AT_ONCE", 7)
    assert diversity(lists, 6, content) == pytest.approx(expected, abs=1e-6, nan_ok=True)


def test_gini_ends_and_a_case_by_hand():
    assert gini(np.array([[0, 1], [2, 3]]), 2, 4) == pytest.approx(0)
    assert gini(np.array([[2], [2], [2]]), 1, 4) == pytest.approx(1)
    # Shares 0, 1/6, 2/6, 3/6 with weights −3, −1, 1, 3 over n − 1 = 3.
    assert gini(np.array([[0, 1, 2], [0, 1, -1], [0, -1, -1]]), 3, 4) == pytest.approx((-1 + 2 + 9) / 6 / 3)
    assert np.isnan(gini(np.array([[-1, -1]]), 2, 4))
    assert gini(np.array([[0], [0]]), 1, 1) == 0


def test_gini_is_the_mean_absolute_difference():
    """Gini is Σᵢⱼ |xᵢ − xⱼ| / (2 n² · mean), here over n (n − 1) pairs so that it ends at 1."""
    lists = np.random.default_rng(4).zipf(1.5, (200, 10)) % 40
    shown = np.bincount(lists.ravel(), minlength=50)
    plain = np.abs(shown[:, None] - shown[None, :]).sum() / (2 * 50 * 49 * shown.mean())
    assert gini(lists, 10, 50) == pytest.approx(plain)
