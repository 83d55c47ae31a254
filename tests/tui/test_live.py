"""Live recommendations: opinions that re-rank at once, undo, what-if, options of lists, panes, what is shown raw."""

from __future__ import annotations

import os
import pty
import select
import shutil
import sqlite3
import struct
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, OptionList, Static

from recsys_tui.output.messages import say
from recsys_tui.recommend.list_options import list_options
from recsys_tui.recommend.session import Session
from recsys_tui.recommend.stored_feedback import recommend_with_feedback
from recsys_tui.store.home import Home
from recsys_tui.store.verdicts import Verdicts
from recsys_tui.tui import messages as told
from recsys_tui.tui.acts.live import PATIENCE
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.dialogs.list_options import ListOptionsDialog
from recsys_tui.tui.state.workbench import PersonState
from recsys_tui.tui.widgets.line_table import LineTable
from recsys_tui.tui.widgets.panel import Panel
from tests.tui.test_workbench import until

SMALL = (80, 24)
SIZES = [(120, 36), SMALL]
USER = "42"


@pytest.fixture
def session(trained: Session, tmp_path: Path) -> Session:
    """The trained films in a home of their own: what is said here stays here."""
    shutil.copytree(trained.home.root, tmp_path / "copy")
    return Session.open("films", home=Home(tmp_path / "copy"))


@asynccontextmanager
async def at_person(
    session: Session, size: tuple[int, int] = (120, 36), user: str = USER
) -> AsyncIterator[tuple[WorkbenchApp, Pilot[Any]]]:
    """The workbench with a person on screen."""
    app = WorkbenchApp("films", None, session.home, no_train=True)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.model is not None)
        app.show_person(user)
        await until(pilot, lambda: person(app).answer and person(app).history and app.mode == "users")
        await until(pilot, lambda: app.focused is table(app, "recommended"))
        yield app, pilot


def person(app: WorkbenchApp) -> PersonState:
    assert app.state.person is not None
    return app.state.person


def table(app: WorkbenchApp, name: str) -> LineTable:
    return app.screen_stack[0].query_one(f"#{name}", LineTable)


def rows_of(app: WorkbenchApp, name: str) -> list[tuple[str, ...]]:
    shown = table(app, name)
    return [tuple(row) for row in shown._fetch(0, shown.count)]


def listed(app: WorkbenchApp) -> list[str]:
    answer = person(app).answer
    assert answer is not None
    return [entry.item for entry in answer.items]


def panel(app: WorkbenchApp, name: str) -> str:
    return "\n".join(line.plain for line in app.screen_stack[0].query_one(f"#{name}", Panel).lines)


def on_screen(app: WorkbenchApp) -> str:
    return "\n".join("".join(part.text for part in line) for line in app.screen._compositor.render_strips())


def expected(session: Session, said: Verdicts, k: int = 20, **options: Any) -> list[str]:
    recommender = session.recommender()
    assert recommender is not None
    answer = recommend_with_feedback(recommender, USER, said, k, options=list_options(**options))
    return [entry.item for entry in answer.items]


@pytest.mark.parametrize("size", SIZES)
async def test_a_like_ranks_anew_shows_the_moves_and_is_stored(session: Session, size: tuple[int, int]):
    async with at_person(session, size) as (app, pilot):
        before = listed(app)
        assert before == expected(session, Verdicts())
        assert {row[4] for row in rows_of(app, "recommended")} == {""}
        await pilot.press("down", "down", "plus")
        await until(pilot, lambda: listed(app) != before)
        assert session.feedback.of(USER) == Verdicts((before[2],))
        assert listed(app) == expected(session, Verdicts((before[2],)))
        for row, item in zip(rows_of(app, "recommended"), listed(app), strict=True):
            rank = int(row[0])
            if item not in before:
                assert row[4] == "new"
            else:
                rose = before.index(item) + 1 - rank
                assert row[4] == ("=" if not rose else f"▲{rose}" if rose > 0 else f"▼{-rose}")
        assert "liked · noted · z undoes it" in panel(app, "person")
        assert table(app, "recommended").cursor == 2
        assert app.focused is table(app, "recommended")
        assert "▲" in on_screen(app)
        assert rows_of(app, "history")[0][::3] == ("♥", "now")


