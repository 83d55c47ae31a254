"""What the people someone is linked with have taken, and who among the items follows them already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Ints, Longs
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
    linked = _linked(ties, people)
    friends = linked + follows
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
        found[FOLLOWS_BACK] = _followers(follows + linked, ties.item_of)
    return replace(histories, peers=found)


def peers_at(histories: Histories, ties: Ties | None, people: Longs, lengths: Longs) -> dict[str, SparseRows]:
    """Rows as of :func:`with_peers` for people at past moments: what their peers had done by then, and no more.

    A moment is a person's action number ``lengths[j]``, the one that is still to come. Peers are those the person is
    linked with or had followed; their actions count where they are older than the moment. Empty without times.
    """
    if ties is None or histories.times is None:
        return {}
    linked = _linked(ties, len(histories))
    user_of = _user_of(histories, ties)
    followers, since = _followed_by(histories, ties, user_of)
    friends = _Rows(histories.item_count)
    back = _Rows(histories.item_count)
    for person, length in zip(people.tolist(), lengths.tolist(), strict=True):
        first = int(histories.indptr[person])
        stop = int(min(first + length, histories.indptr[person + 1] - 1))
        moment = histories.times[stop]
        met = user_of[histories.items[first : first + length]]
        circle = np.unique(
            np.concatenate([linked.indices[linked.indptr[person] : linked.indptr[person + 1]], met[met >= 0]])
        )
        friends.add(*_done_before(histories, circle, moment), 1 / np.sqrt(max(1, len(circle))))
        part = slice(*followers.indptr[person : person + 2])
        known = since[part] < moment
        back.add(followers.items[part][known], followers.values[part][known], 1.0)
    found = {FRIENDS: friends.stacked(LARGEST_ROW)}
    if (ties.item_of >= 0).any():
        found[FOLLOWS_BACK] = back.stacked(LARGEST_ROW)
    return found


def _done_before(histories: Histories, circle: NDArray[Any], moment: int) -> tuple[Ints, Floats]:
    """The newest items of each of a circle before a moment, and their weights by age."""
    items, weights = [np.empty(0, np.int32)], [np.empty(0, np.float32)]
    times = histories.times
    for peer in circle.tolist():
        first, last = int(histories.indptr[peer]), int(histories.indptr[peer + 1])
        stop = first if times is None else first + int(np.searchsorted(times[first:last], moment))
        part = histories.items[max(first, stop - NEWEST) : stop]
        items.append(part)
        weights.append((DECAY ** np.arange(len(part) - 1, -1, -1)).astype(np.float32))
    return np.concatenate(items), np.concatenate(weights)


class _Rows:
    """Sparse rows that are added one by one."""

    def __init__(self, item_count: int) -> None:
        self._count = item_count
        self._items: list[NDArray[Any]] = []
        self._values: list[NDArray[Any]] = []

    def add(self, items: NDArray[Any], values: NDArray[Any], scale: float) -> None:
        """One row: the sum of the values of each item, times ``scale``."""
        distinct, places = np.unique(items, return_inverse=True)
        self._items.append(distinct.astype(np.int32))
        self._values.append((np.bincount(places, values, len(distinct)) * scale).astype(np.float32))

    def stacked(self, width: int) -> SparseRows:
        """All rows, each with its ``width`` largest entries."""
        from scipy.sparse import csr_matrix

        indptr = np.concatenate([[0], np.cumsum([len(row) for row in self._items])])
        items = np.concatenate([np.empty(0, np.int32), *self._items])
        values = np.concatenate([np.empty(0, np.float32), *self._values])
        return SparseRows.of_matrix(csr_matrix((values, items, indptr), shape=(len(self._items), self._count)), width)


def _linked(ties: Ties, people: int) -> Any:
    from scipy.sparse import csr_matrix

    linked = csr_matrix((np.ones(len(ties.who), np.float32), (ties.who, ties.whom)), shape=(people, people))
    return (linked + linked.T).tocsr()


def _user_of(histories: Histories, ties: Ties) -> Ints:
    """The person that each item is, or -1, shape (items,)."""
    user_of = np.full(histories.item_count, -1, np.int32)
    is_item = ties.item_of >= 0
    user_of[ties.item_of[is_item]] = np.flatnonzero(is_item)
    return user_of


def _followed_by(histories: Histories, ties: Ties, user_of: Ints) -> tuple[SparseRows, Longs]:
    """For each person the items that are people who follow them, and since when (links: since ever)."""
    whom = user_of[histories.items]
    known = whom >= 0
    times = np.zeros(len(whom), np.int64) if histories.times is None else histories.times
    since_ever = np.full(2 * len(ties.who), np.iinfo(np.int64).min, np.int64)
    followed = np.concatenate([whom[known], ties.whom, ties.who])
    follower = ties.item_of[np.concatenate([histories.owners[known], ties.who, ties.whom])]
    since = np.concatenate([times[known], since_ever])
    keep = follower >= 0
    order = np.argsort(followed[keep], kind="stable")
    counts = np.bincount(followed[keep], minlength=len(histories))
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    ones = np.ones(int(keep.sum()), np.float32)
    return SparseRows(indptr, follower[keep][order].astype(np.int32), ones), since[keep][order]


def _follows(histories: Histories, ties: Ties) -> Any:
    """People × people: 1 where one has taken the item that the other is."""
    from scipy.sparse import csr_matrix

    whom = _user_of(histories, ties)[histories.items]
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
