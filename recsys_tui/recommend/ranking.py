"""Ranking the catalogue for people given as histories: the one formula that every answer goes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Histories, Ints, Longs
from recsys_tui.data.tagged_texts import order_of
from recsys_tui.data.weighted_rows import strongest
from recsys_tui.models.candidate_lists import blend_scores
from recsys_tui.models.deep_candidates import DEEP, as_candidates, deep_candidates
from recsys_tui.models.item_pools import LEAST
from recsys_tui.models.popularity import POPULAR, RECENT
from recsys_tui.models.signal_names import COMPONENT_OF, SIGNALS
from recsys_tui.models.signals import SignalStack, signals_at, signals_to_rank
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.errors import ExitCode, UserError

ALIASES = {"knn": "neighbours"}
MODEL_NAMES = (DEEP, *SIGNALS)


@dataclass(frozen=True)
class Ranked:
    """Ranked lists: ``items`` (people, k) codes, -1 where a list is shorter; ``scores`` and ``probabilities`` alike.

    ``components``: the named parts of each score, which sum to it, each (people, k); empty where nobody asked.
    ``normaliser`` (people,): for the deep model the log of the sum of exp(score) over its candidates. ``named``: the
    items that were asked for by name, in that order, whatever their rank. ``pinned`` (people, k): which places were
    given to an item because somebody wanted it there. ``chances`` (people, k): where people take things again, the
    chance that the next occasion contains each.
    """

    items: Ints
    scores: Floats
    probabilities: Floats
    components: dict[str, Floats]
    normaliser: Floats | None = None
    named: Ranked | None = None
    pinned: Flags | None = None
    chances: Floats | None = None

    def take(self, places: Ints) -> Ranked:
        """The given places of each list (people, places), in that order."""

        def along(values: NDArray[Any]) -> NDArray[Any]:
            return np.take_along_axis(values, places, axis=1)

        components = {name: along(part) for name, part in self.components.items()}
        pinned = None if self.pinned is None else along(self.pinned)
        chances = None if self.chances is None else along(self.chances)
        items, scores, likely = along(self.items), along(self.scores), along(self.probabilities)
        return Ranked(items, scores, likely, components, self.normaliser, self.named, pinned, chances)


# What ranks: model, histories, k, name, allowed, with_components, named; see :func:`rank`.
Ranking = Callable[[TrainedModel, Histories, int, str, Flags, bool, Longs | None], Ranked]


def resolve_model_name(name: str) -> str:
    """The canonical name of a model. Raises ``UserError`` (exit 2) for a name that does not exist."""
    name = ALIASES.get(name, name)
    if name not in MODEL_NAMES:
        raise UserError("models.unknown_model", ExitCode.USAGE, name=name, names=", ".join(MODEL_NAMES))
    return name


def rank(
    model: TrainedModel,
    histories: Histories,
    k: int,
    name: str,
    allowed: Flags,
    with_components: bool = False,
    named: Longs | None = None,
) -> Ranked:
    """The ``k`` best allowed items of each person.

    ``name``: ``deep`` or one of the signals. ``allowed`` (people, items) acts before candidates are drawn. The deep
    model scores its candidates; a list that is longer goes on in the order of the blend, with scores below theirs.
    ``named`` (codes): items to score too, as candidates are scored, whether or not they are allowed or in the list.
    """
    k = min(k, histories.item_count)
    asked = None if named is None else np.tile(named.astype(np.int32), (len(histories), 1))
    if name != DEEP:
        ranked = _of_part(model, histories, k, name, allowed, with_components)
        extra = None if asked is None else _by_part(model, histories, name, asked, with_components)
        return replace(ranked, named=extra)
    # The same pools whatever the length, so that a longer list begins as a shorter one.
    stack = signals_to_rank(model.experts, model.interaction, histories, allowed, LEAST)
    ranked = _deep(model, histories, stack, k, allowed, with_components, asked)
    if stack.items is None or k <= LEAST:  # each pool holds as many, where they are allowed
        return ranked
    return _beyond_pools(model, histories, ranked, k, allowed)


def _beyond_pools(model: TrainedModel, histories: Histories, ranked: Ranked, k: int, allowed: Flags) -> Ranked:
    """Lists that are longer than people's pools go on with what is popular, each score a step lower."""
    rest = allowed.copy()
    rows, places = np.nonzero(ranked.items >= 0)
    rest[rows, ranked.items[rows, places]] = False
    fame = np.broadcast_to(model.experts.popular.told_strength(CrowdGate()), rest.shape)
    more, _ = strongest_allowed(fame, rest, k, order_of(model.catalogue.ids))
    lowest = np.where(ranked.items >= 0, ranked.scores, np.inf).min(axis=1, keepdims=True)
    lowest = np.where(np.isfinite(lowest), lowest, 0)
    scores = np.where(more >= 0, lowest - 1e-3 * np.arange(1, k + 1), -np.inf).astype(np.float32)
    logits = signals_at(model.experts, model.interaction, histories, more).values[SIGNALS.index("interaction")]
    components = {name: np.concatenate([part, np.zeros_like(scores)], 1) for name, part in ranked.components.items()}
    if components:
        none = np.zeros_like(ranked.scores)
        beyond = ranked.components.get("beyond_candidates", none)
        components["beyond_candidates"] = np.concatenate([beyond, np.where(more >= 0, scores, 0)], axis=1)
    longer = replace(
        ranked,
        items=np.concatenate([ranked.items, more], axis=1),
        scores=np.concatenate([ranked.scores, scores], axis=1),
        probabilities=np.concatenate([ranked.probabilities, model.interaction.probability(logits)], axis=1),
        components=components,
    )
    order = np.argsort(longer.items < 0, axis=1, kind="stable")[:, :k]
    return longer.take(order.astype(np.int32))


