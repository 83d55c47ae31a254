"""One way to build lists, for one person and for many: options act first, then items are ranked, mixed and arranged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Histories, Ints, Longs
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.recommend.again import TakenBefore, interleave, taken_before
from recsys_tui.recommend.diversity import Likeness, marginally_relevant, unit_relevance
from recsys_tui.recommend.item_selection import ItemSelection
from recsys_tui.recommend.list_options import ALLOW, NEVER, ListOptions
from recsys_tui.recommend.ranking import Ranked, Ranking, rank

# A diverse list is chosen from this many times as many items, and from no fewer than the deep model's candidates.
POOL_TIMES = 3


@dataclass(frozen=True)
class Asked:
    """Whom lists are for: their histories, their codes (empty for someone new), and what each had taken before what
    they like now was added. ``disliked`` (codes): kept out of these lists, pinned or not. ``places``: where in each
    one's stored history ``known`` stands; by default that is all of it."""

    histories: Histories
    codes: NDArray[Any]
    known: Sequence[Ints]
    disliked: Sequence[int] = ()
    places: Sequence[Longs] | None = None


def build_lists(
    model: TrainedModel,
    asked: Asked,
    k: int,
    served: str,
    options: ListOptions,
    selection: ItemSelection,
    with_components: bool = False,
    ranking: Ranking = rank,
) -> Ranked:
    """Lists of ``k`` items for these people by the model ``served``, or by another ``ranking`` of that name.

    What a person took back, dislikes, or is (in a graph of people) is never in their list, nor is what was excluded.
    Every other option acts before candidates are drawn, on new items and on those taken before alike; pinned items
    stand first in spite of it.
    """
    histories = asked.histories
    standing = standing_items(model, asked, selection)
    allowed = standing & selection.allowed
    selection = replace(selection, pins=pins_that_count(standing, selection.pins, k))
    pins = standing[:, selection.pins]
    again = _taken_before(model, asked, options, allowed, selection.pins, pins)
    if options.repeat != ALLOW or again:
        allowed[histories.owners, histories.items] = False
    depth = k + len(selection.pins)
    if options.diversity:
        depth = max(POOL_TIMES * depth, model.fusion.candidates)
    named = selection.pins if pins.any() else None
    ranked = ranking(model, histories, depth, served, allowed, with_components, named)
    if again:
        ranked = interleave(ranked, again, depth)
    if ranked.named is not None:
        ranked = _pinned_first(ranked, ranked.named, pins)
    if options.diversity:
        ranked = _diversified(model, ranked, k, len(selection.pins) if named is not None else 0, options.diversity)
    # Places without an item come last.
    order = np.argsort(ranked.items < 0, axis=1, kind="stable")[:, :k]
    return ranked.take(order.astype(np.int32))


def standing_items(model: TrainedModel, asked: Asked, selection: ItemSelection) -> Flags:
    """What may be in the lists of these people at all, shape (people, items), pinned or not."""
    standing = np.ones((len(asked.histories), asked.histories.item_count), np.bool_)
    standing[:, np.asarray(asked.disliked, np.int64)] = False
    standing[:, selection.excluded] = False
    if len(asked.codes):
        model.people.ruled_out(asked.codes, standing)
    return standing


def pins_that_count(standing: Flags, pins: Longs, k: int) -> Longs:
    """The pins that are among the first ``k`` of somebody's standing ones: no more have a place in a list."""
    stands = standing[:, pins]
    counts: Longs = pins[(stands & (np.cumsum(stands, axis=1) <= k)).any(axis=0)]
    return counts


def _taken_before(
    model: TrainedModel, asked: Asked, options: ListOptions, allowed: Flags, pins: NDArray[Any], standing: Flags
) -> list[TakenBefore]:
    """What may come again in each list; empty where people take things once, and for someone new."""
    people = model.people
    if people.repeats is None or options.repeat == NEVER or not len(asked.codes):
        return []
    may = allowed.copy()
    rows, places = np.nonzero(standing)
    may[rows, pins[places]] = True
    within = [np.arange(len(items)) for items in asked.known] if asked.places is None else asked.places
    return [
        taken_before(people.repeats, items, int(code), int(people.histories.indptr[code]) + own, may[row])
        for row, (code, items, own) in enumerate(zip(asked.codes, asked.known, within, strict=True))
    ]


def _pinned_first(ranked: Ranked, named: Ranked, standing: Flags) -> Ranked:
    """The named items that stand, each with its own score, before the others. Empty places may be left among them."""
    pins = np.where(standing, named.items, -1).astype(np.int32)
    held = np.zeros((len(pins), 1 + int(max(pins.max(), ranked.items.max()))), np.bool_)
    rows, places = np.nonzero(pins >= 0)
    held[rows, pins[rows, places]] = True
    twice = np.take_along_axis(held, np.maximum(ranked.items, 0).astype(np.int64), axis=1)
    rest = np.where(twice, -1, ranked.items).astype(np.int32)
    empty = np.zeros(pins.shape, np.float32)

    def joined(first: Floats, then: Floats) -> Floats:
        return np.concatenate([first, then], axis=1)

    return replace(
        ranked,
        items=np.concatenate([pins, rest], axis=1),
        scores=joined(named.scores, ranked.scores),
        probabilities=joined(named.probabilities, ranked.probabilities),
        components={name: joined(named.components.get(name, empty), part) for name, part in ranked.components.items()},
        chances=None if ranked.chances is None or named.chances is None else joined(named.chances, ranked.chances),
        pinned=np.concatenate([standing, np.zeros(rest.shape, np.bool_)], axis=1),
    )


def _diversified(model: TrainedModel, ranked: Ranked, k: int, pins: int, diversity: float) -> Ranked:
    """The items after the first ``pins`` in the order of their marginal relevance beside all before them."""
    relevance = unit_relevance(ranked.scores[:, pins:], ranked.items[:, pins:])
    # The pins are taken first whatever they are worth; an empty place among them is like nothing.
    relevance = np.concatenate([np.zeros((len(relevance), pins)), relevance], axis=1)
    alike = Likeness(model.experts, ranked.items)
    return ranked.take(marginally_relevant(relevance, alike, pins, k + pins, diversity))
