"""The workbench with a private model: it answers, nothing else is trained unasked, and what is missing is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from textual import events
from textual.widgets import Static

from recsys_tui.evaluate.comparison_job import ComparisonRequest
from recsys_tui.evaluate.differences import SideBySide
from recsys_tui.evaluate.stored_comparison import StoredComparison
from recsys_tui.models.signal_names import PRIVATE_SIGNALS
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.private_training import train_private
from recsys_tui.training.saving import save_trained
from recsys_tui.tui import messages as told
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.model_choice import ModelChoice
from recsys_tui.tui.dialogs.parameters import ParametersDialog, parameters_of
from recsys_tui.tui.dialogs.train_request import TrainDialog
from recsys_tui.tui.dialogs.user_picker import UserPicker
from recsys_tui.tui.lines.compare import about_lines, pair_of
from recsys_tui.tui.state.compare import CompareState, in_evaluation
from recsys_tui.tui.widgets.line_table import LineTable
from recsys_tui.tui.widgets.top_bar import TopBar
from tests.tui.test_train import NotingJobs
from tests.tui.test_workbench import until


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A hundred and twenty people, and a private model of them."""
    random = np.random.default_rng(0)
    rows = ["user,item,time"]
    for person in range(120):
        start = random.integers(30)
        rows += [f"p{person},film {(start + step) % 30},{person * 100 + step}" for step in range(9)]
    (tmp_path / "ring.csv").write_text("\n".join(rows))
    session = Session.open(tmp_path / "ring.csv", home=Home(tmp_path / "home"))
    request = TrainingRequest("private", epsilon=2.0)
    model, manifest = train_private(session.dataset, request, lambda _event: None, lambda: False)
    save_trained(session.workspace, request, model, manifest | {"seconds": 1.0, "text_model": None})
    return session


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_private_model_answers_and_nothing_is_trained_unasked(session: Session, size: tuple[int, int]) -> None:
    app = WorkbenchApp(str(session.identity.path), None, session.home)
    jobs = NotingJobs()
    app._jobs = jobs  # type: ignore[assignment]
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.model is not None)
        assert app.state.model is not None
        assert app.state.model.preset == "private"
        assert [stage.name for stage in app.state.model.stages] == ["content_profiles", "statistics"]
        await pilot.press("2")
        await pilot.press("p")
        await until(pilot, lambda: isinstance(app.screen, ParametersDialog))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, TrainDialog))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, UserPicker) and app.screen.query_one(LineTable).count == 120)
        await pilot.press("enter")
        await until(pilot, lambda: app.state.person is not None and app.state.person.answer is not None)
        assert app.state.person is not None
        assert app.state.person.answer is not None
        assert app.state.person.answer.preset == "private"
        assert jobs.requests == []


def test_parameters_of_a_private_model_say_where_all_of_it_is_told() -> None:
    (group,) = parameters_of(TrainingRequest("private", "later"), rated=True)
    assert [value for _, value in group.rows] == ["private", "later"]
    assert "--private" in group.note


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_a_private_model_is_chosen_with_what_it_promises(session: Session, size: tuple[int, int]) -> None:
    app = WorkbenchApp(str(session.identity.path), None, session.home)
    jobs = NotingJobs()
    app._jobs = jobs  # type: ignore[assignment]
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.model is not None)
        bar = app.screen.query_one(TopBar)
        await until(pilot, lambda: "private ε=2" in str(bar.content))
        await pilot.press("t")
        await until(pilot, lambda: isinstance(app.screen, TrainDialog))
        rest = app.screen.query_one("#train-dialog-rest", Static)
        await until(pilot, lambda: "ε        2 " in str(rest.content))
        assert "Costs accuracy" in str(rest.content)
        assert rest.region.bottom <= size[1]
        await pilot.press("k")
        await until(pilot, lambda: "seed     0" in str(rest.content))
        await pilot.press("j", "backspace", "0", "enter")
        await until(pilot, lambda: any("ε must be" in str(note.message) for note in app._notifications))
        assert isinstance(app.screen, TrainDialog), "a promise that there is none of is told, and can be mended"
        for key, character in (("backspace", None), ("0", "0"), ("full_stop", "."), ("5", "5")):
            app.post_message(events.Key(key, character))  # all at once, as somebody types who is fast
        await until(pilot, lambda: "ε        0.5 " in str(rest.content))
        await pilot.press(".", "enter")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await until(pilot, lambda: bool(jobs.requests))
        assert jobs.requests == [TrainingRequest("private", epsilon=0.5)]
        app.post_message(told.TrainingStarted("private", "next", 0, 0, 0.5))
        await until(pilot, lambda: app.state.training)
        assert app.state.job is not None
        assert [stage.name for stage in app.state.job.stages] == ["content_profiles", "statistics"]
        await until(pilot, lambda: "private ε=0.5" in str(app.screen.query_one("#train-stages").border_title))


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_compare_shows_a_private_model_for_what_it_is(session: Session, size: tuple[int, int]) -> None:
    app = WorkbenchApp(str(session.identity.path), None, session.home)
    app._jobs = NotingJobs()  # type: ignore[assignment]
    started: list[ComparisonRequest] = []
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.model is not None)
        app.comparisons.start = lambda _session, request: started.append(request)  # type: ignore[method-assign]
        await pilot.press("6")
        head = app.screen.query_one("#compare-head")
        await until(pilot, lambda: "private ε=2" in str(head.border_title))
        assert app.state.compared.b in PRIVATE_SIGNALS
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ModelChoice))
        await pilot.press("enter")
        await until(pilot, lambda: bool(started))
        assert started[0].models[:2] == ("private", "deep")
        assert (started[0].epsilon, started[0].preset) == (2.0, "quick")


def test_a_comparison_names_the_private_model_by_its_promise() -> None:
    entry = {"name": "private", "metrics": {}, "privacy": {"epsilon": 2.0}}
    models = [entry, {"name": "deep", "metrics": {}}]
    document = {"users": 100, "test_interactions": 100, "protocol": "last", "seed": 0, "models": models}
    stored = StoredComparison(document, SideBySide((), ()), "", "", "quick", "2026-01-01")
    compared = CompareState("deep", "ease", stored=stored, private="private ε=2")
    pair = pair_of(compared)
    assert pair is not None
    assert (pair.a, pair.b) == ("private", "deep")
    told_lines = [sentence for sentence, _ in about_lines(compared, pair)]
    assert any("ε = 2" in sentence and "not covered" in sentence for sentence in told_lines)
    assert pair_of(replace(compared, private="")) is not None
    assert in_evaluation("deep", replace(compared, private="")) == "deep"