async def test_a_dislike_in_the_history_is_marked_where_it_stands(session: Session):
    async with at_person(session, SMALL) as (app, pilot):
        before = listed(app)
        await pilot.press("shift+tab")
        await until(pilot, lambda: app.focused is table(app, "history"))
        await pilot.press("down", "minus")
        item = person(app).history[1].item
        await until(pilot, lambda: person(app).said == Verdicts((), (item,)) and listed(app) != before)
        assert rows_of(app, "history")[1] == (
            "✗",
            f"{person(app).history[1].rating:g}",
            person(app).history[1].title,
            "now",
        )
        assert table(app, "history").cursor == 1
        await pilot.press("minus")
        await until(pilot, lambda: person(app).said == Verdicts() and listed(app) == before)
        assert session.feedback.of(USER) == Verdicts()


async def test_the_cursor_stays_on_its_item_in_a_history_that_grows(session: Session):
    async with at_person(session) as (app, pilot):
        await pilot.press("shift+tab", *["down"] * 5)
        item = app.view.item_under_cursor()
        assert item == person(app).history[5].item
        app._write_down(USER, Verdicts(), *_liked(app, listed(app)[0]))
        app.ask_for_person()
        await until(pilot, lambda: table(app, "history").count == len(person(app).history) + 1)
        assert table(app, "history").cursor == 6
        assert app.view.item_under_cursor() == item


def _liked(app: WorkbenchApp, item: str) -> tuple[Any, Any, str]:
    edits = app._edits(person(app)).after(item, "like")
    return edits, edits.done[-1], "undo"


async def test_undo_and_redo_are_written_too_and_outlast_a_visit_to_somebody_else(session: Session):
    async with at_person(session) as (app, pilot):
        first = listed(app)
        await pilot.press("plus")
        await until(pilot, lambda: person(app).said == Verdicts((first[0],)))
        await until(pilot, lambda: listed(app) != first)
        second = listed(app)
        await pilot.press("plus")
        both = Verdicts((first[0], second[0]))
        await until(pilot, lambda: person(app).said == both and listed(app) == expected(session, both))
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: person(app).user == "43" and person(app).answer)
        await pilot.press("z")
        await until(pilot, lambda: "nothing to undo" in str([toast.message for toast in app._notifications]))
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: person(app).user == USER and person(app).heard)
        assert listed(app) == expected(session, both)
        await pilot.press("z")
        await until(pilot, lambda: session.feedback.of(USER) == Verdicts((first[0],)) and listed(app) == second)
        await pilot.press("z")
        await until(pilot, lambda: session.feedback.of(USER) == Verdicts() and listed(app) == first)
        assert "Z redoes it" in panel(app, "person")
        await pilot.press("Z")
        await until(pilot, lambda: session.feedback.of(USER) == Verdicts((first[0],)) and listed(app) == second)
        await pilot.press("Z")
        await until(pilot, lambda: session.feedback.of(USER) == both)


async def test_keys_pressed_at_once_are_all_counted(session: Session):
    async with at_person(session) as (app, pilot):
        liked: list[str] = []
        for place in range(3):  # each is of the list that the one before it led to
            liked.append(expected(session, Verdicts(tuple(liked)))[place])
        for key in ("plus", "down", "plus", "down", "plus"):
            app.post_message(events.Key(key, None))
        wanted = Verdicts(tuple(liked))
        await until(pilot, lambda: person(app).said == wanted and listed(app) == expected(session, wanted))
        assert session.feedback.of(USER) == wanted


@pytest.mark.parametrize("size", SIZES)
async def test_what_if_tries_without_keeping_until_enter(session: Session, size: tuple[int, int]):
    async with at_person(session, size) as (app, pilot):
        first = listed(app)
        await pilot.press("w")
        await until(pilot, lambda: "WHAT IF" in on_screen(app))
        assert "↵ keep · Esc drop" in on_screen(app)
        await pilot.press("plus", "down", "down", "down")
        await until(pilot, lambda: listed(app) == expected(session, Verdicts((first[0],))))
        disliked = app.view.item_under_cursor()
        await pilot.press("minus")
        tried = Verdicts((first[0],), (disliked,))
        await until(pilot, lambda: listed(app) == expected(session, tried))
        assert session.feedback.of(USER) == Verdicts()
        moves = dict(zip(listed(app), (row[4] for row in rows_of(app, "recommended")), strict=True))
        assert moves[first[1]].strip("▲▼=").isdecimal() or moves[first[1]] == "="
        assert {row[3] for row in rows_of(app, "history")[:2]} == {"what if"}
        await pilot.press("escape")
        await until(pilot, lambda: not person(app).what_if and listed(app) == first)
        assert app.mode == "users"
        assert "WHAT IF" not in on_screen(app)
        await pilot.press("w")
        table(app, "recommended").move_to(0)
        await pilot.press("plus", "enter")
        await until(pilot, lambda: session.feedback.of(USER) == Verdicts((first[0],)))
        await until(pilot, lambda: not person(app).what_if and "1 opinion noted" in panel(app, "person"))
        await pilot.press("z")
        await until(pilot, lambda: session.feedback.of(USER) == Verdicts() and listed(app) == first)


