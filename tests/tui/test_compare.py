"""Two models side by side: for one person, without names, and over all people in the background."""

from __future__ import annotations

import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from recsys_tui.evaluate.comparison_job import SAVED, STEP, STOPPED, ComparisonEvent, ComparisonRequest
from recsys_tui.evaluate.differences import METRICS, Difference, Segment, SideBySide
from recsys_tui.evaluate.stored_comparison import StoredComparison, load_comparison, model_mark, save_comparison
from recsys_tui.output.messages import say
from recsys_tui.recommend.recommender import Recommender
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.compare_run import ComparisonStarted, ComparisonTold
from recsys_tui.tui.dialogs.blind import BlindDialog
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.dialogs.model_choice import ModelChoice
from recsys_tui.tui.lines.compare import pair_of, short, signed, tally_sentence
from recsys_tui.tui.state.compare import CompareState, Preference
from recsys_tui.tui.state.jobs import JobState
from recsys_tui.tui.widgets.line_table import LineTable
from recsys_tui.tui.widgets.panel import Panel
from recsys_tui.tui.widgets.top_bar import TopBar
from tests.tui.test_workbench import until

SIZES = [(120, 36), (80, 24)]


@pytest.fixture
def own_home(trained: Session, tmp_path: Path) -> Home:
    """A copy of the trained home: what is compared here stays here."""
    return Home(shutil.copytree(trained.home.root, tmp_path / "own"))


@pytest.fixture
def recommender(trained: Session) -> Recommender:
    found = trained.recommender()
    assert found is not None
    return found


@pytest.fixture
def best_part(recommender: Recommender) -> str:
    """The part that ranks best on held-out lists, among those that can be chosen."""
    able = ("encoder", "sequence", "ease", "neighbours", "content", "profile", "friends", "interaction", "popular")
    return max(able, key=lambda name: recommender.manifest["parts"].get(name, 0.0))


@asynccontextmanager
async def comparing(
    home: Home, size: tuple[int, int] = (80, 24), user: str | None = "42"
) -> AsyncIterator[tuple[WorkbenchApp, Pilot[Any]]]:
    """The workbench in the mode that compares, with the lists of a person."""
    app = WorkbenchApp("films", None, home, no_train=True)
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: app.state.model)
        if user is not None:
            app.show_person(user)
            await until(pilot, lambda: app.state.person and app.state.person.answer)
        await pilot.press("6")
        await until(pilot, lambda: app.mode == "compare" and app.state.compared.a)
        if user is not None:
            await until(pilot, lambda: lists(app))
        yield app, pilot


def scores_title(app: WorkbenchApp) -> str:
    return str(app.screen.query_one("#compare-scores").border_title)


def rows_of(app: WorkbenchApp, name: str) -> list[tuple[str, ...]]:
    table = app.screen_stack[0].query_one(f"#{name}", LineTable)
    return [tuple(row) for row in table._fetch(0, table.count)]


def lists(app: WorkbenchApp) -> list[tuple[str, ...]]:
    return rows_of(app, "compare-lists")


def panel(app: WorkbenchApp, name: str) -> str:
    return "\n".join(line.plain for line in app.screen.query_one(f"#{name}", Panel).lines)


def told(app: WorkbenchApp) -> str:
    return " ".join(note.message for note in app._notifications)


def joined(recommender: Recommender, user: str, a: str, b: str, k: int = 20) -> list[tuple[str, str, str, str]]:
    """The rows of two lists, worked out from the lists themselves."""
    first, second = recommender.recommend(user, k, a).items, recommender.recommend(user, k, b).items
    ids_a, ids_b = [entry.item for entry in first], [entry.item for entry in second]
    rows = []
    for place, entry in enumerate(first, 1):
        if entry.item not in ids_b:
            rows.append((str(place), "–", str(entry.title), "only A"))
            continue
        up = place - (ids_b.index(entry.item) + 1)
        rows.append((str(place), str(place - up), str(entry.title), "=" if not up else f"{'▲▼'[up < 0]}{abs(up)}"))
    for place, entry in enumerate(second, 1):
        if entry.item not in ids_a:
            rows.append(("–", str(place), str(entry.title), "only B"))
    return rows


