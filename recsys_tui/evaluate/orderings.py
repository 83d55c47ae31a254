"""Orders in which a person's actions may be taken away: by what explains an item, and by mere guesses."""

from __future__ import annotations

import numpy as np

from recsys_tui.data.histories import Longs
from recsys_tui.models.explaining.attribution import attribution
from recsys_tui.models.explaining.frame import Frame
from recsys_tui.profiles.user_profiles import unit_rows

ATTRIBUTION = "attribution"
RANDOM, RECENT, POPULAR, COSINE = "random", "recent", "popular", "cosine"
OTHERS = (RANDOM, RECENT, POPULAR, COSINE)


def orderings(frame: Frame, item: int, random: np.random.Generator) -> dict[str, Longs]:
    """Places of one person's actions in each order, first what is said to matter most, all (actions,).

    ``attribution``: by what each adds to the item's score. ``random``: at random. ``recent``: the newest first.
    ``popular``: what most people took first. ``cosine``: what is most like the item in the space of behaviour first.
    """
    history, model = frame.history, frame.model
    popularity = np.asarray(model.experts.popular.strength)[history.items]
    places = np.asarray(model.experts.profiles.item_places, np.float32)
    alike = unit_rows(places[history.items]) @ places[item]
    said = {
        ATTRIBUTION: attribution(frame, item).contributions,
        RANDOM: random.random(len(history.items)),
        RECENT: -history.lags.astype(float),
        POPULAR: popularity,
        COSINE: alike,
    }
    return {name: np.argsort(-np.asarray(worth), kind="stable") for name, worth in said.items()}
