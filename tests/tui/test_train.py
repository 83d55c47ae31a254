"""Train: choosing what to train, following it, its curves, stopping it, leaving it running."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from recsys_tui.data.dataset import Mapping
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.store.settings import Defaults, Settings
from recsys_tui.training.events import (
    CLUSTERS_FOUND,
    FAILED,
    NOTE,
    PARTS_MEASURED,
    SAVED,
    STAGE_FINISHED,
    STAGE_PROGRESS,
    STAGE_STARTED,
    TrainingEvent,
)
from recsys_tui.training.job import TrainingRequest
from recsys_tui.tui import messages as told
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.dialogs.parameters import ParametersDialog, parameters_of
from recsys_tui.tui.dialogs.train_request import TrainDialog
from recsys_tui.tui.state.jobs import MOST_POINTS, JobState, StageState
from recsys_tui.tui.taking.equivalent_command import Opened, equivalent_command
from recsys_tui.tui.views.train import references
from recsys_tui.tui.widgets.stage_lines import clock, stage_lines
from tests.tui.test_workbench import FakeJobs, text_of, train_with_fake, until, workbench

SIZES = [(120, 36), (80, 24)]


class NotingJobs(FakeJobs):
    """Keeps the whole request of a start."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[TrainingRequest] = []

    def start(self, _session: Session, request: Any) -> None:
        self.requests.append(request)


def tell(app: WorkbenchApp, event: TrainingEvent) -> None:
    app.post_message(told.TrainingTold(event, "quick"))


async def deep_training(app: WorkbenchApp, pilot: Pilot[Any]) -> FakeJobs:
    """A training whose parts are measured and whose deep model is through two epochs of five."""
    jobs = FakeJobs()
    app._jobs = jobs  # type: ignore[assignment]
    app.post_message(told.TrainingStarted("quick", "next", 7, 5))
    tell(app, TrainingEvent(STAGE_STARTED, "deep", 0.0))
    parts = {"ease": 0.158, "popular": 0.044, "neighbours": 0.1, "encoder": 0.0}
    tell(app, TrainingEvent(PARTS_MEASURED, "deep", 0.6, metrics=parts))
    for epoch, ndcg in ((1, 0.15), (2, 0.171)):
        for share, loss in ((0.5, 4.2 - epoch), (1.0, 4.0 - epoch)):
            metrics = {"epoch": epoch, "loss": loss, "lists/s": 2140.0} | ({"ndcg@10": ndcg} if share == 1 else {})
            done = 0.6 + 0.2 * (epoch - 1 + share) / 5
            tell(app, TrainingEvent(STAGE_PROGRESS, "deep", done, 8.0, None, metrics))
    await until(pilot, lambda: app.state.job is not None and app.state.job.ndcg == (0.15, 0.171))
    return jobs


async def test_live_training_is_shown_and_can_be_stopped(trained: Session):
    async with workbench(trained) as (app, pilot):
        jobs = await train_with_fake(app, pilot)
        await pilot.press("2")
        await until(pilot, lambda: "50%" in text_of(app, "train-stages"))
        await pilot.press("K")
        assert jobs.calls == ["stop"]
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert jobs.calls == ["stop"]
        await pilot.press("D")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("enter")
        await until(pilot, lambda: jobs.calls == ["stop", "discard"])
        assert [one.message for one in app._notifications if one.message == say("train.discarding")]
        failure = TrainingEvent(FAILED, note="The disk is full.", exit_code=1)
        app.post_message(told.TrainingTold(failure, "quick"))
        await until(pilot, lambda: not app.state.training)
        assert "The disk is full." in text_of(app, "train-log")
        assert app.is_running


