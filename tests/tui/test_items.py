"""Items in the workbench: picking one, what is like it, who takes it, going from one to the next and back."""

from __future__ import annotations

import csv
import json
import math
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from recsys_tui.cli.entry import main
from recsys_tui.data.bundled import bundled_path
from recsys_tui.recommend.session import Session
from recsys_tui.recommend.similar import similar
from recsys_tui.store.home import Home
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.item_picker import ItemPicker
from recsys_tui.tui.dialogs.user_picker import UserPicker
from recsys_tui.tui.state.items import SHOWN, WAYS
from recsys_tui.tui.widgets.filter_line import FilterLine
from recsys_tui.tui.widgets.line_table import LineTable
from recsys_tui.tui.widgets.panel import Panel
from tests.tui.test_workbench import until

SIZES = [(120, 36), (80, 24)]


@asynccontextmanager
async def workbench(session: Session, size: tuple[int, int] = SIZES[0]) -> AsyncIterator[tuple[WorkbenchApp, Any]]:
    """The workbench over a trained session, loaded."""
    app = WorkbenchApp("films", None, session.home, no_train=True)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.model is not None)
        yield app, pilot


def table(app: WorkbenchApp, name: str) -> LineTable:
    return app.screen.query_one(f"#{name}", LineTable)


def rows_of(app: WorkbenchApp, name: str) -> list[tuple[str, ...]]:
    found = table(app, name)
    return [tuple(row) for row in found._fetch(0, found.count)]


def text_of(app: WorkbenchApp, name: str) -> str:
    return "\n".join(line.plain for line in app.screen_stack[0].query_one(f"#{name}", Panel).lines)


def is_there(app: WorkbenchApp, item: str, by: str = "taste") -> bool:
    here = app.state.item
    return (here.item, here.by) == (item, by) and here.page is not None and here.similar is not None


def films() -> list[dict[str, str]]:
    with (bundled_path("films") / "movies.csv").open() as stream:
        return list(csv.DictReader(stream))


def ratings() -> list[dict[str, str]]:
    with (bundled_path("films") / "ratings.csv").open() as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("size", SIZES)
async def test_an_item_is_picked_and_its_page_shown(trained: Session, size: tuple[int, int]):
    recommender = trained.recommender()
    async with workbench(trained, size) as (app, pilot):
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, ItemPicker) and table(app, "picker-list").count == 1_200)
        await pilot.press(*"tango", "space", *"tilda", "space", *"1969")
        await until(pilot, lambda: [row[4] for row in rows_of(app, "picker-list")] == ["17"])
        await pilot.press("enter")
        await until(pilot, lambda: is_there(app, "17"))
        assert app.mode == "items"
        assert "522 actions" in text_of(app, "item")
        assert "Music" in text_of(app, "item")
        expected = similar(trained, recommender, "17", SHOWN)
        assert [row[2] for row in rows_of(app, "similar")] == [entry.title for entry in expected.items]
        likers = rows_of(app, "likers")
        assert [row[0] for row in likers][:2] == ["C6", "C1"]
        assert likers[0][2] == "39.3%"
        await pilot.press("right")
        await until(pilot, lambda: is_there(app, "17", "content"))
        expected = similar(trained, recommender, "17", SHOWN, "content")
        assert [row[2] for row in rows_of(app, "similar")] == [entry.title for entry in expected.items]
        await pilot.press("right")
        await until(pilot, lambda: app.state.item.problem is not None)
        assert "basket" in table(app, "similar").empty
        await pilot.press("left", "left")
        await until(pilot, lambda: is_there(app, "17"))


async def test_enter_goes_to_a_similar_item_and_escape_back(trained: Session):
    async with workbench(trained) as (app, pilot):
        app.show_item("17")
        await until(pilot, lambda: is_there(app, "17"))
        first, second = (app.state.item.similar.items[place].item for place in (0, 1))
        await pilot.press("j", "enter")
        await until(pilot, lambda: is_there(app, second))
        assert app.state.item.trail == ("17",)
        third = app.state.item.similar.items[0].item
        await pilot.press("enter")
        await until(pilot, lambda: is_there(app, third))
        assert app.view.item_under_cursor() == app.state.item.similar.items[0].item
        await pilot.press("escape")
        await until(pilot, lambda: is_there(app, second))
        await pilot.press("escape")
        await until(pilot, lambda: is_there(app, "17"))
        assert first == app.state.item.similar.items[0].item
        await pilot.press("escape")
        await until(pilot, lambda: app.mode == "home")


