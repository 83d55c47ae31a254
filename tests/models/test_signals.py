"""The stack of all signals: each as its expert gives it, alike for one and for many, and back from arrays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_tui.data.histories import Floats, Histories
from recsys_tui.models import experts as experts_module
from recsys_tui.models.encoder.averaged import AveragedAttention
from recsys_tui.models.encoder.self_attention import AttentionSettings
from recsys_tui.models.experts import Experts, people_at_once
from recsys_tui.models.interaction import InteractionModel
from recsys_tui.models.item_pools import POOLED_ABOVE
from recsys_tui.models.signal_names import COMPONENT_OF, INPUT_SIGNALS, NEXT_ONLY, SIGNALS, signals_for
from recsys_tui.models.signals import PUSHED_DOWN, signal_stack, signals_at


@pytest.mark.parametrize("name", INPUT_SIGNALS)
def test_one_person_alone_has_the_signals_they_have_among_many(name: str, experts: Experts, histories: Histories):
    together = experts.score(name, histories)
    assert together.shape == (len(histories), histories.item_count)
    assert np.isfinite(together).all()
    for person in (0, 3, 11, 77):
        alone = experts.score(name, histories.rows(person, person + 1))
        np.testing.assert_allclose(alone[0], together[person], rtol=1e-4, atol=1e-5)


@pytest.fixture(scope="module")
def encoded(experts: Experts, histories: Histories) -> Experts:
    """The experts with a sequence encoder of one short epoch."""
    settings = AttentionSettings(width=8, window=6, epochs=1)
    return replace(experts, encoder=AveragedAttention.fit(histories, settings=settings, count=2))


def experts_strength(experts: Experts) -> Floats:
    """log(1 + actions) of each item."""
    return np.asarray(experts.popular.strength, np.float32)


def test_stack_holds_every_expert_in_order_then_the_logit_and_the_encoder(
    encoded: Experts, interaction: InteractionModel, histories: Histories
):
    some = histories.rows(0, 12)
    stack = signal_stack(encoded, interaction, some)
    for place, name in enumerate(INPUT_SIGNALS):
        np.testing.assert_array_equal(stack.values[place], encoded.score(name, some))
    assert SIGNALS[len(INPUT_SIGNALS) :] == ("interaction", "encoder")
    logits = interaction.logits(stack.values[:-2], some.lengths[:, None])
    there = some.lengths > 0
    assert not there.all()
    np.testing.assert_array_equal(stack.values[-2][there], logits[there])
    # Nobody's history says nothing: what is popular is likelier, the same for all of them.
    by_fame = np.argsort(-np.asarray(experts_strength(encoded)), kind="stable")
    assert (np.diff(stack.values[-2][~there][0][by_fame]) <= 0).all()
    assert encoded.encoder is not None
    np.testing.assert_array_equal(stack.values[-1], encoded.encoder.score(some))
    assert np.ptp(stack.values[-1]) > 0


def test_without_an_encoder_its_signal_is_zero(experts: Experts, interaction: InteractionModel, histories: Histories):
    assert not signal_stack(experts, interaction, histories.rows(0, 3)).values[-1].any()


def test_an_encoder_is_stored_with_the_others(encoded: Experts, experts: Experts, histories: Histories):
    again = Experts.from_arrays(encoded.to_arrays())
    np.testing.assert_array_equal(again.score("encoder", histories), encoded.score("encoder", histories))
    assert Experts.from_arrays(experts.to_arrays()).encoder is None


def test_standardised_signals_have_mean_zero_and_deviation_one(
    experts: Experts, interaction: InteractionModel, histories: Histories
):
    z = signal_stack(experts, interaction, histories.rows(0, 3)).standardised(("popular", "ease"))
    np.testing.assert_allclose(z.mean(axis=-1), 0, atol=1e-5)
    np.testing.assert_allclose(z.std(axis=-1), 1, atol=1e-4)


def test_cluster_signal_is_membership_times_affinity(experts: Experts, histories: Histories):
    profiles = experts.profiles
    cosines = profiles.long_term(histories).astype(np.float64) @ profiles.centres.T
    membership = np.exp(12 * cosines) / np.exp(12 * cosines).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(experts.score("cluster", histories), membership @ profiles.affinity, atol=1e-5)


def test_arrays_bring_all_experts_back(experts: Experts, histories: Histories):
    arrays = experts.to_arrays()
    for array in arrays.values():
        array.flags.writeable = False
    again = Experts.from_arrays(arrays)
    np.testing.assert_array_equal(again.input_signals(histories), experts.input_signals(histories))


def test_weeks_ahead_follow_from_no_newest_item():
    assert signals_for("next") == SIGNALS
    assert not set(signals_for("later")) & set(NEXT_ONLY)
    assert len(signals_for("later")) == len(SIGNALS) - len(NEXT_ONLY)
    assert set(COMPONENT_OF.values()) == {
        "sequence",
        "co_liking",
        "content",
        "profile",
        "popularity",
        "friends",
        "encoder",
        "interaction",
    }


@pytest.mark.parametrize("items", [10, 3_706, 8_000, 46_033, 1_000_000])
def test_blocks_of_people_stay_near_two_hundred_megabytes(items: int):
    """Above the bound a person takes a flag and three cosines an item, and the signals of a pool."""
    people = people_at_once(items)
    assert 1 <= people <= 256
    an_item = 4 * len(SIGNALS) if items <= POOLED_ABOVE else 1 + 3 * 4
    assert people == 1 or people * items * an_item <= 200_000_000


def test_kept_warm_the_experts_say_the_same(experts: Experts, histories: Histories, monkeypatch: pytest.MonkeyPatch):
    warm = experts.warmed()
    assert warm.sequence.coefficients.dtype == warm.ease.coefficients.dtype == np.float32
    for some in (histories.rows(0, 40), histories.rows(5, 6)):
        np.testing.assert_allclose(warm.input_signals(some), experts.input_signals(some), rtol=1e-6, atol=1e-7)
    monkeypatch.setattr(experts_module, "WARM_BYTES", 100)
    assert experts.warmed() is experts


def test_what_is_disliked_is_taken_from_what_says_which_items_go_together(
    experts: Experts, interaction: InteractionModel, histories: Histories
):
    person = histories.rows(0, 1)
    wary = replace(person, disliked=np.array([7], np.int32))
    plain, lower = (signal_stack(experts, interaction, one).values for one in (person, wary))
    unwanted = Histories.of_one([7], histories.item_count)
    for place, name in enumerate(INPUT_SIGNALS):
        taken = experts.score(name, unwanted) if name in PUSHED_DOWN else 0
        np.testing.assert_allclose(lower[place], plain[place] - taken, atol=1e-5)
    items = np.array([[3, 9, -1]], np.int32)
    at = signals_at(experts, interaction, wary, items).values
    np.testing.assert_allclose(at[:, :, :2], lower[:, :, [3, 9]], atol=1e-4)