@pytest.mark.parametrize("size", SIZES)
async def test_curves_stand_beside_the_classic_recommenders(trained: Session, size: tuple[int, int]):
    async with workbench(trained, size) as (app, pilot):
        await pilot.press("2")
        await deep_training(app, pilot)
        await until(pilot, lambda: "EASE .158" in text_of(app, "train-ndcg"))
        chart = text_of(app, "train-ndcg")
        assert "popularity .044" in chart
        assert "neighbours .100" in chart
        assert "order" not in chart, "a part that says nothing has no line"
        assert "epoch 5" in chart
        panels = {name: app.screen.query_one(f"#{name}") for name in ("train-loss", "train-ndcg", "train-stages")}
        assert len(chart.splitlines()) >= 7, "six rows at least, and the axis"
        for panel in panels.values():
            assert panel.region.bottom <= size[1], "the curves are on screen without scrolling"
        assert ".171 (best: epoch 2)" in str(panels["train-ndcg"].border_subtitle)
        assert "2.000" in str(panels["train-loss"].border_subtitle)
        title = str(panels["train-stages"].border_title)
        assert "epoch 2 of 5" in title
        assert "2,140 lists/s" in title


async def test_the_log_and_back(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        await pilot.press("2")
        await deep_training(app, pilot)
        tell(app, TrainingEvent(NOTE, note="A word from the child."))
        await until(pilot, lambda: "A word from the child." in text_of(app, "train-log"))
        assert "epoch 2: loss 2.000, NDCG@10 0.1710" in text_of(app, "train-log")
        await pilot.press("L")
        await until(pilot, lambda: not app.screen.query_one("#train-curves").display)
        assert app.screen.query_one("#train-log").size.height > 10
        await pilot.press("L")
        await until(pilot, lambda: app.screen.query_one("#train-curves").display)
        await pilot.press("1", "L")
        await until(pilot, lambda: app.mode == "train" and not app.screen.query_one("#train-curves").display)


async def test_what_to_train_is_chosen_by_preset_horizon_and_seed(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        jobs = NotingJobs()
        app._jobs = jobs  # type: ignore[assignment]
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, TrainDialog))
        await pilot.press("down", "right", "4", "2", "3", "backspace", "enter")
        await until(pilot, lambda: bool(jobs.requests))
        assert jobs.requests == [TrainingRequest("standard", "later", 42)]
        assert app.mode == "train"
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, TrainDialog))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, TrainDialog))
        assert len(jobs.requests) == 1


def below(app: WorkbenchApp) -> str:
    """What the dialog of training says under its presets."""
    return str(app.screen.query_one("#train-dialog-rest", Static).content)


async def test_the_device_is_chosen_and_stands_in_the_parameters_and_the_command(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        jobs = NotingJobs()
        app._jobs = jobs  # type: ignore[assignment]
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, TrainDialog))
        assert "device   auto" in below(app)
        await pilot.press("d", "d")
        assert "device   cuda" in below(app)
        await pilot.press("enter")
        await until(pilot, lambda: bool(jobs.requests))
        assert jobs.requests == [TrainingRequest("quick", device="cuda")]
        app.post_message(told.TrainingStarted("quick", device="cuda"))
        await until(pilot, lambda: app.state.training)
        command = equivalent_command("train", app.state, Opened("films", Path("films"), Mapping()))
        assert command == ["recsys", "train", "films", "--preset", "quick", "--device", "cuda", "--json"]
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, ParametersDialog))
        assert any(line.plain.split() == ["device", "cuda"] for line in app.screen.lines())  # type: ignore[attr-defined]


async def test_the_device_of_the_configuration_is_where_the_dialog_begins(trained: Session):
    settings = Settings(defaults=Defaults(device="cpu"))
    async with workbench(trained, (80, 24), settings=settings) as (app, pilot):
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, TrainDialog))
        assert "device   cpu" in below(app)
        assert app.request_of("standard").device == "cpu"


async def test_the_dialog_says_how_long_it_takes(trained: Session):
    info = trained.model_info()
    assert info is not None
    took = clock(sum(float(stage["seconds"]) for stage in info.manifest["stages"]))
    async with workbench(trained) as (app, pilot):
        await until(pilot, lambda: bool(app.state.estimates))
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, TrainDialog))
        assert isinstance(app.screen, TrainDialog)
        assert f"about {took} here" in app.screen._offer("quick").plain


