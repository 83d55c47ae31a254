"""The workbench driven by keys, over a trained session and over sessions that fail."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.training.events import SAVED, STAGE_FINISHED, STAGE_PROGRESS, STAGE_STARTED, TrainingEvent
from recsys_tui.tui import messages as told
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.base import LATER_VIEWS
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.dialogs.help import HelpDialog
from recsys_tui.tui.dialogs.user_picker import UserPicker
from recsys_tui.tui.widgets.line_table import LineTable
from recsys_tui.tui.widgets.panel import Panel


async def until(pilot: Pilot[Any], holds: Callable[[], Any], seconds: float = 20.0) -> None:
    """Wait until something holds; background threads have their own pace."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        await pilot.pause(0.02)
    await pilot.pause()


@asynccontextmanager
async def workbench(
    session: Session | None, size: tuple[int, int] = (120, 36), **options: Any
) -> AsyncIterator[tuple[WorkbenchApp, Pilot[Any]]]:
    """The workbench over a session, loaded."""
    options = {"no_train": True} | options
    home = session.home if session is not None else options.pop("home")
    app = WorkbenchApp("films", None, home, **options)
    async with app.run_test(size=size) as pilot:
        if session is not None:
            await until(pilot, lambda: app.state.model is not None or app.state.overview is not None)
            await until(pilot, lambda: app.state.model is not None)
        yield app, pilot


def text_of(app: WorkbenchApp, name: str) -> str:
    return "\n".join(line.plain for line in app.screen_stack[0].query_one(f"#{name}", Panel).lines)


def rows_of(app: WorkbenchApp, name: str) -> list[tuple[str, ...]]:
    table = app.screen.query_one(f"#{name}", LineTable)
    return [tuple(row) for row in table._fetch(0, table.count)]


@pytest.mark.parametrize("size", [(120, 36), (80, 24)])
async def test_picking_a_user_shows_history_and_recommendations(trained: Session, size: tuple[int, int]):
    recommender = trained.recommender()
    assert recommender is not None
    async with workbench(trained, size) as (app, pilot):
        await pilot.press("u")
        await until(
            pilot, lambda: isinstance(app.screen, UserPicker) and app.screen.query_one(LineTable).count == 1_500
        )
        await pilot.press("1", "2", "0")
        await until(pilot, lambda: [row[0] for row in rows_of(app, "picker-list")][:2] == ["120", "1200"])
        await pilot.press("down", "down", "up", "enter")
        await until(pilot, lambda: app.state.person is not None and app.state.person.answer is not None)
        assert app.state.person is not None
        assert app.state.person.user == "1200"
        expected = recommender.recommend("1200", k=20)
        assert [row[1] for row in rows_of(app, "recommended")] == [entry.title for entry in expected.items]
        assert [row[2] for row in rows_of(app, "history")] == [entry.title for entry in recommender.history("1200")]
        assert "sequence" in text_of(app, "why")


async def test_filtering_by_cluster_and_activity(trained: Session):
    async with workbench(trained) as (app, pilot):
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, UserPicker))
        for key in "c1 heavy":
            await pilot.press("space" if key == " " else key)
        await until(pilot, lambda: 0 < app.screen.query_one(LineTable).count < 100)
        assert {row[1] for row in rows_of(app, "picker-list")} == {"C1"}
        await pilot.press(*["backspace"] * 20)
        await pilot.press(*"nobody")
        await until(pilot, lambda: app.screen.query_one(LineTable).count == 0)
        await pilot.press("enter")
        assert isinstance(app.screen, UserPicker), "nobody can be chosen"
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, UserPicker))


async def test_an_open_picker_goes_on_with_the_groups_of_a_model_that_comes(trained: Session):
    async with workbench(trained) as (app, pilot):
        model, users = app.state.model, app._users
        app._users = users.with_columns(cluster=pl.lit(None, pl.Int32))
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, UserPicker))
        await pilot.press("c", "1")
        await until(pilot, lambda: app.screen.query_one(LineTable).empty == say("tui.no_groups_yet"))
        app.post_message(told.ModelReady(model, users, None))
        await until(pilot, lambda: app.screen.query_one(LineTable).count > 0)
        assert {row[1] for row in rows_of(app, "picker-list")} == {"C1"}


async def test_next_user_other_model_and_why(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: app.state.person and app.state.person.user == "43" and app.state.person.answer)
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: app.state.person and app.state.person.user == "42" and app.state.person.answer)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.state.person and app.state.person.answer.model == "sequence")
        assert not app.screen.query_one("#why").region.area
        await pilot.press("x")
        await until(pilot, lambda: app.screen.query_one("#why").region.area > 0)
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query_one("#why").region.area)
        assert app.mode == "users"
        await pilot.press("escape")
        await until(pilot, lambda: app.mode == "home")