@pytest.mark.parametrize("size", SIZES)
async def test_the_deep_model_stands_beside_its_best_part(
    own_home: Home, recommender: Recommender, best_part: str, size: tuple[int, int]
):
    async with comparing(own_home, size) as (app, pilot):
        assert (app.state.compared.a, app.state.compared.b) == ("deep", best_part)
        expected = joined(recommender, "42", "deep", best_part)
        assert lists(app) == expected
        shared = sum("only" not in row[3] for row in expected)
        assert f"{shared} of 20 in both" in panel(app, "compare-head")
        assert app.screen.query_one("#compare-lists").region.height >= 6
        assert app.screen.query_one("#compare-scores").region.height >= 6
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: lists(app) == joined(recommender, "43", "deep", best_part))
        assert app.mode == "compare"


async def test_models_are_chosen_and_swapped(own_home: Home, recommender: Recommender):
    async with comparing(own_home) as (app, pilot):
        for key, name in (("a", "popular"), ("v", "ease")):
            await pilot.press(key)
            await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
            names = [offer.value for offer in app.screen._offers]  # type: ignore[attr-defined]
            assert names[0] == "deep"
            app.screen.query_one(OptionList).highlighted = names.index(name)
            await pilot.press("enter")
        await until(pilot, lambda: lists(app) == joined(recommender, "42", "popular", "ease"))
        await pilot.press("X")
        await until(pilot, lambda: lists(app) == joined(recommender, "42", "ease", "popular"))
        app._compare(a="popular")  # what stands on the other side
        await until(pilot, lambda: lists(app) == joined(recommender, "42", "popular", "ease"))


async def test_the_joined_lists_are_filtered_sorted_and_taken(own_home: Home, recommender: Recommender, best_part: str):
    async with comparing(own_home) as (app, pilot):
        expected = joined(recommender, "42", "deep", best_part)
        await pilot.press("s")
        in_b = [row for row in lists(app) if row[1] != "–"]
        assert [int(row[1]) for row in in_b] == list(range(1, 21))
        await pilot.press("S")
        assert [int(row[1]) for row in lists(app) if row[1] != "–"] == list(range(20, 0, -1))
        await pilot.press("s")
        apart = [row for row in lists(app) if "only" in row[3]]
        assert lists(app)[: len(apart)] == apart
        await pilot.press("s")
        assert lists(app) == expected
        word = expected[3][2].split(maxsplit=1)[0]
        await pilot.press("slash", *word.lower(), "enter")
        await until(pilot, lambda: lists(app) == [row for row in expected if word.lower() in row[2].lower()])
        headers, rows = app.view.table_on_screen()
        assert [tuple(row) for row in rows] == lists(app)
        assert list(headers) == ["rank in A", "rank in B", "title", "move"]
        assert app.view.user_under_cursor() == "42"
        title = recommender.titles([app.view.item_under_cursor()])
        assert list(title.values()) == [lists(app)[0][2]]


async def test_likes_count_in_both_lists(own_home: Home, recommender: Recommender, best_part: str):
    async with comparing(own_home) as (app, pilot):
        before = lists(app)
        liked = app.view.item_under_cursor()
        await pilot.press("plus")
        await until(pilot, lambda: lists(app) != before)
        assert app.state.compared.lists is not None
        for name, answer in (("deep", app.state.compared.lists.a), (best_part, app.state.compared.lists.b)):
            expected = recommender.recommend("42", 20, name, like=[liked])
            assert [entry.item for entry in answer.items] == [entry.item for entry in expected.items]


