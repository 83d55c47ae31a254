"""What each action and each term adds to a content score, exactly: the cosine's product, its length held fixed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys_tui.data.histories import Floats, Histories, Ints
from recsys_tui.profiles.content_profiles import RECENT_DECAY, RECENT_LENGTH, ContentProfiles


@dataclass(frozen=True)
class ContentParts:
    """``actions`` (actions,) and ``terms`` (term numbers and what each adds, both (terms of the item,)) of one score.

    The actions sum to the score; so do the terms and ``vectors``, what ready-made vectors add.
    """

    actions: Floats
    terms: tuple[Ints, Floats]
    vectors: float


def content_weights(history: Histories) -> dict[str, Floats]:
    """What each action weighs in each of the content signals, by the signal's name, each (actions,)."""
    lags = history.lags
    decayed = np.power(np.float32(RECENT_DECAY), lags, dtype=np.float32)
    return {
        "content": history.weights,
        "content_recent": history.weights * decayed * (lags < RECENT_LENGTH),
        "content_last": (lags == 0).astype(np.float32),
    }


def content_parts(content: ContentProfiles, history: Histories, weights: Floats, item: int) -> ContentParts:
    """Split the cosine of an item with the weighted sum of one person's actions."""
    row = slice(int(content.indptr[item]), int(content.indptr[item + 1]))
    own, values = np.asarray(content.terms[row]), np.asarray(content.values[row], np.float32)
    nothing = ContentParts(np.zeros(len(history.items), np.float32), (own, np.zeros(len(own), np.float32)), 0.0)
    if content.is_empty or not len(history.items):
        return nothing
    by_terms, by_vectors = content.scales
    plain = content.vectors is None
    scaled = weights if plain else weights * by_terms[history.items]
    starts, stops = content.indptr[history.items], content.indptr[history.items + 1]
    lengths = (stops - starts).astype(np.int64)
    places = np.arange(lengths.sum()) + np.repeat(starts - np.cumsum(lengths) + lengths, lengths)
    owners = np.repeat(np.arange(len(history.items)), lengths)
    spread = np.zeros(len(content.vocabulary), np.float32)
    spread[own] = values * (1 if plain else by_terms[item])
    added = np.repeat(scaled, lengths) * content.values[places]
    met = added * spread[content.terms[places]]
    actions = np.bincount(owners, met, len(history.items))
    profile = np.bincount(content.terms[places], added, len(content.vocabulary))
    terms = profile[own] * spread[own]
    squares, vectors = float(profile @ profile), 0.0
    if content.vectors is not None:
        rows = content.vectors.rows[history.items] * (weights * by_vectors[history.items])[:, None]
        target = content.vectors.rows[item] * by_vectors[item]
        actions = actions + rows @ target
        total = rows.sum(axis=0)
        vectors, squares = float(total @ target), squares + float(total @ total)
    length = np.sqrt(squares)
    if length <= 0:
        return nothing
    return ContentParts(
        (actions / length).astype(np.float32), (own, (terms / length).astype(np.float32)), vectors / float(length)
    )
