"""Training with differential privacy: nothing but the noisy statistics reaches what may be handed on."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.load import load_dataset
from recsys_tui.models.private.accountant import delta_of
from recsys_tui.models.private.secure_noise import NoNoise
from recsys_tui.models.private.statistics import PrivateStatistics
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.explanations.explain import explain
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.store.model_files import OF_PEOPLE
from recsys_tui.training import private_training
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.private_training import train_private

PEOPLE, ITEMS = 240, 40
CATALOGUE = [f"film {item}" for item in range(ITEMS)]


def written(folder: Path, seed: int, people: int = PEOPLE) -> Dataset:
    """People of two tastes: the even items or the odd ones, hardly ever the others; every item is taken once."""
    folder.mkdir()
    random = np.random.default_rng(seed)
    rows = ["user,item,time"]
    for person in range(people):
        own = np.where(np.arange(ITEMS) % 2 == person % 2, 12.0, 1.0)
        taken = random.choice(ITEMS, 8, replace=False, p=own / own.sum()).tolist()
        taken += [item for item in (person % ITEMS,) if item not in taken]
        rows += [f"person-{seed}-{person},film {item},{1_000_000_000 + step}" for step, item in enumerate(taken)]
    (folder / "taken.csv").write_text("\n".join(rows))
    return load_dataset(folder / "taken.csv")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return written(tmp_path_factory.mktemp("private") / "one", 1)


def trained(dataset: Dataset, noise: object = None, **asked: object) -> tuple[object, dict]:
    request = TrainingRequest("private", **{"epsilon": 1.0, **asked})
    return train_private(dataset, request, lambda _event: None, lambda: False, noise)


def handed_on(model: object) -> dict[str, np.ndarray]:
    return {name: array for name, array in model.to_arrays().items() if not name.startswith(OF_PEOPLE)}


def test_what_may_be_handed_on_is_made_of_the_noisy_statistics_alone(
    dataset: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given the same noisy statistics, other people with other histories make the same file, byte by byte."""
    others = written(tmp_path / "two", 2)
    assert others.items["id"].to_list() == dataset.items["id"].to_list()
    kept: list[PrivateStatistics] = []

    def once(*given: object) -> PrivateStatistics:
        kept.append(kept[0] if kept else release(*given))
        return kept[0]

    release = private_training.release
    monkeypatch.setattr(private_training, "release", once)
    first, second = handed_on(trained(dataset)[0]), handed_on(trained(others)[0])
    assert len(kept) == 2
    assert first.keys() == second.keys()
    for name, array in first.items():
        assert array.tobytes() == second[name].tobytes(), name


def test_nobody_is_named_in_what_may_be_handed_on(dataset: Dataset) -> None:
    model, _ = trained(dataset)
    bytes_of = b"".join(array.tobytes() for array in handed_on(model).values())
    assert b"film 17" in bytes_of
    assert b"person-" not in bytes_of
    assert b"person-1-17" in b"".join(array.tobytes() for array in model.to_arrays().values())


def test_the_manifest_keeps_the_accounts(dataset: Dataset) -> None:
    _, manifest = trained(dataset, epsilon=2.0)
    said = manifest["privacy"]
    assert said["epsilon"] == 2.0
    assert said["delta"] == pytest.approx(PEOPLE**-1.1)
    mu = math.sqrt(sum((entry["sensitivity"] / entry["sigma"]) ** 2 for entry in said["releases"]))
    assert said["mu"] == pytest.approx(mu)
    assert delta_of(2.0, mu) <= said["delta"]
    assert delta_of(2.0, mu) == pytest.approx(said["delta"], rel=1e-6)
    assert {"clusters", "interaction", "deep"} <= set(said["left_out"])
    # No figure is measured on people.
    assert manifest["validation"] == manifest["parts"] == manifest["interaction"] == manifest["ratings"] == {}
    assert manifest["removal_bands"] == []


def test_the_seed_does_not_give_the_noise_away(dataset: Dataset) -> None:
    first, second = trained(dataset, seed=3)[0], trained(dataset, seed=3)[0]
    assert not np.array_equal(first.experts.popular.strength, second.experts.popular.strength)


def test_without_noise_the_two_tastes_are_found(dataset: Dataset) -> None:
    model, manifest = trained(dataset, NoNoise(), epsilon=100.0)
    recommender = Recommender(model, manifest, "private", "next")
    lists = recommender.recommend_all(5)
    mean = {}
    for parity in (0, 1):
        people = [f"person-1-{person}" for person in range(parity, PEOPLE, 2)]
        items = lists.filter(lists["user"].is_in(people))["item"].to_list()
        mean[parity] = np.mean([int(item.split()[1]) % 2 for item in items])
    assert mean[0] < 0.3
    assert mean[1] > 0.7


@pytest.mark.parametrize("horizon", ["next", "later"])
def test_scores_are_sums_of_their_parts_and_explained_so(dataset: Dataset, horizon: str) -> None:
    model, manifest = trained(dataset, horizon=horizon)
    recommender = Recommender(model, manifest, "private", horizon)
    answer = recommender.recommend("person-1-5", 5, explain=True)
    assert len(answer.items) == 5
    for entry in answer.items:
        assert sum(reason.contribution for reason in entry.reasons) == pytest.approx(entry.score, abs=1e-4)
        assert entry.probability == pytest.approx(0.5)
    found = explain(recommender, "person-1-5", answer.items[0].item)
    assert found.rank == 1
    assert sum(part.contribution for part in found.components) == pytest.approx(found.score, abs=1e-4)


def test_parts_that_a_private_model_has_not_are_refused(dataset: Dataset) -> None:
    recommender = Recommender(*trained(dataset), "private", "next")
    assert recommender.recommend("person-1-5", 3, "ease").model == "ease"
    for name in ("sequence", "profile", "interaction"):
        with pytest.raises(UserError) as caught:
            recommender.recommend("person-1-5", 3, name)
        assert caught.value.message_id == "private.no_such_part"


def test_a_crowd_that_is_too_small_and_a_promise_that_is_none(tmp_path: Path, dataset: Dataset) -> None:
    with pytest.raises(UserError) as caught:
        trained(written(tmp_path / "few", 1, 99))
    assert caught.value.message_id == "private.too_few"
    for epsilon in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(UserError) as caught:
            TrainingRequest("private", epsilon=epsilon)
        assert caught.value.exit_code == ExitCode.USAGE
    with pytest.raises(UserError) as caught:
        trained(dataset, epsilon=None)
    assert caught.value.exit_code == ExitCode.NOT_TRAINED


def test_data_whose_people_hang_on_one_another_is_refused(tmp_path: Path, dataset: Dataset) -> None:
    with pytest.raises(UserError) as caught:
        trained(replace(dataset, mapping=replace(dataset.mapping, core=2)))
    assert caught.value.message_id == "private.core"
    random = np.random.default_rng(0)
    rows = ["user,item", *(f"p{one},p{other}" for one in range(120) for other in random.integers(0, 120, 4))]
    (tmp_path / "graph.csv").write_text("\n".join(rows))
    graph = load_dataset(tmp_path / "graph.csv")
    assert graph.shared_ids
    with pytest.raises(UserError) as caught:
        trained(graph)
    assert caught.value.message_id == "private.people_are_items"
    assert caught.value.exit_code == ExitCode.USAGE