async def test_enter_keeps_a_what_if_where_one_reads_why_too(session: Session):
    async with at_person(session, SMALL) as (app, pilot):
        await pilot.press("w", "plus")
        await until(pilot, lambda: person(app).answer and person(app).said.liked)
        liked = person(app).said.liked
        await pilot.press("x")
        await until(pilot, lambda: app.view.pane == "why-scroll")
        assert session.feedback.of(USER) == Verdicts()
        await pilot.press("enter")
        await until(pilot, lambda: not person(app).what_if)
        assert session.feedback.of(USER).liked == liked


async def test_a_pane_that_fills_the_screen_gives_way_to_another_mode(session: Session):
    async with at_person(session) as (app, pilot):
        await pilot.press("f")
        await until(pilot, lambda: app.screen.maximized is not None)
        await pilot.press("4")
        await pilot.pause()
        assert app.screen.maximized is not None
        await pilot.press("3")
        await until(pilot, lambda: app.screen.maximized is None and app.screen.query_one("#cluster-list").region)


async def test_why_is_drawn_for_the_room_it_has_though_it_was_drawn_out_of_sight(session: Session):
    async with at_person(session, SMALL) as (app, pilot):
        await pilot.press("x")
        await until(pilot, lambda: app.screen.query_one("#why", Panel).content_size.width > 60)
        width = app.screen.query_one("#why", Panel).inner_width
        await pilot.press("escape")
        await until(pilot, lambda: not app.screen.query_one("#why", Panel).region)
        assert app.screen.query_one("#why", Panel).inner_width == width


async def test_going_to_somebody_else_drops_a_what_if_and_says_so(session: Session):
    async with at_person(session) as (app, pilot):
        await pilot.press("w", "plus", "right_square_bracket")
        await until(pilot, lambda: person(app).user == "43" and person(app).answer)
        assert any("dropped" in toast.message for toast in app._notifications)
        assert session.feedback.of(USER) == Verdicts()


async def test_what_was_said_elsewhere_counts_and_is_shown(session: Session):
    item = expected(session, Verdicts())[4]
    session.feedback.add([(USER, item, "like")])
    async with at_person(session) as (app, pilot):
        assert listed(app) == expected(session, Verdicts((item,)))
        assert rows_of(app, "history")[0][::3] == ("♥", "earlier")
        await pilot.press("shift+tab", "plus")
        await until(pilot, lambda: session.feedback.of(USER) == Verdicts())


async def test_a_log_that_cannot_be_written_is_told_and_nothing_is_marked(session: Session):
    async with at_person(session) as (app, pilot):
        before = listed(app)
        session.feedback.path.mkdir()
        await pilot.press("plus")
        await until(pilot, lambda: [toast for toast in app._notifications if toast.severity == "error"])
        await until(pilot, lambda: person(app).answer and "does not count" in str(person(app).answer.note))
        assert person(app).said == Verdicts()
        assert listed(app) == before
        assert {row[4] for row in rows_of(app, "recommended")} == {""}  # nothing was said, so nothing moved
        assert "noted" not in panel(app, "person").splitlines()[1]


