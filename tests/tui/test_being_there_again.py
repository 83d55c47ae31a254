"""Theme, data, person, mode, list options and the pane that filled the screen are there the next time."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from recsys_tui.recommend.list_options import ListOptions, list_options
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.store.remembered import Memory, Place, Remembered
from recsys_tui.store.settings import Defaults, Settings
from recsys_tui.tui.acts.being_there_again import options_of, written_options
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.state.workbench import Asked
from recsys_tui.tui.themes import DEFAULT_THEME
from tests.tui.test_workbench import until

SIZES = [(120, 36), (80, 24)]


@pytest.fixture
def own_home(trained: Session, tmp_path: Path) -> Home:
    """The trained films in a home of their own."""
    shutil.copytree(trained.home.root, tmp_path / "copy")
    return Home(tmp_path / "copy")


@asynccontextmanager
async def opened(
    home: Home, size: tuple[int, int] = (80, 24), settings: Settings | None = None
) -> AsyncIterator[tuple[WorkbenchApp, Pilot[Any]]]:
    """The workbench as the program opens it: with a memory, written as it ends."""
    app = WorkbenchApp("films", None, home, no_train=True, settings=settings, memory=Memory(home))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.model is not None)
        yield app, pilot
    app.remember_now()


@pytest.mark.parametrize("size", SIZES)
async def test_everything_is_where_it_was(own_home: Home, size: tuple[int, int]):
    asked = Asked(30, list_options(where=["year>=1990"], diversity=0.5))
    async with opened(own_home, size) as (app, pilot):
        assert (app.mode, app.theme, app.state.person) == ("home", DEFAULT_THEME, None)
        app.use_theme("nord")
        app.state = replace(app.state, asked=asked)
        app._rank_by("ease")
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        await pilot.press("f")
        await until(pilot, lambda: app.screen.maximized is not None)
        filled = app.screen.maximized.id
        await pilot.press("q")
        await until(pilot, lambda: app.return_value is not None)
    async with opened(own_home, size) as (app, pilot):
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        assert (app.mode, app.theme) == ("users", "nord")
        assert app.state.person.user == "42"
        assert app.state.person.answer.model == "ease"
        assert len(app.state.person.answer.items) == 30
        assert app.state.asked == asked
        await until(pilot, lambda: app.screen.maximized is not None and app.screen.maximized.id == filled)
        await pilot.press("f")
        await until(pilot, lambda: app.screen.maximized is None)


async def test_changes_are_noted_while_it_runs(own_home: Home):
    async with opened(own_home) as (app, pilot):
        await pilot.press("3", "T")
        await pilot.press("down", "enter")
        await until(pilot, lambda: Memory(own_home).read().theme == "contrast")
        await until(pilot, lambda: [place.mode for place in Memory(own_home).read().places.values()] == ["clusters"])
        assert app.is_running


@pytest.mark.parametrize(
    "place",
    [
        Place("nowhere", "not a user", "no model", 10**9, {"where": ["nonsense"], "colour": "red"}, "no-such-pane"),
        Place("users", None, "deep", None, {"diversity": "much"}, "bad id!"),
    ],
)
async def test_a_place_that_is_gone_is_passed_over(own_home: Home, place: Place):
    key = Session.open("films", home=own_home).workspace.key
    Memory(own_home).write(Remembered("no such theme").with_place(key, place))
    async with opened(own_home) as (app, pilot):
        await pilot.pause(0.2)
        assert app.theme == DEFAULT_THEME
        assert app.state.person is None
        assert app.state.ranked_by == "deep"
        assert app.state.asked.options == ListOptions()
        assert app._exception is None


async def test_defaults_of_the_configuration_apply(own_home: Home):
    settings = Settings("dracula", Defaults(k=7, model="ease"))
    async with opened(own_home, settings=settings) as (app, pilot):
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        assert app.theme == "dracula"
        assert (app.state.person.answer.model, len(app.state.person.answer.items)) == ("ease", 7)
        assert app.request_of("full").seed == 0


def test_options_come_back_as_they_were():
    options = list_options(
        "never", products_only=True, where=["year>=1990", "title!=a=b"], pin=["17"], hide_popular=5, diversity=0.25
    )
    assert options_of(written_options(options)) == options
    only = list_options(only_items=["1", "2"], exclude_items=["3"])
    assert options_of(written_options(only)) == only
    assert written_options(ListOptions()) == {}
    assert options_of({"diversity": 7}) == ListOptions()
