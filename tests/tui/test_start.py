"""The start screen: recent and bundled data, the files of this machine, and what cannot be opened."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.widgets import Input

from recsys_tui.data.browsing import browse
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.start import ENTER, StartDialog, start_rows
from recsys_tui.tui.widgets.line_table import LineTable
from tests.tui.test_workbench import text_of, until

SIZES = [(120, 36), (80, 24)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with two tables, a document, a hidden file and a folder that holds data."""
    place = tmp_path / "place"
    (place / "deep").mkdir(parents=True)
    rows = "".join(f"u{n % 6},i{n % 4}\n" for n in range(24))
    for name in ("ratings.csv", "deep/clicks.csv", "notes.log"):
        (place / name).write_text("user,item\n" + rows)
    (place / "more.parquet").write_bytes(b"no parquet")
    (place / "README.txt").write_text("words\n")
    (place / ".hidden.csv").write_text("user,item\n")
    return place


def names(app: WorkbenchApp) -> list[str]:
    """What the start screen lists by now."""
    tables = app.screen.query(LineTable) if isinstance(app.screen, StartDialog) else ()
    return [row[0] for table in tables for row in table._fetch(0, table.count)]


def sentence(app: WorkbenchApp) -> str:
    return str(app.screen.query_one("#start-sentence").render())


async def typed(app: WorkbenchApp, pilot: Any, text: str) -> None:
    """Type a text, and wait for what fits it."""
    app.screen.query_one(Input).value = text
    await until(pilot, lambda: app.screen._answered == app.screen._number > 1)


@pytest.mark.parametrize("size", SIZES)
async def test_without_data_the_start_screen_offers_the_bundled_sets(home: Home, size: tuple[int, int]):
    app = WorkbenchApp(None, None, home, no_train=True)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, StartDialog) and len(names(app)) >= 3)
        assert names(app)[:3] == ["circle", "films", "shop"]
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.state.overview is not None)
        assert app.state.name == "films"


@pytest.mark.parametrize("size", SIZES)
async def test_a_dataset_in_the_home_folder_is_opened_by_its_name(home: Home, folder: Path, size: tuple[int, int]):
    (home.datasets / "lake").mkdir(parents=True)
    shutil.copy(folder / "ratings.csv", home.datasets / "lake")
    app = WorkbenchApp(None, None, home, no_train=True)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, StartDialog) and "lake" in names(app))
        await typed(app, pilot, "lak")
        await pilot.press("enter")
        await until(pilot, lambda: app.state.overview is not None)
        assert app.state.name == "lake"
        assert app.state.overview.users == 6


async def test_a_public_dataset_that_is_not_here_is_told_with_how_to_get_it(home: Home):
    app = WorkbenchApp(None, None, home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, StartDialog) and bool(names(app)))
        await typed(app, pilot, "ml-1m")
        await pilot.press("enter")
        await until(pilot, lambda: "recsys datasets get ml-1m" in sentence(app))


async def test_closing_the_start_screen_leaves_a_workbench_that_says_how_to_go_on(home: Home):
    app = WorkbenchApp(None, None, home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, StartDialog))
        await pilot.press("escape")
        await until(pilot, lambda: "o opens data" in text_of(app, "home-figures"))
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.screen, StartDialog))


async def test_data_that_cannot_be_opened_leads_back_to_the_start_screen_with_the_reason(home: Home):
    def refuse(*_arguments: Any) -> Session:
        raise UserError("data.no_such_path", path="films")

    app = WorkbenchApp(None, None, home, open_session=refuse)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, StartDialog) and len(names(app)) >= 3)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, StartDialog) and app.state.step == "none")
        assert "There is no films" in sentence(app)
        await pilot.press("escape")
        await until(pilot, lambda: "o opens data" in text_of(app, "home-figures"))
        assert app.is_running


async def test_recent_data_says_when_it_was_used_what_is_trained_and_how_large_it_is(trained: Session, tmp_path: Path):
    shutil.copytree(trained.home.root, tmp_path / "copy")
    app = WorkbenchApp(None, None, Home(tmp_path / "copy"), no_train=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, StartDialog) and bool(names(app)))
        table = app.screen.query_one(LineTable)
        (name, about) = table._fetch(0, 1)[0]
        (info,) = trained.home.workspaces()
        assert name == "films"
        assert info.used[:10] in about
        assert "quick-next" in about
        assert "MB" in about


