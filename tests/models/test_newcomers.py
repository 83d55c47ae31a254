"""What the interaction model says of people without a history: popularity alone, and never certainty."""

from __future__ import annotations

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.calibration import Calibration
from recsys_tui.models.experts import Experts
from recsys_tui.models.interaction import InteractionModel
from recsys_tui.models.newcomers import chance_by_popularity, pair_logits
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.signals import signals_at
from recsys_tui.output.crowd_gate import CrowdGate

# 3, 8 and 15 actions and one more each are 4, 9 and 16: roots 2, 3 and 4, of 9 together, and 29 actions.
ODDS = np.array([2, 3, 4]) * 9 / 29


def test_it_is_the_chance_against_an_item_drawn_by_root_popularity():
    found = chance_by_popularity(np.log1p([3, 8, 15]).astype(np.float32))
    assert found == pytest.approx(ODDS / (1 + ODDS), rel=1e-6)


def test_it_is_what_drawing_says():
    """Of items taken in proportion to actions and as many drawn by the root of them, the share that was taken."""
    random, actions = np.random.default_rng(2), np.array([4.0, 9, 16, 100])
    taken = np.bincount(random.choice(4, 200_000, p=actions / actions.sum()))
    drawn = np.bincount(random.choice(4, 200_000, p=np.sqrt(actions) / np.sqrt(actions).sum()))
    assert chance_by_popularity(np.log(actions)) == pytest.approx(taken / (taken + drawn), abs=0.01)


def test_nothing_is_certain_however_much_one_item_outweighs_the_rest():
    found = chance_by_popularity(np.array([20.0, *[0.0] * 10_000], np.float32))
    assert found.min() == pytest.approx(0.01)
    assert found.max() <= 0.99
    assert chance_by_popularity(np.zeros(5, np.float32)) == pytest.approx(0.5)


@pytest.mark.parametrize("curve", [Calibration(), Calibration(2.0, -0.3, 0.05, 0.9)])
def test_logits_come_back_as_the_probabilities_they_are_made_of(curve: Calibration):
    wanted = np.array([0.1, 0.5, 0.85], np.float32)
    assert curve.probability(curve.logit(wanted)) == pytest.approx(wanted, abs=1e-6)
    assert curve.probability(curve.logit(np.array([0.0, 1.0]))) == pytest.approx([curve.floor, curve.ceiling], abs=1e-3)


def test_people_with_a_history_keep_what_the_classifier_says(
    experts: Experts, interaction: InteractionModel, histories: Histories
):
    """The fourth person has none; theirs is the chance by popularity wherever the model answers."""
    items = np.tile(np.arange(histories.item_count, dtype=np.int32), (5, 1))
    batch = histories.rows(0, 5)
    stack = signals_at(experts, interaction, batch, items)
    chances = interaction.probability(stack.values[SIGNALS.index("interaction")])
    expected = chance_by_popularity(experts.popular.told_strength(CrowdGate()))
    assert chances[3] == pytest.approx(np.clip(expected, interaction.calibration.floor, 1), abs=1e-3)
    people, codes = np.repeat(np.arange(5), 2), np.tile([1, 7], 5)
    signals = experts.input_signals_of(batch, people, codes)
    logits = pair_logits(experts, interaction, signals, batch.lengths[people], codes)
    acted = people != 3
    assert logits[acted] == pytest.approx(interaction.logits(signals, batch.lengths[people])[acted])
    assert interaction.probability(logits)[~acted] == pytest.approx(chances[3, [1, 7]], abs=1e-4)
