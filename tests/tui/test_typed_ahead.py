"""What is typed ahead of the lists that it is about: each key means what it would mean to somebody who waits."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from recsys_tui.recommend.session import Session
from recsys_tui.recommend.stored_feedback import recommend_with_feedback
from recsys_tui.store.home import Home
from recsys_tui.store.verdicts import Verdicts
from recsys_tui.tui import base
from recsys_tui.tui.acts import person_on_screen
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.item_picker import ItemPicker
from recsys_tui.tui.dialogs.list_options import ListOptionsDialog
from recsys_tui.tui.dialogs.parameters import ParametersDialog
from recsys_tui.tui.widgets.line_table import LineTable
from tests.tui.test_live import at_person, listed, person
from tests.tui.test_workbench import train_with_fake, until


@pytest.fixture
def session(trained: Session, tmp_path: Path) -> Session:
    """The trained films in a home of their own: what is said here stays here."""
    shutil.copytree(trained.home.root, tmp_path / "copy")
    return Session.open("films", home=Home(tmp_path / "copy"))


def type_at_once(app: WorkbenchApp, *keys: str) -> None:
    """Post keys as the terminal does when they come in one piece."""
    names = {"+": "plus", "-": "minus", "]": "right_square_bracket"}
    for key in keys:
        app.post_message(events.Key(names.get(key, key), key if len(key) == 1 else None))


def best_of(session: Session, user: str, *likes: str) -> str:
    recommender = session.recommender()
    assert recommender is not None
    return recommend_with_feedback(recommender, user, Verdicts(likes), 20).items[0].item


async def settled(app: WorkbenchApp, pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: not app.ranking and not app._held and app._given_up is None)


async def test_a_like_behind_the_next_person_is_of_their_list(session: Session):
    async with at_person(session) as (app, pilot):
        type_at_once(app, "]", "]", "+")
        await settled(app, pilot)
        user = person(app).user
        assert user != "42"
        await until(pilot, lambda: session.feedback.of(user).liked)
        assert session.feedback.of(user).liked == (best_of(session, user),)
        assert session.feedback.of("42") == Verdicts()


async def test_likes_in_one_piece_are_of_one_item_each(session: Session):
    first = best_of(session, "42")
    second = best_of(session, "42", first)
    async with at_person(session) as (app, pilot):
        type_at_once(app, "+", "+")
        await settled(app, pilot)
        await until(pilot, lambda: len(session.feedback.of("42").liked) == 2)
        assert set(session.feedback.of("42").liked) == {first, second}


async def test_a_like_whose_list_never_comes_is_told_and_holds_up_nothing(
    session: Session, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(person_on_screen, "LONGEST_RANKING", 0.1)
    async with at_person(session) as (app, pilot):
        app._list_asked += 1  # one that nobody answers
        type_at_once(app, "+", "3")
        await until(pilot, lambda: app.mode == "clusters")
        assert [note.message for note in app._notifications] == ["ranking …"]
        assert session.feedback.of("42") == Verdicts()
        await pilot.press("4", "plus")
        await until(pilot, lambda: session.feedback.of("42").liked)
        assert len(session.feedback.of("42").liked) == 1


async def test_keys_behind_one_that_opens_a_dialog_are_for_the_dialog_however_long_it_takes(session: Session):
    async with at_person(session) as (app, pilot):
        jobs = await train_with_fake(app, pilot)
        busy = threading.Event()
        app.ask(lambda _session: busy.wait(20), lambda _done: None)
        type_at_once(app, "F", "1", "5", "D", "K")  # the last two would end the training
        await pilot.pause(0.2)
        assert len(app.screen_stack) == 1
        busy.set()
        await until(pilot, lambda: isinstance(app.screen, ListOptionsDialog))
        await settled(app, pilot)
        assert isinstance(app.screen, ListOptionsDialog)
        assert "15DK" in next(field.value for field in app.screen.query(Input))
        assert jobs.calls == []


async def test_keys_for_a_dialog_that_does_not_come_do_nothing(session: Session, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(base, "LONGEST_DIALOG", 0.1)
    async with at_person(session) as (app, pilot):
        jobs = await train_with_fake(app, pilot)
        busy = threading.Event()
        app.ask(lambda _session: busy.wait(20), lambda _done: None)
        type_at_once(app, "p", "D", "K", "3")
        await until(pilot, lambda: app._given_up is None and not app._held)
        assert (app.mode, jobs.calls, len(app.screen_stack)) == ("users", [], 1)
        busy.set()
        await until(pilot, lambda: isinstance(app.screen, ParametersDialog))


@pytest.mark.parametrize("mode", ["4", "6"])
async def test_the_item_picked_is_the_one_shown(session: Session, mode: str):
    async with at_person(session) as (app, pilot):
        await pilot.press(mode)
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, ItemPicker) and app.screen.query_one(LineTable).count > 100)
        picker = app.screen
        assert isinstance(picker, ItemPicker)
        await pilot.press(*"12")
        await until(pilot, lambda: picker._answered == picker._generation and picker.id_under_cursor() is not None)
        wanted = picker.id_under_cursor()
        assert wanted not in (None, listed(app)[0])
        await pilot.press("enter")
        await until(pilot, lambda: app.mode == "items")
        assert app.state.item.item == wanted
