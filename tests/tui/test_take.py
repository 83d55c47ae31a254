"""Taking away what is on screen: copied as several things, and written to files that are never the data's own."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.markdown import markdown_table
from recsys_tui.recommend.answers import Recommendations, RecommendedItem
from recsys_tui.recommend.forgotten_exports import clean_exports
from recsys_tui.recommend.session import Session
from recsys_tui.store import exports
from recsys_tui.store.exports import Exports
from recsys_tui.store.field_scan import Sought
from recsys_tui.store.home import Home
from recsys_tui.store.tombstones import marks_of
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.dialogs.file_name import FileNameDialog
from recsys_tui.tui.panes import MEMBERS
from recsys_tui.tui.taking.saving import check_place, default_name, save, target_of
from recsys_tui.tui.taking.table import table_of_list, table_of_screen
from recsys_tui.tui.widgets.line_table import LineTable
from tests.tui.test_workbench import until

SIZES = [(120, 36), (80, 24)]


@asynccontextmanager
async def user_42(
    trained: Session, tmp_path: Path, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[tuple[WorkbenchApp, Pilot[Any]]]:
    """The workbench with the list of user 42, over a home of its own."""
    home = Home(shutil.copytree(trained.home.root, tmp_path / "own"))
    app = WorkbenchApp("films", None, home, no_train=True)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.state.model)
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        yield app, pilot


def offers(app: WorkbenchApp) -> list[str]:
    """The names of what a dialog offers."""
    assert isinstance(app.screen, ChoiceDialog)
    return [offer.value for offer in app.screen._offers]


async def choose(app: WorkbenchApp, pilot: Pilot[Any], value: str) -> None:
    await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
    app.screen.query_one(OptionList).highlighted = offers(app).index(value)
    await pilot.press("enter")


async def copied(app: WorkbenchApp, pilot: Pilot[Any], what: str) -> str:
    await pilot.press("y")
    await choose(app, pilot, what)
    await until(pilot, lambda: len(app.screen_stack) == 1)
    return app.clipboard


async def write(app: WorkbenchApp, pilot: Pilot[Any], kind: str, path: Path | str) -> None:
    await pilot.press("e")
    await choose(app, pilot, kind)
    await until(pilot, lambda: isinstance(app.screen, FileNameDialog))
    app.screen.query_one(Input).value = str(path)
    await pilot.press("enter")
    await until(pilot, lambda: not isinstance(app.screen, FileNameDialog))


def told(app: WorkbenchApp) -> str:
    return " ".join(note.message for note in app._notifications)


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_under_the_cursor_and_the_table_are_copied(
    trained: Session, tmp_path: Path, size: tuple[int, int]
):
    recommender = trained.recommender()
    assert recommender is not None
    expected = recommender.recommend("42", 20)
    async with user_42(trained, tmp_path, size) as (app, pilot):
        await pilot.press("down")
        assert await copied(app, pilot, "id") == expected.items[1].item
        assert await copied(app, pilot, "user") == "42"
        row = await copied(app, pilot, "row")
        assert row.split("\t")[:2] == ["2", expected.items[1].title]
        markdown = (await copied(app, pilot, "markdown")).splitlines()
        assert len(markdown) == 2 + 20
        assert str(expected.items[19].title) in markdown[-1]
        assert set(markdown[1]) <= set("| -:")
        rows = list(csv.DictReader(io.StringIO(await copied(app, pilot, "csv"))))
        assert [entry["title"] for entry in rows] == [entry.title for entry in expected.items]
        assert (await copied(app, pilot, "command")).startswith("recsys recommend films --user 42 -k 20")
        assert "where it allows that" in told(app)


async def test_a_very_long_table_is_sent_with_a_word_of_doubt(trained: Session, tmp_path: Path):
    async with user_42(trained, tmp_path) as (app, pilot):
        app._send("csv", "x" * 100_000)
        await pilot.pause()
        assert "100,000 characters" in told(app)
        assert "many terminals take less" in told(app)


async def test_the_list_is_written_as_csv_json_and_parquet(trained: Session, tmp_path: Path):
    recommender = trained.recommender()
    assert recommender is not None
    expected = recommender.recommend("42", 20, explain=True)
    async with user_42(trained, tmp_path) as (app, pilot):
        for kind in ("csv", "json", "parquet"):
            await write(app, pilot, kind, tmp_path / "list")
            await until(pilot, (tmp_path / f"list.{kind}").exists)
            await until(pilot, lambda kind=kind: told(app).endswith(f"list.{kind}"))
    assert (tmp_path / "list.csv").stat().st_mode & 0o777 == 0o600
    with (tmp_path / "list.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["item"], float(row["score"])) for row in rows] == [(e.item, e.score) for e in expected.items]
    assert json.loads((tmp_path / "list.json").read_text())["items"] == expected.to_json()["items"]
    frame = pl.read_parquet(tmp_path / "list.parquet")
    assert frame["item"].to_list() == [entry.item for entry in expected.items]
    assert frame.schema["rank"] == pl.Int64
    assert frame.schema["score"] == pl.Float64


async def test_a_file_that_the_home_cannot_note_is_told_to_be_none_that_forgetting_finds(
    trained: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    async with user_42(trained, tmp_path) as (app, pilot):
        monkeypatch.setattr(exports, "write_json", full)
        await write(app, pilot, "csv", tmp_path / "list")
        await until(pilot, (tmp_path / "list.csv").exists)
        await until(pilot, lambda: "forget will not take anybody out of it" in told(app))


def full(path: Path, _document: object) -> None:
    raise UserError("store.disk_full", ExitCode.FAILED, path=path)


@pytest.mark.parametrize("size", SIZES)
async def test_the_screen_is_written_as_a_picture_that_asks_for_nothing(
    trained: Session, tmp_path: Path, size: tuple[int, int]
):
    async with user_42(trained, tmp_path, size) as (app, pilot):
        await write(app, pilot, "svg", tmp_path / "screen.svg")
        await until(pilot, (tmp_path / "screen.svg").exists)
        assert app.state.person is not None
        assert app.state.person.answer is not None
        first = str(app.state.person.answer.items[0].title)
    svg = (tmp_path / "screen.svg").read_text()
    assert svg.startswith("<svg")
    assert "@font-face" not in svg
    assert not re.findall(r"(?:href|src|url)\s*[=(]\s*[\"']?https?:", svg)
    assert first.split(maxsplit=1)[0] in svg


async def test_what_is_about_somebody_goes_when_they_are_forgotten(trained: Session, tmp_path: Path):
    """Files that do not name them too: lists have no column of people, and in a picture blanks part a word."""
    async with user_42(trained, tmp_path) as (app, pilot):
        for pane, kind in (("list", "csv"), ("picture", "svg"), ("history", "parquet")):
            if pane == "history":
                await pilot.press("shift+tab")
            await write(app, pilot, kind, tmp_path / pane)
            await until(pilot, (tmp_path / f"{pane}.{kind}").exists)
            await until(pilot, lambda pane=pane: f"{pane}." in told(app))
        await pilot.press("3")
        await write(app, pilot, "csv", tmp_path / "clusters")
        await until(pilot, lambda: "clusters.csv" in told(app))
        await pilot.press("M")
        await until(pilot, lambda: app.screen.query_one(f"#{MEMBERS}", LineTable).rows_in_sight())
        seen = {row[0] for row in app.screen.query_one(f"#{MEMBERS}", LineTable).rows_in_sight()}
        await write(app, pilot, "svg", tmp_path / "members")
        await until(pilot, lambda: "members.svg" in told(app))
        session = app._work.session  # type: ignore[union-attr]
        assert session is not None
        noted = {export.path.name: set(export.about) for export in Exports(session.workspace.folder).read()}
        mark, others = marks_of(app.home.root, ["42"]), set(marks_of(app.home.root, sorted(seen)))
        assert noted["list.csv"] == noted["picture.svg"] == noted["history.parquet"] == set(mark)
        assert (noted["clusters.csv"], noted["members.svg"]) == (set(), others)
        cleaned = clean_exports(session.workspace.folder, Sought(("42",), only_people=True), "clean", ())
    gone = {"list.csv", "picture.svg", "history.parquet"} | ({"members.svg"} if "42" in seen else set())
    ours = [one for one in cleaned if one.path.parent == tmp_path]  # of the home that tests share others are known too
    assert {one.path.name for one in ours if one.outcome == "deleted"} == gone


async def test_a_file_that_is_there_is_replaced_only_when_told_to(trained: Session, tmp_path: Path):
    there = tmp_path / "there.csv"
    there.write_text("mine\n")
    async with user_42(trained, tmp_path) as (app, pilot):
        await write(app, pilot, "csv", there)
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert there.read_text() == "mine\n"
        await write(app, pilot, "csv", there)
        await choose(app, pilot, "replace")
        await until(pilot, lambda: there.read_text() != "mine\n")


async def test_the_name_asked_for_is_of_the_current_folder(
    trained: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    async with user_42(trained, tmp_path) as (app, pilot):
        await pilot.press("e")
        await choose(app, pilot, "csv")
        await until(pilot, lambda: isinstance(app.screen, FileNameDialog))
        proposed = app.screen.query_one(Input).value
        assert re.fullmatch(r"films-.*42.*\.csv", proposed)
        await pilot.press("enter")
        await until(pilot, (tmp_path / proposed).exists)


async def test_a_place_that_cannot_be_written_is_told_and_nothing_is_lost(trained: Session, tmp_path: Path):
    async with user_42(trained, tmp_path) as (app, pilot):
        await pilot.press("e")
        await choose(app, pilot, "csv")
        await until(pilot, lambda: isinstance(app.screen, FileNameDialog))
        typed = app.screen.query_one(Input)
        typed.value = str(tmp_path / "nowhere" / "list.csv")
        await pilot.press("enter")
        await until(pilot, lambda: "There is no folder" in told(app))
        assert not (tmp_path / "nowhere").exists()
        assert isinstance(app.screen, FileNameDialog)  # what was typed is there to be put right
        typed.value = str(tmp_path / "list.csv")
        await pilot.press("enter")
        await until(pilot, (tmp_path / "list.csv").exists)
        await until(pilot, lambda: "list.csv" in told(app))
        assert "There is no folder" not in told(app)  # one at a time on a small screen


async def test_what_is_told_stands_in_place_of_what_was_told_on_a_small_screen_alone(trained: Session, tmp_path: Path):
    for size, expected in (((80, 24), "second"), ((120, 36), "first second")):
        async with user_42(trained, tmp_path / str(size), size) as (app, pilot):
            app.clear_notifications()
            app.notify("first")
            app.notify("second")
            await pilot.pause()
            assert told(app) == expected


async def test_the_data_is_never_written_over(tmp_path: Path, home: Home):
    path = tmp_path / "data.csv"
    path.write_text("user,item\n" + "".join(f"u{n % 20},i{n % 9}\n" for n in range(90)))
    before = path.read_bytes()
    (tmp_path / "link.csv").symlink_to(path)
    app = WorkbenchApp(str(path), None, home, no_train=True)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: app.state.overview is not None)
        app.show_person("u1")
        await until(pilot, lambda: app.state.person and app.state.person.history)
        assert app._work is not None
        session = app._work.session
        assert session is not None
        for name in ("data.csv", "link.csv"):
            with pytest.raises(UserError) as refused:
                save(b"x", tmp_path / name, session)
            assert refused.value.message_id == "cli.output_is_source"
    assert path.read_bytes() == before


async def test_the_command_names_files_so_that_it_runs_in_any_folder(
    tmp_path: Path, home: Home, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "titles.csv").write_text("user,item\n" + "".join(f"u{n % 20},i{n % 9}\n" for n in range(90)))
    monkeypatch.chdir(tmp_path)
    app = WorkbenchApp("odd/titles.csv", None, home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.overview is not None)
        assert app.equivalent_command()[2] == str(tmp_path / "odd" / "titles.csv")


def test_places_are_checked_before_anything_is_written(tmp_path: Path):
    with pytest.raises(UserError, match="no folder"):
        check_place(tmp_path / "none" / "x.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(UserError, match="directory"):
        check_place(tmp_path / "folder.csv")
    if os.geteuid():
        (tmp_path / "closed").mkdir(mode=0o500)
        with pytest.raises(UserError, match=r"[Pp]ermission"):
            check_place(tmp_path / "closed" / "x.csv")


def test_names_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert default_name("ml 1m", "users", "a/b|c", "", kind="csv") == "ml-1m-users-a-b-c.csv"
    assert target_of("x", "csv") == tmp_path / "x.csv"
    assert target_of("x.CSV", "csv") == tmp_path / "x.CSV"
    assert target_of("x.v2", "csv") == tmp_path / "x.v2.csv"
    assert target_of("~/x.csv", "csv") == tmp_path / "me" / "x.csv"


def test_cells_of_markdown_stay_one_cell():
    text = markdown_table(["a|b", "n"], [["x | y\nz", "1"], ["back\\|slash", ""]], {1})
    assert text.splitlines() == [
        "| a\\|b | n |",
        "| --- | ---: |",
        "| x \\| y z | 1 |",
        "| back\\\\\\|slash |  |",
    ]


def test_cells_of_markdown_are_text_alone():
    text = markdown_table(
        ["title"],
        [["![i](http://x/y.png) <b>&amp;"], ["`a` *b* ~c~ _d_ item_1"], ["Tom & Jerry <3 > 2"], ["__init__ a__b __c"]],
    )
    assert text.splitlines()[2:] == [
        "| !\\[i\\](http://x/y.png) \\<b\\>\\&amp; |",
        "| \\`a\\` \\*b\\* \\~c\\~ \\_d\\_ item_1 |",
        "| Tom & Jerry <3 > 2 |",
        "| \\_\\_init\\_\\_ a\\_\\_b \\_\\_c |",
    ]


def test_renderers_find_no_emphasis_in_cells_of_markdown():
    parser = pytest.importorskip("markdown_it", reason="markdown-it-py is not installed")
    for text in ("__init__", "a __b__.", "___c___", "(__中__)", "_d", "e__f__g", "**__h__**"):
        tokens = parser.MarkdownIt("gfm-like", {"linkify": False}).parse(markdown_table(["title"], [[text]]))
        *_, cell = (token for token in tokens if token.type == "inline")
        assert {child.type for child in cell.children or ()} <= {"text", "text_special"}
        assert "".join(child.content for child in cell.children or ()) == text


def test_a_table_of_the_screen_keeps_ids_as_they_are_and_escapes_formulas_in_words():
    table = table_of_screen(
        ["user", "title", "", "score", "score", "  "],
        [["007", "=cmd()", "▆", "1,024", "−1.5", ""], ["-3", "+1 more", "", "7", "2", " "]],
    )
    assert table.columns == ("user", "title", "column3", "score", "score5")
    rows = list(csv.reader(io.StringIO(table.as_csv())))
    assert rows[1] == ["007", "'=cmd()", "▆", "1,024", "-1.5"]
    assert rows[2][:2] == ["-3", "'+1 more"]
    plain = json.loads(table.as_bytes("json"))
    assert plain[0] == {"user": "007", "title": "=cmd()", "column3": "▆", "score": 1024, "score5": -1.5}
    frame = pl.read_parquet(io.BytesIO(table.as_bytes("parquet")))
    assert frame["user"].to_list() == ["007", "-3"]
    assert frame["score"].to_list() == [1024, 7]


@pytest.mark.parametrize("chance", [None, 0.07])
def test_a_list_has_a_column_of_chances_where_it_has_any(chance: float | None):
    entry = RecommendedItem(1, "i7", "Milk", (), -2.66, 0.75, chance=chance)
    table = table_of_list(Recommendations("u1", "deep", "quick", "next", None, None, (entry,), 1.0))
    (row,) = csv.DictReader(io.StringIO(table.as_csv()))
    assert (row["probability"], row.get("chance")) == ("0.75", None if chance is None else "0.07")
    frame = pl.read_parquet(io.BytesIO(table.as_bytes("parquet")))
    assert ("chance" in frame.columns) == (chance is not None)
