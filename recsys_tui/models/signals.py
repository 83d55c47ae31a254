"""Everything the three first stages say about a person and each item, as one stack of named signals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.models.experts import Experts
from recsys_tui.models.interaction import InteractionModel
from recsys_tui.models.signal_names import INPUT_SIGNALS, SIGNALS


@dataclass(frozen=True)
class SignalStack:
    """All signals of a block of people: ``values`` (signals, people, items) in the order of ``SIGNALS``."""

    values: Floats

    def standardised(self, names: Iterable[str]) -> Floats:
        """The named signals with mean 0 and deviation 1 over each person's catalogue, same shape; constants are 0."""
        return standardise(self.values[[SIGNALS.index(name) for name in names]])


def signal_stack(experts: Experts, interaction: InteractionModel, histories: Histories) -> SignalStack:
    """Compute every signal of a block of people."""
    stack = np.empty((len(SIGNALS), len(histories), histories.item_count), np.float32)
    inputs = stack[: len(INPUT_SIGNALS)]
    experts.input_signals(histories, inputs)
    stack[SIGNALS.index("interaction")] = interaction.logits(inputs, histories.lengths[:, None])
    stack[SIGNALS.index("encoder")] = experts.score("encoder", histories)
    return SignalStack(stack)


def standardise(values: Floats) -> Floats:
    """Mean 0 and deviation 1 along the last axis; where all values are equal, 0."""
    mean = values.mean(axis=-1, keepdims=True)
    spread = values.std(axis=-1, keepdims=True)
    result: Floats = np.where(spread > 1e-12, (values - mean) / np.maximum(spread, 1e-12), 0).astype(np.float32)
    return result