async def test_nobody_on_screen_and_nothing_tried_is_said(own_home: Home):
    async with comparing(own_home, user=None) as (app, pilot):
        assert "Press u" in panel(app, "compare-head")
        await pilot.press("b")
        assert app.screen is app.screen_stack[0]
        assert told(app)
        app._compare(b="als")
        app.show_person("42")
        await pilot.pause()
        assert "over all people only" in app.screen.query_one("#compare-lists", LineTable).empty


def stored_of(session: Session, **other: Any) -> StoredComparison:
    """A comparison with figures that are told apart easily."""
    info, version = session.model_info(), session.workspace.dataset_version()
    assert version is not None
    figures = {
        "deep": dict.fromkeys(METRICS, 0.25) | {"coverage@10": 0.5},
        "ease": dict.fromkeys(METRICS, 0.20) | {"coverage@10": 0.75},
        "knn": dict.fromkeys(METRICS, 0.10) | {"coverage@10": 0.125},
    }
    document = {
        "protocol": "temporal", "seed": 0, "users": 843, "test_interactions": 8005,
        "models": [{"name": name, "metrics": of, "served": None} for name, of in figures.items()],
    }  # fmt: skip
    pairs = [("deep", "ease", 0.05, 0.01), ("deep", "knn", 0.15, 0.02), ("ease", "knn", 0.10, 0.2)]
    differences = tuple(Difference(a, b, metric, d, d - h, d + h) for metric in METRICS for a, b, d, h in pairs)
    of_light = (Difference("deep", "ease", "ndcg@10", -0.04, -0.06, -0.02),)
    of_heavy = (Difference("deep", "ease", "ndcg@10", 0.09, 0.02, 0.16),)
    segments = (
        Segment("light", 280, 3, 12, {"deep": 0.1, "ease": 0.14}, of_light),
        Segment("middle", 7, 13, 30, {}, ()),
        Segment("heavy", 283, 31, 300, {"deep": 0.3, "ease": 0.21}, of_heavy),
    )
    made = StoredComparison(
        document,
        SideBySide(differences, segments),
        version.fingerprint,
        model_mark(info),
        "quick",
        "2026-01-02T03:04:05",
    )
    return replace(made, **other)


@pytest.mark.parametrize("size", SIZES)
async def test_the_kept_scores_are_shown_the_next_time(own_home: Home, size: tuple[int, int]):
    session = Session.open("films", home=own_home)
    save_comparison(session.workspace, stored_of(session))
    async with comparing(own_home, size, user=None) as (app, pilot):
        app._compare(b="ease")
        await until(pilot, lambda: rows_of(app, "compare-scores"))
        rows = {row[0]: row[1:] for row in rows_of(app, "compare-scores")}
        assert rows["ndcg@10"] == (".2500", ".2000", "+.0500", "+.0400 … +.0600", "▲★")
        assert rows["coverage@10"] == (".5000", ".7500", "−.2500", "", "▼")
        assert rows["light users"] == (".1000", ".1400", "−.0400", "−.0600 … −.0200", "▼★")
        assert rows["middle users"] == ("–", "–", "–", "<10 people", "")
        await pilot.press("tab")
        await until(pilot, lambda: app.screen.query_one("#compare-about").region.height > 0)
        about = panel(app, "compare-about")
        for words in ("843 people", "8,005 held-out", "protocol temporal", "seed 0", "preset quick", "2026-01-02"):
            assert words in about
        assert "Worst for deep: light users (3 to 12 items before, 280 people), NDCG@10 −.0400" in about
        assert "Older" not in about
        assert app.view.table_on_screen()[1][0][:2] == ("ndcg@10", ".2500")
        app._compare(a="ease", b="neighbours")  # knn among the classic recommenders; turned round and not real
        app.action_compare_swap()
        await until(pilot, lambda: rows_of(app, "compare-scores")[0][1] == ".1000")
        assert rows_of(app, "compare-scores")[0][1:] == (".1000", ".2000", "−.1000", "−.3000 … +.1000", "▼")