async def test_a_model_that_does_not_answer_is_told(trained: Session):
    """Quick was trained, and another goes on answering."""
    async with workbench(trained) as (app, pilot):
        jobs = FakeJobs()
        app._jobs = jobs  # type: ignore[assignment]
        app._chosen(TrainingRequest("private", epsilon=1.0))
        app.post_message(told.TrainingStarted("private", epsilon=1.0))
        tell(app, TrainingEvent(SAVED, seconds=1.0))
        wanted = say("train.another_answers", trained="private ε=1", answers="quick", preset="private")
        await until(pilot, lambda: [one for one in app._notifications if one.message == wanted])


async def test_a_training_nobody_asked_for_leaves_the_horizon_that_was_chosen(trained: Session):
    async with workbench(trained) as (app, pilot):
        taken: list[str] = []
        assert app._work is not None
        app._work.take_horizon = taken.append  # type: ignore[method-assign]
        for by_itself, wanted in ((True, "next"), (False, "later")):
            app._by_itself = by_itself
            app.post_message(told.TrainingStarted("quick", "later"))
            tell(app, TrainingEvent(SAVED, seconds=1.0))
            await until(pilot, lambda wanted=wanted: taken and taken[-1] == wanted)
            told_so = say("train.there_later" if by_itself else "train.now_later")
            assert [one for one in app._notifications if one.message == told_so]


async def test_the_dialog_tells_all_that_is_chosen_on_a_small_screen_and_its_own_keys(trained: Session):
    settings = Settings(keys={"train_dialog.device": ("v",)})
    async with workbench(trained, (40, 10), settings=settings) as (app, pilot):
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, TrainDialog))
        rest = app.screen.query_one("#train-dialog-rest")
        box = app.screen.query_one("#train-dialog")
        await until(pilot, lambda: rest.region.height == 3 and box.content_region.contains_region(rest.region))
        assert "v for the next" in below(app)
        await pilot.press("v")
        assert "device   cpu" in below(app)
        await pilot.press("down", "down", "down")
        assert "digits ε" in str(box.border_subtitle)


async def test_the_clock_of_a_stage_goes_on_while_nothing_is_told_of_it(trained: Session):
    async with workbench(trained) as (app, pilot):
        await pilot.press("2")
        await train_with_fake(app, pilot)
        await until(pilot, lambda: "50% 0:03" in text_of(app, "train-stages"))
        app._job_told -= 60
        await until(pilot, lambda: "50% 1:0" in text_of(app, "train-stages"))
        metrics = {"epoch": 2.0, "loss": 2.0}
        tell(app, TrainingEvent(STAGE_PROGRESS, "deep", 0.6, 4.0, None, metrics))
        await until(pilot, lambda: "60% 0:04" in text_of(app, "train-stages"))


def test_the_time_left_goes_down_while_nothing_is_told():
    stage = StageState("deep", "running", 0.5, 10.0)
    job = JobState("quick", stages=(stage,), estimates={"deep": 20.0})
    assert (job.seconds_left(), replace(job, since=4.0).seconds_left()) == (10.0, 6.0)
    assert replace(job, since=40.0).seconds_left() == 0.0
    assert replace(job, since=4.0).stages_now()[0].seconds == 14.0


async def test_a_second_training_waits_for_the_first(trained: Session):
    async with workbench(trained) as (app, pilot):
        await deep_training(app, pilot)
        await pilot.press("t")
        await pilot.pause()
        assert not isinstance(app.screen, TrainDialog)
        assert app.mode == "train"


async def test_escape_leaves_the_training_running(trained: Session):
    async with workbench(trained) as (app, pilot):
        await pilot.press("2")
        jobs = await deep_training(app, pilot)
        await pilot.press("escape")
        await until(pilot, lambda: app.mode == "home")
        assert app.state.training
        assert jobs.calls == []
        assert "▶" in text_of(app, "home-stages")
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)


