"""What somebody says of themselves beside their history: likes, dislikes, attributes."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from recsys_tui.data.histories import Histories, Ints
from recsys_tui.models.attribute_popularity import AttributePopularity
from recsys_tui.models.popularity import Popularity
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.messages import say

LIKE_WEIGHT = 1.5
SUGGESTIONS = 3


def with_attributes(model: TrainedModel, codes: Ints) -> TrainedModel:
    """The model as it is for somebody of whom only attributes are known: popularity is that among people like them."""
    if model.attributes is None:
        return model
    popular = Popularity("popular", model.attributes.strength(codes))
    return replace(model, experts=replace(model.experts, popular=popular))


def attribute_note(attributes: AttributePopularity | None, codes: Ints) -> str:
    """What a list without a history was made from."""
    fields = [] if attributes is None else attributes.known_fields(codes)
    return say("models.popular_among", fields=", ".join(fields)) if fields else say("models.popular_list")


def attribute_notes(
    attributes: AttributePopularity | None, given: Mapping[str, str], codes: Ints, liking: bool
) -> list[str]:
    """What became of the attributes that somebody gave: what numbers count as, and which say nothing.

    For a value that not enough people have, what was perhaps meant is named. ``liking``: they like something, so that
    their attributes do not count.
    """
    if attributes is None:
        return []
    unknown = _unknown_attributes(attributes, given, codes)
    if liking:
        return [say("models.attributes_beside_likes", fields=", ".join(given), count=len(given)), *unknown]
    bands = {name: attributes.band(name, value) for name, value in given.items()}
    return [
        *(
            say("models.attribute_band", name=name, value=given[name], band=band)
            for name, band in bands.items()
            if band
        ),
        *unknown,
    ]


def _unknown_attributes(attributes: AttributePopularity, given: Mapping[str, str], codes: Ints) -> list[str]:
    fields, told = [str(name) for name in attributes.fields.to_list()], []
    for name, value in given.items():
        if codes[fields.index(name)] < 0:
            known = attributes.told_values(name)
            folded = {text.casefold(): text for text in known}
            near = [folded[text] for text in difflib.get_close_matches(value.casefold(), folded, SUGGESTIONS, 0.5)]
            nearest = say("models.nearest", ids=", ".join(near or known[:SUGGESTIONS])) if known else ""
            told.append(say("models.attribute_of_nobody", name=name, value=value, nearest=nearest))
    return told


def with_feedback(history: Histories, liked: Sequence[int], disliked: Sequence[int]) -> Histories:
    """One person's history with likes as newest actions (an item already there moves up) and without dislikes.

    What is disliked is noted beside the history: it pulls what is like it down.
    """
    if not liked and not disliked:
        return history
    liked = list(dict.fromkeys(liked))  # saying it twice is saying it once
    keep = ~np.isin(history.items, [*liked, *disliked])
    items = np.concatenate([history.items[keep], np.array(liked, np.int32)]).astype(np.int32)
    weights = np.concatenate([history.weights[keep], np.full(len(liked), LIKE_WEIGHT, np.float32)])
    unwanted = np.array(list(dict.fromkeys(disliked)), np.int32) if disliked else None
    return replace(Histories.of_one(items, history.item_count, weights), peers=history.peers, disliked=unwanted)
