"""The four stages in one process: what they tell, what they measure, when they stop, and that they repeat."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.histories import histories_of
from recsys_tui.data.load import load_dataset
from recsys_tui.models.explaining.removal_bands import removal_bands
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.training.events import (
    CLUSTERS_FOUND,
    NOTE,
    PARTS_MEASURED,
    STAGE_FINISHED,
    STAGE_PROGRESS,
    STAGE_STARTED,
    STAGES,
    TrainingEvent,
)
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.pipeline import train
from recsys_tui.training.run import TrainingStoppedError


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """150 people, 40 items in two groups, rated, with titles and times."""
    folder = tmp_path_factory.mktemp("pipeline")
    random = np.random.default_rng(0)
    rows = ["userId,movieId,rating,timestamp"]
    for person in range(150):
        own = np.where(np.arange(40) % 2 == person % 2, 6.0, 1.0)
        taken = random.choice(40, random.integers(4, 16), replace=False, p=own / own.sum())
        for step, item in enumerate(taken):
            stars = random.integers(1, 6)
            rows.append(f"{person + 1},{item + 1},{stars},{1_000_000_000 + person * 40_000 + step * 3_000}")
    (folder / "ratings.csv").write_text("\n".join(rows))
    titles = [f"{item + 1},{'Fog' if item % 2 else 'Sun'} over {item},{'Crime' if item % 2 else 'Comedy'}"
              for item in range(40)]  # fmt: skip
    (folder / "movies.csv").write_text("\n".join(["movieId,title,genres", *titles]))
    return load_dataset(folder)


def run(dataset: Dataset, stopped: object = None, **request: object) -> tuple[object, dict, list[TrainingEvent]]:
    """Train in this process; returns the model, its manifest and what was told."""
    events: list[TrainingEvent] = []
    ask = stopped or (lambda _events: False)
    model, manifest = train(dataset, TrainingRequest(**request), events.append, lambda: ask(events))
    return model, manifest, events


@pytest.fixture(scope="module")
def trained_once(dataset: Dataset) -> tuple[object, dict, list[TrainingEvent]]:
    return run(dataset)


def test_stages_are_told_in_order_with_what_they_measured(trained_once: tuple):
    _, manifest, events = trained_once
    told = [(event.kind, event.stage) for event in events if event.kind in (STAGE_STARTED, STAGE_FINISHED)]
    assert told == [(kind, stage) for stage in STAGES for kind in (STAGE_STARTED, STAGE_FINISHED)]
    measured = {event.stage: event.metrics for event in events if event.kind == STAGE_FINISHED}
    assert measured["user_profiles"]["clusters"] >= 2
    assert measured["content_profiles"]["described_items"] == 1
    assert set(measured["interaction"]) >= {"accuracy", "precision", "recall", "f1", "auc"}
    assert measured["interaction"]["auc"] > 0.55
    assert set(manifest["validation"]) <= set(measured["deep"])
    assert [entry["name"] for entry in manifest["stages"]] == list(STAGES)
    assert all(event.fraction is not None and 0 <= event.fraction <= 1 for event in events if event.kind != NOTE)


def test_parts_and_clusters_are_told_before_the_deep_model_learns(trained_once: tuple):
    model, manifest, events = trained_once
    kinds = [event.kind for event in events]
    learning = next(number for number, event in enumerate(events) if "loss" in event.metrics)
    assert kinds.count(PARTS_MEASURED) == kinds.count(CLUSTERS_FOUND) == 1
    assert kinds.index(CLUSTERS_FOUND) < kinds.index(PARTS_MEASURED) < learning
    assert events[kinds.index(PARTS_MEASURED)].metrics == manifest["parts"]
    told, kept = events[kinds.index(CLUSTERS_FOUND)].clusters, manifest["clusters"]
    assert [(one["name"], one["size"]) for one in told] == [(one["name"], one["size"]) for one in kept]
    catalogue = model.catalogue
    for one, stored in zip(told, kept, strict=True):
        named = [[catalogue.ids[code], catalogue.titles[code] or None, lift] for code, lift in stored["items"]]
        assert one["items"] == named
    speeds = [event.metrics["lists/s"] for event in events if "lists/s" in event.metrics]
    assert speeds
    assert min(speeds) > 0


def test_every_event_survives_its_line(trained_once: tuple):
    for event in trained_once[2]:
        assert TrainingEvent.from_line(event.to_line()) == event


def test_validation_is_that_of_people_who_were_never_trained_on(trained_once: tuple):
    _, manifest, _ = trained_once
    lists = manifest["lists"]
    # Few people: everybody is left out once, and the last network learns from all of them.
    assert 140 <= lists["validation"] <= 150  # but who liked nothing of it
    assert lists["training"] > lists["validation"]
    assert 0 < manifest["validation"]["ndcg@10"] <= manifest["validation"]["hr@10"] <= 1


def test_the_model_holds_everyone_and_everything(trained_once: tuple, dataset: Dataset):
    model, manifest, _ = trained_once
    histories = histories_of(dataset)
    np.testing.assert_array_equal(model.people.histories.items, histories.items)
    np.testing.assert_array_equal(model.people.histories.ratings, histories.ratings)
    assert sum(entry["size"] for entry in manifest["clusters"]) == 150
    # The experts were fitted again on everything: popularity counts each merged action.
    np.testing.assert_allclose(np.expm1(model.experts.popular.strength), histories.item_counts(), rtol=1e-4)


def test_the_same_seed_gives_the_same_arrays_and_another_does_not(trained_once: tuple, dataset: Dataset):
    arrays, again = trained_once[0].to_arrays(), run(dataset)[0].to_arrays()
    assert arrays.keys() == again.keys()
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array, err_msg=name)
    other = run(dataset, seed=1)[0].to_arrays()
    assert not np.array_equal(other["fusion.gate_context"], arrays["fusion.gate_context"])


def test_later_uses_no_newest_item(dataset: Dataset):
    model, manifest, _ = run(dataset, horizon="later")
    assert not {"sequence", "transitions", "content_last"} & set(model.fusion.signals)
    assert len(model.fusion.blend) == len(model.fusion.signals)
    assert manifest["lists"]["training"] > 0


@pytest.mark.parametrize("stage", STAGES[:3])
def test_stopped_before_the_deep_stage_nothing_is_kept(dataset: Dataset, stage: str):
    """A stop acts in the stage it comes in, not at its end."""
    events: list[TrainingEvent] = []
    with pytest.raises(TrainingStoppedError):
        train(
            dataset,
            TrainingRequest(),
            events.append,
            lambda: any(event.stage == stage and event.kind != NOTE for event in events),
        )
    if stage != "content_profiles":  # which is one step
        assert (STAGE_FINISHED, stage) not in [(event.kind, event.stage) for event in events]
    assert events[-1].stage == stage


def test_stopped_in_the_deep_stage_the_best_so_far_is_kept(dataset: Dataset):
    def in_the_deep_stage(events: list[TrainingEvent]) -> bool:
        return any(event.kind == STAGE_PROGRESS and "loss" in event.metrics for event in events)

    model, manifest, events = run(dataset, in_the_deep_stage, preset="standard")
    (note,) = [event.note for event in events if event.kind == NOTE]
    assert str(manifest["epochs"]["kept"]) in str(note)
    assert len(manifest["epochs"]["loss"]) < 8
    # The experts are those of the older part: a third of the newest actions, five at most, were held out.
    counted = np.expm1(model.experts.popular.strength).sum()
    lengths = model.people.histories.lengths
    assert counted == pytest.approx((lengths - np.minimum(5, lengths // 3)).sum(), rel=1e-4)


@pytest.mark.parametrize("rows", [["u,a", "u,b", "u,c"], ["u,a", "v,a", "w,a"]], ids=["one user", "one item"])
def test_one_user_or_one_item_is_too_little(tmp_path: Path, rows: list[str]):
    (tmp_path / "little.csv").write_text("\n".join(["user,item", *rows]))
    with pytest.raises(UserError) as caught:
        run(load_dataset(tmp_path / "little.csv"))
    assert caught.value.message_id == "models.too_small"
    assert caught.value.exit_code == ExitCode.USAGE


def test_a_stopped_run_is_marked_and_a_part_with_nothing_to_say_never_serves(dataset: Dataset):
    _, whole, _ = run(dataset)
    assert whole["interrupted"] is False
    # Nobody is linked with anybody here, so friends' taste ranks nothing.
    assert whole["parts"]["friends"] == whole["parts"]["follows_back"] == 0


def test_standard_has_a_sequence_encoder_that_takes_part_and_learns_the_newest(dataset: Dataset):
    model, manifest, _ = run(dataset, preset="standard")
    encoder = model.experts.encoder
    assert encoder is not None
    assert manifest["parts"]["encoder"] > 0
    place = model.fusion.signals.index("encoder")
    assert model.fusion.gate_weights[place] != 0
    # What everyone took last was held out of the training, and is known to the model that is kept.
    histories = histories_of(dataset)
    assert encoder.known[histories.items].all()
    again, _, _ = run(dataset, preset="standard")
    np.testing.assert_array_equal(again.experts.encoder.item_vectors, encoder.item_vectors)


@pytest.mark.parametrize("request_", [{"preset": "quick"}, {"preset": "standard", "horizon": "later"}])
def test_the_encoder_is_left_out_where_it_has_no_part(dataset: Dataset, request_: dict[str, str]):
    model, manifest, _ = run(dataset, **request_)
    assert model.experts.encoder is None
    assert manifest["parts"]["encoder"] == 0


def test_a_part_that_serves_has_a_band_of_its_own(dataset: Dataset, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("recsys_tui.training.pipeline.served", lambda *_: "ease")
    model, manifest, _ = run(dataset)
    assert manifest["served"] == "ease"
    assert manifest["part_bands"] == {"ease": removal_bands(model, TrainingRequest().seed, "ease")}
    assert manifest["part_bands"]["ease"] != manifest["removal_bands"]
