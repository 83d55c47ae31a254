"""The workbench with a private model: it answers, nothing else is trained unasked, and what is missing is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.private_training import train_private
from recsys_tui.training.saving import save_trained
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.parameters import ParametersDialog, parameters_of
from recsys_tui.tui.dialogs.train_request import TrainDialog
from recsys_tui.tui.dialogs.user_picker import UserPicker
from recsys_tui.tui.widgets.line_table import LineTable
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
