"""Deciding which column is what: by rules, in the dialog, and from there to data that is open."""

from __future__ import annotations

import random
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from recsys_tui.data import preview as previews
from recsys_tui.data.dataset import ColumnChoice, Mapping
from recsys_tui.data.preview import preview
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.column_decisions import BAD, DOUBTFUL, GOOD, ROLES, ColumnDecisions
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.dialogs.help import HelpDialog
from recsys_tui.tui.dialogs.mapping import MappingDialog
from recsys_tui.tui.dialogs.start import StartDialog
from recsys_tui.tui.widgets.line_table import LineTable
from recsys_tui.tui.widgets.sample_grid import SampleGrid, grid_lines


@pytest.fixture
def riddle(tmp_path: Path) -> Path:
    """Data in which customers and visitors could both be the users: 7 of the one, 11 of the other."""
    path = tmp_path / "riddle.csv"
    lines = [f"c{n % 7},v{n % 11},p{n % 5},{n % 5 + 1},{1_600_000_000 + n},[b]n{n}[/b]" for n in range(60)]
    path.write_text("customer_id,visitor_id,product_id,rating,timestamp,note\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture
def half(tmp_path: Path) -> Path:
    """Data without anything that looks like an item."""
    path = tmp_path / "half.csv"
    path.write_text("user_id,rating,price\n" + "".join(f"u{n % 5},{n % 4}.5,{n % 9}.25\n" for n in range(60)))
    return path


async def until(pilot: Pilot[Any], holds: Callable[[], Any], seconds: float = 20.0) -> None:
    deadline = monotonic() + seconds
    while not holds():
        assert monotonic() < deadline, "it never came to hold"
        await pilot.pause(0.02)
    await pilot.pause()


@asynccontextmanager
async def asked(
    path: Path, home: Home, mapping: Mapping | None = None, size: tuple[int, int] = (120, 36)
) -> AsyncIterator[tuple[WorkbenchApp, Pilot[Any], MappingDialog]]:
    """The workbench as the command line opens it, once the dialog has read the first rows."""
    app = WorkbenchApp(str(path), mapping, home, no_train=True)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: isinstance(app.screen, MappingDialog) and app.screen.decisions is not None)
        dialog = app.screen
        assert isinstance(dialog, MappingDialog)
        yield app, pilot, dialog


def roles_of(dialog: MappingDialog) -> dict[str, str]:
    """What the dialog shows: the column of each role as it stands there."""
    table = dialog.query_one(LineTable)
    return {role: row[1].strip("◂▸ ") for role, row in zip(ROLES, table._fetch(0, table.count), strict=True)}


def verdict_of(dialog: MappingDialog) -> str:
    return str(dialog.query_one("#mapping-verdict", Static).render())


def opened_columns(app: WorkbenchApp) -> dict[str, str]:
    assert app.state.dataset is not None
    return {choice.role: choice.column for choice in app.state.dataset.columns}


# --- the rules ---------------------------------------------------------------------------------------------------


def test_a_proposal_is_doubtful_until_somebody_decides(riddle: Path):
    decisions = ColumnDecisions.first(preview(riddle))
    verdict = decisions.verdict()
    assert (verdict.mark, verdict.roles) == (DOUBTFUL, ("user",))
    assert decisions.mapping() == Mapping()
    assert decisions.mapping(complete=True) == Mapping(user="customer_id", item="product_id")
    decided = decisions.step("user", 1)
    decided = decided.seen(decided.preview.under(decided.mapping()))
    assert decided.verdict().mark == GOOD
    assert decided.mapping() == Mapping(user="visitor_id")
    assert decided.name("user", None).mapping() == Mapping()