async def test_a_like_that_has_to_wait_says_so_and_counts_in_the_end(session: Session):
    async with at_person(session) as (app, pilot):
        session.feedback.add([("7", listed(app)[0], "like")])
        other = sqlite3.connect(session.feedback.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        liked = listed(app)[0]
        await pilot.press("plus")
        await until(pilot, lambda: [one for one in app._notifications if one.message == say("live.waits")])
        assert person(app).said == Verdicts()
        other.execute("ROLLBACK")
        other.close()
        await until(pilot, lambda: session.feedback.of(USER).liked == (liked,) and person(app).said.liked == (liked,))
        app.clear_notifications()
        await pilot.press("z")
        await until(pilot, lambda: person(app).said == Verdicts())
        await pilot.pause(PATIENCE + 0.1)
        assert not [one for one in app._notifications if one.message == say("live.waits")]


async def test_likes_that_failed_together_can_be_said_again(session: Session):
    async with at_person(session) as (app, pilot):
        first = listed(app)[0]
        session.feedback.path.mkdir()
        busy = threading.Event()
        app.ask(lambda _session: busy.wait(20), lambda _done: None)
        await pilot.press("plus", "j", "plus")
        busy.set()
        await until(pilot, lambda: len([one for one in app._notifications if one.severity == "error"]) == 2)
        assert app.state.edits[USER].said == Verdicts()
        assert app.state.edits[USER].done == ()
        session.feedback.path.rmdir()
        await pilot.press("k")
        assert app.view.item_under_cursor() == first
        await pilot.press("plus")
        await until(pilot, lambda: session.feedback.of(USER).liked == (first,))


@pytest.mark.parametrize("size", SIZES)
async def test_options_of_lists_are_checked_as_they_are_typed_and_act(session: Session, size: tuple[int, int]):
    async with at_person(session, size) as (app, pilot):
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, ListOptionsDialog))
        await until(pilot, lambda: "✓ 1,200 of 1,200" in verdict(app))
        field(app, "diversity").value = "2"
        await until(pilot, lambda: "✗ Diversity: a number from 0 to 1, not '2'." in verdict(app))
        await pilot.press("enter")
        assert isinstance(app.screen, ListOptionsDialog)
        field(app, "diversity").value = "0.5"
        field(app, "category").value = "Western, Drama"
        field(app, "year_from").value = "1970"
        field(app, "where").value = "nofield=1"
        await until(pilot, lambda: "no field 'nofield'" in verdict(app))
        field(app, "where").value = "year!=1980"
        field(app, "k").value = "7"
        await until(pilot, lambda: "✓" in verdict(app))
        field(app, "k").focus()
        await pilot.press(*["tab"] * 7, "space")
        await until(pilot, lambda: app.screen.query_one("#option-unseen").value)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: not isinstance(app.screen, ListOptionsDialog) and len(listed(app)) <= 7)
        where = ["categories=Western", "categories=Drama", "year>=1970", "year!=1980"]
        assert app.state.asked.options == list_options("never", where=where, diversity=0.5)
        wanted = expected(session, Verdicts(), 7, repeat="never", where=where, diversity=0.5)
        await until(pilot, lambda: listed(app) == wanted)
        told_now = panel(app, "person").splitlines()[2]
        assert told_now.startswith("options: 7 results · categories=Western · categories=Drama · year>=1970")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: person(app).user == "43" and person(app).answer and len(listed(app)) <= 7)
        await pilot.press("F")
        await until(pilot, lambda: isinstance(app.screen, ListOptionsDialog))
        assert field(app, "category").value == "Western, Drama"
        await pilot.press("ctrl+r", "enter")
        await until(pilot, lambda: not isinstance(app.screen, ListOptionsDialog))
        await until(pilot, lambda: len(listed(app)) == 20)
        assert "options:" not in panel(app, "person")


def field(app: WorkbenchApp, name: str) -> Input:
    return app.screen.query_one(f"#option-{name}", Input)


def verdict(app: WorkbenchApp) -> str:
    return str(app.screen.query_one("#list-options-verdict", Static).content)


async def test_the_model_is_chosen_from_those_there_are_with_what_they_measured(session: Session):
    async with at_person(session) as (app, pilot):
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        offers = [str(option.prompt) for option in app.screen.query_one(OptionList)._options]
        model = app.state.model
        assert model is not None
        assert offers[0].startswith("● deep")
        assert f"{model.validation['ndcg@10']:.4f}" in offers[0]
        assert not any("encoder" in offer or "friends" in offer for offer in offers)
        place = next(place for place, offer in enumerate(offers) if " ease " in offer)
        await pilot.press(*["down"] * place, "enter")
        await until(pilot, lambda: person(app).answer and person(app).answer.model == "ease")
        assert "by ease" in str(table(app, "recommended").border_title)
        assert {row[5] for row in rows_of(app, "recommended")} == {""}


