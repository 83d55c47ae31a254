"""The interaction model's answer for people without a history, of whom none were among the pairs it learned from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats
from recsys_tui.models.experts import Experts
from recsys_tui.models.interaction import InteractionModel
from recsys_tui.output.crowd_gate import CrowdGate

LEAST_CHANCE = 0.01


def chance_by_popularity(strength: Floats) -> Floats:
    """The probability that an item is the one taken, of it and one drawn in proportion to √popularity; shape (items,).

    ``strength`` (items,): log(1 + actions). Of somebody of whom nothing is known, an item is the next one in proportion
    to its actions a (one more for each, so that none is without a chance) and the drawn one in proportion to √a: the
    odds are a/Σa to √a/Σ√a, that is √a·Σ√a/Σa.
    """
    actions = np.exp(np.asarray(strength, np.float64))
    odds = np.sqrt(actions) * np.sqrt(actions).sum() / actions.sum()
    result: Floats = np.clip(odds / (1 + odds), LEAST_CHANCE, 1 - LEAST_CHANCE).astype(np.float32)
    return result


def pair_logits(
    experts: Experts, interaction: InteractionModel, signals: Floats, lengths: NDArray[Any], items: NDArray[Any]
) -> Floats:
    """Logits of pairs with signals (signals, …); ``lengths`` and ``items`` (codes) broadcast to the rest of that shape.

    The classifier reads a history; where there is none, the logit is that of the probability by popularity alone. One
    that nobody's actions taught says one half of every pair, whoever asks.
    """
    logits = interaction.logits(signals, lengths)
    new = np.asarray(lengths) == 0
    if not new.any() or interaction.is_untaught:
        return logits
    # A probability tells of a count as its score does.
    chance = chance_by_popularity(experts.popular.told_strength(CrowdGate()))
    result: Floats = np.where(new, interaction.calibration.logit(chance)[items], logits).astype(np.float32)
    return result
