"""What each action adds to a score, against scoring again with everything else held fixed, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.models.deep_candidates import DEEP
from recsys_tui.models.explaining.attribution import LINEAR, attribution, exact_attribution, signal_contributions
from recsys_tui.models.explaining.frame import Frame, without_each, without_sets
from recsys_tui.models.explaining.removal_bands import QUANTILE, band_for, bands_from, removal_bands
from recsys_tui.models.sequence_regression import SCALES
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.profiles.content_parts import content_parts, content_weights
from recsys_tui.recommend.feedback import with_feedback
from recsys_tui.recommend.session import Session

PEOPLE = (0, 41, 77, 300, 1234)


@pytest.fixture(scope="module")
def model(trained: Session) -> TrainedModel:
    recommender = trained.recommender()
    assert recommender is not None
    return replace(recommender.model, experts=recommender.model.experts.for_many())


def frame(model: TrainedModel, person: int, served: str = DEEP) -> Frame:
    history = model.people.histories.rows(person, person + 1)
    return Frame.of(model, served, history, free(history))


def free(history: Histories) -> np.ndarray:
    allowed = np.ones((1, history.item_count), np.bool_)
    allowed[0, history.items] = False
    return allowed


@pytest.mark.parametrize("person", PEOPLE)
def test_components_of_any_item_sum_to_its_score(model: TrainedModel, person: int):
    held = frame(model, person)
    random = np.random.default_rng(person)
    for item in [*held.candidates[:5].tolist(), *random.integers(0, held.history.item_count, 10).tolist()]:
        parts = held.components(held.signals(held.history, item), item)
        assert held.score(held.signals(held.history, item), item)[0] == pytest.approx(
            sum(float(part[0]) for part in parts.values()), abs=1e-4
        )
    scored = [float(held.score(held.signals(held.history, int(i)), int(i))[0]) for i in held.candidates[:20]]
    assert np.allclose(scored, held.scores[:20], atol=1e-4)


@pytest.mark.parametrize("name", LINEAR)
def test_actions_sum_to_a_linear_signal(model: TrainedModel, name: str):
    for person in PEOPLE:
        held = frame(model, person)
        item = int(held.candidates[0])
        added = float(signal_contributions(model.experts, name, held.history, item).sum())
        if name == "profile":  # what everyone is near of, and no action's doing
            profiles, history = model.experts.profiles, held.history
            raw = (history.weights[:, None] * profiles.item_map[history.items]).sum(axis=0) + profiles.prior
            added += float(profiles.prior @ profiles.item_places[item] / np.linalg.norm(raw))
        assert added == pytest.approx(float(model.experts.score(name, held.history)[0, item]), rel=2e-3, abs=2e-4)


def test_new_items_take_their_neighbours_contributions(model: TrainedModel):
    cold = model.experts.cold
    assert cold is not None, "the films hold items that nobody rated"
    history = model.people.histories.rows(5, 6)
    for item in cold.items[:5].tolist():
        for name in ("sequence", "ease", "neighbours", "transitions"):
            added = signal_contributions(model.experts, name, history, item).sum()
            whole = model.experts.score(name, history)[0, item]
            assert added == pytest.approx(float(whole), rel=2e-3, abs=2e-4)


def test_leaving_out_an_order_free_action_takes_just_what_it_added(model: TrainedModel):
    """EASE and neighbours know no order, so that their sums without an action can be scored as they are."""
    history = model.people.histories.rows(41, 42)
    item = int(frame(model, 41).candidates[0])
    fewer = without_each(history, np.arange(len(history.items)))
    for name in ("ease", "neighbours"):
        fallen = model.experts.score(name, history)[0, item] - model.experts.score(name, fewer)[:, item]
        assert np.allclose(fallen, signal_contributions(model.experts, name, history, item), atol=2e-4)


def test_the_sequence_experts_part_is_that_of_its_place(model: TrainedModel):
    """By the formula: what stands at lag l counts γ^l at each scale that is long enough, times the coefficient."""
    history = model.people.histories.rows(77, 78)
    expert = model.experts.sequence
    item = int(frame(model, 77).candidates[0])
    places = {code: place for place, code in enumerate(expert.head.tolist())}
    size, by_hand = len(places), []
    for lag, code in zip(range(len(history.items) - 1, -1, -1), history.items.tolist(), strict=True):
        total = 0.0
        for k, (decay, length) in enumerate(SCALES):
            if lag < length and code in places and item in places:
                total += decay**lag * float(expert.coefficients[k * size + places[code], places[item]])
        by_hand.append(total)
    assert np.allclose(by_hand, signal_contributions(model.experts, "sequence", history, item), atol=1e-5)


def test_exact_contributions_are_those_of_the_weighted_signals(model: TrainedModel):
    held = frame(model, 300)
    item = int(held.candidates[1])
    by_hand = np.zeros(len(held.history.items))
    for name, gate, spread in zip(held.names, held.gates, held.spread, strict=True):
        if name in LINEAR and spread > 1e-9:
            by_hand += gate / spread * signal_contributions(model.experts, name, held.history, item)
    assert np.allclose(exact_attribution(held, item), by_hand, atol=1e-4)


def test_effect_is_the_fall_of_the_score_with_the_frame_held(model: TrainedModel):
    held = frame(model, 41)
    item = int(held.candidates[2])
    found = attribution(held, item)
    whole = float(held.score(held.signals(held.history, item), item)[0])
    for place in range(0, len(held.history.items), 7):
        one = without_sets(held.history, [np.array([place])])
        fallen = whole - float(held.score(held.signals(one, item), item)[0])
        assert found.effect[place] == pytest.approx(fallen, abs=1e-3)
    assert np.allclose(found.contributions, found.exact + found.rescored, atol=1e-6)


def test_only_the_largest_are_left_out_of_a_long_history(model: TrainedModel):
    longest = int(np.argmax(model.people.histories.lengths))
    held = frame(model, longest)
    found = attribution(held, int(held.candidates[0]), most=10)
    looked_at = ~np.isnan(found.effect)
    assert looked_at.sum() == 10
    assert np.abs(found.exact[looked_at]).min() >= np.abs(found.exact[~looked_at]).max()
    assert np.allclose(found.contributions[~looked_at], found.exact[~looked_at])


def test_what_is_disliked_adds_what_it_takes_away(model: TrainedModel):
    """The score with the dislike is the score without it plus what the dislike is said to add, scales held fixed."""
    history = model.people.histories.rows(77, 78)
    plain = Frame.of(model, DEEP, history, free(history))
    unwanted = [int(plain.candidates[3]), int(plain.candidates[9])]
    said = Frame.of(model, DEEP, with_feedback(history, [], unwanted), free(history))
    item = int(said.candidates[0])
    codes, added = attribution(said, item).disliked
    assert codes.tolist() == unwanted
    linear = [name in LINEAR for name in said.names]
    fewer = said.signals(said.history, item)[0] - said.signals(history, item)[0]
    assert added.sum() == pytest.approx(float((fewer * np.where(linear, said.slopes, 0)).sum()), abs=1e-4)


def test_content_terms_and_actions_sum_to_the_cosine(model: TrainedModel):
    content = model.experts.content
    for person in PEOPLE:
        history = model.people.histories.rows(person, person + 1)
        whole = {"content": content.whole, "content_recent": content.recent, "content_last": content.last}
        for name, weights in content_weights(history).items():
            item = (person * 7 + 3) % history.item_count
            parts = content_parts(content, history, weights, item)
            cosine = float(whole[name](history)[0, item])
            assert float(parts.actions.sum()) == pytest.approx(cosine, abs=1e-5)
            assert float(parts.terms[1].sum()) + parts.vectors == pytest.approx(cosine, abs=1e-5)


def test_a_part_that_serves_is_explained_by_itself(model: TrainedModel):
    held = frame(model, 41, "ease")
    item = int(np.argmax(np.where(held.allowed[0], model.experts.score("ease", held.history)[0], -np.inf)))
    parts = held.components(held.signals(held.history, item), item)
    assert list(parts) == ["co_liking"]
    assert attribution(held, item).contributions.sum() == pytest.approx(float(parts["co_liking"][0]), rel=1e-3)


def test_bands_are_quantiles_by_length(model: TrainedModel):
    bands = removal_bands(model, seed=1)
    assert bands == removal_bands(model, seed=1)
    assert [entry["longest"] for entry in bands] == sorted(
        (entry["longest"] for entry in bands), key=lambda longest: longest or 1e9
    )
    assert all(entry["band"] > 0 and entry["samples"] > 0 for entry in bands)
    known = [{"longest": 5, "band": 3.0}, {"longest": 50, "band": 1.0}]
    assert [band_for(known, length) for length in (2, 5, 6, 50, 51)] == [3.0, 3.0, 1.0, 1.0, 1.0]
    assert band_for([], 7) == 0.0


@pytest.mark.parametrize("served", ["ease", "content", "sequence", "profile"])
def test_bands_are_on_the_scale_of_what_serves(model: TrainedModel, served: str):
    """Against the part's own scores of everybody of a bucket without each of some actions, without any frame."""
    histories = model.people.histories
    moved = []
    for person in np.flatnonzero((histories.lengths > 50) & (histories.lengths <= 200))[:15].tolist():
        history = histories.rows(person, person + 1)
        scores = np.where(free(history)[0], model.experts.score(served, history)[0], -np.inf)
        best = np.argsort(-scores)[:10]
        for place in range(0, len(history.items), 7):
            left = model.experts.score(served, without_sets(history, [np.array([place])]))[0]
            moved += np.abs(scores[best] - left[best]).tolist()
    expected = np.quantile(moved, QUANTILE)
    measured = band_for(removal_bands(model, 1, served), 100)
    assert expected / 2 < measured < 2 * expected
    deep = band_for(removal_bands(model, 1), 100)
    assert deep > 2 * expected, "the deep model's scores are on another scale"
    assert bands_from(model, 1, served, 12, 100) == [
        band for band in removal_bands(model, 1, served) if band["longest"] == 200
    ]


def test_what_no_action_moves_has_a_band_of_rounding_alone(model: TrainedModel):
    bands = removal_bands(model, 1, "popular")
    assert bands
    assert all(0 < float(band["band"] or 0) < 1e-4 for band in bands)
