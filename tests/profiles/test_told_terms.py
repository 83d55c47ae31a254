"""What is told of terms of clusters, where all but one item of them is told, or known to be taken never."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.profiles import told_terms
from recsys_tui.profiles.taker_shares import ClusterTakers
from recsys_tui.profiles.told_terms import ToldTerms


def told(lists: list[list[list[int]]], terms: list[int]) -> ToldTerms:
    """``lists``: by cluster what each of its people has; ``terms``: the one of each item."""
    own = [items for people in lists for items in people]
    indptr = np.concatenate([[0], np.cumsum([len(items) for items in own])]).astype(np.int64)
    flat = np.concatenate(own).astype(np.int32)
    histories = Histories(indptr, flat, None, np.ones(len(flat), np.float32), len(terms))
    clusters = np.repeat(np.arange(len(lists)), [len(people) for people in lists])
    content: Any = SimpleNamespace(
        indptr=np.arange(len(terms) + 1), terms=np.array(terms), vocabulary=["a", "b"][: max(terms) + 1]
    )
    return ToldTerms(ClusterTakers(histories, clusters, len(lists), CrowdGate()), cast(Any, content))


@pytest.mark.parametrize("few_clusters", [True, False])
def test_of_few_clusters_one_does_not_tell_of_the_only_untold_item_in_another(
    few_clusters: bool, monkeypatch: pytest.MonkeyPatch
):
    """Of term 0 nothing but item 1, which nine people there have, is not told in cluster 1."""
    if not few_clusters:
        monkeypatch.setattr(told_terms, "FEW_CLUSTERS", 1)
    lists = [[[0, 1, 2]] * 20, [[0, 1, 2]] * 9 + [[0, 2]] * 21, [[1, 2]] * 6, [[1, 2]] * 6]
    found = told(lists, [0, 0, 1])
    assert found.may_be_told(0, 0) is not few_clusters
    assert not found.may_be_told(1, 0)


@pytest.mark.parametrize(("lacking", "open_"), [(0, True), (3, False)])
def test_an_item_that_all_are_told_to_lack_leaves_no_other(lacking: int, open_: bool):
    """All that the second cluster took is items 0 and 1, as those who have item 2 are told to be of the first. With how
    much of that is item 1 goes how many have item 0, which three lack, or nobody."""
    others = [[2]] * 20
    lists = [others, [[0, 1]] * (20 - lacking) + [[1]] * lacking]
    found = told(lists, [0, 1, 0])
    assert found.may_be_told(1, 1) is open_
