"""Everything the three first stages say about a person and each item, as one stack of named signals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Histories, Ints
from recsys_tui.models.experts import Experts
from recsys_tui.models.interaction import InteractionModel
from recsys_tui.models.item_pools import LEAST, draw_pools, is_pooled
from recsys_tui.models.newcomers import pair_logits
from recsys_tui.models.partial_scores import PartialScores
from recsys_tui.models.signal_names import INPUT_SIGNALS, SIGNALS

# Not the profile: whole directions of taste say little of one item, and where they weigh against one beside the other
# signals, as they do on ml-100k, taking them away lifted the probability of nearly everything.
PUSHED_DOWN = ("sequence", "transitions", "ease", "neighbours", "content")


@dataclass(frozen=True)
class SignalStack:
    """All signals of a block of people: ``values`` (signals, people, places) in the order of ``SIGNALS``.

    A place is an item, unless ``items`` (people, places) says which item it is: codes, -1 where there is none.
    """

    values: Floats
    items: Ints | None = None

    @property
    def there(self) -> Flags | None:
        """Which places hold an item, shape (people, places); None where all do."""
        return None if self.items is None else self.items >= 0

    def standardised(self, names: Iterable[str]) -> Floats:
        """The named signals with mean 0 and deviation 1 over each person's places, same shape; constants are 0."""
        return self._on_scale(self.values[[SIGNALS.index(name) for name in names]])

    def standardised_one(self, name: str) -> Floats:
        """The same of one signal, shape (people, places)."""
        return self._on_scale(self.values[SIGNALS.index(name)])

    def _on_scale(self, values: Floats) -> Floats:
        return standardise(values) if self.there is None else standardise_where(values, self.there)

    def codes(self, places: Ints) -> Ints:
        """Item codes (people, chosen) of places alike; -1 stays -1."""
        if self.items is None:
            return places
        found = np.take_along_axis(self.items, np.maximum(places, 0).astype(np.int64), axis=1)
        return np.where(places >= 0, found, -1).astype(np.int32)

    def allowed_places(self, allowed: Flags) -> Flags:
        """``allowed`` (people, items) at the places, shape (people, places)."""
        if self.items is None:
            return allowed
        inside: Flags = np.take_along_axis(allowed, np.maximum(self.items, 0).astype(np.int64), axis=1)
        return inside & (self.items >= 0)


def signal_stack(experts: Experts, interaction: InteractionModel, histories: Histories) -> SignalStack:
    """Compute every signal of a block of people for the whole catalogue."""
    stack = np.empty((len(SIGNALS), len(histories), histories.item_count), np.float32)
    inputs = stack[: len(INPUT_SIGNALS)]
    experts.input_signals(histories, inputs)
    _push_down(experts, histories, inputs)
    everything = np.arange(histories.item_count)
    logits = pair_logits(experts, interaction, inputs, histories.lengths[:, None], everything)
    stack[SIGNALS.index("interaction")] = logits
    stack[SIGNALS.index("encoder")] = experts.score("encoder", histories)
    return SignalStack(stack)


def signals_to_rank(
    experts: Experts, interaction: InteractionModel, histories: Histories, allowed: Flags, least: int = LEAST
) -> SignalStack:
    """The signals that lists are made from: of the catalogue, or above a bound of people's pools of allowed items.

    ``allowed`` (people, items); a pool holds at least ``least`` items, where so many are allowed.
    """
    if not is_pooled(histories.item_count):
        return signal_stack(experts, interaction, histories)
    sources = experts.partial_signals(histories, (*INPUT_SIGNALS, "encoder"))
    pools = draw_pools(sources, np.asarray(experts.popular.strength), allowed, least)
    return _stack_at(experts, sources, interaction, histories, pools)


def signals_at(experts: Experts, interaction: InteractionModel, histories: Histories, items: Ints) -> SignalStack:
    """Every signal of each person for some items: codes (people, places); where one is -1, all are 0."""
    sources = experts.partial_signals(histories, (*INPUT_SIGNALS, "encoder"))
    return _stack_at(experts, sources, interaction, histories, items)


def _stack_at(
    experts: Experts,
    sources: Mapping[str, PartialScores],
    interaction: InteractionModel,
    histories: Histories,
    items: Ints,
) -> SignalStack:
    there = items >= 0
    codes = np.maximum(items, 0)
    stack = np.zeros((len(SIGNALS), *items.shape), np.float32)
    for name, source in sources.items():
        stack[SIGNALS.index(name)] = source.at(codes)
    inputs = stack[: len(INPUT_SIGNALS)]
    _push_down(experts, histories, inputs, codes)
    logits = pair_logits(experts, interaction, inputs, histories.lengths[:, None], codes)
    stack[SIGNALS.index("interaction")] = logits
    stack[:, ~there] = 0
    return SignalStack(stack, items)


def _push_down(experts: Experts, histories: Histories, inputs: Floats, items: Ints | None = None) -> None:
    """Take from one person's signals what the items they dislike would have added to them as likes, in place.

    Only signals that say which items go together: what goes with something disliked comes lower.
    ``items`` (people, places): the codes that the places of ``inputs`` stand for; None where they are the catalogue.
    """
    if histories.disliked is None or not len(histories.disliked):
        return
    unwanted = Histories.of_one(histories.disliked, histories.item_count)
    for name in PUSHED_DOWN:
        lower = experts.score(name, unwanted)
        inputs[INPUT_SIGNALS.index(name)] -= lower if items is None else lower[0][items]


def standardise(values: Floats) -> Floats:
    """Mean 0 and deviation 1 along the last axis; where all values are equal, 0."""
    centred = values - values.mean(axis=-1, keepdims=True)
    spread = np.sqrt(np.square(centred).mean(axis=-1, keepdims=True))
    centred *= np.where(spread > 1e-12, 1 / np.maximum(spread, 1e-12), 0)
    result: Floats = centred.astype(np.float32, copy=False)
    return result


def standardise_where(values: Floats, there: Flags) -> Floats:
    """Mean 0 and deviation 1 along the last axis over the places ``there``; 0 elsewhere and where all are equal."""
    mean, spread = scale_where(values, there)
    return np.where(there, on_scale(values, mean, spread), 0).astype(np.float32)


def scale_where(values: Floats, there: Flags) -> tuple[Floats, Floats]:
    """Mean and deviation along the last axis over the places ``there``, both with that axis kept; 0 without any."""
    count = np.maximum(1, there.sum(axis=-1, keepdims=True))
    mean = np.where(there, values, 0).sum(axis=-1, keepdims=True) / count
    spread = np.sqrt((np.where(there, values - mean, 0) ** 2).sum(axis=-1, keepdims=True) / count)
    return mean, spread


def on_scale(values: Floats, mean: Floats, spread: Floats) -> Floats:
    """Values on the scale of others; 0 where those are all equal."""
    result: Floats = np.where(spread > 1e-9, (values - mean) / np.maximum(spread, 1e-9), 0).astype(np.float32)
    return result