async def test_a_stage_that_is_ready_lights_up_in_place(trained: Session, tmp_path: Path):
    app = WorkbenchApp("films", None, Home(tmp_path / "fresh"), no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.overview is not None)
        app._jobs = FakeJobs()  # type: ignore[assignment]
        focused = app.focused
        app.post_message(told.TrainingStarted("quick"))
        tell(app, TrainingEvent(STAGE_STARTED, "user_profiles", 0.0))
        tell(app, TrainingEvent(STAGE_FINISHED, "user_profiles", 1.0, 1.5, None, {"clusters": 2.0}))
        group = {"name": "noir", "size": 812, "cohesion": 0.4, "items": [["7", "Alien", 2.5]], "terms": [["noir", 3.0]]}
        tell(app, TrainingEvent(CLUSTERS_FOUND, "content_profiles", 1.0, clusters=[group]))
        await until(pilot, lambda: "✓ user profiles" in text_of(app, "home-stages"))
        (cluster,) = app.state.clusters()
        assert (cluster.name, cluster.size, cluster.top_items) == ("noir", 812, (("7", "Alien", 2.5),))
        assert app.focused is focused
        assert app.mode == "home"


@pytest.mark.parametrize("size", SIZES)
async def test_parameters_are_those_of_the_model(trained: Session, size: tuple[int, int]):
    async with workbench(trained, size) as (app, pilot):
        await pilot.press("2", "p")
        await until(pilot, lambda: isinstance(app.screen, ParametersDialog))
        assert isinstance(app.screen, ParametersDialog)
        text = "\n".join(line.plain for line in app.screen.lines())
        for said in ("quick", "next", "training lists at most", "2,000", "Ratings"):
            assert said in text
        await pilot.press("j", "escape")
        await until(pilot, lambda: not isinstance(app.screen, ParametersDialog))


def test_the_parameters_name_the_encoder_only_where_there_is_one():
    def encoder(request: TrainingRequest) -> tuple[tuple[str, str], ...]:
        return next(group.rows for group in parameters_of(request, False) if group.title == "Sequence encoder")

    assert ("width of all vectors", "64") in encoder(TrainingRequest("standard"))
    assert encoder(TrainingRequest("standard", "later")) == ()
    assert encoder(TrainingRequest("quick")) == ()


async def test_a_training_that_failed_starts_no_other(trained: Session, tmp_path: Path):
    app = WorkbenchApp("films", None, Home(tmp_path / "fresh"))
    jobs = FakeJobs()
    app._jobs = jobs  # type: ignore[assignment]
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: jobs.calls == ["start quick"])
        app.post_message(told.TrainingStarted("quick"))
        app.post_message(told.TrainingTold(TrainingEvent(FAILED, note="No memory.", exit_code=1), "quick"))
        app.post_message(told.TrainingEnded())
        await until(pilot, lambda: app.state.job is not None and not app.state.training)
        await pilot.pause(0.5)
        assert jobs.calls == ["start quick"]


def test_a_job_keeps_every_validation_figure():
    state = JobState("quick")
    for epoch, ndcg in enumerate((0.1, 0.3, 0.2), 1):
        metrics = {"epoch": epoch, "loss": 5.0 - epoch, "ndcg@10": ndcg}
        state = state.after(TrainingEvent(STAGE_PROGRESS, "deep", epoch / 3, 1.0, None, metrics))
    assert state.ndcg == (0.1, 0.3, 0.2)
    assert state.losses == (4.0, 3.0, 2.0)
    waiting = told.TrainingTold(TrainingEvent(STAGE_PROGRESS, "deep", 0.9, 1.0, None, {"ndcg@10": 0.4}), "quick")
    newer = told.TrainingTold(TrainingEvent(STAGE_PROGRESS, "deep", 1.0), "quick")
    assert not newer.can_replace(waiting)
    assert newer.can_replace(told.TrainingTold(TrainingEvent(STAGE_PROGRESS, "deep", 0.8), "quick"))


