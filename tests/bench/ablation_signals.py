"""Signals of held-out moments, computed once for all variants: each variant draws its own candidates from them.

Taking a signal out is setting it to 0: its weights are then 0 or without effect in every stage above it. The
interaction model is fitted again without the inputs that go out, the blend is fitted again, and the candidates are
those of that blend over the whole catalogue, as in training.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Histories, Ints, Longs
from recsys_tui.models.candidate_lists import UNIFORM_NEGATIVES, best_allowed, untaken
from recsys_tui.models.context import context_of
from recsys_tui.models.experts import Experts, people_at_once
from recsys_tui.models.fusion_training import fit_blend
from recsys_tui.models.held_out import HeldOut
from recsys_tui.models.interaction import InteractionModel, fit_interaction_model
from recsys_tui.models.item_pools import places_in
from recsys_tui.models.signal_names import INPUT_SIGNALS, SIGNALS, signals_for
from recsys_tui.models.signals import SignalStack, signals_to_rank, standardise, standardise_where
from recsys_tui.recommend.ranking import strongest_allowed
from recsys_tui.training.pipeline import HeldBack
from tests.bench.ablation_variants import Variant

INTERACTION = SIGNALS.index("interaction")
DEPTH = 10


@dataclass(frozen=True)
class Drawer:
    """What a variant draws candidates with: its interaction model, and the weights of its blend by signal."""

    variant: Variant
    interaction: InteractionModel
    blend: Floats

    def moved(self, before: Experts, after: Experts) -> Drawer:
        """The same for experts that were fitted on everything."""
        return replace(self, interaction=self.interaction.moved(before, after))


@dataclass(frozen=True)
class Moments:
    """People at the moments they are asked about: ``histories``, and what may be in their lists."""

    histories: Histories
    allowed: Flags | None = None  # (items,): the only items that lists may have; None: all
    ruled_out: NDArray[np.int64] | None = None  # (n, 2): rows and items that are not shown to somebody

    def blocks(self) -> Iterator[tuple[int, Histories, Flags]]:
        """Where each block starts, its histories, and which items are allowed, (people, items)."""
        size = people_at_once(self.histories.item_count)
        for start in range(0, len(self.histories), size):
            batch = self.histories.rows(start, min(start + size, len(self.histories)))
            allowed = np.ones((len(batch), batch.item_count), np.bool_)
            if self.allowed is not None:
                allowed &= self.allowed
            if self.ruled_out is not None:
                inside = (self.ruled_out[:, 0] >= start) & (self.ruled_out[:, 0] < start + len(batch))
                allowed[self.ruled_out[inside, 0] - start, self.ruled_out[inside, 1]] = False
            yield start, batch, allowed & untaken(batch)


@dataclass(frozen=True)
class Pool:
    """Candidates of every variant for the same moments.

    ``items`` (flat) are those that any variant drew for a moment, ``raw`` (signals, flat) their signals, ``starts``
    (moments + 1) bound the stretch of each moment. ``places`` (variant: (moments, candidates)) are each variant's
    candidates within the stretch, best of its blend first, -1 where there are fewer; ``logits`` alike those of its
    interaction model. ``context`` (moments, features).
    """

    starts: Longs
    items: Ints
    raw: Floats
    context: Floats
    places: Mapping[str, Ints]
    logits: Mapping[str, Floats]

    def candidates(self, variant: Variant, horizon: str) -> tuple[Ints, Floats]:
        """Codes (moments, candidates), -1 where there are fewer, and z (moments, candidates, signals) of a variant."""
        places = self.places[variant.key]
        flat = np.minimum(self.starts[:-1, None] + np.maximum(places, 0), max(0, len(self.items) - 1))
        there = places >= 0
        raw = []
        for name in signals_for(horizon):
            values = self.raw[SIGNALS.index(name)][flat]
            if name == "interaction":
                values = np.asarray(self.logits[variant.key])
            raw.append(np.zeros_like(values) if name in variant.signals else values)
        z = np.moveaxis(standardise_where(np.stack(raw), there), 0, -1)
        return np.where(there, self.items[flat], -1).astype(np.int32), np.ascontiguousarray(z)

    def save(self, folder: Path) -> None:
        """One file an array; whole only when the last one, ``starts.npy``, is there."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("items", "raw", "context"):
            np.save(folder / f"{name}.npy", getattr(self, name))
        for key in self.places:
            np.save(folder / f"places-{key}.npy", self.places[key])
            np.save(folder / f"logits-{key}.npy", self.logits[key])
        np.save(folder / "starts.npy", self.starts)

    @classmethod
    def load(cls, folder: Path) -> Pool:
        """Read what :meth:`save` wrote; arrays of variants are mapped."""
        plain = {name: np.load(folder / f"{name}.npy") for name in ("starts", "items", "raw", "context")}
        by_variant = {
            kind: {
                path.stem.split("-", 1)[1]: np.load(path, mmap_mode="r")
                for path in sorted(folder.glob(f"{kind}-*.npy"))
            }
            for kind in ("places", "logits")
        }
        return cls(**plain, **by_variant)


