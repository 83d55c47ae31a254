"""Tables that are taken away: those of the pane in use, called by what is in them, with ids, times and numbers."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from recsys_tui.evaluate.stored_comparison import save_comparison
from recsys_tui.recommend.item_page import ClusterLiking
from recsys_tui.recommend.session import Session
from recsys_tui.tui.dialogs.file_name import FileNameDialog
from tests.tui.test_compare import stored_of
from tests.tui.test_take import choose, copied, user_42, write
from tests.tui.test_workbench import until


async def proposed(app, pilot) -> str:
    """The name that is proposed for a CSV file."""
    await pilot.press("e")
    await choose(app, pilot, "csv")
    await until(pilot, lambda: isinstance(app.screen, FileNameDialog))
    name = app.screen.query_one(Input).value
    await pilot.press("escape")
    await until(pilot, lambda: len(app.screen_stack) == 1)
    return name


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


async def test_the_history_has_ids_whole_times_and_words(trained_copy: Session, tmp_path: Path):
    async with user_42(trained_copy, tmp_path) as (app, pilot):
        await pilot.press("plus")
        await until(pilot, lambda: app.state.person.said.liked and not app.ranking)
        liked = app.state.person.said.liked[0]
        await pilot.press("shift+tab")
        assert await proposed(app, pilot) == "films-user-42-history.csv"
        await write(app, pilot, "csv", tmp_path / "whole.csv")
        await until(pilot, (tmp_path / "whole.csv").exists)
        history = app.state.person.history
        word = str(history[0].title).split()[0].casefold()
        await pilot.press("slash", *word, "enter")
        await until(pilot, lambda: 0 < len(app.view._history) < len(history))
        await write(app, pilot, "csv", tmp_path / "some.csv")
        await write(app, pilot, "json", tmp_path / "some.json")
        await until(pilot, (tmp_path / "some.json").exists)
    whole, some = read(tmp_path / "whole.csv"), read(tmp_path / "some.csv")
    assert whole[0] == {"item": liked, "title": whole[0]["title"], "rating": "", "time": "", "said": "liked"}
    newest = next(row for row in whole if row["item"] == history[0].item)
    assert float(newest["rating"]) == history[0].rating
    assert len(newest["time"]) == len("2018-05-03T12:00:00Z")
    assert newest["time"].endswith("Z")
    assert some
    assert all(row in whole for row in some)
    first = json.loads((tmp_path / "some.json").read_text())[0]
    assert list(first) == ["item", "title", "rating", "time", "said"]
    assert isinstance(first["item"], str)


async def test_a_filter_leaves_places_of_the_list_out_and_no_column(trained: Session, tmp_path: Path):
    async with user_42(trained, tmp_path) as (app, pilot):
        assert await proposed(app, pilot) == "films-user-42-recommendations.csv"
        await pilot.press("slash", *"drama", "enter")
        await until(pilot, lambda: 0 < len(app.view._list) < 20)
        shown = [row.entry for row in app.view._list]
        for kind in ("csv", "json"):
            await write(app, pilot, kind, tmp_path / "some")
            await until(pilot, (tmp_path / f"some.{kind}").exists)
    rows = read(tmp_path / "some.csv")
    assert list(rows[0])[:5] == ["rank", "item", "title", "score", "probability"]
    assert [(row["rank"], row["item"]) for row in rows] == [(str(entry.rank), entry.item) for entry in shown]
    document = json.loads((tmp_path / "some.json").read_text())
    assert [entry["item"] for entry in document["items"]] == [entry.item for entry in shown]


async def test_why_is_taken_away_where_it_is_in_use(trained: Session, tmp_path: Path):
    async with user_42(trained, tmp_path) as (app, pilot):
        await pilot.press("x")
        await until(pilot, lambda: app.state.why is not None and app.state.why.explanation)
        found = app.state.why.explanation
        rows = list(csv.DictReader(io.StringIO(await copied(app, pilot, "csv"))))
        name = await proposed(app, pilot)
    assert name.startswith("films-user-42-why-")
    assert "scroll" not in name
    assert [row["id"] for row in rows if row["kind"] == "action"] == [cause.item for cause in found.history]
    parts = {row["id"]: float(row["contribution"]) for row in rows if row["kind"] == "part"}
    assert parts == pytest.approx({part.kind: part.contribution for part in found.components}, abs=1e-5)


async def test_what_sets_a_cluster_apart_is_taken_away(trained: Session, tmp_path: Path):
    async with user_42(trained, tmp_path) as (app, pilot):
        await pilot.press("3", "enter")
        await until(pilot, lambda: app.state.looked_at.at in app.state.looked_at.pages)
        number = app.state.looked_at.at
        page = app.state.looked_at.pages[number]
        rows = list(csv.DictReader(io.StringIO(await copied(app, pilot, "csv"))))
        names = [await proposed(app, pilot)]
        for _ in range(3):
            await pilot.press("tab")
            names.append(await proposed(app, pilot))
    assert [row["id"] for row in rows if row["kind"] == "item"] == [entry.id for entry in page.items]
    assert [row["id"] for row in rows if row["kind"] == "term"] == [entry.id for entry in page.terms]
    assert float(rows[0]["lift"]) == pytest.approx(page.items[0].lift, abs=1e-5)
    assert names == [
        f"films-cluster-{number}-stands-out.csv",
        f"films-cluster-{number}-members.csv",
        "films-clusters.csv",
        "films-clusters.csv",
    ]


async def test_the_activity_over_time_is_taken_away(trained: Session, tmp_path: Path):
    async with user_42(trained, tmp_path) as (app, pilot):
        app.show_item("17")
        await until(pilot, lambda: app.state.item.page is not None and app.state.item.similar is not None)
        page = app.state.item.page
        names = [await proposed(app, pilot)]
        for _ in range(2):
            await pilot.press("tab")
            names.append(await proposed(app, pilot))
        rows = list(csv.DictReader(io.StringIO(await copied(app, pilot, "csv"))))
    expected = [(one.label, "" if one.count is None else str(one.count)) for one in page.periods]
    assert [(row["period"], row["count"]) for row in rows] == expected
    assert names == ["films-item-17-similar-by-taste.csv", "films-item-17-clusters.csv", "films-item-17-over-time.csv"]


async def test_the_clusters_that_take_an_item_are_numbers_in_files(trained: Session, tmp_path: Path):
    async with user_42(trained, tmp_path) as (app, pilot):
        app.show_item("17")
        await until(pilot, lambda: app.state.item.page is not None and app.state.item.similar is not None)
        page = app.state.item.page
        first = page.clusters[0]
        assert first.share is not None
        few = ClusterLiking(98, "Few", None, None, None)
        bound = ClusterLiking(99, "Bound", 20, 0.5, 2.0, at_least=True)
        page = replace(page, clusters=(first, few, bound))
        app.state = replace(app.state, item=replace(app.state.item, page=page))
        app.draw()
        await pilot.press("tab")
        assert (await copied(app, pilot, "csv")).splitlines()[2].startswith("C98,Few,<10 people")
        await write(app, pilot, "json", tmp_path / "takers.json")
        await until(pilot, (tmp_path / "takers.json").exists)
    assert json.loads((tmp_path / "takers.json").read_text()) == [
        {"cluster": first.cluster, "name": first.name, "share": pytest.approx(first.share, abs=1e-6),
         "lift": pytest.approx(first.lift, abs=1e-6), "at_least": first.at_least},
        {"cluster": 98, "name": "Few", "share": None, "lift": None, "at_least": False},
        {"cluster": 99, "name": "Bound", "share": 0.5, "lift": 2.0, "at_least": True},
    ]  # fmt: skip


async def test_two_lists_have_ids_and_ranks_in_files(trained: Session, tmp_path: Path):
    async with user_42(trained, tmp_path) as (app, pilot):
        await pilot.press("6")
        app._compare(b="popular")
        await until(pilot, lambda: app.state.compared.lists and app.state.compared.lists.asked[2] == "popular")
        await until(pilot, lambda: app.view._shown)
        placed = app.view._shown
        for kind in ("csv", "json"):
            await write(app, pilot, kind, tmp_path / f"lists.{kind}")
            await until(pilot, (tmp_path / f"lists.{kind}").exists)
    rows = json.loads((tmp_path / "lists.json").read_text())
    named = {"model_a": "deep", "model_b": "popular"}
    assert rows == [
        {"item": one.item, "title": one.title, "rank_a": one.in_a, "rank_b": one.in_b} | named for one in placed
    ]
    assert any(row["rank_b"] is None for row in rows)
    assert [(row["item"], row["rank_a"]) for row in read(tmp_path / "lists.csv")] == [
        (one.item, "" if one.in_a is None else str(one.in_a)) for one in placed
    ]


async def test_scores_of_two_models_are_numbers_in_files(trained: Session, tmp_path: Path):
    async with user_42(trained, tmp_path) as (app, pilot):
        save_comparison(app._work.session.workspace, stored_of(trained))
        await pilot.press("6")
        app._compare(b="ease")
        await until(pilot, lambda: app.view._scores)
        app.view.query_one("#compare-scores").focus()
        assert "<10 people" in await copied(app, pilot, "csv")
        for kind in ("csv", "json"):
            await write(app, pilot, kind, tmp_path / f"scores.{kind}")
            await until(pilot, (tmp_path / f"scores.{kind}").exists)
    rows = {(row["metric"], row["group"]): row for row in json.loads((tmp_path / "scores.json").read_text())}
    numbers = ("a", "b", "difference", "low", "high")
    models = {"model_a": "deep", "model_b": "ease"}

    def told(metric: str, group: str | None, *values: float | None) -> None:
        named = {"metric": metric, "group": group} | models
        assert rows[metric, group] == named | dict(zip(numbers, values, strict=True))

    told("ndcg@10", None, 0.25, 0.2, 0.05, 0.04, 0.06)
    told("coverage@10", None, 0.5, 0.75, -0.25, None, None)
    told("gini@10", None, None, None, None, None, None)
    told("ndcg@10", "light users", 0.1, 0.14, -0.04, -0.06, -0.02)
    told("ndcg@10", "middle users", None, None, None, None, None)
    assert read(tmp_path / "scores.csv")[0] | {"group": None} == {
        "metric": "ndcg@10", "group": None, "a": "0.25", "b": "0.2", "difference": "0.05", "low": "0.04",
        "high": "0.06", "model_a": "deep", "model_b": "ease",
    }  # fmt: skip