async def test_items_of_a_list_lead_to_their_page_and_back(trained: Session):
    async with workbench(trained) as (app, pilot):
        app.show_person("42")
        await until(pilot, lambda: app.state.person.answer and app.state.person.history)
        listed = [entry.item for entry in app.state.person.answer.items]
        await pilot.press("j", "enter")
        await until(pilot, lambda: is_there(app, listed[1]))
        await pilot.press("escape")
        await until(pilot, lambda: app.mode == "users")
        await pilot.press("j", "5")
        await until(pilot, lambda: is_there(app, listed[2]) and app.mode == "items")


async def test_why_a_similar_item_is_one_is_told_under_the_cursor(trained: Session):
    async with workbench(trained) as (app, pilot):
        app.show_item("17")
        await until(pilot, lambda: is_there(app, "17"))
        first, second = app.state.item.similar.items[:2]
        await until(pilot, lambda: f"{first.title}: {first.people} took both" in text_of(app, "item"))
        await pilot.press("j")
        await until(pilot, lambda: f"{second.title}: {second.people} took both" in text_of(app, "item"))
        rows = [{line["userId"] for line in ratings() if line["movieId"] == item} for item in ("17", second.item)]
        assert second.people == len(rows[0] & rows[1])


async def test_enter_on_a_cluster_that_takes_an_item_shows_it(trained: Session):
    async with workbench(trained) as (app, pilot):
        app.show_item("17")
        await until(pilot, lambda: is_there(app, "17") and table(app, "likers").count)
        await pilot.press("tab", "j", "enter")
        await until(pilot, lambda: app.mode == "clusters" and app.state.looked_at.page is not None)
        assert app.state.looked_at.at == 1  # the second of those above
        assert app.state.looked_at.inside
        await pilot.press("escape", "escape")


async def test_similar_items_are_filtered_and_sorted(trained: Session):
    async with workbench(trained) as (app, pilot):
        app.show_item("17")
        await until(pilot, lambda: is_there(app, "17") and table(app, "similar").count == SHOWN)
        titles = [row[2] for row in rows_of(app, "similar")]
        await pilot.press("slash", *"furnace")
        expected = [title for title in titles if "furnace" in title.lower()]
        await until(pilot, lambda: [row[2] for row in rows_of(app, "similar")] == expected)
        assert expected
        assert len(app.view.table_on_screen()[1]) == len(expected)
        await pilot.press("enter")
        assert not app.screen.query_one(FilterLine).has_focus
        await pilot.press("escape")
        await until(pilot, lambda: table(app, "similar").count == SHOWN)
        await pilot.press("s")
        assert [row[2] for row in rows_of(app, "similar")] == sorted(titles, key=str.lower)
        await pilot.press("S")
        assert [row[2] for row in rows_of(app, "similar")] == sorted(titles, key=str.lower)[::-1]


@pytest.mark.parametrize("steps", [0, 1])
async def test_the_copied_command_prints_what_is_on_screen(
    trained: Session, steps: int, capsys: pytest.CaptureFixture[str]
):
    async with workbench(trained) as (app, pilot):
        app.show_item("900")
        await pilot.press(*["right"] * steps)
        await until(pilot, lambda: is_there(app, "900", WAYS[steps]))
        command = app.equivalent_command()
        shown = [row[1:] for row in app.view.table_on_screen()[1]]
    assert command[:3] == ["recsys", "similar", "films"]
    assert main(command[1:]) == 0
    listed = json.loads(capsys.readouterr().out)["items"]
    assert [(entry["item"], entry["title"], f"{entry['score']:.3f}") for entry in listed] == shown


async def test_on_a_narrow_screen_tab_goes_from_pane_to_pane(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        app.show_item("17")
        await until(pilot, lambda: is_there(app, "17"))
        panes = ["similar", "likers", "item-times-scroll"]
        for place in (0, 1, 2):
            await until(pilot, lambda place=place: app.focused is not None and app.focused.id == panes[place])
            shown = [name for name in panes if app.screen.query_one(f"#{name}").region.area]
            assert shown == [panes[place]]
            assert app.focused.region.width == 80
            await pilot.press("tab")
        await pilot.press("shift+tab")
        await until(pilot, lambda: app.focused.id == panes[2])
        lines = text_of(app, "item-times").splitlines()
        assert len(lines) >= 6 + 2
        assert "2019-0" in lines[-2]


async def test_without_an_item_the_view_says_how_to_pick_one(trained: Session):
    async with workbench(trained, (40, 10)) as (app, pilot):
        await pilot.press("5")
        assert "Press i" in text_of(app, "item")
        await pilot.press("right", "enter", "slash", "escape", "s", "tab", "escape")
        assert app.is_running


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("genre:western", lambda film: "western" in film["genres"].lower()),
        ("genre:com year>=2010", lambda film: "com" in film["genres"].lower() and int(film["title"][-5:-1]) >= 2010),
        ("year>=", lambda film: True),
        ('"the slow"', lambda film: "the slow" in film["title"].lower()),
        ("slow the", lambda film: "slow" in film["title"].lower() and "the" in film["title"].lower()),
        ("director:x", lambda film: False),
    ],
)
async def test_the_item_picker_finds(trained: Session, typed: str, wanted: Callable[[dict[str, str]], bool]):
    expected = {film["movieId"] for film in films() if wanted(film)}
    async with workbench(trained) as (app, pilot):
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, ItemPicker) and table(app, "picker-list").count == 1_200)
        app.screen.query_one(Input).value = typed
        await until(pilot, lambda: {row[4] for row in rows_of(app, "picker-list")} == expected)
        people = [int(row[3].replace(",", "")) for row in rows_of(app, "picker-list") if "<" not in row[3]]
        assert people == sorted(people, reverse=True)