def test_a_job_keeps_a_bounded_curve_of_its_loss_and_its_encoders():
    state = JobState("standard")
    for step in range(3 * MOST_POINTS):
        done = 0.4 * step / (3 * MOST_POINTS)
        state = state.after(TrainingEvent(STAGE_PROGRESS, "deep", done, 1.0, None, {"encoder_loss": 9.0 - done}))
    assert len(state.encoder_points) <= MOST_POINTS
    assert state.encoder_points[0] == (0.0, 9.0)
    assert state.encoder_points[-1][0] == pytest.approx(1.0, abs=0.01)
    state = state.after(TrainingEvent(STAGE_PROGRESS, "deep", 0.7, 1.0, None, {"loss": 3.0}))
    assert state.loss_points == ((pytest.approx(0.5), 3.0),)


def test_the_time_left_comes_from_estimates_and_the_pace_of_the_present_stage():
    estimates = {"user_profiles": 10.0, "content_profiles": 5.0, "interaction": 20.0, "deep": 40.0}
    state = JobState("quick", estimates=estimates)
    assert state.seconds_left() == 75.0
    state = state.after(TrainingEvent(STAGE_FINISHED, "user_profiles", 1.0, 12.0))
    # The first took 1.2 times as long as foretold, so the others are expected to as well.
    assert state.seconds_left() == pytest.approx(1.2 * 65)
    state = state.after(TrainingEvent(STAGE_PROGRESS, "content_profiles", 0.5, 4.0))
    # Half done in 4 s: by its own pace 8 s in all, by the estimate 6 s; half of the mean is left.
    assert state.seconds_left() == pytest.approx(0.5 * (8 + 6) / 2 + 1.2 * 60)
    assert JobState("quick").seconds_left() is None
    assert replace(state, running=False).seconds_left() is None


def test_stages_that_have_not_ended_show_what_they_will_take():
    waiting, running = StageState("deep"), StageState("interaction", "running", 0.25, 3.0)
    lines = [line.plain for line in stage_lines([running, waiting], 60, {"deep": 90.0, "interaction": 12.0})]
    assert "25%" in lines[0]
    assert "0:03 about 0:12" in lines[0]
    assert "about 1:30" in lines[1]
    assert [clock(seconds) for seconds in (0.4, 59.6, 61, 3_723)] == ["0:00", "1:00", "1:01", "1:02:03"]


def test_only_recommenders_that_say_anything_have_a_line():
    lines = references({"ease": 0.1581, "popular": 0.044, "friends": 0.3, "content": 0.0})
    assert [(line.value, line.label) for line in lines] == [(0.044, "popularity .044"), (0.1581, "EASE .158")]


async def test_a_model_of_the_other_horizon_answers_once_it_is_stored(trained_copy: Session):
    job = trained_copy.training_job(TrainingRequest("quick", "later"))
    job.start()
    assert [event.kind for event in job.events()][-1] == SAVED
    async with workbench(trained_copy) as (app, pilot):
        app._jobs = FakeJobs()  # type: ignore[assignment]
        app.show_person("42")
        await until(pilot, lambda: app.state.person.answer)
        assert app.state.person.answer.horizon == "next"
        app.post_message(told.TrainingStarted("quick", "later"))
        tell(app, TrainingEvent(SAVED, seconds=5.0))
        await until(pilot, lambda: app.state.person.answer.horizon == "later")
        assert any("coming weeks" in note.message for note in app._notifications)
        assert app.state.model.horizon == "later"
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("end", "enter")
        await until(pilot, lambda: app.state.person.answer.horizon == "next")
        assert app.state.model.horizons == ("next", "later")


async def test_the_horizon_of_the_configuration_answers_where_a_model_is_stored_for_it(trained: Session):
    settings = Settings(defaults=Defaults(horizon="later"))
    app = WorkbenchApp("films", None, trained.home, no_train=True, settings=settings)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.model is not None)
        assert app.state.model.horizon == "next"
