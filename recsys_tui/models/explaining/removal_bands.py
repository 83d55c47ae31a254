"""How much a score moves when an action is left out at random: what a cause has to exceed to be more than noise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.models.explaining.frame import Frame, without_each
from recsys_tui.models.trained_model import TrainedModel

# Bounds of history lengths; people with more actions than the last are the last bucket.
LONGEST = (5, 20, 50, 200)
PEOPLE, ITEMS, REMOVALS = 12, 3, 5
AMONG = 10
QUANTILE = 0.95


def removal_bands(model: TrainedModel, seed: int) -> list[dict[str, float | None]]:
    """The band of each bucket of history lengths: ``longest`` (None: no bound), ``band`` and how many ``samples``.

    The band is the 95 % quantile of how much, either way, the score of an item of somebody's first ten moves when one
    of their actions, drawn at random, is left out. Buckets without people are left out.
    """
    model = replace(model, experts=model.experts.for_many())
    random = np.random.default_rng(seed)
    lengths = model.people.histories.lengths
    bands: list[dict[str, float | None]] = []
    shortest = 2
    for longest in (*LONGEST, None):
        inside = (lengths >= shortest) & (lengths <= (longest if longest is not None else lengths.max(initial=0)))
        people = random.permutation(np.flatnonzero(inside))[:PEOPLE]
        effects = [effect for person in people for effect in _effects(model, int(person), random)]
        if effects:
            band = float(np.quantile(np.abs(effects), QUANTILE))
            bands.append({"longest": longest, "band": band, "samples": len(effects)})
        if longest is not None:
            shortest = longest + 1
    return bands


def band_for(bands: list[dict[str, Any]], length: int) -> float:
    """The band of a history of some length: that of its bucket, or of the nearest longer one; 0 where none is known."""
    for entry in bands:
        if entry["longest"] is None or length <= entry["longest"]:
            return float(entry["band"])
    return float(bands[-1]["band"]) if bands else 0.0


def _effects(model: TrainedModel, person: int, random: np.random.Generator) -> list[float]:
    history = model.people.histories.rows(person, person + 1)
    allowed = np.ones((1, history.item_count), np.bool_)
    allowed[0, history.items] = False
    frame = Frame.of(model, DEEP, history, allowed)
    best = frame.candidates[np.argsort(-frame.scores, kind="stable")[:AMONG]]
    places = random.permutation(len(history.items))[:REMOVALS]
    fewer = without_each(history, places)
    items = random.permutation(best)[:ITEMS]
    whole, left = frame.signals_of(history, items), frame.signals_of(fewer, items)
    effects: list[float] = []
    for place, item in enumerate(items.tolist()):
        effects += (frame.score(whole[:, place], item)[0] - frame.score(left[:, place], item)).tolist()
    return effects
