"""How much a score moves when an action is left out at random: what a cause has to exceed to be more than noise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Ints
from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.models.explaining.frame import Frame, without_each
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.signals import signals_to_rank
from recsys_tui.models.trained_model import TrainedModel

# Bounds of history lengths; people with more actions than the last are the last bucket.
LONGEST = (5, 20, 50, 200)
PEOPLE, ITEMS, REMOVALS = 12, 3, 5
AMONG = 10
QUANTILE = 0.95
# What a change of a score is at least, as a share of the largest score, to be more than single precision rounds off.
ROUNDING = 1e-6

Band = dict[str, float | None]


def removal_bands(model: TrainedModel, seed: int, served: str = DEEP, people: int = PEOPLE) -> list[Band]:
    """The band of each bucket of history lengths: ``longest`` (None: no bound), ``band`` and how many ``samples``.

    The band is the 95 % quantile of how much, either way, the score of an item of somebody's first ten moves when one
    of their actions, drawn at random, is left out. ``served``: the model or part whose scores these are, each of which
    has a scale of its own. Of each bucket up to ``people`` are drawn; buckets without people are left out. No band is
    below what rounding does to a score.
    """
    model = replace(model, experts=model.experts.for_many())
    found = (_band(model, seed, served, people, longest) for longest in (*LONGEST, None))
    return [band for band in found if band is not None]


def bands_from(model: TrainedModel, seed: int, served: str, people: int, length: int) -> list[Band]:
    """The one of these bands that counts for histories of some ``length``, without working out the others."""
    for longest in (*LONGEST, None):
        if longest is None or length <= longest:
            band = _band(model, seed, served, people, longest)
            if band is not None:
                return [band]
    return []


def band_for(bands: list[dict[str, Any]], length: int) -> float:
    """The band of a history of some length: that of its bucket, or of the nearest longer one; 0 where none is known."""
    for entry in bands:
        if entry["longest"] is None or length <= entry["longest"]:
            return float(entry["band"])
    return float(bands[-1]["band"]) if bands else 0.0


def _band(model: TrainedModel, seed: int, served: str, people: int, longest: int | None) -> Band | None:
    place = len(LONGEST) if longest is None else LONGEST.index(longest)
    shortest = LONGEST[place - 1] + 1 if place else 2
    lengths = model.people.histories.lengths
    inside = (lengths >= shortest) & (lengths <= (longest if longest is not None else lengths.max(initial=0)))
    random = np.random.default_rng([seed, place])
    drawn = random.permutation(np.flatnonzero(inside))[:people]
    measured = [_effects(model, served, int(person), random) for person in drawn]
    effects = np.concatenate([np.zeros(0), *(moved for moved, _ in measured)])
    if not len(effects):
        return None
    rounding = ROUNDING * max(largest for _, largest in measured)
    band = max(float(np.quantile(np.abs(effects), QUANTILE)), rounding)
    return {"longest": longest, "band": band, "samples": len(effects)}


def _effects(
    model: TrainedModel, served: str, person: int, random: np.random.Generator
) -> tuple[NDArray[np.floating[Any]], float]:
    """How much scores of one person move, shape (items * removals,), and the largest of those scores, either way."""
    history = model.people.histories.rows(person, person + 1)
    allowed = np.ones((1, history.item_count), np.bool_)
    allowed[0, history.items] = False
    frame = Frame.of(model, served, history, allowed)
    best = _first(frame)
    places = random.permutation(len(history.items))[:REMOVALS]
    fewer = without_each(history, places)
    items = random.permutation(best)[:ITEMS]
    whole, left = frame.signals_of(history, items), frame.signals_of(fewer, items)
    moved, largest = [np.zeros(0)], 0.0
    for place, item in enumerate(items.tolist()):
        score = frame.score(whole[:, place], item)[0]
        moved.append(score - frame.score(left[:, place], item))
        largest = max(largest, abs(float(score)))
    return np.concatenate(moved), largest


def _first(frame: Frame) -> Ints:
    """Codes of the first ten of a frame's list of new items."""
    if frame.served == DEEP:
        codes, scores = frame.candidates, frame.scores
    elif frame.served == "interaction":
        stack = signals_to_rank(frame.model.experts, frame.model.interaction, frame.history, frame.allowed)
        places = np.flatnonzero(stack.allowed_places(frame.allowed)[0]).astype(np.int32)
        codes, scores = stack.codes(places[None])[0], stack.values[SIGNALS.index(frame.served)][0, places]
    else:
        codes = np.flatnonzero(frame.allowed[0]).astype(np.int32)
        scores = frame.model.experts.score(frame.served, frame.history)[0, codes]
    best: Ints = codes[np.argsort(-scores, kind="stable")[:AMONG]]
    return best
