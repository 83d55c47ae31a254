"""The pickers on the smallest terminal: whom Enter chooses is on the screen."""

from __future__ import annotations

import pytest

from recsys_tui.recommend.session import Session
from recsys_tui.tui.dialogs.picker import Picker
from recsys_tui.tui.widgets.line_table import LineTable
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
