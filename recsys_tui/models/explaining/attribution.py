"""Which of a person's own actions caused a score: exactly where it is linear in them, by re-scoring where it is not.

The exact part is the sum's own terms: with candidates, means, scales, gates, lengths of vectors and the places of the
other actions held fixed, leaving an action out takes just this from the score. What the sequence encoder, clusters, the
interaction model and the fusion's network make of an action is found by occlusion (Zeiler & Fergus, ECCV 2014): the
person is scored again without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Histories, Ints
from recsys_tui.models.contract import AdditiveExpert
from recsys_tui.models.experts import Experts
from recsys_tui.models.explaining.frame import Frame, without_each
from recsys_tui.models.signals import PUSHED_DOWN
from recsys_tui.profiles.content_parts import content_parts, content_weights
from recsys_tui.profiles.user_profiles import SHORT_DECAY, SHORT_LENGTH, UserProfiles

ADDITIVE = ("sequence", "transitions", "ease", "neighbours")
CONTENT = ("content", "content_recent", "content_last")
PROFILE = ("profile", "profile_recent")
LINEAR = (*ADDITIVE, *CONTENT, *PROFILE)
MOST_OCCLUDED = 50


@dataclass(frozen=True)
class Attribution:
    """What each action of one person adds to the score of one item, all (actions,), in the order of the history.

    ``exact``: by the components that are linear in history. ``rescored``: by the others, found by leaving the action
    out; not-a-number for actions that were not left out (all but the 50 with the largest exact part). ``effect``: how
    much the whole score falls when the action is left out, with the frame held fixed; not-a-number likewise.
    ``disliked``: item codes and what each adds (exactly), of what the person said they dislike.
    """

    exact: Floats
    rescored: Floats
    effect: Floats
    disliked: tuple[Ints, Floats]

    @property
    def contributions(self) -> Floats:
        """Exact and re-scored part together; the exact part alone where an action was not left out."""
        result: Floats = self.exact + np.nan_to_num(self.rescored)
        return result


def exact_attribution(frame: Frame, item: int) -> Floats:
    """What each action adds by the components that are linear in history, shape (actions,)."""
    return _linear(frame, frame.history, item, LINEAR)


def _linear(frame: Frame, history: Histories, item: int, names: tuple[str, ...]) -> Floats:
    total = np.zeros(len(history.items), np.float32)
    for name, slope in zip(frame.names, frame.slopes, strict=True):
        if name in names and slope:
            total += slope * signal_contributions(frame.model.experts, name, history, item)
    return total


def signal_contributions(experts: Experts, name: str, history: Histories, item: int) -> Floats:
    """What each action adds to one linear signal of an item, shape (actions,)."""
    if not len(history.items):
        return np.zeros(0, np.float32)
    if name in ADDITIVE:
        return _of_expert(getattr(experts, name), experts, history, item)
    if name in CONTENT:
        return content_parts(experts.content, history, content_weights(history)[name], item).actions
    return _of_profile(experts.profiles, history, item, recent=name == "profile_recent")


def _of_expert(expert: AdditiveExpert, experts: Experts, history: Histories, item: int) -> Floats:
    """A new item's score is the mean of its neighbours', and so is each action's part in it."""
    items, shares = np.array([item], np.int32), np.ones(1, np.float32)
    if experts.cold is not None and (place := int(experts.cold.places(items)[0])) >= 0:
        items, shares = np.asarray(experts.cold.nearest[place]), np.asarray(experts.cold.shares[place])
    result: Floats = (expert.contributions(history, items) @ shares).astype(np.float32)
    return result


def _of_profile(profiles: UserProfiles, history: Histories, item: int, recent: bool) -> Floats:
    weights = history.weights.astype(np.float32)
    if recent:
        lags = history.lags
        weights = weights * np.power(np.float32(SHORT_DECAY), lags, dtype=np.float32) * (lags < SHORT_LENGTH)
    steps = weights[:, None] * np.asarray(profiles.item_map[history.items], np.float32)
    total = steps.sum(axis=0) + (0 if recent else np.asarray(profiles.prior))
    length = float(np.linalg.norm(total))
    result: Floats = (steps @ np.asarray(profiles.item_places[item]) / (length or 1.0)).astype(np.float32)
    return result


def attribution(frame: Frame, item: int, most: int = MOST_OCCLUDED) -> Attribution:
    """Everything that a person's actions add to the score of an item; ``most`` actions are left out one at a time."""
    exact = exact_attribution(frame, item)
    places = np.sort(np.argsort(-np.abs(exact), kind="stable")[:most])
    rescored, effect = (np.full(len(exact), np.nan, np.float32) for _ in range(2))
    if len(places):
        rescored[places], effect[places] = occluded(frame, item, places)
    return Attribution(exact, rescored, effect, _disliked(frame, item))


def occluded(frame: Frame, item: int, places: NDArray[np.integer[Any]]) -> tuple[Floats, Floats]:
    """How much the components that are not linear in history, and how much the score, fall without each action.

    ``places`` (chosen,) of the history; both results (chosen,). The frame is held fixed; the signals are computed anew.
    """
    whole = frame.signals(frame.history, item)
    fewer = frame.signals(without_each(frame.history, places), item)
    rest = partial(_not_linear, frame, item)
    return rest(whole)[0] - rest(fewer), frame.score(whole, item)[0] - frame.score(fewer, item)


def _not_linear(frame: Frame, item: int, signals: Floats) -> Floats:
    linear = np.isin(frame.names, LINEAR)
    gated = (signals - frame.mean) @ np.where(linear, frame.slopes, 0)
    result: Floats = frame.score(signals, item) - gated.astype(np.float32)
    return result


def _disliked(frame: Frame, item: int) -> tuple[Ints, Floats]:
    unwanted = frame.history.disliked
    if unwanted is None or not len(unwanted):
        return np.zeros(0, np.int32), np.zeros(0, np.float32)
    alone = Histories.of_one(unwanted, frame.history.item_count)
    return unwanted, -_linear(frame, alone, item, PUSHED_DOWN)