async def test_modes_clusters_and_training_figures(trained: Session):
    async with workbench(trained) as (app, pilot):
        await pilot.press("3")
        await until(
            pilot, lambda: app.screen.query_one("#cluster-list", LineTable).count == len(app.state.model.clusters)
        )
        first = text_of(app, "cluster-detail")
        await pilot.press("j")
        await until(pilot, lambda: text_of(app, "cluster-detail") != first)
        await pilot.press("2")
        await until(pilot, lambda: "deep" in text_of(app, "train-parts"))
        assert "popular" in text_of(app, "train-parts")
        await pilot.press("1")
        assert app.mode == "home"


async def test_help_lists_keys_and_filters(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpDialog))
        table = app.screen.query_one(LineTable)
        everything = table.count
        assert everything >= 12
        await pilot.press(*"quit")
        await until(pilot, lambda: 0 < table.count < everything)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, HelpDialog))


async def test_escape_never_quits_and_q_does(trained: Session):
    async with workbench(trained) as (app, pilot):
        await pilot.press("escape", "escape", "4", "escape")
        assert app.is_running
        await pilot.press("q")
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value == 0


class FakeJobs:
    """A training process that does what the test says."""

    def __init__(self) -> None:
        self.running = False
        self.calls: list[str] = []

    def start(self, _session: Session, request: Any) -> None:
        self.calls.append(f"start {request.preset}")

    def stop(self) -> None:
        self.calls.append("stop")

    def discard(self) -> None:
        self.calls.append("discard")


async def train_with_fake(app: WorkbenchApp, pilot: Pilot[Any], preset: str = "quick") -> FakeJobs:
    jobs = FakeJobs()
    app._jobs = jobs  # type: ignore[assignment]
    app.post_message(told.TrainingStarted(preset))
    app.post_message(told.TrainingTold(TrainingEvent(STAGE_STARTED, "deep", 0.0), preset))
    metrics = {"epoch": 1, "loss": 2.5, "ndcg@10": 0.125}
    app.post_message(told.TrainingTold(TrainingEvent(STAGE_PROGRESS, "deep", 0.5, 3.0, None, metrics), preset))
    await until(pilot, lambda: app.state.job is not None and app.state.job.ndcg == (0.125,))
    return jobs


@pytest.mark.parametrize(("downs", "call"), [(0, "discard"), (1, "stop")])
async def test_quitting_while_training_asks(trained: Session, downs: int, call: str):
    async with workbench(trained) as (app, pilot):
        jobs = await train_with_fake(app, pilot)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ChoiceDialog))
        assert app.is_running
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press(*["down"] * downs, "enter")
        await until(pilot, lambda: app.return_value is not None)
        assert jobs.calls == [call]


async def test_an_untrained_dataset_trains_quick_then_standard(trained: Session, tmp_path: Path):
    app = WorkbenchApp("films", None, Home(tmp_path / "fresh"))
    jobs = FakeJobs()
    app._jobs = jobs  # type: ignore[assignment]
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: jobs.calls == ["start quick"])
        assert app.state.model is None
        await pilot.press("4")
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.history)
        assert app.state.person is not None
        assert app.state.person.answer is None
        # The model of another home stands in for the one that this training would make.
        app._work.session = trained  # type: ignore[union-attr]
        app.post_message(told.TrainingStarted("quick"))
        app.post_message(told.TrainingTold(TrainingEvent(STAGE_FINISHED, "deep", 1.0, 2.0), "quick"))
        app.post_message(told.TrainingTold(TrainingEvent(SAVED, seconds=5.0), "quick"))
        app.post_message(told.TrainingEnded())
        focused = app.focused
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        await until(pilot, lambda: jobs.calls == ["start quick", "start standard"])
        assert app.focused is focused


async def test_bad_data_ends_with_its_sentence_and_code(home: Home):
    def refuse(*_arguments: Any) -> Session:
        raise UserError("data.no_such_path", path="nothing.csv")

    app = WorkbenchApp("nothing.csv", None, home, open_session=refuse)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value == 2
    assert app.parting is not None
    assert "nothing.csv" in app.parting


async def test_too_small_a_terminal_says_so(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        await pilot.resize_terminal(39, 9)
        await until(pilot, lambda: app.screen.query_one("#small").display)
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: not app.screen.query_one("#small").display)


async def test_titles_that_look_like_markup_or_escapes_show_as_they_are(tmp_path: Path, home: Home):
    path = tmp_path / "odd.csv"
    path.write_text("user,item\n" + "".join(f"u{n % 6},i{n % 4}\n" for n in range(24)))
    (tmp_path / "items.csv").write_text("item,title\ni0,[bold]loud[/bold]\ni1,\x1b[31mred\ni2,[/]\ni3,plain\n")
    app = WorkbenchApp(str(path), None, home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.overview is not None)
        app.show_person("u0")
        await until(pilot, lambda: app.state.person and app.state.person.history)
        titles = {row[1] for row in rows_of(app, "history")}
        assert titles == {"[bold]loud[/bold]", "[/]"} or titles <= {"[bold]loud[/bold]", "red", "[/]", "plain"}
        assert "[bold]loud[/bold]" in titles
        assert "\x1b" not in app.export_screenshot()
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, UserPicker))
        app.screen.query_one(Input).value = "[/"
        await until(pilot, lambda: app.screen.query_one(LineTable).count == 0)


