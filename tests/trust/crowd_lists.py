"""What lists and scores say that are counts of people in disguise, as sums over the unknowns of a world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from recsys_tui.data.dataset import TimeKind
from recsys_tui.models.attribute_popularity import PSEUDO_PEOPLE
from recsys_tui.recommend.audience import audience
from recsys_tui.recommend.baskets import SHRINKAGE
from recsys_tui.recommend.item_neighbours import TasteNeighbours
from recsys_tui.recommend.item_page import item_page
from tests.trust.crowd_claims import Unknowns, Vector
from tests.trust.crowd_world import GATE, TRAITS, World


def _exact(world: World, unknown: Unknowns, item: str, told: float) -> Iterator[Vector]:
    """What a count of those who have an item says: nothing where its page has none and it is one of whole crowds, or of
    everybody, as it might be more than those who have it."""
    if told == unknown.value(unknown.takers(item)) and not (_coarse(world, told) and _untold(world, item)):
        yield unknown.takers(item)


def _coarse(world: World, told: float) -> bool:
    """Whether a count may be one of whole crowds, or of everybody."""
    return told % GATE.minimum == 0 or told == len(world.clusters)


def _untold(world: World, item: str) -> bool:
    return item_page(world.session, item, GATE).people is None


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
    left_out = unknown.takers(item) + unknown.took_back(item)
    assert not named & {user for user, own in unknown.gone if own == item}
    if found.people is not None:
        assert found.people == len(everyone) - unknown.value(left_out)
        yield left_out
    missing = len(everyone - named)
    assert not 0 < missing < min(GATE.minimum, len(everyone))
    if missing == unknown.value(left_out) and not (_coarse(world, missing) and _untold(world, item)):
        yield left_out


def lists_of_late(world: World, unknown: Unknowns, items: Sequence[str]) -> Iterator[Vector]:
    """Scores of lists by popularity of late: whole crowds, at most those of everybody who has the item, so that as many
    counts as a crowd has people are told alike. Others, of which there are none, would say what they are."""
    if world.dataset.time_kind is not TimeKind.TIME:  # of late is of all time
        return
    ids = world.recommender.model.catalogue.ids
    of_late, ever = (
        [round(float(np.expm1(each))) for each in popular.told_strength(GATE)]
        for popular in (world.late, world.recommender.model.experts.popular)
    )
    for item in items:
        told, known = (counts[ids.index(item) or 0] for counts in (of_late, ever))
        newest = unknown.first_rows(lambda cell, i=item: cell[1] == i and unknown.is_late(cell))
        people = unknown.value(newest)
        assert (told > 0) == (people > 0)
        if told % GATE.minimum and told != len(world.clusters):
            yield newest
        elif people:
            assert min(GATE.minimum, len(world.clusters)) <= told <= known
            assert told < people + GATE.minimum
            assert people <= told or told + GATE.minimum > known


def lists_by_traits(world: World, unknown: Unknowns, items: Sequence[str]) -> dict[str, list[Vector]]:
    """Lists for somebody of whom one attribute is known, by value: how many have the value, how many of these have each
    item, where every lift is what these make it, in half precision, or what stands for a few: the least, or as many
    less than all who have the item, or a lift of nought; and how many have it at all, as few counts of those and of
    these come to the same score. Of a count that is one of these nothing is said."""
    found: dict[str, list[Vector]] = {}
    fitted, ids = world.by_traits, world.recommender.model.catalogue.ids
    if fitted is None:
        return found
    people = len(world.clusters)
    share = np.asarray(fitted.share, np.float64)[[ids.index(item) or 0 for item in items]]
    known = np.rint(share * (people + 1))
    for place, field in enumerate(TRAITS):
        for value in fitted.told_values(field):
            codes = fitted.codes({field: value})
            assert fitted.known_fields(codes) == [field]
            alike = lambda own, p=place, v=value: own[p] == v  # noqa: E731
            being, taking = unknown.being(alike), [unknown.taking(alike, item) for item in items]
            having = np.array([unknown.value(vector) for vector in taking])
            strength = fitted.strength(codes)[[ids.index(item) or 0 for item in items]]

            def made(counts: np.ndarray, size: float = unknown.value(being), told: np.ndarray = strength) -> np.ndarray:
                lifts = np.log((counts / share + PSEUDO_PEOPLE) / (size + PSEUDO_PEOPLE)).astype(np.float16)
                return np.isclose(told, np.log1p(people * share * np.exp(lifts.astype(np.float32))), rtol=1e-6)

            few = np.isclose(strength, np.log1p(people * share), rtol=1e-6)
            for stands_for_few in (np.full(len(items), float(GATE.minimum)), np.maximum(0, known - GATE.minimum)):
                few |= made(stands_for_few)
            if (made(having) | few).all():
                told = [vector for vector, unsaid in zip(taking, few.tolist(), strict=True) if not unsaid]
                everyone = zip(items, known.tolist(), strict=True)
                of_items = [vector for item, count in everyone for vector in _exact(world, unknown, item, count)]
                found[f"list of {field} {value}"] = [*([being] if told else []), *told, *of_items]
    return found


def look_at_lifts_by_basket(world: World, unknown: Unknowns) -> None:
    """Lifts (c + 5) / (n · m / N + 5) say nothing of a few: all four are the nearest tens, and so are who is listed and
    in what order."""
    ids = world.recommender.model.catalogue.ids

    def holding(*items: str) -> int:
        whose = Counter(user for (user, _), held in unknown.baskets.items() if held.issuperset(items))
        few = 0 < sum(count > 1 for count in whose.values()) < GATE.minimum
        return _tens(len(whose) if few else whose.total())

    every = holding()
    for item in unknown.items:
        codes, lifts = world.baskets.together(ids.index(item) or 0, len(ids), GATE)
        expected = {}
        for other in set(unknown.items) - {item}:
            people = {user for (user, _), held in unknown.baskets.items() if held >= {item, other}}
            both = min(holding(item, other), holding(item), holding(other))
            lift = (both + SHRINKAGE) / (holding(item) * holding(other) / every + SHRINKAGE)
            if len(people) >= GATE.minimum and np.float32(lift) > 1:
                expected[ids.index(other) or 0] = np.float32(lift)
        ranked = sorted(expected, key=lambda code: (-expected[code], code))
        assert codes.tolist() == ranked
        assert lifts == pytest.approx([expected[code] for code in ranked], rel=1e-6)


def _tens(count: int) -> int:
    return max(GATE.minimum, GATE.minimum * int(count / GATE.minimum + 0.5))
