"""The workbench under pseudonyms: nobody's id is on any screen or in anything taken away, and both find a person."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from recsys_tui.recommend.session import Session
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.exports import Exports
from recsys_tui.store.feedback_log import FeedbackLog
from recsys_tui.store.pseudonym_key import pseudonyms_for
from recsys_tui.store.remembered import Memory
from recsys_tui.store.tombstones import marks_of
from recsys_tui.training.events import CLUSTERS_FOUND, TrainingEvent
from recsys_tui.tui import messages as told
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.details import DetailsDialog
from recsys_tui.tui.dialogs.item_picker import ItemPicker
from recsys_tui.tui.dialogs.mapping import MappingDialog
from recsys_tui.tui.dialogs.user_picker import UserPicker
from recsys_tui.tui.state.jobs import JobState
from recsys_tui.tui.taking.picture import recorded_screen
from recsys_tui.tui.widgets.line_table import LineTable
from tests.trust.people_by_tags import ID, contents, person, renamed
from tests.tui.test_take import copied, write
from tests.tui.test_workbench import rows_of, until

WHO, SIZES = person(7), [(120, 36), (80, 24)]


@asynccontextmanager
async def opened(session: Session, size: tuple[int, int]) -> AsyncIterator[tuple[WorkbenchApp, Pilot[Any]]]:
    """The workbench over some data with pseudonyms, as the program opens it."""
    memory = Memory(session.home)
    app = WorkbenchApp(str(session.identity.path), None, session.home, no_train=True, pseudonyms=True, memory=memory)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.state.model)
        yield app, pilot


def seen(app: WorkbenchApp) -> list[bytes]:
    """The ids of people that are on screen now."""
    return ID.findall(recorded_screen(app).export_text(styles=False).encode())


@pytest.fixture(scope="module")
def base(trained: Session, tmp_path_factory: pytest.TempPathFactory) -> Session:
    return renamed(trained, tmp_path_factory.mktemp("tags") / "films")


@pytest.mark.parametrize("size", SIZES)
async def test_nobody_is_on_any_screen(base: Session, size: tuple[int, int], tmp_path: Path):
    tag = pseudonyms_for(base.home.root, base.identity.path).of(WHO)
    async with opened(base, size) as (app, pilot):
        assert "not anonymity" in " ".join(note.message for note in app._notifications)
        assert "pseudonyms" in recorded_screen(app).export_text(styles=False).splitlines()[0]
        await pilot.press("u")
        await until(pilot, lambda: isinstance(app.screen, UserPicker) and app.screen.query_one(LineTable).count)
        shown = [row[0] for row in rows_of(app, "picker-list")]
        assert shown == sorted(shown), "the order of the ids would tell whose tags they are"
        assert not seen(app)
        for text in (WHO, tag[2:9]):
            app.screen.query_one(Input).value = text
            await until(pilot, lambda: [row[0] for row in rows_of(app, "picker-list")] == [tag])
        await pilot.press("enter")
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        assert app.state.person.user == tag
        for mode in "12456":
            await pilot.press(mode)
            await pilot.pause(0.1)
            assert not seen(app), mode
        await pilot.press("3", "enter")
        await until(pilot, lambda: app.state.looked_at.inside and app.state.looked_at.pages)
        assert not seen(app)
        members = [page.members for page in app.state.looked_at.pages.values()]
        assert all(user.startswith("u-") for table in members for user in table["user"])
        assert any(table.height for table in members)
        await pilot.press("1", "c")
        await until(pilot, lambda: isinstance(app.screen, MappingDialog) and app.screen.decisions)
        assert app.screen.decisions.preview.rows[0][0].startswith("u-")
        assert not seen(app)
        await pilot.press("escape", "d")
        await until(pilot, lambda: isinstance(app.screen, DetailsDialog) and app.screen._preview)
        lines = "\n".join(line.plain for line in app.screen.lines)
        assert "u-" in lines
        assert not ID.search(lines.encode())


async def test_what_is_taken_away_names_nobody_and_what_is_said_is_noted_by_id(base: Session, tmp_path: Path):
    AbLog(base.workspace.folder).start("deep", "ease", "interleave", "00ff")
    tag = pseudonyms_for(base.home.root, base.identity.path).of(WHO)
    async with opened(base, (80, 24)) as (app, pilot):
        app.show_person(tag)
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        app.action_mode("users")
        await pilot.press("plus")
        await until(pilot, lambda: app.state.person.said.liked)
        liked = app.state.person.said.liked
        assert "ab.no_command" not in await copied(app, pilot, "csv")
        for kind in ("csv", "json", "parquet", "svg"):
            await write(app, pilot, kind, tmp_path / f"out.{kind}")
            await until(pilot, lambda kind=kind: (tmp_path / f"out.{kind}").exists())
        await pilot.press("3")
        await until(pilot, lambda: app.state.looked_at.pages)
        assert "--pseudonyms" in await copied(app, pilot, "command")
    assert [name for name, text in contents(tmp_path) if ID.search(text)] == []
    assert tag in (tmp_path / "out.json").read_text()
    stood = FeedbackLog(base.workspace.folder).entries(WHO)
    assert [entry.item for entry in stood] == list(liked)
    log = AbLog(base.workspace.folder)
    assert {visit.user for visit in log.record(log.tests()[-1])[0]} == {WHO}
    log.stop()
    memory = Memory(base.home)
    memory.write(app._remembered)
    assert [place.user for place in memory.read().places.values()] == [WHO]
    async with opened(base, (80, 24)) as (app, pilot):
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        assert app.state.person.user == tag


async def test_where_items_are_people_they_have_tags_too(trained: Session, tmp_path: Path):
    social = renamed(trained, tmp_path / "people", graph=True)
    tags = pseudonyms_for(social.home.root, social.identity.path)
    async with opened(social, (120, 36)) as (app, pilot):
        await pilot.press("i")
        await until(pilot, lambda: isinstance(app.screen, ItemPicker) and app.screen.query_one(LineTable).count)
        assert not seen(app)
        app.screen.query_one(Input).value = person(31)
        await until(pilot, lambda: [row[-1] for row in rows_of(app, "picker-list")] == [tags.of(person(31))])
        await pilot.press("enter")
        await until(pilot, lambda: app.state.item.page and app.state.item.similar)
        assert not seen(app)
        app.show_person(tags.of(WHO))
        await until(pilot, lambda: app.state.person and app.state.person.answer)
        for mode in "13456":
            await pilot.press(mode)
            await pilot.pause(0.1)
            assert not seen(app), mode
        items = [[person(31), "Surname-0031", 2.0]]
        found = {"name": "like Surname-0031", "size": 90, "cohesion": 0.5, "terms": [], "items": items}
        app.state = replace(app.state, job=JobState("quick", "next"), model=None)
        event = TrainingEvent(CLUSTERS_FOUND, clusters=[found])
        app.on_training_told(told.TrainingTold(event, "quick"))
        (cluster,) = app.state.clusters()
        assert cluster.name == f"like {tags.of(person(31))}"
        assert cluster.top_items == ((tags.of(person(31)), None, 2.0),)


async def test_the_page_of_somebody_goes_when_they_are_forgotten(trained: Session, tmp_path: Path):
    social = renamed(trained, tmp_path / "people", graph=True)
    async with opened(social, (120, 36)) as (app, pilot):
        app.show_item(person(31))
        await until(pilot, lambda: app.state.item.page and app.state.item.similar)
        await write(app, pilot, "svg", tmp_path / "page")
        await until(pilot, lambda: Exports(social.workspace.folder).read())
    tag = pseudonyms_for(social.home.root, social.identity.path).of(person(31))
    (noted,) = Exports(social.workspace.folder).read()
    assert set(noted.about) <= set(marks_of(social.home.root, [person(31), tag]))
    assert noted.about
