"""A trained model as named arrays, and the catalogue it speaks of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.dataset import ID
from recsys_tui.data.histories import Histories
from recsys_tui.data.load import load_dataset
from recsys_tui.data.text_list import TextList
from recsys_tui.models.context import item_features
from recsys_tui.models.experts import Experts
from recsys_tui.models.fusion import Fusion
from recsys_tui.models.interaction import InteractionModel
from recsys_tui.models.signal_names import SIGNALS
from recsys_tui.models.trained_model import Catalogue, People, TrainedModel, catalogue_of
from recsys_tui.recommend.ranking import rank


@pytest.fixture(scope="module")
def model(histories: Histories, experts: Experts, interaction: InteractionModel) -> TrainedModel:
    """The experts of this folder and a fusion with random weights."""
    random = np.random.default_rng(0)
    features = item_features(experts.profiles, experts.content, experts.popular.strength)
    signals, items = len(SIGNALS), features.shape[1]
    context = 2 * experts.profiles.cluster_count + experts.content.dense.shape[1] + 3 + signals

    def draw(*shape: int) -> np.ndarray:
        return (0.2 * random.normal(size=shape)).astype(np.float32)

    fusion = Fusion(
        "next", 20, draw(signals), draw(context, signals), draw(signals, 32), draw(context, 32), draw(32), draw(32),
        draw(context, 16), draw(items, 16), draw(context), np.ones(signals, np.float32),
    )  # fmt: skip
    people = People(
        TextList.of([f"p{person}" for person in range(len(histories))]),
        histories,
        experts.profiles.cluster_of(histories).astype(np.int16),
    )
    count = histories.item_count
    catalogue = Catalogue(
        TextList.of([f"i{item}" for item in range(count)]),
        TextList.of([f"Item {item}" if item else None for item in range(count)]),
        TextList.of(["a\x1fb c" if item else None for item in range(count)]),
    )
    return TrainedModel(people, catalogue, experts, interaction, fusion, features)


def test_arrays_bring_back_the_same_answers(model: TrainedModel):
    arrays = model.to_arrays()
    assert all(isinstance(array, np.ndarray) and array.dtype.kind in "fiu" for array in arrays.values())
    again = TrainedModel.from_arrays(arrays)
    people = model.people.histories
    allowed = np.ones((len(people), people.item_count), np.bool_)
    for name in ("deep", "ease", "interaction"):
        before, after = (rank(which, people, 7, name, allowed) for which in (model, again))
        np.testing.assert_array_equal(before.items, after.items)
        np.testing.assert_array_equal(before.scores, after.scores)
    np.testing.assert_array_equal(again.people.histories.times, people.times)
    assert again.people.ids.to_list() == model.people.ids.to_list()


def test_without_times_there_are_none_after_a_round_trip(model: TrainedModel):
    arrays = model.to_arrays()
    del arrays["history.times"]
    assert TrainedModel.from_arrays(arrays).people.histories.times is None


def test_categories_come_apart_again(model: TrainedModel):
    assert model.catalogue.categories_of(1) == ("a", "b c")
    assert model.catalogue.categories_of(0) == ()
    assert model.catalogue.titles[0] is None


def test_catalogue_of_a_dataset_keeps_its_order(tmp_path: Path):
    (tmp_path / "events.csv").write_text("user,item\nu,b\nu,a\nv,b\n")
    dataset = load_dataset(tmp_path / "events.csv")
    catalogue = catalogue_of(dataset)
    assert catalogue.ids.to_list() == dataset.items[ID].to_list()
    assert catalogue.titles.to_list() == [None, None]
    assert catalogue.categories_of(0) == ()