async def test_further_figures_groups_and_verdicts_of_newer_comparisons(own_home: Home):
    session = Session.open("films", home=own_home)
    made = stored_of(session)
    for model, lift, liked in zip(made.document["models"], (0.5, 0.75, 1.0), (4.25, 4.0, None), strict=True):
        model["metrics"] |= {"popularity_lift@10": lift}
        ends = None if liked is None else [liked - 0.1, liked + 0.1]
        model["satisfaction"] = {
            "kind": "rating", "people": liked and 90, "mean": liked, "ci95": ends,
            "all_people": 843, "of_all_taken": 3.5,
        }  # fmt: skip
    loss = {"by": "period", "name": "late", "label": None, "model": "ease", "delta": -0.05, "ci95": [-0.07, -0.03]}
    made.document["verdicts"] = {"model": "deep", "overfitting": None, "popularity_bias": None, "losses": [loss]}
    late = (Difference("deep", "ease", "ndcg@10", -0.05, -0.07, -0.03),)
    drama = (Difference("deep", "ease", "ndcg@10", 0.01, -0.03, 0.05),)
    more = (
        Segment("late", 200, 0, 0, {"deep": 0.1, "ease": 0.15}, late, "period"),
        Segment("cluster", 90, 0, 0, {"deep": 0.2, "ease": 0.19}, drama, "cluster", "Drama"),
    )
    both = replace(made.side_by_side, segments=(*made.side_by_side.segments, *more))
    save_comparison(session.workspace, replace(made, side_by_side=both))
    async with comparing(own_home, (120, 36), user=None) as (app, pilot):
        app._compare(b="ease")
        await until(pilot, lambda: rows_of(app, "compare-scores"))
        rows = {row[0]: row[1:] for row in rows_of(app, "compare-scores")}
        assert rows["pop. lift@10"] == (".5000", ".7500", "−.2500", "", "▼")
        assert "miscalib.@10" not in rows
        assert rows["satisfaction"] == ("4.250", "4.000", "+.2500", "", "▲")
        assert rows["late period"] == (".1000", ".1500", "−.0500", "−.0700 … −.0300", "▼★")
        assert rows["Drama"][2] == "+.0100"
        about = panel(app, "compare-about")
        assert "Worst for deep: late period (200 people), NDCG@10 −.0500" in about
        assert "deep loses to ease in the group late period: NDCG@10 -0.0500" in about
        assert "Mean rating of what was recommended" in about
        assert "knn <10 people" in about


@pytest.mark.parametrize(("changed", "word"), [("fingerprint", "the data has changed"), ("model", "another model")])
async def test_scores_of_other_data_or_another_model_are_marked_as_older(own_home: Home, changed: str, word: str):
    session = Session.open("films", home=own_home)
    save_comparison(session.workspace, stored_of(session, **{changed: "something else"}))
    async with comparing(own_home, user=None) as (app, pilot):
        await until(pilot, lambda: word in panel(app, "compare-about"))


async def test_models_that_were_not_tried_are_told_and_the_best_others_shown(own_home: Home):
    session = Session.open("films", home=own_home)
    save_comparison(session.workspace, stored_of(session))
    async with comparing(own_home, user=None) as (app, pilot):
        app._compare(b="content")
        await until(pilot, lambda: "Not tried over all people: content" in panel(app, "compare-about"))
        assert rows_of(app, "compare-scores")[0][1:3] == (".2500", ".2000")
        await pilot.press("v")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        names = [offer.value for offer in app.screen._offers]  # type: ignore[attr-defined]
        assert len(names) == len(set(names))
        assert "neighbours" in names
        assert "knn" not in names  # it is the neighbours