def test_the_interface_imports_neither_torch_nor_sklearn_and_no_polars_before_the_first_paint():
    program = (
        "import sys\nimport recsys_tui.tui.app\n"
        "heavy = {'torch', 'sklearn', 'scipy', 'polars', 'numpy'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def picker_with_rows(app: WorkbenchApp, pilot: Pilot[Any]) -> Input:
    await pilot.press("u")
    await until(pilot, lambda: isinstance(app.screen, UserPicker) and app.screen._rows is not None)
    return app.screen.query_one(Input)


async def test_enter_chooses_among_what_was_typed_not_what_was_shown_before(trained: Session):
    async with workbench(trained) as (app, pilot):
        typed = await picker_with_rows(app, pilot)
        typed.value = "742"
        typed.post_message(Input.Submitted(typed, "742"))
        await until(pilot, lambda: app.state.person is not None)
        assert app.state.person is not None
        assert app.state.person.user == "742"


async def test_enter_where_nobody_matches_is_forgotten(trained: Session):
    async with workbench(trained) as (app, pilot):
        typed = await picker_with_rows(app, pilot)
        typed.value = "zzz"
        typed.post_message(Input.Submitted(typed, "zzz"))
        await until(pilot, lambda: isinstance(app.screen, UserPicker) and len(app.screen._rows) == 0)
        await pilot.press(*["backspace"] * 3)
        await until(pilot, lambda: isinstance(app.screen, UserPicker) and len(app.screen._rows) == 1500)
        assert app.state.person is None


async def test_data_opened_while_other_data_is_read_is_trained_from_quick_on(tmp_path: Path):
    gate = threading.Event()
    opened: list[str] = []

    def open_session(data: str, _mapping: Any, _home: Home, refresh: bool, progress: Any) -> Session:
        opened.append(data)
        if data == "slow":
            gate.wait(20)
        return Session.open("films", None, Home(tmp_path / data), refresh, progress)

    app = WorkbenchApp("slow", None, Home(tmp_path / "home"), open_session=open_session)
    jobs = FakeJobs()
    app._jobs = jobs  # type: ignore[assignment]
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: opened == ["slow"])
        app._opened("other")
        gate.set()
        await until(pilot, lambda: len(jobs.calls) == 2)
        assert jobs.calls == ["discard", "start quick"]


async def test_on_a_small_screen_the_list_in_use_has_it_for_itself(trained: Session):
    async with workbench(trained, (40, 10)) as (app, pilot):
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        lists = [app.screen.query_one(name, LineTable) for name in ("#recommended", "#history")]
        await until(pilot, lambda: lists[0].region.width == 40 and not lists[1].region.area)
        assert lists[0].size.height >= 4
        await pilot.press("shift+tab")
        await until(pilot, lambda: lists[1].region.width == 40 and not lists[0].region.area)
        assert lists[1].size.height >= 4
        assert app.focused is lists[1]


@pytest.mark.parametrize("size", [(40, 10), (80, 24)])
async def test_every_panel_of_the_overview_is_inside_a_small_screen(trained: Session, size: tuple[int, int]):
    async with workbench(trained, size) as (app, _pilot):
        for name in ("home-figures", "home-ratings", "home-activity", "home-tail"):
            panel = app.screen.query_one(f"#{name}", Panel)
            assert panel.display
            assert panel.region.width >= 20
            assert panel.region.right <= size[0]


@pytest.mark.parametrize(
    ("keys", "mode"), [(["6"], "compare"), (["2"], "train"), (["6", "1"], "home"), (["6", "4"], "users")]
)
async def test_the_view_that_is_wanted_comes_before_the_others(trained: Session, keys: list[str], mode: str):
    app = WorkbenchApp("films", None, trained.home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.model is not None and app.views_there)
        for name in LATER_VIEWS:  # as between the first paint and the second view
            await app.screen.query_one(f"#{name}").remove()
        for key in keys:
            await pilot.press(key)
            assert app.mode == "home"
        await app.mount_views(lambda: None)
        assert app.mode == mode
        assert app.screen.query_one(f"#{mode}").display
        later = [name for name in LATER_VIEWS if app.screen.query(f"#{name}")]
        assert later == [mode if mode in LATER_VIEWS else next(iter(LATER_VIEWS))]
        await until(pilot, lambda: all(app.screen.query(f"#{name}") for name in LATER_VIEWS))
        assert app.mode == mode
