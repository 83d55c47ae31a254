"""Every key of every mode: none ends in an exception, and whatever it opened Escape closes."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from textual.binding import Binding

from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.audit_run import AuditRunner
from recsys_tui.tui.compare_run import ComparisonRunner
from recsys_tui.tui.keymap.keys import MODES
from recsys_tui.tui.widgets.line_table import LineTable
from tests.tui.test_workbench import FakeJobs, until, workbench

MOST_ESCAPES = 5
ENDING = ("quit", "quit.control", "quit.interrupt")
INTERRUPT = "ctrl+c"  # copies in a field with a selection; without one, it ends the program from there too


def keys_of_screen(app: WorkbenchApp) -> list[str]:
    """The keys that do something now, but for those that end the program."""
    active = app.screen.active_bindings.items()
    return [key for key, entry in active if entry.binding.id not in ENDING and key != INTERRUPT]


async def press(app: WorkbenchApp, key: str) -> None:
    """Press a key, and wait until it is through: a pilot's own waiting takes far longer."""
    app.simulate_key(key)
    await settled(app)


async def settled(app: WorkbenchApp) -> None:
    """Wait until what the application, its screen and the widget in use have to do by now is done."""
    for _ in range(3):
        for pump in (app, app.screen, app.focused or app.screen):
            done = asyncio.Event()
            pump.call_later(done.set)
            with suppress(asyncio.TimeoutError):  # a dialog that is gone answers no more
                await asyncio.wait_for(done.wait(), 0.2)
    for _ in range(500):  # keys wait for a dialog that is worked out first
        if not app._held and app._given_up is None:
            return
        await asyncio.sleep(0.01)


async def close_all(app: WorkbenchApp, after: str) -> None:
    """Escape, until no dialog is open."""
    for _ in range(MOST_ESCAPES):
        if len(app.screen_stack) == 1:
            return
        await press(app, "escape")
    assert len(app.screen_stack) == 1, f"{after}: {app.screen} stays"


async def test_every_key_of_every_mode(trained: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.copytree(trained.home.root, tmp_path / "copy")
    monkeypatch.chdir(tmp_path)  # what is exported goes there
    monkeypatch.setattr(ComparisonRunner, "start", lambda *_given: None)
    monkeypatch.setattr(AuditRunner, "start", lambda *_given: None)
    app = WorkbenchApp("films", None, Home(tmp_path / "copy"), no_train=True)
    app._jobs = FakeJobs()  # type: ignore[assignment]
    pressed: dict[str, set[str]] = {mode: set() for mode in MODES}
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.model is not None)
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        for mode in MODES:
            app.action_mode(mode)
            await pilot.pause()
            waiting = keys_of_screen(app)
            while waiting:
                key = waiting.pop()
                if key in pressed[mode]:
                    continue
                pressed[mode].add(key)
                await press(app, key)
                assert app.is_running, f"{key} in {mode} ends it"
                assert app._exception is None, f"{key} in {mode}"
                await close_all(app, f"{key} in {mode}")
                if app.mode != mode:
                    app.action_mode(mode)
                    await settled(app)
                # Another pane may have the focus by now, with keys of its own.
                waiting += [key for key in keys_of_screen(app) if key not in pressed[mode]]
            everywhere = {binding.key for binding in Binding.make_bindings(app.BINDINGS) if binding.id not in ENDING}
            assert everywhere <= pressed[mode]
        assert app.is_running
        assert app.return_value is None
    assert all(len(keys) > 40 for keys in pressed.values())


async def test_a_list_is_drawn_with_the_columns_it_was_made_for(trained: Session):
    """Between a new size and the drawing that follows it, rows may be asked for again."""
    async with workbench(trained, (80, 24)) as (app, pilot):
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        table = app.screen.query_one("#recommended", LineTable)
        await until(pilot, lambda: table.count)
        columns = len(table.columns)
        app.screen.add_class("slim", update=False)
        table._window = (0, [])
        assert len(table._row(0)) == columns
        assert table.render_line(1).cell_length > 0


@pytest.mark.parametrize(
    "opens", ["pick_item", "pick_user", "blind", "palette", "keys", "themes", "train", "open_other"]
)
async def test_a_dialog_may_be_drawn_and_typed_to_before_it_is_there(trained: Session, opens: str):
    async with workbench(trained, (80, 24)) as (app, pilot):
        app._jobs = FakeJobs()  # type: ignore[assignment]  # Enter may come to the dialog, and trains
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        getattr(app, f"action_{opens}")()
        app.draw()
        for key in ("down", "enter", "escape", "escape", "tab", "escape"):
            app.simulate_key(key)
        app.draw()
        await settled(app)
        assert app._exception is None