def fit_drawers(held: HeldBack, wanted: list[Variant], horizon: str, most_lists: int, seed: int) -> list[Drawer]:
    """Fit each variant's interaction model and blend, the signals of the blend's samples being computed once.

    A variant that lacks no input of the interaction model has that of the first. The lists and the items drawn are
    those of :func:`recsys_tui.models.candidate_lists.blend_samples`.
    """
    models: list[InteractionModel] = []
    for variant in wanted:
        model = models[0] if models else None
        if model is None or variant.without_inputs:
            model, _ = fit_interaction_model(held.pairs, set(signals_for(horizon)) - variant.signals)
        models.append(model)
    samples = _samples(held, wanted, models, horizon, most_lists, seed)
    names = signals_for(horizon)
    return [
        Drawer(variant, model, fit_blend(sample) * variant.kept(names))
        for variant, model, sample in zip(wanted, models, samples, strict=True)
    ]


def _samples(
    held: HeldBack, wanted: list[Variant], models: list[InteractionModel], horizon: str, most_lists: int, seed: int
) -> list[Floats]:
    random = np.random.default_rng(seed)
    held_out: HeldOut = held.held_out
    chosen = np.sort(random.permutation(np.flatnonzero(~held_out.apart))[:most_lists])
    names = signals_for(horizon)
    count = held_out.lists.item_count
    size = people_at_once(count)
    blocks: list[list[Floats]] = [[] for _ in wanted]
    for start in range(0, len(chosen), size):
        rows = chosen[start : start + size]
        batch = held_out.lists.prefixes(rows, held_out.lists.lengths[rows])
        stack = signals_to_rank(held.experts, models[0], batch, untaken(batch))
        targets, shape = held_out.targets[rows, 0], (len(rows), UNIFORM_NEGATIVES)
        if stack.items is None:
            drawn = random.integers(0, count, shape)
        else:
            targets = places_in(stack.items, targets)
            drawn = np.floor(random.random(shape) * (stack.items >= 0).sum(axis=1)[:, None]).astype(np.int64)
        found = np.flatnonzero(targets >= 0)
        drawn = np.concatenate([targets[:, None], drawn], axis=1)[found]
        shared = stack.standardised(SIGNALS)[:, found[:, None], drawn]
        for place, (variant, model) in enumerate(zip(wanted, models, strict=True)):
            z = shared.copy()
            z[INTERACTION] = _standardised(logits_without(model, variant, stack, batch), stack)[found[:, None], drawn]
            z[variant.places()] = 0
            blocks[place].append(np.moveaxis(z[[SIGNALS.index(name) for name in names]], 0, -1))
    nothing = np.zeros((0, 1 + UNIFORM_NEGATIVES, len(names)), np.float32)
    return [np.concatenate(block) if block else nothing for block in blocks]


def _standardised(values: Floats, stack: SignalStack) -> Floats:
    return standardise(values) if stack.there is None else standardise_where(values, stack.there)


def logits_without(model: InteractionModel, variant: Variant, stack: SignalStack, batch: Histories) -> Floats:
    """The interaction model's logits, (people, places), where the signals of a variant are 0 among its inputs."""
    inputs = stack.values[: len(INPUT_SIGNALS)]
    out = variant.places(INPUT_SIGNALS)
    known = inputs[out].copy()
    inputs[out] = 0
    logits = model.logits(inputs, batch.lengths[:, None])
    inputs[out] = known
    return logits


