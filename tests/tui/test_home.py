"""Home: what is shown while data is read, the overview, findings with how to change them, details."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from recsys_tui.data.dataset import Action, Finding, Mapping
from recsys_tui.output.messages import CATALOGUE
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.details import DetailsDialog
from recsys_tui.tui.lines.findings import finding_lines, how_to_change
from recsys_tui.tui.widgets.sample_grid import SampleGrid
from tests.tui.test_workbench import text_of, until, workbench

SIZES = [(120, 36), (80, 24)]


@pytest.fixture
def clicks(tmp_path: Path) -> Path:
    """Sixty events of two kinds by five people, twelve of them twice."""
    path = tmp_path / "clicks.csv"
    rows = [f"u{n % 5},i{n % 7},{'view' if n % 3 else 'buy'},{1_600_000_000 + 86_400 * n}" for n in range(48)]
    path.write_text("user_id,item_id,event_type,timestamp\n" + "\n".join([*rows, *rows[:12]]) + "\n")
    return path


@pytest.mark.parametrize("size", SIZES)
async def test_the_overview_shows_the_data(trained: Session, size: tuple[int, int]):
    async with workbench(trained, size) as (app, pilot):
        await pilot.pause()
        assert "80,046" in text_of(app, "home-figures")
        assert "1,500" in text_of(app, "home-figures")
        assert text_of(app, "home-stages").count("✓") == 4
        assert "movies.csv" in text_of(app, "home-findings")
        assert "userId" in text_of(app, "home-columns")
        assert "█" in text_of(app, "home-ratings")


@pytest.mark.parametrize("size", SIZES)
async def test_figures_ratings_stages_and_findings_need_no_scrolling(trained: Session, size: tuple[int, int]):
    async with workbench(trained, size) as (app, pilot):
        await pilot.pause()
        names = ["home-figures", "home-ratings", "home-stages", "home-findings"]
        names += ["home-columns", "home-activity", "home-tail"] if size == (120, 36) else []
        for name in names:
            panel = app.screen.query_one(f"#{name}")
            assert panel.display
            assert panel.region.height >= 4
            assert panel.region.bottom <= size[1] - 1, f"{name} is above the line of keys"


@pytest.mark.parametrize("size", SIZES)
async def test_first_rows_are_there_while_the_rest_is_read(clicks: Path, home: Home, size: tuple[int, int]):
    gate = threading.Event()

    def slow(data: str, mapping: Mapping | None, where: Home, refresh: bool, progress: Any) -> Session:
        progress("reading", None)
        gate.wait(20)
        return Session.open(data, mapping, where, refresh, progress)

    app = WorkbenchApp(str(clicks), None, home, no_train=True, open_session=slow)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.reading.preview is not None and app.state.reading.lines is not None)
        await pilot.pause()
        assert app.state.overview is None
        grid = app.screen.query_one(SampleGrid)
        shown = str(grid.render())
        assert "user_id" in shown
        assert "u0" in shown
        assert grid.region.bottom < size[1]
        assert "61 lines counted" in text_of(app, "home-figures")
        assert "▶ Reading" in text_of(app, "home-figures")
        columns = text_of(app, "home-columns")
        assert "event_type" in columns
        assert "its name" in columns
        await pilot.press("4", "1")
        gate.set()
        await until(pilot, lambda: app.state.overview is not None)
        await pilot.pause()
        assert not app.screen.query_one("#home-sample").display
        assert app.screen.query_one("#home-stages").display


@pytest.mark.parametrize("size", SIZES)
async def test_events_are_shown_where_there_are_no_ratings(clicks: Path, home: Home, size: tuple[int, int]):
    app = WorkbenchApp(str(clicks), None, home, no_train=True)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.overview is not None)
        await pilot.pause()
        assert str(app.screen.query_one("#home-ratings").border_title) == "Events"
        text = text_of(app, "home-ratings")
        assert "view" in text
        assert "buy" in text
        assert "<10 people" in text, "five people are no crowd"


@pytest.mark.parametrize(("quantity", "says"), [("", "every interaction counts alike"), (",plays", "on a log scale")])
@pytest.mark.parametrize("size", SIZES)
async def test_without_ratings_it_says_what_counts(
    tmp_path: Path, home: Home, size: tuple[int, int], quantity: str, says: str
):
    path = tmp_path / "taken.csv"
    rows = [f"u{n % 5},i{n % 7}" + (f",{n + 1}" if quantity else "") for n in range(35)]
    path.write_text(f"user_id,item_id{quantity}\n" + "\n".join(rows) + "\n")
    app = WorkbenchApp(str(path), None, home, no_train=True)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.state.overview is not None)
        await pilot.pause()
        assert says in " ".join(text_of(app, "home-ratings").split())
        assert ("log scale" in text_of(app, "home-ratings")) == bool(quantity)


@pytest.mark.parametrize("size", SIZES)
async def test_details_show_all_columns_findings_how_to_change_them_and_rows(
    clicks: Path, home: Home, size: tuple[int, int]
):
    app = WorkbenchApp(str(clicks), None, home, no_train=True)
    async with app.run_test(size=size) as pilot:
        await pilot.press("d")
        await until(pilot, lambda: app.state.overview is not None)
        assert not isinstance(app.screen, DetailsDialog), "nothing is read yet"
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, DetailsDialog) and app.screen._preview is not None)
        assert isinstance(app.screen, DetailsDialog)
        text = "\n".join(line.plain for line in app.screen.lines)
        for column in ("user_id", "item_id", "event_type", "timestamp"):
            assert column in text
        assert "12 rows repeat an earlier row" in text
        assert "→ c gives a further column a role" in text
        assert "--event-weight NAME=NUMBER" in text
        assert str(clicks) in text.replace("\n" + " " * 16, "")
        assert "i6" in text, "a row of the file"
        scroll = app.screen.query_one("#details")
        await pilot.press("G")
        await until(pilot, lambda: scroll.scroll_y == scroll.max_scroll_y > 0)
        await pilot.press("g")
        await until(pilot, lambda: scroll.scroll_y == 0)
        await pilot.press("d")
        await until(pilot, lambda: not isinstance(app.screen, DetailsDialog))


async def test_details_of_data_whose_file_is_gone_say_so(clicks: Path, home: Home):
    Session.open(str(clicks), home=home).load()
    clicks.unlink()
    app = WorkbenchApp(str(clicks), None, home, no_train=True, open_session=lambda *_a: opened(clicks, home))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.overview is not None)
        await pilot.press("d")
        await until(
            pilot,
            lambda: (
                isinstance(app.screen, DetailsDialog) and any("There is no" in line.plain for line in app.screen.lines)
            ),
        )


def opened(path: Path, home: Home) -> Session:
    """A session over stored data, whatever became of the file."""
    (identity,) = home.recent()
    assert identity.path == path
    return Session(home, identity, path.name)


def finding(code: str, message: str) -> Finding:
    return Finding(code, 3, Action.REMOVED, message)


def test_findings_are_whole_where_they_fit_and_begun_where_not():
    found = [finding("nul_bytes", "Bytes were removed."), finding("no_time", "There is no time, " + "so " * 30)]
    whole = [line.plain for line in finding_lines(found, None, 60, 12)]
    assert whole[0].startswith("! There is no time"), "what can be changed comes first"
    assert "→ c chooses a time column" in "\n".join(whole)
    short = [line.plain for line in finding_lines(found, "The source has changed.", 30, 3)]
    assert short[0] == "! The source has changed."
    assert short[1].startswith("! There is no time")
    assert len(short) == 3
    assert all(len(line) <= 30 for line in short)
    squeezed = [line.plain for line in finding_lines([found[1]] * 9, None, 60, 3)]
    assert squeezed[-1].startswith("… 7 more: d")


def test_every_way_to_change_is_that_of_a_finding_there_is():
    codes = {name.removeprefix("data.finding_") for name in CATALOGUE if name.startswith("data.finding_")}
    ways = {name.removeprefix("home.change_") for name in CATALOGUE if name.startswith("home.change_")}
    assert ways <= codes
    assert {"no_time", "duplicates", "core", "dates_day_first", "files_ignored", "event_weights"} <= ways
    assert how_to_change("nul_bytes") is None