async def test_trying_models_for_real_and_stopping_at_once(own_home: Home):
    async with comparing(own_home, user=None) as (app, pilot):
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ModelChoice))
        assert app.screen.ticked == {"deep", "ease", "popular"}  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: app.state.compared.run and "deep" in dict(app.state.compared.run.running), 60)
        assert "deep" in scores_title(app)
        assert "▶ deep" in str(app.screen.query_one(TopBar).content)
        assert app.screen.query_one("#compare-scores", LineTable).empty == say("compare.being_tried")
        assert say("compare.being_tried") in panel(app, "compare-about")
        await pilot.press("r")
        assert "already" in told(app)
        await pilot.press("4", "u")  # everything else can be used
        await until(pilot, lambda: len(app.screen_stack) == 2)
        await pilot.press("escape", "6")
        runner = app.comparisons
        start = time.monotonic()
        await pilot.press("K")
        await until(pilot, lambda: not runner.running)
        assert time.monotonic() - start < 0.5 + 0.2  # two tenths for a busy machine and the driver of the keys
        await until(pilot, lambda: app.state.compared.run is None)
        assert "stopped" in told(app)
        assert app._work is not None
        assert app._work.session is not None
        assert load_comparison(app._work.session.workspace) is None


class FakeRunner:
    """A comparison that only says that it runs, and is done as soon as it was started where ``finish`` says how."""

    def __init__(self, finish: Callable[[ComparisonRequest], None] | None = None) -> None:
        self.running, self.stops, self.finish = finish is None, 0, finish

    def start(self, _session: Session, request: ComparisonRequest) -> None:
        if self.finish is not None:
            self.finish(request)

    def stop(self) -> None:
        self.running, self.stops = False, self.stops + 1


async def test_a_finished_comparison_is_there_at_once(own_home: Home):
    async with comparing(own_home, user=None) as (app, pilot):
        requests = []

        def finish(request: ComparisonRequest) -> None:
            requests.append(request)
            session = Session.open("films", home=own_home)
            app.post_message(ComparisonStarted(request))
            save_comparison(session.workspace, stored_of(session))
            app.post_message(ComparisonTold(ComparisonEvent(SAVED, notes=("The model als could not be tried.",))))

        app._comparisons = FakeRunner(finish)  # type: ignore[assignment]
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, ModelChoice))
        await pilot.press("space", "enter")  # the first is the deep model, which was ticked
        await until(pilot, lambda: app.state.compared.stored)
        assert requests == [ComparisonRequest(("popular", "ease"), "quick")]
        assert app.state.compared.run is None
        assert app.state.compared.older is None
        assert "could not be tried" in told(app)
        await until(pilot, lambda: rows_of(app, "compare-scores"))


async def test_leaving_while_models_are_tried_asks(own_home: Home):
    async with comparing(own_home, user=None) as (app, pilot):
        runner = FakeRunner()
        app._comparisons = runner  # type: ignore[assignment]
        app.post_message(ComparisonStarted(ComparisonRequest(("deep", "ease"), "quick")))
        app.post_message(ComparisonTold(ComparisonEvent(STEP, "trying", (("ease", "fitting"), ("als", "tuning")), 0.5)))
        await until(pilot, lambda: app.state.compared.run and app.state.compared.run.share == 0.5)
        assert "ease learning, als choosing settings · 50%" in scores_title(app)
        # Also beside a training, which the chip tells of elsewhere.
        app.state = replace(app.state, job=JobState("quick"))
        app.draw()
        assert "▶ ease, als 50%" in str(app.screen.query_one(TopBar).content)
        app.state = replace(app.state, job=None)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.is_running
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("enter")
        await until(pilot, lambda: app.return_value == 0)
    assert runner.stops == 1


def test_only_progress_gives_way_to_newer_progress():
    step, saved = ComparisonTold(ComparisonEvent(STEP, "a")), ComparisonTold(ComparisonEvent(SAVED))
    assert ComparisonTold(ComparisonEvent(STEP, "b")).can_replace(step)
    assert not ComparisonTold(ComparisonEvent(STEP, "b")).can_replace(saved)
    assert not ComparisonTold(ComparisonEvent(STOPPED)).can_replace(step)


