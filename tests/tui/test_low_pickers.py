"""The pickers on the smallest terminal, where whom Enter chooses is on the screen, and before their rows are there."""

from __future__ import annotations

import threading

import pytest
from textual import events
from textual.widgets import Input

from recsys_tui.recommend.session import Session
from recsys_tui.tui.dialogs.picker import Picker
from recsys_tui.tui.pick import PickApp
from recsys_tui.tui.widgets.line_table import Column, LineTable
from tests.tui.test_workbench import until, workbench


@pytest.mark.parametrize(("key", "typed"), [("u", "12"), ("i", "12")])
async def test_rows_are_there_at_40_by_10(trained: Session, key: str, typed: str):
    async with workbench(trained, (40, 10)) as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, Picker) and app.screen.query_one(LineTable).count > 100)
        await pilot.press(*typed)
        table = app.screen.query_one(LineTable)
        await until(pilot, lambda: 0 < table.count < 1000)
        assert table.size.height >= 4  # a line of titles, and rows
        assert all(table.render_line(line).text.strip() for line in range(1, 4))


@pytest.mark.parametrize(("key", "typed"), [("u", "1199"), ("i", "tango for tilda")])
async def test_ids_and_titles_have_their_room_at_40_by_10(trained: Session, key: str, typed: str):
    async with workbench(trained, (40, 10)) as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, Picker) and app.screen.query_one(LineTable).count > 100)
        app.screen.query_one(Input).value = typed
        table = app.screen.query_one(LineTable)
        await until(pilot, lambda: table.count == 1)
        await pilot.pause()
        row = table.render_line(1).text
        assert "1199 " in row or ("A Tango for Tilda" in row and " 17" in row)


def test_columns_that_can_be_spared_give_way_to_ids():
    columns = (
        Column("user", least=12),
        Column("group", 6, spare=1),
        Column("mean", 5, spare=2),
        Column("likes", spare=3),
    )
    table = LineTable(columns)
    assert table._widths(60) == [23, 6, 5, 23]
    assert table._widths(34) == [21, 6, 5, 0]
    assert table._widths(20) == [13, 6, 0, 0]
    assert table._widths(15) == [15, 0, 0, 0]
    assert LineTable((Column("a"), Column("b", 30)))._widths(20) == [4, 30]


@pytest.mark.parametrize("kind", ["user", "item"])
async def test_what_is_typed_before_the_rows_are_there_is_looked_for(trained: Session, kind: str):
    wait = threading.Event()

    def opened(_progress: object) -> Session:
        wait.wait(20)
        return Session.open("films", home=trained.home)

    app = PickApp(kind, opened, trained.home)

    def rows() -> int:
        return sum(table.count for table in app.screen.query(LineTable))

    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("1", "1", "x", "backspace", "9")
        wait.set()
        await until(pilot, rows)
        await pilot.press("9")
        assert app.screen.query_one(Input).value == "1199"
        await until(pilot, lambda: rows() == 1)
        await pilot.press("enter")
    assert app.return_value == "1199"


async def test_enter_where_nobody_matches_says_so(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, Picker) and app.screen.query_one(LineTable).count > 100)
        await pilot.press(*"zzz", "enter")
        await until(pilot, lambda: any("nobody matches" in note.message for note in app._notifications))
        assert isinstance(app.screen, Picker)


async def test_enter_has_the_keys_behind_it_wait_for_its_rows(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, Picker) and app.screen.query_one(LineTable).count > 100)
        slow = threading.Event()
        app._filtering.submit(lambda: slow.wait(0.2))
        for key in ("1", "2", "enter", "5"):  # in one piece, as terminals hand on what is typed fast
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: app.mode == "items")
        assert app.state.person is not None
        assert app.state.person.user == "12"