async def test_dots_say_which_stages_speak_for_an_item(session: Session):
    async with at_person(session) as (app, _pilot):
        answer = person(app).answer
        assert answer is not None
        for row, entry in zip(rows_of(app, "recommended"), answer.items, strict=True):
            parts = {reason.kind: reason.contribution for reason in entry.reasons}
            stages = ("profile", "content", "interaction", "sequence")
            assert row[5] == "".join("●" if parts[stage] >= 0.005 else "○" for stage in stages)
        assert "●○ profile content interaction sequence" in on_screen(app)


@pytest.mark.parametrize("size", SIZES)
async def test_tab_reaches_all_three_panes(session: Session, size: tuple[int, int]):
    async with at_person(session, size) as (app, pilot):
        seen = []
        for _ in range(3):
            await pilot.press("tab")
            await pilot.pause()
            assert app.focused is not None
            seen.append(app.focused.id)
            assert app.focused.region.width > (70 if size[0] == 80 else 30)
        assert seen == ["why-scroll", "history", "recommended"]
        await pilot.press("x")
        await until(pilot, lambda: app.focused is not None and app.focused.id == "why-scroll")
        assert app.screen.query_one("#why").region.area > 0
        await pilot.press("x")
        await until(pilot, lambda: app.focused is table(app, "recommended"))


async def test_a_ranked_list_is_not_sorted_and_says_so(session: Session):
    async with at_person(session, SMALL) as (app, pilot):
        before, order = rows_of(app, "recommended"), app.view.order
        await pilot.press("s")
        assert "the order of its ranks" in " ".join(note.message for note in app._notifications)
        assert rows_of(app, "recommended") == before
        assert app.view.order == order
        await pilot.press("shift+tab")
        await until(pilot, lambda: app.focused is table(app, "history"))
        await pilot.press("s")
        assert app.view.order != order


async def test_a_what_if_begins_where_it_is_seen(session: Session):
    async with at_person(session) as (app, pilot):
        await pilot.press("1")
        await until(pilot, lambda: app.mode == "home")
        await pilot.press("w")
        await until(pilot, lambda: app.mode == "users" and "WHAT IF" in on_screen(app))


async def test_history_is_filtered_and_sorted(session: Session):
    async with at_person(session) as (app, pilot):
        history = person(app).history
        await pilot.press("shift+tab", "slash", *"the")
        wanted = [entry.title for entry in history if "the" in str(entry.title).casefold()]
        await until(pilot, lambda: [row[2] for row in rows_of(app, "history")] == wanted)
        await pilot.press("enter", "escape")
        await until(pilot, lambda: len(rows_of(app, "history")) == len(history))
        assert app.mode == "users"
        await pilot.press("s")
        ratings = sorted((entry.rating or 0.0 for entry in history), reverse=True)
        await until(pilot, lambda: [float(row[1]) for row in rows_of(app, "history")] == ratings)
        await pilot.press("S")
        await until(pilot, lambda: [float(row[1]) for row in rows_of(app, "history")] == ratings[::-1])
        await pilot.press("s")
        titles = sorted(str(entry.title).casefold() for entry in history)
        await until(pilot, lambda: [row[2].casefold() for row in rows_of(app, "history")] == titles)
        headers, rows = app.view.table_on_screen()
        assert len(rows) == len(history)
        assert "★" in headers


async def test_the_list_is_filtered_by_title_and_category_and_the_cursor_knows_its_item(session: Session):
    async with at_person(session) as (app, pilot):
        answer = person(app).answer
        assert answer is not None
        wanted = [entry for entry in answer.items if "Drama" in entry.categories or "drama" in str(entry.title).lower()]
        assert 0 < len(wanted) < 20
        await pilot.press("slash", *"drama", "enter", "G")
        await until(pilot, lambda: table(app, "recommended").count == len(wanted))
        await until(pilot, lambda: app.view.item_under_cursor() == wanted[-1].item)


async def test_next_and_previous_follow_the_last_result_of_the_picker(session: Session):
    async with at_person(session) as (app, pilot):
        await pilot.press("u", *"99")
        found = [user for user in app._users["id"].to_list() if "99" in user]
        await pilot.press("enter")
        await until(pilot, lambda: person(app).user == "99" and person(app).answer)
        seen = ["99"]
        for _ in range(3):
            await pilot.press("right_square_bracket")
            await until(pilot, lambda: person(app).user != seen[-1] and person(app).answer)
            seen.append(person(app).user)
        assert set(seen) <= set(found)
        assert len(set(seen)) == 4
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: person(app).user == seen[2] and person(app).answer)


