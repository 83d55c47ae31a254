"""Where an item would stand in somebody's list without some of their actions, the whole list made anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.models.explaining.frame import Frame, without_sets
from recsys_tui.recommend.explanations.counterfactual import POPULAR, depth_of
from recsys_tui.recommend.list_building import build_lists
from recsys_tui.recommend.recommender import Question


def ranks_in_list(
    question: Question,
    frame: Frame,
    item: int,
    sets: Sequence[NDArray[np.integer[Any]]],
    depth: int | None = None,
) -> list[int | None]:
    """As :func:`~.counterfactual.ranks_without`, for lists that are more than a ranking of new items: where things are
    taken again, spread out, or pinned. What is left out was never taken, and is not offered in its place.
    ``depth``: how long the list is, else as deep as lists are ranked.
    """
    depth = depth_of(frame) if depth is None else depth
    history, known = frame.history, question.asked.known[0]
    found: list[int | None] = []
    for places in sets:
        gone = history.items[places]
        kept = np.flatnonzero(~np.isin(known, gone))
        fewer = without_sets(history, [np.asarray(places)])
        asked = replace(question.asked, histories=fewer, known=[known[kept]], places=[kept])
        selection = replace(
            question.selection, excluded=np.concatenate([question.selection.excluded, gone]).astype(np.int64)
        )
        served = question.served if len(fewer.items) else POPULAR
        lists = build_lists(question.model, asked, depth, served, question.options, selection)
        at = np.flatnonzero(lists.items[0] == item)
        found.append(int(at[0]) + 1 if len(at) else None)
    return found