def test_the_same_column_twice_and_a_missing_one_are_refused(riddle: Path, half: Path):
    twice = ColumnDecisions.first(preview(riddle)).name("user", "note").name("rating", "note")
    assert twice.verdict().mark == BAD
    assert twice.verdict().roles == ("user", "rating")
    assert "note" in twice.verdict().sentence
    missing = ColumnDecisions.first(preview(half))
    assert missing.verdict().mark == BAD
    assert missing.verdict().roles == ("item",)
    assert missing.step("item", 1).mapping().item == "user_id"
    assert missing.step("item", -1).mapping().item == "price"


def test_stepping_goes_round_all_columns_and_through_none_where_a_role_may_be_empty(riddle: Path):
    decisions = ColumnDecisions.first(preview(riddle))
    seen = []
    for _ in range(7):
        decisions = decisions.step("event", 1)
        chosen = decisions.choice("event")
        seen.append(None if chosen is None else chosen.column)
    assert seen == ["customer_id", "visitor_id", "product_id", "rating", "timestamp", "note", None]
    seen = []
    for _ in range(6):
        decisions = decisions.step("user", -1)
        seen.append(dict(decisions.named)["user"])
    assert seen == ["note", "timestamp", "rating", "product_id", "visitor_id", "customer_id"]


def test_a_role_can_be_kept_empty_against_detection(riddle: Path):
    decisions = ColumnDecisions.first(preview(riddle))
    for _ in range(3):  # timestamp, note, none
        decisions = decisions.step("rating", 1)
        decisions = decisions.seen(decisions.preview.under(decisions.mapping()))
    assert decisions.choice("rating") is None
    assert decisions.mapping() == Mapping(rating="none")
    again = ColumnDecisions.first(preview(riddle, decisions.mapping()))
    assert again.choice("rating") is None
    assert again.named == (("rating", "none"),)
    detected = again.name("rating", None)
    found = detected.seen(detected.preview.under(detected.mapping())).choice("rating")
    assert found is not None
    assert found.column == "rating"
    both = again.name("time", "none")
    assert both.verdict().mark == DOUBTFUL, "two empty roles are no clash"


def test_other_fields_of_a_mapping_survive_and_wrong_names_do_not(riddle: Path):
    mapping = Mapping(user="visitor_id", item="gone", weights=("view=2",), siblings=False)
    decisions = ColumnDecisions.first(preview(riddle, mapping))
    assert decisions.named == (("user", "visitor_id"),)
    assert decisions.mapping(complete=True) == Mapping(
        user="visitor_id", item="product_id", weights=("view=2",), siblings=False
    )


def test_what_the_whole_file_showed_before_counts_where_the_first_rows_show_nothing(riddle: Path):
    known = (ColumnChoice("event", "note", "words", 0.8), ColumnChoice("basket", "rating", "taken", 0.8))
    decisions = ColumnDecisions.first(preview(riddle), known)
    found = decisions.choice("event")
    assert found is not None
    assert found.column == "note"
    assert decisions.choice("basket") is None, "rating plays another role"
    assert decisions.name("user", "note").choice("event") is None


# --- the rows ----------------------------------------------------------------------------------------------------


def test_the_grid_keeps_the_active_column_in_sight_and_says_that_there_are_more():
    columns = [f"column{n}" for n in range(10)]
    rows = [[f"r{row}c{n}" for n in range(10)] for row in range(4)]
    lines = grid_lines(columns, rows, {"column7": "item"}, "column7", 30, 5)
    texts = [line.plain for line in lines]
    assert len(lines) == 5
    assert all(line.cell_len <= 30 for line in lines)
    assert texts[0].startswith("‹")
    assert texts[0].endswith("›")
    assert "column7" in texts[0]
    assert "item" in texts[1]
    assert texts[0].index("column7") == texts[1].index("item") == texts[2].index("r0c7")
    first = grid_lines(columns, rows, {}, None, 30, 5)[0].plain
    assert first.startswith(" column0")


@pytest.mark.parametrize("width", [6, 7, 20, 40, 200])
def test_the_grid_never_exceeds_its_cells(width: int):
    lines = grid_lines(["商品" * 20, "b"], [["格" * 30, "x"], ["", "y"]], {"b": "user"}, "b", width, 4)
    assert lines
    assert all(line.cell_len <= width for line in lines)
    assert grid_lines(["a"], [], {}, None, 3, 4) == []


