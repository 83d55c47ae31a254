"""The candidates that the deep model scores for a person, and the scale on which other items stand beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys_tui.data.histories import Flags, Floats, Histories, Ints
from recsys_tui.models.candidate_lists import draw_candidates
from recsys_tui.models.context import context_of, with_peaks
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.signals import SignalStack, on_scale, scale_where
from recsys_tui.models.trained_model import TrainedModel

DEEP = "deep"


@dataclass(frozen=True)
class Candidates:
    """What the deep model scores for some people: ``places`` in their signals (people, candidates), best blend first,
    -1 where there is none; ``z`` (people, candidates, signals); ``context`` (people, features); ``scores`` as places.
    """

    places: Ints
    z: Floats
    context: Floats
    scores: Floats


def deep_candidates(model: TrainedModel, histories: Histories, stack: SignalStack, allowed: Flags) -> Candidates:
    """Draw the candidates of some people among what is ``allowed`` (people, items), and score them."""
    fusion = model.fusion
    popularity = np.asarray(model.experts.popular.strength, np.float32)
    context = context_of(histories, model.experts.profiles, model.experts.content, popularity)
    width = min(fusion.candidates, histories.item_count)
    places, z = draw_candidates(stack, fusion.signals, fusion.blend, width, allowed)
    context = with_peaks(context, z, fusion.horizon)
    features = model.item_features[np.maximum(stack.codes(places), 0)]
    scores = np.where(places >= 0, fusion.score(z, context, features), -np.inf).astype(np.float32)
    return Candidates(places, z, context, scores)


def as_candidates(own: Floats, stack: SignalStack, names: tuple[str, ...], drawn: Ints) -> Floats:
    """Signals (people, items, names) of single items on the scale of the candidates ``drawn``, which stays as it is."""
    rows = np.arange(len(drawn))[:, None]
    chosen = [SIGNALS.index(name) for name in names]
    mean, spread = scale_where(np.stack([stack.values[one][rows, np.maximum(drawn, 0)] for one in chosen]), drawn >= 0)
    return np.ascontiguousarray(np.moveaxis(on_scale(own[chosen], mean, spread), 0, -1))
