"""The command that is copied prints what is on screen: the same items, order, scores and reasons."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from recsys_tui.cli.entry import main
from recsys_tui.data.dataset import Mapping
from recsys_tui.evaluate.differences import SideBySide
from recsys_tui.evaluate.stored_comparison import StoredComparison
from recsys_tui.output.errors import UserError
from recsys_tui.recommend.list_options import ListOptions, list_options
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.store.verdicts import Verdicts
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.state.compare import CompareState
from recsys_tui.tui.state.workbench import Asked, PersonState, WorkbenchState
from recsys_tui.tui.taking.equivalent_command import Opened, equivalent_command, shell_text
from tests.tui.test_workbench import until

FILMS = Opened("films", Path("/data/films"), Mapping())


@pytest.fixture
def own_home(trained: Session, tmp_path: Path) -> Home:
    """A copy of the trained home: what is said here stays here."""
    return Home(shutil.copytree(trained.home.root, tmp_path / "copied home"))


async def shown(app: WorkbenchApp, pilot: Pilot[Any], user: str) -> None:
    """Show a person, with the list that belongs to everything that is asked now."""
    app.show_person(user)
    await until(pilot, lambda: app.state.person and app.state.person.user == user and app.state.person.answer)


async def pressed(app: WorkbenchApp, pilot: Pilot[Any], *keys: str) -> None:
    """Press keys that change the list, and wait for it after each."""
    for key in keys:
        before = app.state.person and app.state.person.answer
        await pilot.press(key)
        await until(pilot, lambda: app.state.person and app.state.person.answer is not before)  # noqa: B023


async def asked(app: WorkbenchApp, pilot: Pilot[Any], k: int, options: ListOptions) -> None:
    before = app.state.person and app.state.person.answer
    app.state = replace(app.state, asked=Asked(k, options))
    app.ask_for_person()
    await until(pilot, lambda: app.state.person and app.state.person.answer is not before)


async def test_ten_people_get_by_command_what_is_on_screen(own_home: Home, capsys: pytest.CaptureFixture[str]):
    cases: list[tuple[list[str], dict[str, Any]]] = []
    app = WorkbenchApp("films", None, own_home, no_train=True)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: app.state.model)

        def note() -> None:
            assert app.state.person is not None
            assert app.state.person.answer is not None
            cases.append((app.equivalent_command(), app.state.person.answer.to_json()))

        await shown(app, pilot, "1")
        note()
        await shown(app, pilot, "42")
        await pressed(app, pilot, "plus", "minus")
        note()
        await shown(app, pilot, "77")
        await pilot.press("down", "down")
        await pressed(app, pilot, "minus")
        note()
        await shown(app, pilot, "300")
        await pressed(app, pilot, "plus")
        await pilot.press("w")
        await until(pilot, lambda: app.state.person and app.state.person.what_if)
        await pressed(app, pilot, "plus", "minus")  # tried on top of what is kept
        note()
        await shown(app, pilot, "301")
        await pilot.press("w")
        await until(pilot, lambda: app.state.person and app.state.person.what_if)
        await pressed(app, pilot, "minus", "plus")
        note()
        await shown(app, pilot, "302")
        await asked(app, pilot, 7, list_options(where=("year>=1990", "categories!=Drama")))
        note()
        await shown(app, pilot, "900")
        await asked(app, pilot, 12, list_options("allow", diversity=0.3, hide_popular=10, pin=("17", "586")))
        note()
        await shown(app, pilot, "1200")
        await asked(app, pilot, 20, ListOptions())
        before = app.state.person and app.state.person.answer
        app._rank_by("ease")
        await until(pilot, lambda: app.state.person and app.state.person.answer is not before)
        note()
        await shown(app, pilot, "1201")
        await pressed(app, pilot, "plus")
        note()
        before = app.state.person and app.state.person.answer
        app._rank_by("sequence")
        await until(pilot, lambda: app.state.person and app.state.person.answer is not before)
        await shown(app, pilot, "1500")
        note()
    capsys.readouterr()
    assert len({document["user"] for _, document in cases}) == 10
    assert [command for command, _ in cases if "--no-feedback" in command or "--like" in command]
    for command, document in cases:
        assert command[0] == "recsys"
        assert main(command[1:]) == 0
        printed = json.loads(capsys.readouterr().out)
        assert printed["items"] == document["items"], shell_text(command)
        assert [entry["reasons"] for entry in printed["items"]] == [e["reasons"] for e in document["items"]]
        for name in ("user", "model", "preset", "horizon", "cluster", "cluster_name"):
            assert printed[name] == document[name]


async def test_the_text_of_the_command_runs_in_a_shell(own_home: Home):
    app = WorkbenchApp("films", None, own_home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.model)
        await shown(app, pilot, "42")
        await pilot.press("w")
        await until(pilot, lambda: app.state.person and app.state.person.what_if)
        await pressed(app, pilot, "plus")
        text = shell_text(app.equivalent_command())
        assert app.state.person is not None
        assert app.state.person.answer is not None
        expected = app.state.person.answer.to_json()["items"]
    assert "copied home" in text
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    done = subprocess.run(
        ["sh", "-c", text], capture_output=True, text=True, check=False, env={**os.environ, "PATH": path}
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["items"] == expected


async def test_an_item_gets_by_command_what_is_like_it_on_screen(own_home: Home, capsys: pytest.CaptureFixture[str]):
    app = WorkbenchApp("films", None, own_home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.model)
        app.show_item("17")
        await until(pilot, lambda: app.state.item.similar)
        command, similar = app.equivalent_command(), app.state.item.similar
        assert app.mode == "items"
    assert similar is not None
    capsys.readouterr()
    assert main(command[1:]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [(one["item"], one["score"]) for one in printed["items"]] == [(e.item, e.score) for e in similar.items]


async def test_data_with_a_mapping_and_an_odd_name_is_named_by_its_whole_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "-odd 'name'.csv"
    path.write_text("who,what,when\n" + "".join(f"u{n % 30},i{n % 17},{n}\n" for n in range(300)))
    home = Home(tmp_path / "home")
    app = WorkbenchApp("./-odd 'name'.csv", Mapping(user="who", item="what", time="none"), home, no_train=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.overview is not None)
        command = app.equivalent_command()
        assert app.state.overview is not None
        users = app.state.overview.users
    assert command[:3] == ["recsys", "inspect", str(path)]
    assert shlex.split(shell_text(command)) == command
    capsys.readouterr()
    assert main(command[1:]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["users"] == users == 30
    assert document["columns"]["user"]["column"] == "who"


def person(**about: Any) -> WorkbenchState:
    return WorkbenchState(person=PersonState("42", **about))


def test_values_that_look_like_options_are_told_apart():
    state = WorkbenchState(person=PersonState("-q"))
    command = equivalent_command("users", state, Opened("-", Path("/kept/input"), Mapping(), Path("/a home")))
    assert command[:4] == ["recsys", "recommend", "/kept/input", "--user=-q"]
    assert command[command.index("--home") + 1] == "/a home"
    assert equivalent_command("home", state, Opened("-x.csv", Path("/x"), Mapping()))[2] == "./-x.csv"


def test_every_field_of_a_mapping_is_an_option():
    mapping = Mapping(
        user="u", item="i", rating="r", time="none", event="e", quantity="q", basket="b", dates="day-first",
        weights=("buy=5", "skip=-1"), core=3, items=Path("/i.csv"), users=Path("/u.csv"), links=Path("/l.csv"),
        vectors=Path("/v.npz"), text_model=Path("/m"), siblings=False,
    )  # fmt: skip
    said = Opened("d", Path("/d"), mapping).options()
    pairs = dict(zip(said[::2], said[1::2], strict=False))
    assert pairs["--user-col"] == "u"
    assert pairs["--time-col"] == "none"
    assert pairs["--k-core"] == "3"
    assert pairs["--text-model"] == "/m"
    assert pairs["--dates"] == "day-first"
    assert [said[place + 1] for place, name in enumerate(said) if name == "--event-weight"] == ["buy=5", "skip=-1"]
    assert said[-1] == "--no-siblings"
    assert Opened("d", Path("/d"), Mapping(), None, True).options() == ["--detect"]


def test_what_is_tried_is_said_on_top_of_what_is_kept_where_that_can_be_said():
    kept = Verdicts(("a",), ("b",))
    on_top = equivalent_command("users", person(kept=kept, said=Verdicts(("a", "c"), ("b",)), what_if=True), FILMS)
    assert on_top[on_top.index("--like") + 1] == "c"
    assert "--no-feedback" not in on_top
    taken_back = equivalent_command("users", person(kept=kept, said=Verdicts(("a",), ()), what_if=True), FILMS)
    assert "--no-feedback" in taken_back
    assert taken_back[taken_back.index("--like") + 1] == "a"
    assert "--dislike" not in taken_back
    not_tried = equivalent_command("users", person(said=kept), FILMS)
    assert not {"--like", "--dislike", "--no-feedback"} & set(not_tried)


def test_lists_of_single_items_have_no_command():
    state = replace(person(), asked=Asked(10, ListOptions(exclude=("7",))))
    with pytest.raises(UserError) as refused:
        equivalent_command("users", state, FILMS)
    assert refused.value.message_id == "take.items_from_a_file"


def test_every_mode_has_its_command():
    assert equivalent_command("home", WorkbenchState(), FILMS) == ["recsys", "inspect", "films", "--json"]
    assert equivalent_command("clusters", WorkbenchState(), FILMS) == ["recsys", "clusters", "films", "--json"]
    compared = equivalent_command("compare", WorkbenchState(compared=CompareState("deep", "neighbours")), FILMS)
    assert compared == ["recsys", "evaluate", "films", "--models", "deep,ease,popular", "--preset", "quick", "--json"]
    document = {"seed": 3, "protocol": "last", "models": [{"name": "ease"}, {"name": "knn"}]}
    stored = StoredComparison(document, SideBySide((), ()), "f", "m", "standard", "2026-01-01")
    made = equivalent_command("compare", WorkbenchState(compared=CompareState(stored=stored)), FILMS)
    assert made == [
        "recsys",
        "evaluate",
        "films",
        "--models",
        "ease,knn",
        "--preset",
        "standard",
        "--seed",
        "3",
        "--json",
    ]