async def test_a_better_model_replaces_the_list_in_place(session: Session):
    async with at_person(session) as (app, pilot):
        await pilot.press("shift+tab", *["down"] * 3)
        await until(pilot, lambda: table(app, "history").cursor == 3)
        table(app, "recommended").move_to(5)
        answer, model = person(app).answer, app.state.model
        assert model is not None
        app.post_message(told.ModelReady(replace(model, preset="standard"), app._users, None))
        await until(pilot, lambda: person(app).answer is not answer)
        assert app.focused is table(app, "history")
        assert table(app, "history").cursor == 3
        assert table(app, "recommended").cursor == 5


async def test_where_no_item_is_under_the_cursor_it_is_said(session: Session):
    async with at_person(session) as (app, pilot):
        app.action_mode("home")
        await pilot.press("plus")
        assert any("cursor on an item" in toast.message for toast in app._notifications)
        assert session.feedback.of(USER) == Verdicts()


@pytest.mark.parametrize("size", SIZES)
async def test_a_pane_fills_the_screen_until_escape(session: Session, size: tuple[int, int]):
    async with at_person(session, size) as (app, pilot):
        await pilot.press("f")
        await until(pilot, lambda: table(app, "recommended").region.size == (size[0], size[1] - 2))
        await pilot.press("tab")
        await until(pilot, lambda: app.screen.maximized is not None and app.screen.maximized.id == "why-scroll")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen.maximized is None)
        assert app.mode == "users"


async def test_titles_show_as_they_are_in_history_list_and_why(session: Session):
    odd, user = "[bold]loud[/bold] \x1b[31mred", "[red]eve[/red]"
    async with at_person(session, SMALL) as (app, pilot):
        answer, now = person(app).answer, person(app)
        assert answer is not None
        # Text is neutralised where it is read; were it not, it would still never be parsed.
        items = (replace(answer.items[0], title=odd.replace("\x1b", "␛")), *answer.items[1:])
        history = (replace(now.history[0], title="[bold]loud[/bold] [/]"), *now.history[1:])
        app.state = replace(
            app.state, person=replace(now, user=user, answer=replace(answer, items=items), history=history)
        )
        app.draw()
        await pilot.pause()
        assert rows_of(app, "recommended")[0][1] == "[bold]loud[/bold] ␛[31mred"
        assert rows_of(app, "history")[0][2] == "[bold]loud[/bold] [/]"
        screens = ""
        for _ in range(3):
            screens += on_screen(app)
            await pilot.press("tab")
            await pilot.pause()
        assert "User [red]eve[/red]" in screens
        assert "History of [red]eve[/red]" in screens
        assert "Why #1 [bold]loud[/bold]" in screens
        assert "\x1b" not in screens


def test_a_like_outlives_a_kill_once_it_was_told(session: Session):
    """A real process in a pseudo-terminal, killed as soon as it says that the like is noted."""
    item = expected(session, Verdicts())[0]
    terminal, inside = pty.openpty()
    ioctl(inside, TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    command = [sys.executable, "-m", "recsys_tui", "open", "films", "--no-train", "--home", str(session.home.root)]
    environment = os.environ | {"TERM": "xterm-256color"}
    child = subprocess.Popen(
        command, stdin=inside, stdout=inside, stderr=inside, env=environment, start_new_session=True
    )
    os.close(inside)
    try:
        read_until(terminal, "quick · next")
        os.write(terminal, b"u")
        read_until(terminal, "1,500 match")
        os.write(terminal, USER.encode() + b"\r")
        read_until(terminal, "Recommendations, by deep")
        os.write(terminal, b"+")
        read_until(terminal, "noted")
    finally:
        child.kill()
        child.wait()
        os.close(terminal)
    assert session.feedback.of(USER) == Verdicts((item,))


def read_until(terminal: int, wanted: str, seconds: float = 60.0) -> None:
    """Read what a terminal shows until some text is in it."""
    shown, deadline = b"", time.monotonic() + seconds
    while wanted.encode() not in shown:
        assert time.monotonic() < deadline, f"{wanted!r} was never shown: {shown[-2000:]!r}"
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                shown += os.read(terminal, 65_536)
            except OSError:  # the program ended
                pytest.fail(f"it ended before it showed {wanted!r}: {shown[-2000:]!r}")
