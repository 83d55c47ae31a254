"""Pictures of every screen, in a wide and in a small terminal; the states in them are made up, nothing is trained.

A picture that is meant to change is written anew with ``RECSYS_UPDATE_SNAPSHOTS=1 pytest tests/tui/test_snapshots.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePath
from types import SimpleNamespace
from typing import Any, ClassVar

import polars as pl
import pytest
from textual.pilot import Pilot

from recsys_tui.store.home import Home
from recsys_tui.store.identity import Identity
from recsys_tui.store.settings import Settings
from recsys_tui.tui import app as workbench
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.details import SampleRead
from recsys_tui.tui.dialogs.list_options import Checked
from recsys_tui.tui.dialogs.picker import Picker
from recsys_tui.tui.dialogs.start import ENTER, Row, RowsFound
from recsys_tui.tui.messages import Filtered, PreviewRead
from recsys_tui.tui.state.workbench import WorkbenchState
from recsys_tui.tui.widgets.line_table import LineTable
from recsys_tui.tui.widgets.top_bar import TopBar
from tests.tui import snapshot_data as made
from tests.tui import snapshot_states as states
from tests.tui.snapshots import FOLDER, LARGEST, check_picture, differing, normalised, text_rows

HERE = Path(workbench.__file__).parent
NOW = 1_000.0
SIZES = {"80x24": (80, 24), "120x36": (120, 36)}
PATIENCE, LOOKS = 60, 2
MOST_BYTES = 3_000_000


class IdleThread:
    """Takes work and does none of it: what would come of it, the test says."""

    has_more = False

    def submit(self, task: Callable[[], None], kind: str | None = None, fatal: bool = False) -> None:
        """Let it be."""


class StillWorkbench(WorkbenchApp):
    """Reads nothing and works nothing out."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [HERE / name for name in WorkbenchApp.CSS_PATH]

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__("films", None, Home.resolve(), no_train=True, settings=settings)
        self.animation_level = "none"
        self._filtering = self._worker = IdleThread()  # type: ignore[assignment]

    def load(self, data: str, mapping: Any) -> None:
        """Open as if it were there."""
        self.opened_as = data
        session = SimpleNamespace(identity=Identity(made.LONG_PATH, made.dataset().mapping))
        self._work = SimpleNamespace(session=session, abandoned=False, abandon=lambda: None)  # type: ignore[assignment]
        self._users = made.users()
        self._made = (self._work, {"tastes": made.Tastes(), "item index": made.Index()})

    def ask(self, question: Any, take: Any, kind: str | None = None) -> None:
        """What the list options ask is answered; nothing else is."""
        if kind == "list fields":
            take(made.FIELDS)
        elif kind == "list options":
            take(Checked("412 of 1,700 items may be in a list.", True))


@dataclass(frozen=True)
class Screen:
    """One picture: a state, keys that are pressed then, and what comes in after them.

    ``pane``: it shows one pane of several, which a wide terminal shows side by side anyway.
    """

    state: Callable[[], WorkbenchState]
    keys: tuple[str, ...] = ()
    then: Callable[[StillWorkbench], None] | None = None
    pane: bool = False


def found_rows(app: StillWorkbench) -> None:
    """What a picker found."""
    picker = app.screen
    assert isinstance(picker, Picker)
    count = 40 if len(picker.columns()) > 5 else len(made.TITLES)
    picker.post_message(Filtered(picker._generation, pl.Series(range(count), dtype=pl.UInt32), 4.0))


def read_sample(app: StillWorkbench) -> None:
    """The sample rows of the details."""
    app.screen.post_message(SampleRead(made.preview(), ""))


def read_preview(app: StillWorkbench) -> None:
    """The first rows over which columns are chosen."""
    app.screen.post_message(PreviewRead(1, made.preview()))


def listed_files(app: StillWorkbench) -> None:
    """What is on the start screen."""
    rows = (
        Row("ratings.csv", "/home/ada/data/films", "/home/ada/data/films/ratings.csv"),
        Row("[bold]odd[/bold] 名前 🎬.parquet", "/home/ada/Downloads", "/home/ada/Downloads/x"),
        Row("films", "made up: 1,500 people rate 900 films", "films"),
        Row("Documents/", "", "/home/ada/Documents", ENTER),
        Row("a name of a file that goes on for longer than anybody would like to type it.csv", "12 MB", "/home/ada/a"),
    )
    app.screen.post_message(RowsFound(1, rows, ""))


def told_of_run(app: StillWorkbench) -> None:
    """A training that has been running for a while."""
    app.query_one(TopBar)._started = NOW - 41
    app.draw()


