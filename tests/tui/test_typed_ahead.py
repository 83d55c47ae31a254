"""What is typed ahead of the lists that it is about: each key means what it would mean to somebody who waits."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from recsys_tui.recommend.session import Session
from recsys_tui.recommend.stored_feedback import recommend_with_feedback
from recsys_tui.store.home import Home
from recsys_tui.store.verdicts import Verdicts
from recsys_tui.tui.acts import person_on_screen
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.item_picker import ItemPicker
from recsys_tui.tui.widgets.line_table import LineTable
from tests.tui.test_live import at_person, listed, person
from tests.tui.test_workbench import until


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