def draw_pool(experts: Experts, drawers: list[Drawer], moments: Moments, horizon: str, width: int) -> Pool:
    """Let every variant draw its candidates over the whole catalogue, and keep the signals of all of them.

    Where a catalogue is so large that people have pools of items, all variants draw from the full model's pools.
    """
    names = signals_for(horizon)
    rows_of = [SIGNALS.index(name) for name in names]
    width = min(width, moments.histories.item_count)
    popularity = np.asarray(experts.popular.strength, np.float32)
    places: dict[str, list[Ints]] = {drawer.variant.key: [] for drawer in drawers}
    logits: dict[str, list[Floats]] = {drawer.variant.key: [] for drawer in drawers}
    items, raw, lengths = [np.zeros(0, np.int32)], [np.zeros((len(SIGNALS), 0), np.float32)], [np.zeros(1, np.int64)]
    contexts = [context_of(moments.histories.rows(0, 0), experts.profiles, experts.content, popularity)]
    for _, batch, allowed in moments.blocks():
        stack = signals_to_rank(experts, drawers[0].interaction, batch, allowed)
        z = stack.standardised(SIGNALS)
        open_to = stack.allowed_places(allowed)
        drawn = {}
        any_drew = np.zeros(open_to.shape, np.bool_)
        here = np.arange(len(batch))[:, None]
        for drawer in drawers:
            key = drawer.variant.key
            own = logits_without(drawer.interaction, drawer.variant, stack, batch)
            z[INTERACTION] = _standardised(own, stack)
            drawn[key] = best_allowed(np.tensordot(drawer.blend, z[rows_of], axes=1), width, open_to)
            logits[key].append(own[here, np.maximum(drawn[key], 0)])
            present = drawn[key] >= 0
            any_drew[np.broadcast_to(here, present.shape)[present], drawn[key][present]] = True
        # The place of an item within its moment's stretch: how many drawn items stand before it.
        place_of = np.cumsum(any_drew, axis=1) - 1
        for key, chosen in drawn.items():
            places[key].append(np.where(chosen >= 0, place_of[here, np.maximum(chosen, 0)], -1).astype(np.int16))
        owners, chosen = np.nonzero(any_drew)
        items.append((chosen if stack.items is None else stack.items[owners, chosen]).astype(np.int32))
        raw.append(stack.values[:, owners, chosen])
        lengths.append(any_drew.sum(axis=1))
        contexts.append(context_of(batch, experts.profiles, experts.content, popularity))
    empty = np.zeros((0, width))
    return Pool(
        np.cumsum(np.concatenate(lengths)),
        np.concatenate(items),
        np.concatenate(raw, axis=1),
        np.concatenate(contexts),
        {key: np.concatenate([empty.astype(np.int16), *parts]) for key, parts in places.items()},
        {key: np.concatenate([empty.astype(np.float32), *parts]) for key, parts in logits.items()},
    )


def lists_of_parts(experts: Experts, interaction: InteractionModel, moments: Moments) -> dict[str, Ints]:
    """The ten best items of every signal alone, (moments, 10); signals that say the same of every item are left out."""
    found: dict[str, list[Ints]] = {name: [] for name in SIGNALS}
    says: dict[str, bool] = dict.fromkeys(SIGNALS, False)
    for _, batch, allowed in moments.blocks():
        stack = signals_to_rank(experts, interaction, batch, allowed)
        for place, name in enumerate(SIGNALS):
            if name == "interaction" or stack.items is None:
                values = stack.values[place]
                best = stack.codes(strongest_allowed(values, stack.allowed_places(allowed), DEPTH)[0])
            else:
                values = experts.score(name, batch)
                best = strongest_allowed(values, allowed, DEPTH)[0]
            says[name] |= bool(np.ptp(values) > 0)
            found[name].append(best)
    return {name: np.concatenate(parts) for name, parts in found.items() if says[name]}


def without_stand_ins(experts: Experts) -> Experts:
    """The same experts, but of an item that nobody has taken they say nothing: no item like it stands in for it."""
    if experts.cold is None:
        return experts
    places, affinity = experts.profiles.item_places.copy(), experts.profiles.affinity.copy()
    places[experts.cold.items] = 0
    # The affinity of an item that nobody in a cluster took is the same for all such items, and the least.
    affinity[:, experts.cold.items] = affinity.min(axis=1, keepdims=True)
    return replace(experts, cold=None, profiles=replace(experts.profiles, item_places=places, affinity=affinity))
