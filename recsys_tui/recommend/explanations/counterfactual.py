"""What would change it: where an item would stand without some of a person's actions, found by ranking anew.

Nothing is held fixed here: the person is ranked again as if the actions had never been, candidates drawn anew. What was
left out is not offered in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats
from recsys_tui.models.explaining.frame import Frame, without_sets
from recsys_tui.recommend.ranking import rank

MOST_REMOVED = 20
AT_ONCE = 8
POPULAR = "popular"


@dataclass(frozen=True)
class Counterfactual:
    """A set of actions (places in the history) without which an item leaves the first ``k``, as ranking anew showed.

    ``rank``: where it stands then; None where it is not even among the candidates. None of the actions can be taken
    back: without any fewer of these the item stays.
    """

    places: tuple[int, ...]
    rank: int | None


def depth_of(frame: Frame) -> int:
    """How far lists are ranked: as many places as the deep model has candidates."""
    return min(frame.model.fusion.candidates, frame.history.item_count)


def ranks_without(frame: Frame, item: int, sets: Sequence[NDArray[np.integer[Any]]]) -> list[int | None]:
    """Where an item stands without each of some sets of actions (places); None beyond the candidates."""
    if not sets:
        return []
    result: list[int | None] = []
    for start in range(0, len(sets), AT_ONCE):
        some = list(sets[start : start + AT_ONCE])
        fewer = without_sets(frame.history, some)
        allowed = np.repeat(frame.allowed, len(some), axis=0)
        # Who has done nothing gets what is popular, as in their list.
        empty = np.flatnonzero(fewer.lengths == 0)
        lists = rank(frame.model, fewer, depth_of(frame), frame.served, allowed).items
        for row in empty.tolist():
            lists[row] = rank(frame.model, fewer.rows(row, row + 1), depth_of(frame), POPULAR, allowed[:1]).items[0]
        for ranked in lists:
            found = np.flatnonzero(ranked == item)
            result.append(int(found[0]) + 1 if len(found) else None)
    return result


# Where an item stands without each of some sets of actions: see :func:`ranks_without`.
RanksWithout = Callable[[Frame, int, Sequence[NDArray[np.integer[Any]]]], list[int | None]]


def find_counterfactual(
    frame: Frame,
    item: int,
    contributions: Floats,
    k: int,
    stopped: Callable[[], bool] = lambda: False,
    ranks_of: RanksWithout = ranks_without,
) -> Counterfactual | None:
    """The smallest set of actions, found greedily, without which an item leaves the first ``k``; None if there is none.

    ``contributions`` (actions,) give the order in which actions are left out, the largest first; at most 20, and none
    that speak against the item. From the shortest such run that is enough, actions are taken back one at a time, the
    weakest first, as long as the rest is enough. Every step is ranked anew, by ``ranks_of``. ``stopped`` is asked
    between steps.
    """
    order = np.argsort(-contributions, kind="stable")
    order = order[contributions[order] > 0][:MOST_REMOVED]
    chosen: list[int] = []
    place: int | None = None
    for start in range(0, len(order), AT_ONCE):
        if stopped():
            return None
        sizes = range(start + 1, min(start + AT_ONCE, len(order)) + 1)
        ranks = ranks_of(frame, item, [order[:size] for size in sizes])
        out = [position for position, found in enumerate(ranks) if _is_out(found, k)]
        if out:
            chosen = order[: sizes[out[0]]].tolist()
            place = ranks[out[0]]
            break
    if not chosen:
        return None
    while len(chosen) > 1 and not stopped():
        smaller = [[entry for entry in chosen if entry != left] for left in reversed(chosen)]
        ranks = ranks_of(frame, item, [np.array(entry) for entry in smaller])
        enough = [position for position, found in enumerate(ranks) if _is_out(found, k)]
        if not enough:
            break
        chosen, place = smaller[enough[0]], ranks[enough[0]]
    return Counterfactual(tuple(chosen), place)


def _is_out(place: int | None, k: int) -> bool:
    return place is None or place > k
