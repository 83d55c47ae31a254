"""What lists and scores say that are counts of people in disguise, as sums over the unknowns of a world."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from recsys_tui.recommend.audience import audience
from recsys_tui.recommend.item_neighbours import TasteNeighbours
from recsys_tui.recommend.item_page import item_page
from tests.trust.crowd_claims import Unknowns, Vector
from tests.trust.crowd_world import GATE, World


def _exact(world: World, unknown: Unknowns, item: str, told: float) -> Iterator[Vector]:
    """What a count of those who have an item says: nothing where its page has none and it is one of whole crowds, or of
    everybody, as it might be more than those who have it."""
    people = unknown.value(unknown.takers(item))
    coarse = told % GATE.minimum == 0 or told == len(world.clusters)
    if told == people and not (coarse and item_page(world.session, item, GATE).people is None):
        yield unknown.takers(item)


def lists_by_popularity(world: World, unknown: Unknowns, items: Sequence[str]) -> Iterator[Vector]:
    """Scores of lists by popularity, which are logarithms of counts."""
    model = world.recommender.model
    strength = model.experts.popular.told_strength(GATE)
    for item in items:
        told = round(float(np.expm1(strength[model.catalogue.ids.index(item) or 0])))
        assert told == 0 or told >= min(GATE.minimum, len(world.clusters))
        yield from _exact(world, unknown, item, told)


def neighbours_by_taste(world: World, unknown: Unknowns, item: str) -> Iterator[Vector]:
    """Scores by taste: c / (√n · m^¾ + 20), for whoever knows that and reads whole numbers out of it."""
    model = world.recommender.model
    codes, scores = TasteNeighbours(model, GATE).nearest(model.catalogue.ids.index(item) or 0, len(model.catalogue))
    own, counts = unknown.value(unknown.takers(item)), model.experts.popular.told_counts(GATE)
    for code, score in zip(codes.tolist(), scores.tolist(), strict=True):
        other = str(model.catalogue.ids[code])
        both, theirs = unknown.both(item, other), unknown.value(unknown.takers(other))
        counted = score * (np.sqrt(counts[model.catalogue.ids.index(item)]) * counts[code] ** 0.75 + 20)
        assert min(unknown.value(both), counted * (1 + 1e-6)) >= GATE.minimum
        if score == pytest.approx(unknown.value(both) / (np.sqrt(own) * theirs**0.75 + 20), rel=1e-6):
            yield both
            yield from _exact(world, unknown, item, own)
            yield from _exact(world, unknown, other, theirs)


def whole_audience(world: World, unknown: Unknowns, item: str) -> Iterator[Vector]:
    """Whom an item would interest: how many could be named, how many are, and who is missing."""
    everyone = set(world.clusters)
    found = audience(world.recommender, item, len(everyone), gate=GATE)
    named, having = (
        {member.user for member in found.users},
        {user for user, own in unknown.items_of.items() if item in own},
    )
    assert not named & having
    if found.people is not None:
        assert found.people == len(everyone - having)
        yield unknown.takers(item)
    assert not 0 < len(everyone - named) < min(GATE.minimum, len(everyone))
    yield from _exact(world, unknown, item, len(everyone - named))