def blind_texts(app: WorkbenchApp) -> Iterator[str]:
    assert isinstance(app.screen, BlindDialog)
    for widget in app.screen.query(Static):
        yield str(widget.content)
        yield str(widget.border_title or "")


@pytest.mark.parametrize("size", SIZES)
async def test_blind_comparison_tells_names_only_afterwards(
    own_home: Home, recommender: Recommender, best_part: str, size: tuple[int, int]
):
    async with comparing(own_home, size) as (app, pilot):
        await pilot.press("b")
        for place, key in enumerate(("left", "right", "equals_sign")):
            user = str(42 + place)
            titles = {
                name: [str(entry.title) for entry in recommender.recommend(user, 20, name).items]
                for name in ("deep", best_part)
            }
            left = app.state.compared.on_the_left(user)
            right = best_part if left == "deep" else "deep"
            await until(pilot, lambda: titles[left][0][:12] in panel(app, "blind-left"))  # noqa: B023
            shown = panel(app, "blind-left").splitlines()
            assert [line[4:16] for line in shown] == [title[:12] for title in titles[left]]
            shown = panel(app, "blind-right").splitlines()
            assert [line[4:16] for line in shown] == [title[:12] for title in titles[right]]
            said = " ".join(blind_texts(app))
            assert user in said
            assert "deep" not in said
            assert best_part not in said
            assert "Blind:" not in told(app)
            await pilot.press(key)
            expected = left if key == "left" else right if key == "right" else None
            await until(pilot, lambda: len(app.state.compared.preferences) == place + 1)  # noqa: B023
            assert app.state.compared.preferences[-1] == Preference(user, frozenset(("deep", best_part)), expected)
        await pilot.press("escape")
        await until(pilot, lambda: "Blind:" in told(app))
        assert app.mode == "compare"
        wins, losses, _ = app.state.compared.tally()
        assert f"deep {wins}, {best_part} {losses}, neither 1" in told(app)
        assert "Blind:" in panel(app, "compare-head")


def test_sides_are_drawn_by_the_seed_and_names_stay_even():
    state = CompareState("deep", "ease")
    sides = [state.on_the_left(str(user)) for user in range(400)]
    assert sides == [state.on_the_left(str(user)) for user in range(400)]
    assert 150 < sides.count("deep") < 250
    assert sides == [CompareState("ease", "deep").on_the_left(str(user)) for user in range(400)]
    assert sides != [replace(state, seed=8).on_the_left(str(user)) for user in range(400)]


def test_a_person_counts_once_and_pairs_apart():
    state, pair = CompareState("deep", "ease"), frozenset(("deep", "ease"))
    for user, model in (("1", "deep"), ("2", "ease"), ("1", "ease"), ("3", None), ("4", "ease")):
        state = state.with_preference(Preference(user, pair, model))
    state = state.with_preference(Preference("1", frozenset(("deep", "popular")), "deep"))
    assert state.tally() == (0, 3, 1)
    assert "deep 0, ease 3, neither 1 (sign test p 0.25)" in tally_sentence(state)
    assert replace(state, a="ease", b="deep").tally() == (3, 0, 1)


def test_figures_are_short_and_signs_stand_out():
    assert [short(value) for value in (None, 0.19837, 1.2834, 12.904, 0.0)] == ["–", ".1984", "1.283", "12.90", ".0000"]
    assert [signed(value) for value in (0.027, -0.0131, 0.0, -2.5)] == ["+.0270", "−.0131", "+.0000", "−2.500"]
    assert [signed(value) for value in (-1e-17, -0.00004, -0.00006)] == ["+.0000", "+.0000", "−.0001"]
    assert pair_of(CompareState("deep", "ease")) is None
