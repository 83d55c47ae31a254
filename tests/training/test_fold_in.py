"""Folding new rows into a model: equal to counting everything anew, and nothing solved twice or without need."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.histories import histories_of
from recsys_tui.data.load import load_dataset
from recsys_tui.models.ease import Ease
from recsys_tui.models.experts import Solved
from recsys_tui.models.neighbours import Neighbours
from recsys_tui.models.sequence_regression import SequenceRegression
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.training.fold_in import folded_in
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.pipeline import train

HEADER = "customer,product,time\n"
Trained = tuple[TrainedModel, dict, Path]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    random = np.random.default_rng(4)
    rows = [
        f"c{person:02d},p{int(product):02d},2024-01-{day + 1:02d} 10:00:00"
        for person in range(60)
        for day, product in enumerate(random.choice(30, size=8, replace=False))
    ]
    path = tmp_path_factory.mktemp("orders") / "orders.csv"
    path.write_text(HEADER + "\n".join(rows) + "\n")
    model, manifest = train(load_dataset(path), TrainingRequest("quick"), lambda _event: None, lambda: False)
    return model, manifest, path


def grown(trained: Trained, folder: Path, *rows: str) -> Dataset:
    path = folder / "orders.csv"
    shutil.copy(trained[2], path)
    with path.open("a") as stream:
        stream.write("\n".join(rows) + "\n")
    return load_dataset(path)


def test_experts_are_those_of_everything(trained: Trained, tmp_path: Path):
    model, manifest, _ = trained
    now = grown(trained, tmp_path, "new,p01,2024-02-01 10:00:00", "new,p99,2024-02-02 10:00:00", "c00,p99,2024-02-03")
    folded, _ = folded_in(model, manifest, now, "quick", 0, {})
    histories = histories_of(now)
    assert histories.item_count == model.people.histories.item_count + 1
    np.testing.assert_array_equal(
        folded.experts.ease.coefficients, Ease.fit(histories, 4_000, model.experts.ease.ridge).coefficients
    )
    np.testing.assert_array_equal(
        folded.experts.sequence.coefficients, SequenceRegression.fit(histories, 4_000).coefficients
    )
    np.testing.assert_array_equal(folded.experts.neighbours.table.values, Neighbours.fit(histories).table.values)


def no_solving(monkeypatch: pytest.MonkeyPatch, *experts: type) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("solved without need")

    for expert in experts:
        monkeypatch.setattr(expert, "fit", refuse)


def test_what_was_only_taken_again_needs_no_solving(trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    model, manifest, path = trained
    first = path.read_text().splitlines()[1].split(",")
    now = grown(trained, tmp_path, f"{first[0]},{first[1]},2024-02-01 10:00:00")
    assert now.interaction_count == 60 * 8 + 1
    no_solving(monkeypatch, Ease, SequenceRegression, Neighbours)
    folded, _ = folded_in(model, manifest, now, "quick", 0, {})
    np.testing.assert_array_equal(folded.experts.ease.coefficients, model.experts.ease.coefficients)


def test_models_of_one_dataset_share_what_is_solved(trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    model, manifest, _ = trained
    now = grown(trained, tmp_path, "new,p01,2024-02-01 10:00:00")
    solved: Solved = {}
    folded_in(model, manifest, now, "quick", 0, solved)
    no_solving(monkeypatch, SequenceRegression, Neighbours)
    ease = model.experts.ease
    heavier = Ease(ease.head, ease.coefficients, ease.item_count, ease.ridge + 7.0)
    other = replace(model, experts=replace(model.experts, ease=heavier))
    later, _ = folded_in(other, manifest, now, "standard", 0, solved)
    expected = Ease.fit(histories_of(now), 4_000, ease.ridge + 7.0)
    np.testing.assert_array_equal(later.experts.ease.coefficients, expected.coefficients)