# --- the dialog --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 10)])
async def test_unclear_columns_are_asked_for_and_the_answer_opens_the_data(
    riddle: Path, home: Home, size: tuple[int, int]
):
    async with asked(riddle, home, size=size) as (app, pilot, dialog):
        assert roles_of(dialog) == {
            "user": "customer_id",
            "item": "product_id",
            "rating": "rating",
            "time": "timestamp",
            "event": "none",
            "quantity": "none",
            "basket": "none",
        }
        assert "user" in verdict_of(dialog)
        await pilot.press("right")
        await until(pilot, lambda: verdict_of(dialog).startswith(GOOD))
        assert roles_of(dialog)["user"] == "visitor_id"
        await pilot.press("enter")
        await until(pilot, lambda: app.state.overview is not None)
        assert len(app.screen_stack) == 1
        assert app.state.dataset is not None
        assert app.state.dataset.user_count == 11
        assert opened_columns(app)["user"] == "visitor_id"
    assert home.last_mapping(riddle.resolve()) == Mapping(user="visitor_id", item="product_id")
    assert Session.open(riddle, home=home).dataset.user_count == 11


async def test_enter_takes_what_is_shown(riddle: Path, home: Home):
    async with asked(riddle, home) as (app, pilot, _dialog):
        await pilot.press("enter")
        await until(pilot, lambda: app.state.overview is not None)
        assert app.state.dataset is not None
        assert app.state.dataset.user_count == 7


async def test_escape_leads_to_the_start_screen_and_writes_nothing(riddle: Path, home: Home):
    async with asked(riddle, home) as (app, pilot, _dialog):
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, StartDialog))
        assert app.state.step == "none"
        assert app.return_value is None
    assert home.recent() == []


async def test_a_missing_role_is_said_and_enter_waits_for_it(half: Path, home: Home):
    async with asked(half, home) as (app, pilot, dialog):
        assert dialog._role == "item", "the cursor is where a decision is needed"
        assert verdict_of(dialog).startswith(BAD)
        assert "item" in verdict_of(dialog)
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert app.screen is dialog
        await pilot.press("left")
        await until(pilot, lambda: roles_of(dialog)["item"] == "price" and verdict_of(dialog).startswith(GOOD))
        await pilot.press("enter")
        await until(pilot, lambda: app.state.overview is not None)
        assert opened_columns(app)["item"] == "price"


async def test_the_same_column_twice_is_said_at_once(riddle: Path, home: Home):
    async with asked(riddle, home) as (app, pilot, dialog):
        await pilot.press("right", "down", "left")
        await until(pilot, lambda: verdict_of(dialog).startswith(BAD))
        assert "visitor_id" in verdict_of(dialog)
        await pilot.press("enter")
        await pilot.pause(0.1)
        assert app.screen is dialog
        await pilot.press("backspace")
        await until(pilot, lambda: roles_of(dialog)["item"] == "product_id" and verdict_of(dialog).startswith(GOOD))


async def test_all_columns_are_listed_with_what_they_hold(riddle: Path, home: Home):
    async with asked(riddle, home, size=(80, 24)) as (app, pilot, dialog):
        await pilot.press("down", "down", "space")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        assert isinstance(app.screen, ChoiceDialog)
        assert [offer.label for offer in app.screen._offers[1:]] == list(preview(riddle).columns)
        assert app.screen._offers[2].about == "v0 · v1 · v2"
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: roles_of(dialog)["rating"] == "visitor_id")


async def test_no_text_of_the_file_is_markup(riddle: Path, home: Home):
    async with asked(riddle, home) as (_app, _pilot, dialog):
        assert "[b]n0[/b]" in str(dialog.query_one(SampleGrid).render())


