"""What people take again: the rhythm of a habit is learned, and lists mix it with what is new."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.load import load_dataset
from recsys_tui.data.merged_pairs import merged_pairs
from recsys_tui.models.repeat_consumption import RepeatModel, fit_repeat_model
from recsys_tui.recommend.again import AGAIN, NOVELTY, TakenBefore, interleave
from recsys_tui.recommend.ranking import Ranked

PEOPLE, WEEKS = 60, 12


@pytest.fixture(scope="module")
def habits(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Sixty people who buy milk every week and a thing of its own each week; a third of them stopped buying tea."""
    rows = ["customer_id,sku,order_id,date"]
    for person in range(PEOPLE):
        for week in range(WEEKS):
            day = f"2024-{1 + (7 * week) // 28:02d}-{1 + (7 * week) % 28:02d}"
            bought = ["milk", f"thing{(person * WEEKS + week) % 97}"]
            if week < WEEKS - 6 and person % 3 == 0:
                bought.append("tea")
            rows += [f"{person},{item},{person}-{week},{day}" for item in bought]
    path = tmp_path_factory.mktemp("habits") / "orders.csv"
    path.write_text("\n".join(rows) + "\n")
    return load_dataset(path)


@pytest.fixture(scope="module")
def model(habits: Dataset) -> RepeatModel:
    fitted = fit_repeat_model(habits, merged_pairs(habits).taken, 0)
    assert fitted is not None
    return fitted


def test_a_living_habit_beats_a_dropped_one_and_a_single_purchase(habits: Dataset, model: RepeatModel):
    taken = merged_pairs(habits).taken
    ids = np.array(habits.items["id"].to_list())[taken["item"].to_numpy()]
    chance = 1 / (1 + np.exp(-model.logits))
    milk, tea = chance[ids == "milk"], chance[ids == "tea"]
    things = chance[np.char.startswith(ids.astype(str), "thing")]
    assert milk.min() > 0.8
    assert tea.max() < 0.2
    assert things.mean() < 0.2
    assert (model.times[ids == "milk"] == WEEKS).all()
    assert (model.times[ids == "tea"] == WEEKS - 6).all()


def test_how_much_is_new_each_time(model: RepeatModel):
    # One new thing a week, shrunk by 20 people towards the mean of all, which is nearly the same.
    assert model.fresh == pytest.approx(np.ones(PEOPLE), abs=0.1)


def test_chances_of_new_items_fall_along_the_list_and_lie_below_one(model: RepeatModel):
    for share in (None, np.log(np.array([0.5, 0.2, 0.2, 0.05]))):
        chances = model.chance_of_new(share, 4, 1.0)
        assert (np.diff(chances) <= 0).all()
        assert (chances < 0).all()


def test_data_of_things_taken_once_has_no_repeat_model(tmp_path: Path):
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating,timestamp\n" + "".join(f"{n % 9},{n},4,{10**9 + n * 86400}\n" for n in range(90)))
    once = load_dataset(path)
    assert fit_repeat_model(once, merged_pairs(once).taken, 0) is None


def ranked(components: bool) -> Ranked:
    items = np.array([[7, 8, 9]], np.int32)
    scores = np.array([[2.0, 1.0, 0.0]], np.float32)
    parts = {"sequence": scores * 0.75, "content": scores * 0.25} if components else {}
    return Ranked(items, scores, np.full((1, 3), 0.5, np.float32), parts, np.array([2.5], np.float32))


def test_a_mixed_list_is_in_the_order_of_its_chances_and_its_parts_sum_to_the_score():
    chances = np.array([[-1.0, 1.0, 0.0, 0.0], [-2.0, 0.0, -1.0, 0.0]], np.float32)
    nothing = np.zeros(0, np.float32)
    repeats = RepeatModel(nothing, nothing.astype(np.uint16), nothing.astype(np.int64), nothing, chances)
    before = TakenBefore(np.array([3, 4], np.int32), np.array([4.0, -9.0], np.float32), 1.0, repeats)
    mixed = interleave(ranked(True), [before], 4)
    assert mixed.items[0].tolist() == [3, 7, 8, 9]
    # Of item 7: logit -1 + (2 - 2.5), of item 3 its own.
    assert mixed.scores[0, 1] == pytest.approx(-np.log1p(np.exp(1.5)), abs=1e-5)
    assert mixed.scores[0, 0] == pytest.approx(-np.log1p(np.exp(-4.0)), abs=1e-5)
    np.testing.assert_allclose(sum(mixed.components.values()), mixed.scores, atol=1e-5)
    assert mixed.components[AGAIN][0].nonzero()[0].tolist() == [0]
    assert mixed.components[NOVELTY][0, 0] == 0
    assert mixed.chances is not None
    np.testing.assert_allclose(mixed.chances, np.exp(mixed.scores), rtol=1e-5)
    # The probability of new items stays, that of what was taken before is worked out for lists that are shown.
    np.testing.assert_array_equal(mixed.probabilities, [[np.nan, 0.5, 0.5, 0.5]])
    assert interleave(ranked(False), [before], 2).items[0].tolist() == [3, 7]
