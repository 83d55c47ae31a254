"""The A/B test that runs, in the workbench: who is dealt what, and that what happens is in its log."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from textual.pilot import Pilot

from recsys_tui.data.dataset import Mapping
from recsys_tui.evaluate.ab.assignment import arm_of, coins
from recsys_tui.evaluate.ab.interleaving import team_draft
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.recommend.session import Session
from recsys_tui.recommend.stored_feedback import recommend_with_feedback
from recsys_tui.store.ab_log import AbLog
from recsys_tui.store.ab_records import EventRecord
from recsys_tui.store.verdicts import Verdicts
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.lines.figures import decimals_of, plain
from recsys_tui.tui.lines.person_rows import list_rows
from recsys_tui.tui.lines.why import why_lines
from recsys_tui.tui.panes import RECOMMENDED, WHY
from recsys_tui.tui.taking.equivalent_command import Opened, equivalent_command
from recsys_tui.tui.taking.pane_tables import table_of_why
from recsys_tui.tui.widgets.panel import Panel
from tests.tui.test_live import at_person, person
from tests.tui.test_workbench import until

SIZES = [(120, 36), (80, 24)]
USER = "42"
SALT = "0123456789abcdef0123456789abcdef"


def listed(app: WorkbenchApp) -> list[str]:
    answer = person(app).answer
    assert answer is not None
    return [entry.item for entry in answer.items]


def told(app: WorkbenchApp) -> str:
    return "\n".join(line.plain for line in app.screen_stack[0].query_one("#person", Panel).lines)


def ranked(session: Session, model: str, user: str = USER, said: Verdicts | None = None) -> list[str]:
    recommender = session.recommender()
    assert recommender is not None
    answer = recommend_with_feedback(recommender, user, said or Verdicts(), 20, model)
    return [entry.item for entry in answer.items]


async def tried(app: WorkbenchApp, pilot: Pilot[Any], session: Session, first: str) -> Verdicts:
    """Begin a what-if with a like of the first item, wait for its list, and return what is said then."""
    await pilot.press("w", "plus")
    said = Verdicts((first,))
    await until(pilot, lambda: listed(app) == ranked(session, "deep", said=said))
    return said


def drafted(session: Session, said: Verdicts | None = None) -> list[tuple[str, str | None]]:
    lists = [ranked(session, model, said=said) for model in ("deep", "ease")]
    return team_draft(*lists, 20, coins(SALT, USER, 1))


def begun(session: Session, mode: str, b: str = "ease") -> AbLog:
    log = AbLog(session.workspace.folder)
    log.start("deep", b, mode, SALT)
    return log


@pytest.mark.parametrize("size", SIZES)
async def test_interleaved_lists_are_dealt_and_what_happens_is_noted(trained_copy: Session, size: tuple[int, int]):
    log = begun(trained_copy, "interleave")
    shown = drafted(trained_copy)
    async with at_person(trained_copy, size) as (app, pilot):
        assert listed(app) == [item for item, _ in shown] != ranked(trained_copy, "deep")
        assert "deep and ease drafted this list" in told(app)
        test = log.tests()[0]
        await until(pilot, lambda: log.record(test)[0])
        visit = log.record(test)[0][0]
        assert (visit.user, visit.arm, visit.shown_a, visit.shown_b, visit.first) == (USER, None, 10, 10, shown[0][1])
        await pilot.press("down", "down", "plus")
        await until(pilot, lambda: len(log.record(test)[1]) == 3)
        events = log.record(test)[1]
        assert events == [
            EventRecord(1, shown[0][0], "skip", shown[0][1]),
            EventRecord(1, shown[1][0], "skip", shown[1][1]),
            EventRecord(1, shown[2][0], "like", shown[2][1]),
        ]
        # The same coins deal what is ranked anew.
        after = drafted(trained_copy, Verdicts((shown[2][0],)))
        await until(pilot, lambda: listed(app) == [item for item, _ in after])
        await until(pilot, lambda: log.record(test)[0][0].shown_a == 20)
        await pilot.press("z")
        await until(pilot, lambda: len(log.record(test)[1]) == 4)
        # It is in no list any more, and counts for the arm that it was shown for first.
        assert log.record(test)[1][-1] == EventRecord(1, shown[2][0], "clear", None)
        await until(pilot, lambda: listed(app) == [item for item, _ in shown])
        await pilot.press("home", "down", "enter")
        await until(pilot, lambda: app.mode == "items" and len(log.record(test)[1]) == 5)
        opened = log.record(test)[1][-1]
        assert (opened.item, opened.kind) == (shown[1][0], "open")
        assert log.record(test)[0][0].number == log.record(test)[0][-1].number == 1


async def test_people_who_are_split_get_the_list_of_their_arm(trained_copy: Session):
    log = begun(trained_copy, "split")
    users = {arm_of(SALT, user): user for user in ("42", "43", "44", "45", "46", "47")}
    assert set(users) == {"a", "b"}
    async with at_person(trained_copy, user=users["a"]) as (app, pilot):
        for arm, model in (("a", "deep"), ("b", "ease")):
            app.show_person(users[arm])
            await until(pilot, lambda: person(app).answer is not None)
            assert listed(app) == ranked(trained_copy, model, users[arm])
            assert "An A/B test runs" in told(app)
        test = log.tests()[0]
        await until(pilot, lambda: len(log.record(test)[0]) == 2)
        assert [(visit.user, visit.arm) for visit in log.record(test)[0]] == [(users["a"], "a"), (users["b"], "b")]
        assert [visit.shown_a + 2 * visit.shown_b for visit in log.record(test)[0]] == [20, 40]


async def test_what_is_only_tried_is_noted_when_it_is_kept(trained_copy: Session):
    log = begun(trained_copy, "interleave")
    test, shown = log.tests()[0], drafted(trained_copy)
    async with at_person(trained_copy) as (app, pilot):
        await until(pilot, lambda: log.record(test)[0])
        await tried(app, pilot, trained_copy, shown[0][0])
        assert log.record(test)[1] == []
        assert log.record(test)[0][0].shown_a == 10
        await pilot.press("enter")
        await until(pilot, lambda: log.record(test)[1])
        assert log.record(test)[1] == [EventRecord(1, shown[0][0], "like", shown[0][1])]


@pytest.mark.parametrize("leave", ["kept", "kept, the same", "dropped"])
async def test_what_was_only_tried_is_dealt_anew_once_it_is_over(trained_copy: Session, leave: str):
    log = begun(trained_copy, "interleave")
    test, shown = log.tests()[0], drafted(trained_copy)
    async with at_person(trained_copy) as (app, pilot):
        await until(pilot, lambda: log.record(test)[0])
        said = await tried(app, pilot, trained_copy, shown[0][0])
        if leave != "kept":
            await pilot.press("z")
            await until(pilot, lambda: listed(app) == ranked(trained_copy, "deep"))
        await pilot.press("escape" if leave == "dropped" else "enter")
        after = drafted(trained_copy, said) if leave == "kept" else shown
        await until(pilot, lambda: listed(app) == [item for item, _ in after])
        assert person(app).drafted
        assert not person(app).what_if
        assert "deep and ease drafted this list" in told(app)


async def test_what_if_leaves_a_drafted_list_without_scores(trained_copy: Session):
    begun(trained_copy, "interleave")
    async with at_person(trained_copy, (120, 36)) as (app, pilot):
        await pilot.press("w")
        await until(pilot, lambda: person(app).what_if)
        app.view.pane = RECOMMENDED
        table = app.view.table_for_programs()
        assert table is not None
        assert {entry["score"] for entry in json.loads(table.as_bytes("json"))["items"]} == {None}
        with pytest.raises(UserError) as caught:
            equivalent_command("users", app.state, Opened("films", Path("films"), Mapping()))
        assert caught.value.message_id == "ab.no_command"


async def test_what_is_opened_in_a_list_that_was_only_tried_is_of_no_arm(trained_copy: Session):
    log = begun(trained_copy, "interleave")
    test, shown = log.tests()[0], drafted(trained_copy)
    async with at_person(trained_copy) as (app, pilot):
        await until(pilot, lambda: log.record(test)[0])
        await tried(app, pilot, trained_copy, shown[0][0])
        await pilot.press("5")
        await until(pilot, lambda: app.mode == "items" and app.state.item.item is not None)
        await pilot.pause(0.2)
    assert log.record(test)[1] == []


async def test_other_rankers_and_ended_tests_deal_nothing(trained_copy: Session):
    log = begun(trained_copy, "interleave")
    test = log.tests()[0]
    opened = Opened("films", Path("films"), Mapping())
    async with at_person(trained_copy) as (app, pilot):
        with pytest.raises(UserError) as caught:
            equivalent_command("users", app.state, opened)
        assert caught.value.message_id == "ab.no_command"
        app._rank_by("popular")
        await until(pilot, lambda: listed(app) == ranked(trained_copy, "popular"))
        assert person(app).dealt is None
        assert "popular" in equivalent_command("users", app.state, opened)
        app._rank_by("deep")
        await until(pilot, lambda: person(app).dealt is not None)
        log.stop()
        app.show_person(USER)
        await until(pilot, lambda: person(app).answer is not None)
        assert listed(app) == ranked(trained_copy, "deep")
        await pilot.press("plus")
        await until(pilot, lambda: trained_copy.feedback.of(USER).liked)
        await until(pilot, lambda: person(app).said.liked)
    assert log.record(test)[1] == []


@pytest.mark.parametrize("broken", ["an arm", "the log"])
async def test_a_test_that_cannot_be_served_leaves_the_deep_list_and_says_so(trained_copy: Session, broken: str):
    log = begun(trained_copy, "interleave", "als")  # which nobody has fitted
    if broken == "the log":
        log.path.write_bytes(b"no database" * 99)
    async with at_person(trained_copy) as (app, _pilot):
        assert listed(app) == ranked(trained_copy, "deep")
        assert "The A/B test is not served" in told(app)
        assert person(app).dealt is None


async def test_what_is_done_after_a_visit_was_over_is_of_a_new_one(trained_copy: Session, monkeypatch):
    log = begun(trained_copy, "interleave")
    test, shown = log.tests()[0], drafted(trained_copy)
    async with at_person(trained_copy) as (_app, pilot):
        await until(pilot, lambda: log.record(test)[0])
        monkeypatch.setattr("recsys_tui.store.ab_log.VISIT_MILLISECONDS", 0)
        await pilot.press("plus")
        await until(pilot, lambda: log.record(test)[1])
        assert [(event.item, event.kind, event.arm) for event in log.record(test)[1]] == [
            (shown[0][0], "like", shown[0][1])
        ]
        visits = {visit.number: visit for visit in log.record(test)[0]}
        later = visits[log.record(test)[1][0].visit]
        assert later.number > 1
        assert later.first == shown[0][1]


async def test_nothing_is_noted_of_a_test_that_has_ended(trained_copy: Session):
    log = begun(trained_copy, "interleave")
    test = log.tests()[0]
    async with at_person(trained_copy) as (app, pilot):
        await until(pilot, lambda: log.record(test)[0])
        log.stop()
        await pilot.press("plus")
        await until(pilot, lambda: person(app).said.liked and person(app).dealt is None)
    assert log.record(test)[1] == []


async def test_what_was_drafted_has_no_scores_but_those_that_explain_it(trained_copy: Session, tmp_path: Path):
    begun(trained_copy, "interleave", "popular")
    async with at_person(trained_copy, (120, 36)) as (app, pilot):
        shown, of_deep = listed(app), ranked(trained_copy, "deep")
        place = next(place for place, item in enumerate(shown) if item not in of_deep)
        answer = person(app).answer
        row = list_rows(person(app), "")[place]
        bare = "\n".join(line.plain for line in why_lines(replace(app.state, why=None), row, 70))
        assert "taken: " in bare
        assert "score:" not in bare
        await pilot.press(*["down"] * place)
        await until(pilot, lambda: app.state.why is not None and app.state.why.item == shown[place]
                    and app.state.why.explanation)  # fmt: skip
        assert app.state.why is not None
        found = app.state.why.explanation
        assert found is not None
        row = list_rows(person(app), "")[place]
        text = "\n".join(line.plain for line in why_lines(app.state, row, 70))
        assert f"score: {plain(found.score, decimals_of([found.score]))}" in text
        assert "this is how deep sees it" in text
        assert all(say(f"tui.component_{part.kind}")[:12] in text for part in found.components)
        taken = table_of_why(found.components, found)
        app.view.pane = WHY
        assert app.view.table_of_text() == taken
        app.view.pane = RECOMMENDED
        table = app.view.table_for_programs()
    assert answer is not None
    assert table is not None
    assert {entry["score"] for entry in json.loads(table.as_bytes("json"))["items"]} == {None}
    rows = list(csv.DictReader(io.StringIO(table.as_csv())))
    assert [(row["item"], row["score"]) for row in rows] == [(item, "") for item in shown]
    assert pl.read_parquet(table.as_bytes("parquet"))["score"].is_null().all()