@pytest.mark.parametrize("size", [(120, 36), (80, 24), (40, 10)])
async def test_roles_verdict_and_rows_are_on_screen(riddle: Path, home: Home, size: tuple[int, int]):
    async with asked(riddle, home, size=size) as (_app, pilot, dialog):
        for name, height in (("mapping-roles", 4), ("mapping-verdict", 1), ("mapping-rows", 3)):
            region = dialog.query_one(f"#{name}").region
            assert region.height >= height, name
            assert region.bottom <= size[1]
            assert region.right <= size[0]
        table = dialog.query_one(LineTable)
        await pilot.press(*["down"] * 6)
        await pilot.pause()
        assert dialog._role == "basket"
        assert table.cursor - table.scroll_offset.y < table.size.height - 1, "the role in use can be seen"


async def test_page_keys_move_through_the_rows(riddle: Path, home: Home):
    async with asked(riddle, home, size=(80, 24)) as (_app, pilot, dialog):
        grid = dialog.query_one(SampleGrid)
        assert "v0" in str(grid.render())
        await pilot.press("pagedown")
        assert grid.first_row == 5
        await pilot.press(*["pagedown"] * 9)
        assert grid.first_row == 20 - (grid.size.height - 2)
        await pilot.press(*["pageup"] * 9)
        assert grid.first_row == 0


async def test_enter_waits_for_what_detection_makes_of_the_latest_choice(
    riddle: Path, home: Home, monkeypatch: pytest.MonkeyPatch
):
    gate = threading.Event()
    threads: list[str] = []
    under = previews.Preview.under

    def slow(self: previews.Preview, mapping: Mapping) -> previews.Preview:
        threads.append(threading.current_thread().name)
        gate.wait(20)
        return under(self, mapping)

    monkeypatch.setattr(previews.Preview, "under", slow)
    async with asked(riddle, home) as (app, pilot, dialog):
        await pilot.press("right", "enter")
        await pilot.pause(0.1)
        assert app.screen is dialog
        gate.set()
        await until(pilot, lambda: app.state.overview is not None)
        assert opened_columns(app)["user"] == "visitor_id"
    assert threading.main_thread().name not in threads


async def test_columns_without_names_are_remembered_by_number(tmp_path: Path, home: Home):
    path = tmp_path / "bare.csv"
    path.write_text("".join(f"{n % 6},{n % 8},{n % 5 + 1}\n" for n in range(96)))
    app = WorkbenchApp(str(path), None, home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.overview is not None)
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, MappingDialog) and app.screen.decisions is not None)
        await pilot.press("right", "enter")
        await until(pilot, lambda: app.state.dataset is not None and app.state.dataset.user_count == 8)
    assert home.last_mapping(path.resolve()) == Mapping(user="2", item="1")


# --- open data ---------------------------------------------------------------------------------------------------


class Jobs:
    """Notes that a training was ended."""

    running = False

    def __init__(self) -> None:
        self.discarded = 0

    def discard(self) -> None:
        self.discarded += 1


async def test_the_columns_of_open_data_can_be_looked_at_and_changed(tmp_path: Path, home: Home):
    path = tmp_path / "clear.csv"
    path.write_text("user,item,place\n" + "".join(f"u{n % 6},i{n % 8},x{n % 5}\n" for n in range(240)))
    app = WorkbenchApp(str(path), None, home, no_train=True)
    jobs = Jobs()
    app._jobs = jobs  # type: ignore[assignment]
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.state.overview is not None)
        before = app.state.dataset
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, MappingDialog) and app.screen.decisions is not None)
        await pilot.press("enter")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.state.dataset is before, "nothing changed, nothing is read"
        assert jobs.discarded == 0
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, MappingDialog) and app.screen.decisions is not None)
        await pilot.press("down", "right", "enter")
        await until(pilot, lambda: app.state.overview is not None and app.state.dataset is not before)
        assert app.state.dataset is not None
        assert app.state.dataset.item_count == 5
        assert jobs.discarded == 1
    assert home.last_mapping(path.resolve()) == Mapping(user="user", item="place")


