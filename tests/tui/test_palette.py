"""The palette: everything that can be done, found by a few letters, run by Enter."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.training.job import PRESETS
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.palette import PaletteDialog
from recsys_tui.tui.keymap.keys import MODES
from recsys_tui.tui.keymap.registry import registered_keys
from recsys_tui.tui.themes import theme_names
from recsys_tui.tui.widgets.line_table import LineTable
from tests.tui.test_workbench import FakeJobs, until, workbench

SIZES = [(120, 36), (80, 24)]


async def open_palette(app: WorkbenchApp, pilot: Pilot[Any], key: str = "colon") -> PaletteDialog:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, PaletteDialog) and app.screen.query_one(LineTable).count)
    assert isinstance(app.screen, PaletteDialog)
    return app.screen


async def run(app: WorkbenchApp, pilot: Pilot[Any], typed: str, found: str) -> None:
    """Open the palette, type, and run what is found first."""
    palette = await open_palette(app, pilot)
    for letter in typed:
        await pilot.press("space" if letter == " " else letter)
    await until(pilot, lambda: palette._shown and palette._shown[0].does == found)
    await pilot.press("enter")
    await until(pilot, lambda: not isinstance(app.screen, PaletteDialog))


@pytest.mark.parametrize("size", SIZES)
async def test_everything_is_there(trained: Session, size: tuple[int, int]):
    async with workbench(trained, size) as (app, pilot):
        palette = await open_palette(app, pilot, "ctrl+p")
        found = [command.does for command in palette._shown]
        ids = {command.words for command in palette._shown}
        acting = set(app._acting())
        assert {name for name, entry in registered_keys().items() if entry.does and name in acting} <= ids
        assert {say("shell.go_to", mode=say(f"tui.mode_{mode}")) for mode in MODES} <= set(found)
        assert {say("shell.use_theme", theme=theme) for theme in theme_names()} <= set(found)
        assert {say("shell.rank_by", model=name) for name, _ in app.state.model.rankers()} <= set(found)
        assert sum(line.startswith(tuple(f"Train {preset}:" for preset in PRESETS)) for line in found) == len(PRESETS)
        assert {"Open shop", "Open circle", "Open films"} <= set(found)
        assert len(found) == len(set(zip(found, [c.words for c in palette._shown], strict=True)))
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, PaletteDialog))


async def test_modes_themes_models_presets_and_data_are_run(trained: Session, monkeypatch: pytest.MonkeyPatch):
    opened: list[str | None] = []
    monkeypatch.setattr(WorkbenchApp, "_opened", lambda _self, data: opened.append(data))
    async with workbench(trained) as (app, pilot):
        jobs = FakeJobs()
        app._jobs = jobs  # type: ignore[assignment]
        await run(app, pilot, "go clu", "Go to Clusters")
        assert app.mode == "clusters"
        await run(app, pilot, "theme contrast", "Theme contrast")
        assert app.theme == "contrast"
        app.show_person("42")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        await run(app, pilot, "rank ease", "Rank by ease")
        await until(pilot, lambda: app.state.person.answer and app.state.person.answer.model == "ease")
        await run(app, pilot, "train standard", f"Train standard: {say('tui.about_standard')}")
        await until(pilot, lambda: jobs.calls == ["start standard"])
        await run(app, pilot, "open shop", "Open shop")
        assert opened == ["shop"]


async def test_what_can_do_nothing_now_says_why(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        palette = await open_palette(app, pilot)
        reasons = {command.does: command.reason for command in palette._shown}
        assert reasons["Rank by ease"] == "Press u to pick a user."
        assert reasons[say("tui.key_discard")] == "No training runs."
        assert reasons["Theme nord"] is None
