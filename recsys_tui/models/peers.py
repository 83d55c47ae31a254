"""What the people someone is linked with have taken, and who among the items follows them already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Histories, Ints
from recsys_tui.data.sparse_rows import SparseRows

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Dataset

FRIENDS, FOLLOWS_BACK = "friends", "follows_back"
DECAY = 0.97
NEWEST = 50
LARGEST_ROW, SMALLEST_ROW, ALL_ROWS = 200, 20, 20_000_000
PEOPLE_AT_ONCE = 4_096


@dataclass(frozen=True)
class Ties:
    """Who is tied to whom: ``who`` and ``whom`` (user codes), and ``item_of`` (users,) the item a user is, or -1."""

    who: Ints
    whom: Ints
    item_of: Ints

    @classmethod
    def of(cls, dataset: Dataset) -> Ties | None:
        """The links of a dataset, and in a graph of people who follows whom; None where there is neither."""
        from recsys_tui.data.dataset import FRIEND, ID, USER

        item_of = np.full(dataset.user_count, -1, np.int32)
        if dataset.shared_ids:
            places = {text: place for place, text in enumerate(dataset.items[ID].to_list())}
            item_of = np.array([places.get(text, -1) for text in dataset.users[ID].to_list()], np.int32)
        elif not dataset.links.height:
            return None
        links = dataset.links
        return cls(links[USER].to_numpy().astype(np.int32), links[FRIEND].to_numpy().astype(np.int32), item_of)


def with_peers(histories: Histories, ties: Ties | None) -> Histories:
    """The same histories with a row for each person of what their peers took, and of who follows them.

    ``friends``: the newest 50 actions of everyone they are linked with or follow, each weighing .97 to the power of
    its age in actions, divided by √(number of friends). ``follows_back``: 1 for every item that is a user who follows
    them or is linked to them. From these histories alone, so that held-out actions stay held out.
    """
    if ties is None or not len(histories):
        return histories
    from scipy.sparse import csr_matrix

    people = len(histories)
    follows = _follows(histories, ties)
    shape = (people, people)
    linked = csr_matrix((np.ones(len(ties.who), np.float32), (ties.who, ties.whom)), shape=shape)
    friends = linked + linked.T + follows
    friends.data[:] = 1.0
    degrees = np.maximum(1.0, np.asarray(friends.sum(axis=1)).ravel())
    weights = (DECAY**histories.lags).astype(np.float32)
    newest = histories.lags < NEWEST
    indptr = np.concatenate([[0], np.cumsum(np.bincount(histories.owners[newest], minlength=people))])
    taken = csr_matrix((weights[newest], histories.items[newest], indptr), shape=(people, histories.item_count))
    width = int(np.clip(ALL_ROWS // people, SMALLEST_ROW, LARGEST_ROW))
    blocks = []
    for start in range(0, people, PEOPLE_AT_ONCE):
        block = friends[start : start + PEOPLE_AT_ONCE] @ taken
        blocks.append(SparseRows.of_matrix(block.tocsr(), width))
    peers = _stacked(blocks)
    scale = np.repeat(1 / np.sqrt(degrees), np.diff(peers.indptr)).astype(np.float32)
    found = {FRIENDS: SparseRows(peers.indptr, peers.items, peers.values * scale)}
    if (ties.item_of >= 0).any():
        found[FOLLOWS_BACK] = _followers(follows + linked + linked.T, ties.item_of)
    return replace(histories, peers=found)


def _follows(histories: Histories, ties: Ties) -> Any:
    """People × people: 1 where one has taken the item that the other is."""
    from scipy.sparse import csr_matrix

    user_of = np.full(histories.item_count, -1, np.int32)
    is_item = ties.item_of >= 0
    user_of[ties.item_of[is_item]] = np.flatnonzero(is_item)
    whom = user_of[histories.items]
    known = whom >= 0
    people = len(histories)
    ones = np.ones(int(known.sum()), np.float32)
    return csr_matrix((ones, (histories.owners[known], whom[known])), shape=(people, people))


def _followers(graph: Any, item_of: Ints) -> SparseRows:
    """For each person the items that are people who follow them."""
    towards = graph.T.tocsr()
    items = item_of[towards.indices]
    known = items >= 0
    owners = np.repeat(np.arange(towards.shape[0]), np.diff(towards.indptr))[known]
    indptr = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=towards.shape[0]))]).astype(np.int64)
    return SparseRows(indptr, items[known].astype(np.int32), np.ones(int(known.sum()), np.float32))


def _stacked(blocks: list[SparseRows]) -> SparseRows:
    lengths: NDArray[Any] = np.concatenate([np.diff(block.indptr) for block in blocks])
    return SparseRows(
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        np.concatenate([block.items for block in blocks]),
        np.concatenate([block.values for block in blocks]),
    )
