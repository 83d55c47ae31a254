"""The screen paints what changed: where the focus goes, and which view comes, not all there is."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from recsys_tui.tui.widgets.line_table import Column, LineTable
from recsys_tui.tui.workbench_screen import Modes, WorkbenchScreen
from tests.tui.painting import painted


class Two(App[None]):
    """Two views, one of them with two lists; notes the cells that are painted."""

    CSS = "LineTable { width: 20; height: 8; border: round gray; } LineTable:focus { border: round red; }"

    def __init__(self) -> None:
        super().__init__()
        self.painted: list[str] = []

    def get_default_screen(self) -> Screen[None]:
        return WorkbenchScreen()

    def compose(self) -> ComposeResult:
        yield Static("on top", id="top")
        with Modes(initial="one"):
            with Static(id="one"):
                yield LineTable((Column("left"),), "nothing left", id="left")
                yield LineTable((Column("right"),), "nothing right", id="right")
            yield Static("the other view", id="other")
        yield Static("below", id="below")

    def _display(self, screen: Screen[object], renderable: object) -> None:
        segments = getattr(renderable, "render_segments", None)
        self.painted.append(segments(self.console) if segments is not None else "")
        super()._display(screen, renderable)  # type: ignore[arg-type]


async def focused(app: Two, selector: str) -> str:
    """What is painted where the focus goes to a widget."""
    app.painted.clear()
    app.query_one(selector).focus()
    await painted(app, times=3)
    return "".join(app.painted)


async def test_the_focus_paints_two_lists_alone():
    app = Two()
    async with app.run_test(size=(60, 30)):
        await focused(app, "#left")
        seen = await focused(app, "#right")
        assert "nothing left" in seen
        assert "nothing right" in seen
        assert "on top" not in seen
        assert "below" not in seen


async def test_another_view_leaves_what_surrounds_it():
    app = Two()
    async with app.run_test(size=(60, 30)):
        await painted(app)
        app.painted.clear()
        app.query_one(Modes).current = "other"
        await painted(app, times=3)
        seen = "".join(app.painted)
        assert "the other view" in seen
        assert "nothing left" not in seen
        assert app.query_one("#one").display is False


async def test_a_layout_that_changes_nothing_leaves_the_scroll_bar_of_a_list(monkeypatch: pytest.MonkeyPatch):
    app = Two()
    async with app.run_test(size=(60, 30)) as pilot:
        table = app.query_one("#left", LineTable)
        table.show(100, lambda start, stop: [(str(place),) for place in range(start, stop)])
        await painted(app, times=3)
        bar = table.vertical_scrollbar
        assert (bar.window_virtual_size, bar.window_size) == (101, 6)
        drawn = []
        monkeypatch.setattr(bar, "refresh", lambda *_args, **_more: drawn.append(bar.window_virtual_size))
        app.query_one("#one").refresh(layout=True)
        await painted(app, times=3)
        assert drawn == []
        table.show(50, lambda start, stop: [(str(place),) for place in range(start, stop)])
        await painted(app, times=3)
        assert set(drawn) == {51}
        table.styles.height = 20
        await pilot.pause()
        await painted(app, times=3)
        assert bar.window_size == 18