def _of_part(
    model: TrainedModel, histories: Histories, k: int, name: str, allowed: Flags, with_components: bool
) -> Ranked:
    """The list of one signal: that alone is computed for the whole catalogue, the others for the list."""
    if name == "interaction":
        stack = signals_to_rank(model.experts, model.interaction, histories, allowed, max(k, LEAST))
        places, scores = strongest_allowed(stack.values[SIGNALS.index(name)], stack.allowed_places(allowed), k)
        items = stack.codes(places)
    else:
        items, scores = strongest_allowed(
            _told_scores(model, name, histories), allowed, k, order_of(model.catalogue.ids)
        )
    logits = signals_at(model.experts, model.interaction, histories, items).values[SIGNALS.index("interaction")]
    # The score of a part is all its own.
    components = {COMPONENT_OF[name]: scores} if with_components else {}
    return Ranked(items, scores, model.interaction.probability(logits), components)


def _by_part(model: TrainedModel, histories: Histories, name: str, asked: Ints, with_components: bool) -> Ranked:
    """The items ``asked`` for (people, items) as one signal scores them."""
    values = signals_at(model.experts, model.interaction, histories, asked).values
    scores = values[SIGNALS.index(name)]
    if name in (POPULAR, RECENT):
        scores = np.take_along_axis(_told_scores(model, name, histories), np.asarray(asked, np.int64), axis=1)
    likely = model.interaction.probability(values[SIGNALS.index("interaction")])
    return Ranked(asked, scores, likely, {COMPONENT_OF[name]: scores} if with_components else {})


def _told_scores(model: TrainedModel, name: str, histories: Histories) -> Floats:
    """The scores of a part for the whole catalogue, shape (people, items). Popularity is a count of people: what lists
    show of it, and are ordered by, is what may be told."""
    if name not in (POPULAR, RECENT):
        return model.experts.score(name, histories)
    part = model.experts.popular if name == POPULAR else model.experts.recent
    return np.broadcast_to(part.told_strength(CrowdGate()), (len(histories), histories.item_count))


def strongest_allowed(scores: Floats, allowed: Flags, k: int, order: Longs | None = None) -> tuple[Ints, Floats]:
    """The k best allowed items of a dense score matrix, best first, ties by the smaller code or as in ``order``, in
    which all codes stand; -1 where too few."""
    if order is not None:
        places, values = strongest_allowed(scores[:, order], allowed[:, order], k)
        return np.where(places >= 0, order[places], -1).astype(np.int32), values
    masked = np.where(allowed, scores, -np.inf).astype(np.float32)
    items, values = strongest(masked, k)
    items = _first_of_equals(masked, items, values)
    order = np.lexsort((items, -values), axis=1)
    items, values = np.take_along_axis(items, order, axis=1), np.take_along_axis(values, order, axis=1)
    return np.where(np.isfinite(values), items, -1).astype(np.int32), values