async def test_items_are_liked_and_disliked_in_the_picker(trained: Session, tmp_path: Path):
    shutil.copytree(trained.home.root, tmp_path / "own")
    session = Session.open("films", home=Home(tmp_path / "own"))
    async with workbench(session) as (app, pilot):
        app.show_person("42")
        await until(pilot, lambda: app.state.person.answer and app.state.person.heard)
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, ItemPicker) and table(app, "picker-list").count == 1_200)
        await pilot.press(*"tango", "plus", "backspace", "tab")
        await until(pilot, lambda: table(app, "picker-list").has_focus)
        await until(pilot, lambda: 0 < table(app, "picker-list").count < 100)
        assert app.state.person.said.liked == ()
        item, other = (row[4] for row in rows_of(app, "picker-list")[:2])
        await pilot.press("plus", "down", "minus")
        await until(pilot, lambda: app.state.person.said.disliked == (other,))
        assert app.state.person.said.liked == (item,)
        assert [row[0] for row in rows_of(app, "picker-list")[:3]] == ["+", "–", ""]
        assert session.feedback.of("42").liked == (item,)
        await pilot.press("tab", "x", "escape")
        await until(pilot, lambda: not isinstance(app.screen, ItemPicker))
        assert app.mode == "users"


def leaning(word: str) -> set[str]:
    """Who has three films of a genre or more, at 1.5 times the share of it among all ratings."""
    of_genre = {film["movieId"] for film in films() if word in film["genres"].lower()}
    counts: dict[str, list[int]] = {}
    with (bundled_path("films") / "ratings.csv").open() as stream:
        seen = {(row["userId"], row["movieId"]) for row in csv.DictReader(stream)}
    for user, film in seen:
        pair = counts.setdefault(user, [0, 0])
        pair[0] += film in of_genre
        pair[1] += 1
    overall = sum(found for found, _ in counts.values()) / len(seen)
    return {user for user, (found, of_all) in counts.items() if found >= 3 and found / of_all >= 1.5 * overall}


def liked_most(user: str) -> list[str]:
    """The two genres of a person with the highest count × log lift."""
    genres = {film["movieId"]: film["genres"].split("|") for film in films()}
    with (bundled_path("films") / "ratings.csv").open() as stream:
        seen = [(row["userId"], row["movieId"]) for row in csv.DictReader(stream)]
    everyone = Counter(genre for _, film in seen for genre in genres[film])
    mine = [film for owner, film in seen if owner == user]
    own = Counter(genre for film in mine for genre in genres[film])
    told = {
        genre: count * math.log(max(1.0, count / len(mine) / (everyone[genre] / len(seen))))
        for genre, count in own.items()
        if count >= 3
    }
    return sorted(told, key=lambda genre: -told[genre])[:2]


async def test_the_user_picker_knows_tastes(trained: Session):
    recommender = trained.recommender()
    comedians = leaning("comedy")
    who = {
        user
        for user in map(str, range(1, 1_501))
        if any("tango" in (entry.title or "").lower() for entry in recommender.history(user))
    }
    async with workbench(trained) as (app, pilot):
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, UserPicker))
        await pilot.press(*"genre", "colon", *"comedy")
        await until(pilot, lambda: {row[0] for row in rows_of(app, "picker-list")} == comedians)
        assert 50 < len(comedians) < 750
        assert next(row[-1] for row in rows_of(app, "picker-list") if row[0] == "2") == ", ".join(liked_most("2"))
        app.screen.query_one(Input).value = 'genre:comedy liked:"late tango" 1'
        await until(pilot, lambda: 0 < table(app, "picker-list").count < 100)
        found = {row[0] for row in rows_of(app, "picker-list")}
        assert found <= {user for user in comedians & who if "1" in user}
        user = next(iter(found))
        mean = sum(entry.rating for entry in recommender.history(user)) / len(recommender.history(user))
        ratings = [entry.rating for entry in recommender.history(user) if "Late Tango" in entry.title]
        assert max(ratings) >= mean