async def test_a_path_is_completed_and_opened(folder: Path, home: Home):
    app = WorkbenchApp(None, None, home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, StartDialog) and bool(names(app)))
        await typed(app, pilot, f"{folder}/de")
        assert names(app) == ["deep/"]
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.query_one(Input).value == f"{folder}/deep/")
        await until(pilot, lambda: "clicks.csv" in names(app))
        await typed(app, pilot, f"{folder}/rat")
        assert names(app) == ["ratings.csv"]
        await pilot.press("tab")
        assert app.screen.query_one(Input).value == f"{folder}/ratings.csv"
        await pilot.press("enter")
        await until(pilot, lambda: app.state.overview is not None)
        assert app.state.name == "ratings.csv"


async def test_enter_waits_for_what_fits_the_text_typed_last(folder: Path, home: Home):
    app = WorkbenchApp(None, None, home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, StartDialog) and bool(names(app)))
        line = app.screen.query_one(Input)
        line.value = str(folder / "ratings.csv")
        line.post_message(Input.Submitted(line, line.value))
        await until(pilot, lambda: app.state.overview is not None)
        assert app.state.name == "ratings.csv"


async def test_what_cannot_be_read_is_told_before_the_open_data_is_given_up(folder: Path, trained: Session):
    app = WorkbenchApp("films", None, trained.home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.model is not None)
        await pilot.press("o")
        for name, said in (("more.parquet", "more.parquet is damaged"), ("nothing", "There is no file")):
            await until(pilot, lambda: isinstance(app.screen, StartDialog) and bool(names(app)))
            await typed(app, pilot, str(folder / name))
            await pilot.press("enter")
            await until(pilot, lambda said=said: said in sentence(app))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, StartDialog))
        assert app.state.name == "films"
        assert app.state.model is not None


def test_a_folder_lists_folders_first_and_only_what_could_hold_data(folder: Path):
    listing = browse(f"{folder}/", Path("/"))
    assert [entry.name for entry in listing.entries] == ["deep", "more.parquet", "ratings.csv"]
    assert listing.tables == 2
    assert [entry.name for entry in browse(f"{folder}/MO", Path("/")).entries] == ["more.parquet"]
    assert [entry.name for entry in browse(f"{folder}/.hid", Path("/")).entries] == [".hidden.csv"]
    assert [entry.name for entry in browse(f"{folder}/notes.log", Path("/")).entries] == ["notes.log"]
    assert [entry.name for entry in browse("rat", folder).entries] == ["ratings.csv"]


def test_the_home_directory_is_meant_by_a_tilde(folder: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(folder))
    assert browse("~/", Path("/")).folder == folder.resolve()
    assert browse("~", Path("/")).folder == folder.resolve()


@pytest.mark.parametrize("path", ["/no/such/folder/", "nul\0byte/", "~nobody-has-this-name/x"])
def test_a_folder_that_is_not_there_is_one_sentence(path: str, tmp_path: Path):
    with pytest.raises(UserError) as caught:
        browse(path, tmp_path)
    assert str(caught.value).startswith("There is no ")


def test_names_of_files_cannot_steer_the_terminal(tmp_path: Path, home: Home):
    (tmp_path / "a\x1b[31mred.csv").write_text("user,item\n1,2\n")
    rows = start_rows(f"{tmp_path}/", home, tmp_path)
    shown = [row for row in rows if row.does != ENTER]
    assert shown[-1].name == "ared.csv"
    assert Path(shown[-1].target).exists()


def test_a_folder_that_holds_data_can_be_opened_as_a_whole(folder: Path, home: Home):
    first = start_rows(f"{folder}/", home, folder)[0]
    assert first.target == str(folder.resolve())
    assert first.does != ENTER


async def test_keys_typed_before_the_dialog_is_there_wait_for_it(home: Home):
    app = WorkbenchApp(None, None, home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, StartDialog) and bool(names(app)))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, StartDialog))
        app.action_open_other()
        assert not app.screen.is_mounted
        for key in ("down", "f", "i", "l", "m", "s"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: isinstance(app.screen, StartDialog) and names(app)[:1] == ["films"])
        assert app.screen.query_one(Input).value == "films"