def _first_of_equals(scores: Floats, items: Ints, values: Floats) -> Ints:
    """The items that were chosen, of those as good as the last the ones of the smallest codes: a longer list begins
    with a shorter one."""
    last = values.min(axis=1, initial=np.inf)[:, None]
    equal, taken = scores == last, values == last
    others = (equal.sum(axis=1) > taken.sum(axis=1)) & np.isfinite(last[:, 0])
    for row in np.flatnonzero(others).tolist():
        items[row, taken[row]] = np.flatnonzero(equal[row])[: int(taken[row].sum())]
    return items


def _deep(
    model: TrainedModel,
    histories: Histories,
    stack: SignalStack,
    k: int,
    allowed: Flags,
    with_components: bool,
    asked: Ints | None,
) -> Ranked:
    """The lists of the deep model, with the items ``asked`` for (people, items) if any."""
    fusion = model.fusion
    found = deep_candidates(model, histories, stack, allowed)
    drawn, z, context, scores = found.places, found.z, found.context, found.scores
    highest = np.maximum(scores.max(axis=1, keepdims=True), -1e30)  # nobody's list may be empty of candidates
    normaliser = highest[:, 0] + np.log(np.maximum(np.exp(scores - highest).sum(axis=1), 1e-30))
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    places = np.take_along_axis(drawn, order, axis=1)
    components = {}
    if with_components:
        features = model.item_features[np.maximum(stack.codes(drawn), 0)]
        parts = fusion.components(z, context, features)
        components = {name: np.take_along_axis(part, order, axis=1) for name, part in parts.items()}
    scores = np.take_along_axis(scores, order, axis=1)
    if k > places.shape[1]:
        blended = blend_scores(stack, fusion.signals, fusion.blend)
        places, scores, components = _continued(blended, stack.allowed_places(allowed), places, scores, components, k)
    logits = stack.values[SIGNALS.index("interaction"), np.arange(len(places))[:, None], np.maximum(places, 0)]
    likely = model.interaction.probability(logits)
    ranked = Ranked(stack.codes(places), scores, likely, components, normaliser.astype(np.float32))
    if asked is None:
        return ranked
    own = signals_at(model.experts, model.interaction, histories, asked).values
    z = as_candidates(own, stack, fusion.signals, drawn)
    features = model.item_features[asked]
    parts = fusion.components(z, context, features) if with_components else {}
    likely = model.interaction.probability(own[SIGNALS.index("interaction")])
    named = Ranked(asked, fusion.score(z, context, features).astype(np.float32), likely, parts, ranked.normaliser)
    return replace(ranked, named=named)


def _continued(
    blended: Floats, allowed: Flags, places: Ints, scores: Floats, components: dict[str, Floats], k: int
) -> tuple[Ints, Floats, dict[str, Floats]]:
    """Lengthen lists beyond the candidates in the order of the blend, each score a step of the blend lower."""
    rest = allowed.copy()
    rows = np.arange(len(places))[:, None]
    there = places >= 0
    rest[np.broadcast_to(rows, places.shape)[there], places[there]] = False
    more, values = strongest_allowed(blended, rest, k - places.shape[1])
    lowest = np.where(there, scores, np.inf).min(axis=1, keepdims=True)
    lowest = np.where(np.isfinite(lowest), lowest, 0)
    first = np.where(np.isfinite(values[:, :1]), values[:, :1], 0)  # where no item is left, all values are -inf
    below = lowest - 1e-3 + (values - first)
    empty = np.zeros(more.shape, np.float32)
    longer = {name: np.concatenate([part, empty], axis=1) for name, part in components.items()}
    if longer:
        longer["beyond_candidates"] = np.concatenate([np.zeros_like(scores), below.astype(np.float32)], axis=1)
    return np.concatenate([places, more], axis=1), np.concatenate([scores, below.astype(np.float32)], axis=1), longer