async def test_the_key_is_in_the_help_and_needs_data(home: Home):
    app = WorkbenchApp(None, None, home, no_train=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, StartDialog))
        await pilot.press("escape", "c")
        await pilot.pause(0.1)
        assert len(app.screen_stack) == 1
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpDialog))
        assert isinstance(app.screen, HelpDialog)
        await until(pilot, lambda: app.screen.query(LineTable) and app.screen.query_one(LineTable).count)
        table = app.screen.query_one(LineTable)
        assert ("c", "Columns") in [tuple(row[:2]) for row in table._fetch(0, table.count)]


async def test_a_source_that_is_gone_is_said_and_can_be_left(tmp_path: Path, home: Home):
    path = tmp_path / "gone.csv"
    path.write_text("user,item\n" + "".join(f"u{n % 6},i{n % 8}\n" for n in range(96)))
    app = WorkbenchApp(str(path), None, home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.overview is not None)
        path.unlink()
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, MappingDialog) and verdict_of(app.screen).startswith(BAD))
        assert isinstance(app.screen, MappingDialog)
        assert "gone.csv" in verdict_of(app.screen)
        await pilot.press("enter", "space", "right", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.state.overview is not None


async def test_a_remembered_mapping_that_fits_no_more_is_asked_about(riddle: Path, home: Home):
    _ = Session.open(riddle, Mapping(user="visitor_id", item="product_id"), home).dataset
    riddle.write_text(riddle.read_text().replace("visitor_id", "guest_no", 1))
    async with asked(riddle, home) as (app, pilot, dialog):
        assert "visitor_id" in str(dialog.query_one("#mapping-reason", Static).render())
        assert roles_of(dialog)["item"] == "product_id"
        await pilot.press("enter")
        await until(pilot, lambda: app.state.overview is not None)
    assert home.last_mapping(riddle.resolve()) == Mapping(user="customer_id", item="product_id")


async def test_a_wrong_name_on_the_command_line_ends_with_its_sentence(riddle: Path, home: Home):
    app = WorkbenchApp(str(riddle), Mapping(user="nobody"), home, no_train=True)
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value == 2
    assert app.parting is not None
    assert "nobody" in app.parting


async def test_a_choice_that_leaves_nothing_is_asked_about_again(riddle: Path, home: Home):
    async with asked(riddle, home) as (app, pilot, first):
        assert first.decisions is not None
        first._decide(first.decisions.name("user", "visitor_id").name("time", "note"))
        await pilot.press("enter")
        await until(
            pilot,
            lambda: (
                isinstance(app.screen, MappingDialog) and app.screen is not first and app.screen.decisions is not None
            ),
        )
        assert isinstance(app.screen, MappingDialog)
        assert "note" in str(app.screen.query_one("#mapping-reason", Static).render())
        assert roles_of(app.screen)["user"] == "visitor_id"
        await pilot.press("down", "down", "down", "backspace", "enter")
        await until(pilot, lambda: app.state.overview is not None)
        assert opened_columns(app)["time"] == "timestamp"


async def test_random_keys_and_sizes_end_without_an_exception(riddle: Path, home: Home):
    keys = ["up", "down", "left", "right", "space", "backspace", "pageup", "pagedown", "j", "k", "h", "l", "c", "tab"]
    seeded = random.Random(5)
    async with asked(riddle, home) as (app, pilot, _dialog):
        app.exit = lambda *_a, **_k: None  # type: ignore[method-assign]
        for press in range(150):
            await pilot.press(seeded.choice([*keys, "enter"] if press % 30 == 29 else keys))
            if press % 25 == 24:
                await pilot.resize_terminal(seeded.choice([20, 40, 60, 80, 120]), seeded.choice([5, 10, 16, 24, 50]))
        await pilot.pause(0.2)
        assert app.is_running
        assert app._exception is None
