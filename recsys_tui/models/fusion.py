"""The deep model as it is served: a context-gated fusion of all signals, computed in NumPy from stored arrays."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats
from recsys_tui.models.contract import Arrays
from recsys_tui.models.signal_names import COMPONENT_OF, signals_for

INTERPLAY = "interplay"
MATCH = "match"


@dataclass(frozen=True)
class Fusion:
    """score = Σ_f (w_f + g_f(context)) · z_f + MLP(z, context) + low-rank(context, item).

    The context is what is known of the person and, for the next item, how far the best candidate of each signal stands
    out (:func:`~recsys_tui.models.context.with_peaks`). It is taken from its mean over the training lists, so that the
    low-rank term can only say what sets people apart: what everybody takes at the time of training is no matter of
    taste, and would not last.

    z: signals standardised over a person's candidates. The gated sum is exactly additive over signals; the other two
    terms are reported as components of their own (``interplay``, ``match``), so that components sum to the score.

    Shapes, with f signals, c context features, i item features, h hidden units, r the rank: ``gate_weights`` (f,),
    ``gate_context`` (c, f), ``hidden_signals`` (f, h), ``hidden_context`` (c, h), ``hidden_bias`` (h,),
    ``hidden_out`` (h,), ``match_context`` (c, r), ``match_item`` (i, r), ``context_mean`` (c,). ``blend`` (f,) ranks
    the whole catalogue to draw the candidates, from signals standardised over it.
    """

    horizon: str
    candidates: int
    gate_weights: Floats
    gate_context: Floats
    hidden_signals: Floats
    hidden_context: Floats
    hidden_bias: Floats
    hidden_out: Floats
    match_context: Floats
    match_item: Floats
    context_mean: Floats
    blend: Floats

    @property
    def signals(self) -> tuple[str, ...]:
        """The signals this fusion reads, in the order of its arrays."""
        return signals_for(self.horizon)

    def gates(self, context: Floats) -> Floats:
        """Weight of each signal for each person, shape (people, signals)."""
        result: Floats = self.gate_weights + self._from_mean(context) @ self.gate_context
        return result

    def score(self, z: Floats, context: Floats, items: Floats) -> Floats:
        """Scores, shape (people, candidates), of ``z`` (people, candidates, signals) and item features alike."""
        gated: Floats = np.einsum("pcf,pf->pc", z, self.gates(context))
        return gated + self._interplay(z, context) + self._match(context, items)

    def components(self, z: Floats, context: Floats, items: Floats) -> dict[str, Floats]:
        """The score of each candidate split by component; each value has shape (people, candidates)."""
        weighted = z * self.gates(context)[:, None, :]
        split: dict[str, Floats] = {}
        for place, name in enumerate(self.signals):
            component = COMPONENT_OF[name]
            split[component] = split.get(component, np.zeros(z.shape[:2], np.float32)) + weighted[:, :, place]
        split[INTERPLAY] = self._interplay(z, context)
        split[MATCH] = self._match(context, items)
        return split

    def _from_mean(self, context: Floats) -> Floats:
        off: Floats = context - self.context_mean
        return off

    def _interplay(self, z: Floats, context: Floats) -> Floats:
        by_context = self._from_mean(context) @ self.hidden_context + self.hidden_bias
        hidden = z @ self.hidden_signals + by_context[:, None, :]
        result: Floats = np.maximum(hidden, 0) @ self.hidden_out
        return result

    def _match(self, context: Floats, items: Floats) -> Floats:
        by_context = self._from_mean(context) @ self.match_context
        result: Floats = np.einsum("pr,pcr->pc", by_context, items @ self.match_item)
        return result

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        plain = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        plain["horizon"] = np.array([self.horizon == "later"], np.uint8)
        plain["candidates"] = np.array([self.candidates], np.int64)
        return plain

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        plain: dict[str, Any] = {entry.name: arrays[entry.name] for entry in fields(cls)}
        plain["horizon"] = "later" if arrays["horizon"][0] else "next"
        plain["candidates"] = int(arrays["candidates"][0])
        return cls(**plain)
