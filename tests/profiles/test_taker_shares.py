"""Who has which item by cluster: from everything that is told together, no few people can be worked out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from recsys_tui.data.histories import Histories
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.profiles.taker_shares import ClusterTakers, told_clusters

GATE = CrowdGate(5)
CHANCES = st.sampled_from((0.0, 0.05, 0.3, 0.6, 0.95, 1.0))


def histories_of(has: NDArray[np.bool_]) -> Histories:
    """Of who (rows) has which item (columns)."""
    items = np.nonzero(has)[1].astype(np.int32)
    indptr = np.concatenate([[0], np.cumsum(has.sum(axis=1))]).astype(np.int64)
    return Histories(indptr, items, None, np.ones(len(items), np.float32), has.shape[1])


def few(people: int) -> bool:
    return 0 < people < GATE.minimum


@given(
    st.lists(st.integers(1, 16), min_size=1, max_size=4).flatmap(
        lambda sizes: st.tuples(
            st.just(sizes),
            st.lists(st.lists(CHANCES, min_size=4, max_size=4), min_size=len(sizes), max_size=len(sizes)),
            st.integers(0, 999),
            st.integers(0, 12),
        )
    )
)
def test_nobody_can_be_worked_out_of_everything_that_is_told(made: tuple[list[int], list[list[float]], int, int]):
    """Given the size of each cluster that is told, and how many have each item, a share is a number of people: what is
    left of the whole is nobody or a crowd, of those who have it and of those who lack it; and so it is of the clusters
    alone, as who is in none has nothing."""
    sizes, chances, seed, none = made
    clusters = np.append(np.repeat(np.arange(len(sizes)), sizes), np.full(none, -1))
    has = np.random.default_rng(seed).random((len(clusters), 4)) < np.array(chances)[clusters]
    has[clusters < 0] = False
    takers = ClusterTakers(histories_of(has), clusters.astype(np.int16), len(sizes), GATE)
    told_of = [takers.shares(cluster) for cluster in range(len(sizes))]
    for item in range(4):
        by_item, rest = takers.shares_of_item(item), has[:, item].copy()
        lacking = ~has[:, item]
        for cluster, size in enumerate(sizes):
            found, here = told_of[cluster], has[clusters == cluster, item].sum()
            # The page of an item and those of clusters say the same.
            pairs = (by_item.share, found.share), (by_item.lift, found.lift), (by_item.at_least, found.at_least)
            assert all(own[cluster] == other[item] for own, other in pairs)
            if not found.share[item]:
                continue
            count = found.share[item] * size
            assert round(count) == pytest.approx(count)
            assert count >= GATE.minimum
            assert found.lift[item] == pytest.approx(count / size / (has[:, item].sum() / len(has)))
            if found.at_least[item]:
                assert count < here
                continue
            assert count == pytest.approx(here)
            assert not few(size - here)
            rest[clusters == cluster] = lacking[clusters == cluster] = False
        assert not few(rest.sum()) or not any(found.share[item] and not found.at_least[item] for found in told_of)
        for left in (lacking, lacking & (clusters >= 0)):
            assert not few(left.sum()) or not any(found.share[item] and not found.at_least[item] for found in told_of)


@given(st.lists(st.integers(0, 16), min_size=1, max_size=6))
def test_the_sizes_that_are_told_leave_no_small_cluster_over(sizes: list[int]):
    told = told_clusters(np.repeat(np.arange(len(sizes)), sizes), len(sizes), GATE)
    assert all(size >= GATE.minimum for size, open_ in zip(sizes, told, strict=True) if open_)
    assert not told.any() or not few(sum(size for size, open_ in zip(sizes, told, strict=True) if not open_))


def test_a_lower_bound_is_what_can_be_worked_out_anyway():
    """30 and 12 of two clusters of 40 have the first item, and three of a third of 20: 45 in all. The twelve are told
    as what is left of 45 without 30, less a crowd of five."""
    clusters = np.repeat([0, 1, 2], [40, 40, 20])
    has = np.zeros((100, 2), np.bool_)
    has[:30, 0] = has[40:52, 0] = has[80:83, 0] = True
    has[:, 1] = np.arange(100) % 2 == 0
    found = ClusterTakers(histories_of(has), clusters, 3, GATE).shares_of_item(0)
    assert (found.share * 40).tolist() == [30, 10, 0]
    assert found.at_least.tolist() == [False, True, False]
