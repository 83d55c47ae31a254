"""What is stored and damaged, or gone, keeps nobody from working: data is read anew, another model can be trained."""

from __future__ import annotations

import pytest

from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.training.job import TrainingRequest
from recsys_tui.tui.app import WorkbenchApp
from tests.recommend.test_stored_models import at, put, stored_in
from tests.tui.test_workbench import text_of, until


@pytest.mark.parametrize(
    ("name", "reason"), [("model.safetensors", "store.size_changed"), ("manifest.json", "store.no_manifest")]
)
async def test_a_damaged_model_is_told_and_counts_as_none(trained_copy: Session, name: str, reason: str):
    [model] = (trained_copy.workspace.folder / "models").iterdir()
    (model / name).write_bytes(b"{}")
    app = WorkbenchApp("films", None, trained_copy.home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.note)
        assert app.state.model is None
        assert app.state.note == say("home.model_damaged", reason=say(reason))
        assert say("home.model_damaged", reason="")[:28] in text_of(app, "home-findings")
        assert app.why_not("train.start") is None


async def test_a_model_whose_arrays_point_outside_is_told_and_counts_as_none(trained_copy: Session):
    put(stored_in(trained_copy), "history.items", at(-1, 2**31 - 1))
    app = WorkbenchApp("films", None, trained_copy.home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.note)
        assert app.state.model is None
        assert app.state.note == say("home.model_damaged", reason=say("store.no_model_in_it"))


async def test_damaged_data_is_read_anew_from_its_source(trained_copy: Session):
    [data] = (trained_copy.workspace.folder / "data").iterdir()
    for table in data.glob("*.parquet"):
        table.write_bytes(b"damaged")
    app = WorkbenchApp("films", None, trained_copy.home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.model)
        assert app.state.dataset is not None
        assert app.state.dataset.user_count == 1500
        assert app.state.note is None


async def test_a_model_that_another_process_took_away_is_told_and_counts_as_none(trained_copy: Session):
    app = WorkbenchApp("films", None, trained_copy.home, no_train=True)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await until(pilot, lambda: app.state.model)
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        app._no_train = False
        trained_copy.home.remove(trained_copy.workspace.key, with_feedback=True)
        app.show_person("43")
        await until(pilot, lambda: app.state.model is None)
        assert [entry.message for entry in app._notifications] == [say("train.gone")]
        await pilot.pause(0.3)
        assert app.state.why_no_model == say("tui.train_first")
        assert not app.state.training
        assert not (trained_copy.workspace.folder / "models").exists()


def test_data_that_another_process_removed_is_stored_again_for_who_works_with_it(trained_copy: Session):
    """A training, or a comparison, reads what is stored."""
    for store in (trained_copy.load, lambda: trained_copy.training_job(TrainingRequest("quick"))):
        trained_copy.load()
        trained_copy.home.remove(trained_copy.workspace.key, with_feedback=True)
        store()
        version = trained_copy.workspace.dataset_version()
        assert version is not None
        assert not trained_copy.source.changed(version)