# By the mode they are looked at in. One workbench shows all of a mode.
SCREENS = {
    "home": {
        "home": Screen(states.trained),
        "home-reading": Screen(states.reading),
        "user-picker": Screen(states.trained, ("u",), found_rows),
        "start": Screen(states.trained, ("o",), listed_files),
        "mapping": Screen(states.trained, ("c",), read_preview),
        "details": Screen(states.trained, ("d",), read_sample),
        "train-request": Screen(states.trained, ("t",)),
    },
    "train": {
        "train-done": Screen(states.trained),
        "train-running": Screen(states.training, (), told_of_run),
    },
    "clusters": {
        "clusters": Screen(states.with_clusters),
        "clusters-detail": Screen(states.with_clusters, ("j", "j", "enter"), pane=True),
        "clusters-members": Screen(states.with_clusters, ("M",), pane=True),
        "clusters-map": Screen(states.with_clusters, ("shift+tab",), pane=True),
        "clusters-compared": Screen(lambda: states.with_clusters(0, 2)),
    },
    "users": {
        "users": Screen(states.with_person),
        "users-history": Screen(states.with_person, ("shift+tab",), pane=True),
        "users-why": Screen(states.with_person, ("x",), pane=True),
        "users-what-if": Screen(lambda: states.with_person(what_if=True)),
        "help": Screen(states.with_person, ("question_mark",)),
        "palette": Screen(states.with_person, ("colon", *"clu")),
        "item-picker": Screen(states.with_person, ("i",), found_rows),
        "list-options": Screen(lambda: states.with_person(what_if=True), ("F",)),
        "copy-menu": Screen(states.with_person, ("y",)),
    },
    "items": {
        "items": Screen(states.with_item),
        "items-who": Screen(states.with_item, ("tab",), pane=True),
        "items-when": Screen(states.with_item, ("tab", "tab"), pane=True),
    },
    "compare": {
        "compare": Screen(states.comparing),
        "compare-scores": Screen(lambda: states.comparing(NOW - 83), ("tab",)),
    },
}


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clocks on screen stand still."""
    clock = SimpleNamespace(monotonic=lambda: NOW)
    for module in ("widgets.top_bar", "lines.compare", "acts.training"):
        monkeypatch.setattr(f"recsys_tui.tui.{module}.time", clock)
    for name in ("NO_COLOR", "COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)


def screens(mode: str, size: str) -> dict[str, Screen]:
    """The pictures of a mode that are kept in a size."""
    return {name: one for name, one in SCREENS[mode].items() if size == "80x24" or not one.pane}


async def pictures(mode: str, chosen: dict[str, Screen], size: str, settings: Settings | None = None) -> dict[str, str]:
    """Each screen as SVG, once it no longer changes."""
    app, found = StillWorkbench(settings), {}
    async with app.run_test(size=SIZES[size]) as pilot:
        while not app.views_there:
            await pilot.pause(0.02)
        app.action_mode(mode)
        pane = getattr(app.view, "pane", None)
        for name, screen in chosen.items():
            while len(app.screen_stack) > 1:
                await app.pop_screen()
            if pane is not None:
                app.view._turn_to(pane)
            for table in app.view.query(LineTable):
                table.move_to(0)
            app.state = screen.state()
            app.action_mode(mode)
            app.draw()
            await pilot.pause()
            await pilot.press(*screen.keys)
            if screen.then is not None:
                screen.then(app)
            await still(app, pilot)
            found[name] = app.export_screenshot(title="recsys-tui", simplify=True)
    return found


async def still(app: StillWorkbench, pilot: Pilot[Any]) -> None:
    """Wait until nothing on screen changes any more."""
    same, before = 0, None
    for _ in range(PATIENCE):
        await pilot.pause(0.02)
        now = app.screen._compositor.render_strips()
        same, before = same + 1 if now == before else 0, now
        if same == LOOKS:
            return
    raise AssertionError("the screen never stands still")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("mode", SCREENS)
async def test_screens_look_as_they_did(mode: str, size: str, tmp_path: Path):
    told = []
    for name, svg in (await pictures(mode, screens(mode, size), size)).items():
        told += check_picture(svg, f"{name}-{size}", tmp_path)
    assert not told, "\n".join(told)


async def test_users_without_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_COLOR", "1")
    svg = (await pictures("users", {"users": SCREENS["users"]["users"]}, "120x36"))["users"]
    assert not check_picture(svg, "users-no-color-120x36", tmp_path)


async def test_users_in_high_contrast(tmp_path: Path):
    chosen = {"users": SCREENS["users"]["users"]}
    svg = (await pictures("users", chosen, "120x36", Settings(theme="contrast")))["users"]
    assert not check_picture(svg, "users-contrast-120x36", tmp_path)


def test_every_picture_is_of_a_screen_and_all_are_small():
    kept = {path.stem: path.stat().st_size for path in FOLDER.glob("*.svg")}
    names = {f"{name}-{size}" for size in SIZES for mode in SCREENS for name in screens(mode, size)}
    assert set(kept) == names | {"users-no-color-120x36", "users-contrast-120x36"}
    assert max(kept.values()) <= LARGEST
    assert sum(kept.values()) < MOST_BYTES


def test_rows_that_differ_are_told():
    def shown(*rows: str) -> str:
        texts = (
            f'<text class="s-r1" x="24.4" y="{20 * place}" textLength="9">{row}</text>'
            for place, row in enumerate(rows)
        )
        return normalised("\n".join(texts))

    before, now = text_rows(shown("a &amp; b", "千&#160;c")), text_rows(shown("a &amp; b", "千&#160;d"))
    assert before == ["  a & b", "  千 c"]
    assert differing(before, now) == ["row 2\n  kept '  千 c'\n  now  '  千 d'"]
    assert differing(before, before) == ["The texts are the same: colours or styles differ."]
