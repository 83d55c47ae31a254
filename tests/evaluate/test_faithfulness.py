"""The audit's measures on made-up curves, worked out by hand, and its orders on a real model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.histories import Histories
from recsys_tui.data.sparse_rows import SparseRows
from recsys_tui.data.text_list import TextList
from recsys_tui.evaluate.attribution_checks import check_attributions, randomised, spearman
from recsys_tui.evaluate.faithfulness import (
    NAMES,
    PersonCurves,
    audit_people,
    drawn_crowds,
    faithfulness,
    first_item,
    frame_of_person,
)
from recsys_tui.evaluate.orderings import orderings
from recsys_tui.models.explaining.attribution import attribution
from recsys_tui.models.trained_model import People
from recsys_tui.recommend.session import Session
from recsys_tui.training.job import TrainingRequest
from tests.recommend.people_to_forget import events, opened, train_here

HALF = 1 / np.log2(3)  # the gain of rank 2


def person(own: list[float], other: list[float], found: bool = True, size: int = 2) -> PersonCurves:
    curves = {name: np.array(own if name == "attribution" else other) for name in NAMES}
    return PersonCurves(curves, curves, curves, found, size, True, 1e-7)


def test_areas_and_shares_by_hand():
    falls = person([1, HALF, 0], [1, 1, 1])
    stays = person([1, 0], [1, 1], found=False, size=0)
    found = faithfulness([falls, stays], seed=0)
    assert (found.people, found.counterfactuals_found, found.counterfactual_size) == (2, 0.5, 2.0)
    assert found.areas["attribution"].value == pytest.approx(((1 - HALF + 1) / 2 + 1) / 2)
    assert found.areas["random"].value == pytest.approx(0)
    assert found.insertion_areas["attribution"].value == pytest.approx((HALF / 2 + 0) / 2)
    assert found.cdcg["attribution"] == pytest.approx((HALF / 2 + 0) / 2)
    assert found.pos["attribution"] == pytest.approx((0.5 + 0) / 2), "rank 2 is inside the first ten, nothing is not"
    assert found.pos["random"] == found.neg["random"] == 1.0
    assert found.differences["recent"].value == pytest.approx(found.areas["attribution"].value)
    assert found.curves["attribution"] == pytest.approx([1.0, HALF / 2, 0.0])
    assert found.completeness_error == pytest.approx(1e-7)
    with pytest.raises(ValueError, match="nobody"):
        faithfulness([], seed=0)


@pytest.mark.parametrize("few", [3, 12])
def test_a_step_and_a_set_of_a_few_people_are_not_told(few: int):
    """So many have a third step, and a set was found for so many, of twenty-four."""
    long, short = person([1, HALF, 0], [1, 1, 1], size=4), person([1, 0], [1, 1], found=False, size=0)
    found = faithfulness([long] * few + [short] * (24 - few), seed=0, fewest=10)
    assert len(found.curves["attribution"]) == len(found.insertion_curves["random"]) == (3 if few >= 10 else 2)
    assert found.counterfactual_size == (4 if few >= 10 else None)
    assert found.counterfactuals_verified == (1 if few >= 10 else None)


@pytest.mark.parametrize(("short", "steps"), [(0, 4), (3, 2), (12, 4)])
def test_steps_that_a_few_people_do_not_reach_are_not_told(short: int, steps: int):
    """Areas are of everybody, each over the steps that they have: beside the mean of all steps, what the few lost who
    have one step alone would follow."""
    long, few = person([1, HALF, 0, 0], [1, 1, 1, 1]), person([1, 0], [1, 1])
    found = faithfulness([long] * 30 + [few] * short, seed=0, fewest=10)
    assert len(found.curves["attribution"]) == len(found.insertion_curves["random"]) == steps


def test_orders_are_what_they_are_called(trained: Session):
    recommender = trained.recommender()
    assert recommender is not None
    frame = frame_of_person(recommender, 41)
    item = first_item(frame)
    assert item == int(frame.candidates[int(np.argmax(frame.scores))])
    found = orderings(frame, item, np.random.default_rng(0))
    size = len(frame.history.items)
    assert all(sorted(order.tolist()) == list(range(size)) for order in found.values())
    assert found["recent"].tolist() == list(range(size - 1, -1, -1))
    counts = recommender.model.people.histories.item_counts()[frame.history.items]
    assert np.all(np.diff(counts[found["popular"]]) <= 0)
    causes = attribution(frame, item).contributions
    assert np.all(np.diff(causes[found["attribution"]]) <= 0)


def test_a_shuffled_model_keeps_names_and_histories_and_changes_what_was_learned(trained: Session):
    recommender = trained.recommender()
    assert recommender is not None
    before, after = recommender.model.to_arrays(), randomised(recommender.model, np.random.default_rng(0)).to_arrays()
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert {"experts.ease.coefficients", "experts.sequence.coefficients", "fusion.gate_weights"} <= changed
    assert not {name for name in changed if name.startswith(("history", "people", "items.ids", "items.titles"))}
    for name in changed:
        # In single precision: NumPy 2.4 sorts millions of halves wrongly on some processors (seen on an AMD EPYC).
        one, other = (np.sort(arrays[name].ravel().astype(np.float32)) for arrays in (before, after))
        assert np.array_equal(one, other), name


def test_a_model_of_data_without_texts_can_be_shuffled(tmp_path: Path):
    session = opened(events(tmp_path / "events.csv"), tmp_path / "home")
    train_here(session, TrainingRequest("quick"))
    recommender = session.recommender()
    assert recommender is not None
    assert not recommender.model.to_arrays()["experts.content.values"].size
    checks = check_attributions(recommender, 5, seed=0)
    assert checks.people == 5


@pytest.mark.parametrize("able", [9, 13, 37])
def test_audits_by_other_seeds_differ_by_whole_crowds(able: int):
    """Of those with five actions, and two left of eight items, of which some people took one or two back."""
    lengths = np.array([6] * able + [4, 7] * 5 + [5, 6] * 4)
    taken = np.concatenate([np.arange(length) for length in lengths]).astype(np.int32)
    back = np.where(np.arange(len(lengths)) >= able + 10, 7 - lengths, 0)
    bounds, gone = (np.concatenate([[0], np.cumsum(each)]).astype(np.int64) for each in (lengths, back))
    histories = Histories(bounds, taken, None, np.ones(len(taken), np.float32), 8)
    against = SparseRows(gone, np.full(gone[-1], 6, np.int32), np.ones(gone[-1], np.float32))
    people = People(TextList.of([f"u{n}" for n in range(len(lengths))]), histories, np.zeros(len(lengths)), against)
    drawn = [drawn_crowds(people, 20, np.random.default_rng(seed), 10) for seed in range(12)]
    assert {crowds.shape for crowds in drawn} == {(min(2, able // 10), 10)}
    asked = [set(crowds.ravel().tolist()) for crowds in drawn]
    assert all(person < able for people_asked in asked for person in people_asked)
    assert all(len(one - other) % 10 == 0 for one in asked for other in asked)
    assert able < 30 or len({frozenset(people_asked) for people_asked in asked}) == 3


def test_people_who_have_nearly_everything_are_not_measured(tmp_path: Path):
    """Of six items they have five: nothing could join their histories that is not what is recommended."""
    rows = [
        f"u{n},i{(n + step) % 6},{1_600_000_000 + 86_400 * (10 * step + n % 7)}" for n in range(30) for step in range(5)
    ]
    data = tmp_path / "events.csv"
    data.write_text("user,item,timestamp\n" + "\n".join(rows) + "\n")
    session = opened(data, tmp_path / "home")
    train_here(session, TrainingRequest("quick"))
    recommender = session.recommender()
    assert recommender is not None
    assert not audit_people(recommender, 20, 0, fewest=10)
    with pytest.raises(ValueError, match="nobody"):
        check_attributions(recommender, 20, 0, 10)


def test_rank_correlation_by_hand():
    assert spearman(np.array([1, 2, 3.0]), np.array([10, 20, 25.0])) == pytest.approx(1)
    assert spearman(np.array([1, 2, 3.0]), np.array([3, 2, 1.0])) == pytest.approx(-1)
    # Ranks 1.5, 1.5, 3 against 1, 2, 3: covariance 0.75 · 2/3 over deviations √.5 · √(2/3).
    assert spearman(np.array([1, 1, 2.0]), np.array([1, 2, 3.0])) == pytest.approx(0.5 / np.sqrt(0.5 * 2 / 3))
    assert spearman(np.array([1, 1.0]), np.array([1, 2.0])) == 0
