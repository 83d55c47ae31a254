"""What one person's scores stand on, held fixed: candidates, means and scales of signals, context and gates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Flags, Floats, Histories, Ints
from recsys_tui.models.deep_candidates import DEEP, deep_candidates
from recsys_tui.models.signal_names import COMPONENT_OF, SIGNALS
from recsys_tui.models.signals import on_scale, scale_where, signals_at, signals_to_rank
from recsys_tui.models.trained_model import TrainedModel


@dataclass(frozen=True)
class Frame:
    """The formula of one person's scores with everything fixed that does not belong to the item.

    ``served``: ``deep`` or the signal that ranks. ``allowed`` (1, items). ``candidates`` (codes), best blend first,
    and their ``scores``. For the deep model ``mean`` and ``spread`` (signals of the fusion,) standardise a signal,
    ``gates`` (signals of the fusion,) weigh it, ``context`` is (1, features). For a part alone the mean is 0, spread
    and gate are 1, and there are no candidates.
    """

    model: TrainedModel
    served: str
    history: Histories
    allowed: Flags
    names: tuple[str, ...]
    candidates: Ints
    scores: Floats
    mean: Floats
    spread: Floats
    gates: Floats
    context: Floats

    @classmethod
    def of(cls, model: TrainedModel, served: str, history: Histories, allowed: Flags) -> Self:
        """Draw the candidates of one person (a history of one row) among what is ``allowed`` (1, items)."""
        if served != DEEP:
            one, nothing = np.ones(1, np.float32), np.zeros(0, np.int32)
            context = np.zeros((1, 0), np.float32)
            scores = np.zeros(0, np.float32)
            return cls(model, served, history, allowed, (served,), nothing, scores, 0 * one, one, one, context)
        names = model.fusion.signals
        stack = signals_to_rank(model.experts, model.interaction, history, allowed)
        found = deep_candidates(model, history, stack, allowed)
        there = found.places >= 0
        raw = np.stack([stack.values[SIGNALS.index(name)][0, np.maximum(found.places[0], 0)] for name in names])
        mean, spread = scale_where(raw, there)
        codes = stack.codes(found.places)[0]
        gates = model.fusion.gates(found.context)[0]
        return cls(
            model,
            served,
            history,
            allowed,
            names,
            codes[there[0]],
            found.scores[0][there[0]],
            mean[:, 0].astype(np.float32),
            spread[:, 0].astype(np.float32),
            gates.astype(np.float32),
            found.context,
        )

    @property
    def slopes(self) -> Floats:
        """What one unit of each raw signal adds to the gated sum, shape (signals of the fusion,)."""
        result: Floats = np.where(self.spread > 1e-9, self.gates / np.maximum(self.spread, 1e-9), 0).astype(np.float32)
        return result

    def signals(self, histories: Histories, item: int) -> Floats:
        """The signals of the fusion that an item gets from each of some histories, shape (histories, signals)."""
        return self.signals_of(histories, np.array([item], np.int32))[:, 0]

    def signals_of(self, histories: Histories, items: Ints) -> Floats:
        """The same for several items, shape (histories, items, signals)."""
        asked = np.tile(items.astype(np.int32), (len(histories), 1))
        values = signals_at(self.model.experts, self.model.interaction, histories, asked).values
        result: Floats = np.moveaxis(values[[SIGNALS.index(name) for name in self.names]], 0, -1)
        return result

    def components(self, signals: Floats, item: int) -> dict[str, Floats]:
        """The score split by component for raw ``signals`` (rows, signals) of an item; each value has shape (rows,)."""
        if self.served != DEEP:
            return {COMPONENT_OF[self.served]: signals[:, 0]}
        z = on_scale(signals, self.mean, self.spread)[:, None, :]
        rows = len(signals)
        features = np.repeat(self.model.item_features[[item]][None], rows, axis=0)
        parts = self.model.fusion.components(z, np.repeat(self.context, rows, axis=0), features)
        return {name: part[:, 0] for name, part in parts.items()}

    def score(self, signals: Floats, item: int) -> Floats:
        """The score for raw ``signals`` (rows, signals) of an item, shape (rows,)."""
        result: Floats = np.sum(list(self.components(signals, item).values()), axis=0)
        return result


def without_each(history: Histories, places: NDArray[np.integer[Any]]) -> Histories:
    """One history for each of ``places``: all actions of the one person in ``history`` but that one."""
    return without_sets(history, [np.array([place]) for place in places])


def without_sets(history: Histories, sets: list[NDArray[np.integer[Any]]]) -> Histories:
    """One history for each of ``sets``: all actions of the one person in ``history`` but those at these places."""
    size = len(history.items)
    kept = [np.delete(np.arange(size), places) for places in sets]
    source = np.concatenate([*kept, np.zeros(0, np.int64)]).astype(np.int64)
    indptr = np.concatenate([[0], np.cumsum([len(entry) for entry in kept])]).astype(np.int64)
    first = np.zeros(len(sets), np.int64)
    return Histories(
        indptr,
        history.items[source],
        None if history.times is None else history.times[source],
        history.weights[source],
        history.item_count,
        {name: rows.take(first) for name, rows in history.peers.items()},
        None if history.ratings is None else history.ratings[source],
        history.disliked,
    )
