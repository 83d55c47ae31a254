"""Clusters in the workbench: the list, one in full, its members, the map, two compared, one renamed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Input

from recsys_tui.recommend.answers import Cluster
from recsys_tui.recommend.cluster_page import ClusterFigures
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.dialogs.cluster_name import ClusterNameDialog
from recsys_tui.tui.lines.cluster_rows import arranged_clusters, cluster_rows
from recsys_tui.tui.lines.people_map import map_lines
from recsys_tui.tui.panes import CLUSTER_LIST as LIST
from recsys_tui.tui.panes import DETAIL, MAP, MEMBERS
from recsys_tui.tui.widgets.line_table import LineTable
from tests.tui.test_workbench import rows_of, text_of, until, workbench

SIZES = pytest.mark.parametrize("size", [(120, 36), (80, 24)])


@pytest.fixture
def own(trained: Session, tmp_path: Path) -> Session:
    """A copy of the trained home, to rename things in."""
    shutil.copytree(trained.home.root, tmp_path / "own")
    return Session.open("films", home=Home(tmp_path / "own"))


async def at_clusters(app: WorkbenchApp, pilot: Pilot[Any]) -> None:
    await pilot.press("3")
    await until(pilot, lambda: app.state.looked_at.page is not None and app.state.looked_at.people is not None)


def shown(app: WorkbenchApp, name: str) -> bool:
    return bool(app.screen.query_one(f"#{name}").region.area)


@SIZES
async def test_the_list_is_sorted_and_filtered(trained: Session, size: tuple[int, int]):
    recommender = trained.recommender()
    assert recommender is not None
    clusters = recommender.clusters()
    by_size = [str(c.id) for c in sorted(clusters, key=lambda c: (-c.size, c.id))]
    async with workbench(trained, size) as (app, pilot):
        await at_clusters(app, pilot)
        assert [row[0] for row in rows_of(app, LIST)] == by_size
        assert all("█" in row[3] for row in rows_of(app, LIST))
        await pilot.press("S")
        assert [row[2] for row in rows_of(app, LIST)] == [str(n) for n in sorted(c.size for c in clusters)]
        await pilot.press("s")
        cohesions = [row[4] for row in rows_of(app, LIST)]
        assert cohesions == sorted((f"{c.cohesion:.2f}" for c in clusters), reverse=True)
        await pilot.press("s")
        assert [row[0] for row in rows_of(app, LIST)] == [str(c.id) for c in clusters]
        await pilot.press("s")
        assert [row[1] for row in rows_of(app, LIST)] == sorted((c.name for c in clusters), key=str.casefold)
        name = clusters[4].name
        await pilot.press("slash", *name.split(" ")[0].lower(), "space", "c", "4", "enter")
        await until(pilot, lambda: [row[1] for row in rows_of(app, LIST)] == [name])
        await until(pilot, lambda: app.state.looked_at.at == 4)
        await pilot.press("escape")
        assert len(rows_of(app, LIST)) == len(clusters)
        assert app.view.cluster_under_cursor().id == 4, "the cursor stays on the cluster"


@SIZES
async def test_one_cluster_in_full(trained: Session, size: tuple[int, int]):
    recommender = trained.recommender()
    assert recommender is not None
    async with workbench(trained, size) as (app, pilot):
        await at_clusters(app, pilot)
        await pilot.press("j")
        await until(pilot, lambda: app.state.looked_at.page is not None)
        at = app.state.looked_at.at
        assert at == app.view.cluster_under_cursor().id
        assert shown(app, DETAIL) == (size[0] >= 110)
        await pilot.press("enter")
        await until(pilot, lambda: shown(app, DETAIL))
        assert shown(app, LIST) == (size[0] >= 110)
        page = ClusterFigures.of(recommender).page(at)
        text = text_of(app, "cluster-detail")
        for entry in page.items:
            sign = "≥" if entry.at_least else ""
            assert f"{sign}×{entry.lift:.1f}" in text
            assert f"{sign}{entry.share:.0%}" in text
        assert page.items[0].title is not None
        assert page.items[0].title[:18] in text
        assert all(entry.id in text for entry in page.terms)
        assert page.habits is not None
        assert page.activity is not None
        assert f"mean {page.habits.mean:.2f}, everyone {page.habits.mean_overall:.2f}" in text
        assert f"median history {page.activity.median_history:g}" in text
        assert "newest tenth" in text
        await pilot.press("escape")
        await until(pilot, lambda: app.focused is app.screen.query_one(f"#{LIST}"))
        assert app.mode == "clusters"
        await pilot.press("escape")
        await until(pilot, lambda: app.mode == "home")


@SIZES
async def test_members_are_sorted_filtered_and_shown(trained: Session, size: tuple[int, int]):
    async with workbench(trained, size) as (app, pilot):
        await at_clusters(app, pilot)
        at = app.state.looked_at.at
        members = trained.users().filter(cluster=at)
        await pilot.press("M")
        await until(pilot, lambda: shown(app, MEMBERS))
        assert {row[0] for row in rows_of(app, MEMBERS)} == set(members["id"])
        close = [float(row[1]) for row in rows_of(app, MEMBERS)]
        assert close == sorted(close, reverse=True)
        await pilot.press("s")
        counts = [row[2] for row in rows_of(app, MEMBERS)]
        assert counts == [f"{count:,}" for count in members["count"].sort(descending=True)]
        assert app.view.table_on_screen()[1] == rows_of(app, MEMBERS)
        wanted = str(members.sort("count")["id"][0])
        await pilot.press("slash", *wanted, "enter")
        await until(pilot, lambda: all(wanted in row[0] for row in rows_of(app, MEMBERS)))
        await pilot.press("escape", "S", "j")
        user = app.view.user_under_cursor()
        assert user == rows_of(app, MEMBERS)[1][0]
        await pilot.press("enter")
        await until(pilot, lambda: app.mode == "users" and app.state.person is not None)
        assert app.state.person is not None
        assert app.state.person.user == user
        await pilot.press("right_square_bracket", "escape")
        await until(pilot, lambda: app.mode == "clusters" and shown(app, MEMBERS))
        await pilot.press("4", "escape")
        await until(pilot, lambda: app.mode == "home")


@SIZES
async def test_the_map_marks_the_cluster(trained: Session, size: tuple[int, int]):
    async with workbench(trained, size) as (app, pilot):
        await at_clusters(app, pilot)
        panes = []
        for _ in range(4):
            await pilot.press("tab")
            panes.append(app.view.pane)
        assert panes == [DETAIL, MEMBERS, MAP, LIST]
        await pilot.press("shift+tab")
        await until(pilot, lambda: shown(app, MAP) and "●" in text_of(app, "cluster-map"))
        first = text_of(app, "cluster-map").splitlines()
        assert f"● mostly C{app.state.looked_at.at}" in first[-2]
        people = app.state.looked_at.people
        assert people is not None
        drawn = first[:-2]
        again = map_lines(people.points, people.clusters == app.state.looked_at.at, len(drawn[0]), len(drawn))
        assert drawn == again
        await pilot.press("tab", "j")
        await until(pilot, lambda: text_of(app, "cluster-map").splitlines()[-2] != first[-2])
        assert app.view.table_on_screen()[0] == ("#", "name", "people", "coh")


@SIZES
async def test_two_clusters_side_by_side(trained: Session, size: tuple[int, int]):
    recommender = trained.recommender()
    assert recommender is not None
    async with workbench(trained, size) as (app, pilot):
        await at_clusters(app, pilot)
        here = app.state.looked_at.at
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.state.looked_at.compared is not None)
        other = app.state.looked_at.other
        assert other not in (None, here)
        assert shown(app, "cluster-comparison")
        assert not shown(app, LIST)
        text = text_of(app, "cluster-comparison")
        figures = ClusterFigures.of(recommender)
        for number in (here, other):
            assert f"C{number} {recommender.clusters()[number].name}"[:30] in text
            habits = figures.page(number).habits
            assert habits is not None
            assert f"mean {habits.mean:.2f}" in text
        assert f"More in C{other}" in text
        assert "<10 people" in text
        assert app.view.user_under_cursor() is None
        headers, rows = app.view.table_on_screen()
        assert headers[1:] == (f"C{here}", f"C{other}")
        assert rows
        await pilot.press("slash", "tab", "M")
        assert not shown(app, LIST), "there is no list to filter here, and no other pane"
        await pilot.press("escape")
        await until(pilot, lambda: shown(app, LIST))
        assert app.state.looked_at.other is None
        assert app.focused is app.screen.query_one(f"#{LIST}")


@SIZES
async def test_a_cluster_is_renamed_everywhere_and_for_good(own: Session, size: tuple[int, int]):
    recommender = own.recommender()
    assert recommender is not None
    async with workbench(own, size) as (app, pilot):
        await at_clusters(app, pilot)
        at = app.state.looked_at.at
        assert at is not None
        automatic = recommender.clusters()[at].name
        app.show_person(str(own.users().filter(cluster=at)["id"][0]))
        await until(pilot, lambda: app.state.person is not None and app.state.person.answer is not None)
        await pilot.press("3", "r")
        await until(pilot, lambda: isinstance(app.screen, ClusterNameDialog))
        assert app.screen.query_one(Input).value == automatic
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, ClusterNameDialog))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ClusterNameDialog))
        app.screen.query_one(Input).value = "[b]Late \x1b[1mnights"
        await pilot.press("enter")
        name = "[b]Late nights"
        await until(pilot, lambda: name in [row[1] for row in rows_of(app, LIST)])
        title = Content.from_markup(str(app.screen.query_one("#cluster-detail").border_title))
        assert title.plain == f"C{at} {name}"
        await pilot.press("c")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        title = Content.from_markup(str(app.screen.query_one("#choice").border_title))
        assert title.plain == f"Compare C{at} {name} with"
        await pilot.press("escape")
        await pilot.press("slash", "left_square_bracket", "slash", "right_square_bracket")
        await until(pilot, lambda: rows_of(app, LIST) == [])
        assert app.state.person is not None
        assert app.state.person.answer is not None
        assert app.state.person.answer.cluster_name == name
        assert at in app.state.looked_at.pages, "what was counted is still there"
    again = Session.open("films", home=own.home).recommender()
    assert again is not None
    assert (again.clusters()[at].name, again.clusters()[at].automatic_name) == (name, automatic)


async def test_an_empty_name_gives_the_own_one_back_and_a_taken_one_is_refused(own: Session):
    recommender = own.recommender()
    assert recommender is not None
    own.rename_cluster(recommender, 0, "Mine")
    other = recommender.clusters()[1].name
    async with workbench(own) as (app, pilot):
        await at_clusters(app, pilot)
        await pilot.press("slash", "c", "0", "enter")
        await until(pilot, lambda: app.state.looked_at.at == 0)
        for typed, now in ((other, "Mine"), ("", recommender.clusters()[0].automatic_name)):
            await pilot.press("r")
            await until(pilot, lambda: isinstance(app.screen, ClusterNameDialog))
            app.screen.query_one(Input).value = typed
            await pilot.press("enter")
            await until(pilot, lambda now=now: rows_of(app, LIST)[0][1] == now and app._notifications)


async def test_before_a_model_there_is_nothing_to_do(trained: Session):
    async with workbench(trained) as (app, pilot):
        app.state = type(app.state)(step="none")
        await pilot.press("3")
        app.draw()
        await pilot.press("c", "r", "s", "S")
        assert not isinstance(app.screen, ChoiceDialog | ClusterNameDialog)
        assert rows_of(app, LIST) == []
        assert app.view.cluster_under_cursor() is None


@pytest.mark.parametrize("size", [(40, 10), (60, 14), (130, 15)])
async def test_small_screens_show_one_pane_at_a_time(trained: Session, size: tuple[int, int]):
    async with workbench(trained, size) as (app, pilot):
        await at_clusters(app, pilot)
        for pane in (DETAIL, MEMBERS, MAP, LIST):
            await pilot.press("tab")
            await until(pilot, lambda pane=pane: shown(app, pane))
            assert app.focused is app.screen.query_one(f"#{pane}")


def cluster(number: int, name: str, size: int | None, cohesion: float, term: str = "Noir") -> Cluster:
    return Cluster(number, name, size, cohesion, (("7", "Fog (1999)", 2.0),), ((term, 3.0),), automatic_name=name)


def test_clusters_are_arranged_and_small_ones_are_not_counted():
    some = [cluster(0, "b", 12, 0.5), cluster(1, "A", None, 0.7, "War"), cluster(2, "c", 12, 0.6)]
    assert [c.id for c in arranged_clusters(some, "size", True, "")] == [0, 2, 1]
    assert [c.id for c in arranged_clusters(some, "name", False, "")] == [1, 0, 2]
    assert [c.id for c in arranged_clusters(some, "id", False, "fog war")] == [1]
    assert [c.id for c in arranged_clusters(some, "id", False, "c2")] == [2]
    assert [row[2:4] for row in cluster_rows(some[:2], 12)] == [("12", "██████"), ("<10 people", "")]


def test_the_map_in_characters():
    """Two of ours in the upper right corner; one of ours with two others at the lower left; others elsewhere."""
    points = np.array([[9, 9], [9, 9], [0, 0], [0, 0], [0, 0], [9, 0], [4.4, 8.9]], np.float32)
    marked = np.array([True, True, True, False, False, False, False])
    lines = map_lines(points, marked, 3, 2)
    # 4.4 of 9 is in the third of six half columns, the left one of the second character.
    assert lines == [" ⠁●", "○ ⢀"]
    assert map_lines(np.zeros((0, 2), np.float32), np.zeros(0, np.bool_), 3, 2) == ["   ", "   "]


def test_nobody_is_left_out_of_the_map():
    random = np.random.default_rng(5)
    points = random.normal(size=(500, 2)).astype(np.float32)
    nobody = np.zeros(500, np.bool_)
    lines = map_lines(points, nobody, 20, 8)
    assert len(lines) == 8
    assert {len(line) for line in lines} == {20}
    dots = sum(bin(ord(character) - 0x2800).count("1") for line in lines for character in line if character != " ")
    assert 100 < dots <= 500
    assert set("".join(map_lines(points, ~nobody, 20, 8))) <= {"●", " "}


async def test_the_table_of_the_view_knows_its_columns(trained: Session):
    async with workbench(trained) as (app, pilot):
        await at_clusters(app, pilot)
        table = app.screen.query_one(f"#{LIST}", LineTable)
        assert len(table.columns) == len(rows_of(app, LIST)[0])
        assert "--cluster" not in app.equivalent_command()
        await pilot.press("enter")
        await until(pilot, lambda: app.state.looked_at.inside)
        command = app.equivalent_command()
        assert command[command.index("--cluster") + 1] == str(app.state.looked_at.at)
