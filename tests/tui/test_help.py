"""Help: every key of the present screen, type to filter, Enter runs it, and why a key can do nothing now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.binding import Binding
from textual.pilot import Pilot

from recsys_tui.output.messages import say
from recsys_tui.recommend.live_edits import LiveEdits
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.store.settings import Settings
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.help import HelpDialog
from recsys_tui.tui.filters.fuzzy import fit_of, fitting
from recsys_tui.tui.keymap.availability import why_not
from recsys_tui.tui.keymap.commands import does
from recsys_tui.tui.keymap.keys import FOOTER_KEYS, MODES, WORKBENCH_KEYS
from recsys_tui.tui.keymap.registry import registered_keys
from recsys_tui.tui.state.jobs import JobState
from recsys_tui.tui.state.workbench import PersonState, WorkbenchState
from recsys_tui.tui.widgets.key_line import KeyHint, KeyLine, that_fit
from recsys_tui.tui.widgets.line_table import LineTable
from tests.tui.test_workbench import FakeJobs, rows_of, until, workbench

SIZES = [(120, 36), (80, 24)]
OWN_KEY = {"user.pick": "u", "train.start": "t", "data.open": "o", "mode.users": "4"}


async def open_help(app: WorkbenchApp, pilot: Pilot[Any], key: str = "question_mark") -> LineTable:
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, HelpDialog) and app.screen.query_one(LineTable).count)
    return app.screen.query_one(LineTable)


@pytest.mark.parametrize("size", SIZES)
async def test_help_lists_every_key_of_the_screen(trained: Session, size: tuple[int, int]):
    async with workbench(trained, size) as (app, pilot):
        for number, mode in enumerate(MODES, 1):
            await pilot.press(str(number))
            await until(pilot, lambda mode=mode: app.mode == mode)
            silent = [entry.binding for entry in app.screen.active_bindings.values() if entry.binding.id]
            assert [binding.id for binding in silent if not does(binding)] == []
            usable = {
                entry.binding.id
                for entry in app.screen.active_bindings.values()
                if entry.binding.id and entry.binding.description
            }
            own = {key for key, entry in app.screen.active_bindings.items() if entry.node is not app}
            everywhere = {binding.id: binding.key for binding in WORKBENCH_KEYS if binding.description}
            assert {name for name, key in everywhere.items() if key not in own} <= usable
            await open_help(app, pilot)
            listed = {command.words for command in app.screen._shown}
            assert usable <= listed
            keys = {row[1]: row[0] for row in rows_of(app, "commands-list")}
            assert keys[say("tui.key_user")] == "u"
            assert keys[say("tui.key_previous")] == "["
            assert keys[say("tui.key_palette")].split() == [":", "^p"]
            assert say("shell.move_next_pane") in keys
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, HelpDialog))


@pytest.mark.parametrize("size", SIZES)
async def test_typing_filters_and_enter_runs(trained: Session, size: tuple[int, int]):
    async with workbench(trained, size) as (app, pilot):
        table = await open_help(app, pilot)
        everything = table.count
        await pilot.press(*"clust")
        await until(pilot, lambda: 0 < table.count < everything)
        assert rows_of(app, "commands-list")[0][1] == say("shell.go_to", mode="Clusters")
        await pilot.press("enter")
        await until(pilot, lambda: app.mode == "clusters")


async def test_keys_that_can_do_nothing_say_why(trained: Session):
    async with workbench(trained) as (app, pilot):
        table = await open_help(app, pilot)
        reasons = {row[1]: row[2] for row in rows_of(app, "commands-list")}
        assert reasons[say("tui.key_like")] == "Press u to pick a user."
        assert reasons[say("tui.key_stop")] == "No training runs."
        assert reasons[say("tui.key_user")] == ""
        await pilot.press(*"undo")
        await until(pilot, lambda: table.count == 1)
        await pilot.press("enter")
        await until(pilot, lambda: [n.message for n in app._notifications] == ["Press u to pick a user."])
        assert isinstance(app.screen, HelpDialog), "the list stays for another choice"
        await pilot.press("escape", "K")
        await until(pilot, lambda: "No training runs." in [n.message for n in app._notifications])


async def test_no_model_says_train_first(home: Home):
    app = WorkbenchApp("films", None, home, no_train=True)
    app._jobs = FakeJobs()  # type: ignore[assignment]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.state.overview is not None)
        app.show_person("42")
        await until(pilot, lambda: app.state.person is not None)
        await pilot.press("m")
        await until(pilot, lambda: [n.message for n in app._notifications] == ["Train a model first: t"])


async def test_a_changed_key_is_the_one_that_works_and_is_shown(trained: Session):
    settings = Settings(keys={"help": ("f1",), "user.pick": ("U", "f3"), "item.pick": ("u",)})
    async with workbench(trained, (80, 24), settings=settings) as (app, pilot):
        line = app.screen.query_one(KeyLine)
        assert {hint.name: hint.key for hint in line.shown}["user.pick"] == "U"
        await open_help(app, pilot, "f1")
        keys = {row[1]: row[0] for row in rows_of(app, "commands-list")}
        assert keys[say("tui.key_user")].split() == ["U", "f3"]
        assert keys[say("tui.key_item")] == "u"
        assert app.why_not("item.like") == "Press U to pick a user."
        await pilot.press("escape", "question_mark")
        await pilot.pause(0.2)
        assert not isinstance(app.screen, HelpDialog)


def state_with(**changes: Any) -> WorkbenchState:
    """A state that has data (anything will do), and more."""
    return replace(WorkbenchState(), **{"dataset": object(), **changes})


@pytest.mark.parametrize(
    ("name", "state", "reason"),
    [
        ("user.pick", WorkbenchState(step="none"), "Nothing is open: o opens data."),
        ("user.pick", WorkbenchState(step="reading"), "The data is still being read."),
        ("user.pick", state_with(), None),
        ("item.like", state_with(), "Press u to pick a user."),
        ("item.like", state_with(person=PersonState("a")), None),
        ("user.model", state_with(person=PersonState("a")), "Train a model first: t"),
        ("user.model", state_with(person=PersonState("a"), model=object()), None),
        ("cluster.rename", state_with(), "Train a model first: t"),
        ("edit.undo", state_with(person=PersonState("a", heard=True)), "There is nothing to undo for user a."),
        ("edit.undo", state_with(person=PersonState("a", heard=True), edits={"a": LiveEdits(done=(None,))}), None),
        ("edit.redo", state_with(person=PersonState("a", heard=True)), "There is nothing to redo for user a."),
        ("edit.undo", state_with(person=PersonState("a")), None),
        ("train.stop", state_with(), "No training runs."),
        ("train.stop", state_with(job=JobState("quick")), None),
        ("user.why", state_with(person=PersonState("a")), "Go to the users first: 4"),
        ("table.filter", state_with(), "There is no list here."),
        ("theme", WorkbenchState(step="none"), None),
        ("quit", WorkbenchState(step="reading"), None),
    ],
)
def test_why_not(name: str, state: WorkbenchState, reason: str | None):
    assert why_not(name, state, "home", (), OWN_KEY.__getitem__) == reason


def test_a_view_with_a_list_can_be_filtered():
    assert why_not("table.filter", state_with(), "users", ("open_filter",), OWN_KEY.__getitem__) is None
    assert why_not("table.sort", state_with(), "users", ("open_filter",), OWN_KEY.__getitem__) is not None


# The last line


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, ["pick", "train", "quit", "help"]),
        (34, ["pick", "train", "help"]),
        (24, ["pick", "help"]),
        (12, ["help"]),
        (3, ["help"]),
    ],
)
def test_whole_entries_go_help_stays(width: int, shown: list[str]):
    hints = [
        KeyHint("pick", "u", "Pick a user"),
        KeyHint("train", "t", "Train"),
        KeyHint("quit", "q", "Quit"),
        KeyHint("help", "?", "Help"),
    ]
    assert [hint.name for hint in that_fit(hints, width)] == shown


@pytest.mark.parametrize("size", [*SIZES, (40, 10)])
async def test_the_last_line_of_every_mode(trained: Session, size: tuple[int, int]):
    async with workbench(trained, size) as (app, pilot):
        line = app.screen.query_one(KeyLine)
        for number, mode in enumerate(MODES, 1):
            await pilot.press(str(number))
            there = [name for name in FOOTER_KEYS[mode] if name in registered_keys()]
            await until(pilot, lambda there=there: {hint.name for hint in line._hints} == set(there))
            names = [hint.name for hint in line.shown]
            assert "help" in names
            assert sum(hint.width + 2 for hint in line.shown) <= size[0]
            if size[0] >= 80:
                assert names == there


async def test_a_click_on_the_last_line_does_it(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        line = app.screen.query_one(KeyLine)
        await until(pilot, lambda: line.shown)
        place = next(start for start, _stop, name in line._places if name == "help")
        await pilot.click(KeyLine, offset=(place + 1, 0))
        await until(pilot, lambda: isinstance(app.screen, HelpDialog))


# Typing to find


def test_every_word_has_to_fit():
    lines = ["Like", "Dislike", "List options", "Export", "Next user", "Stop training, keep the best"]
    pairs = [(line, line) for line in lines]
    assert fitting("", pairs) == lines
    assert fitting("lik", pairs) == ["Like", "Dislike"]
    assert fitting("TRAIN stop", pairs) == ["Stop training, keep the best"]
    assert fitting("stp", pairs) == ["Stop training, keep the best"]
    assert fitting("next like", pairs) == []
    assert fit_of("zzz", "Like") == 0


def test_finding_takes_no_time_however_odd_the_words():
    import time

    start = time.perf_counter()
    for _ in range(20):
        fit_of("a" * 40, "a b" * 300)
    assert time.perf_counter() - start < 1


def test_every_key_of_the_workbench_does_something():
    actions = {binding.action.partition("(")[0] for binding in Binding.make_bindings(WORKBENCH_KEYS)}
    assert [name for name in actions if not hasattr(WorkbenchApp, f"action_{name}")] == []
    assert {name for names in FOOTER_KEYS.values() for name in names} <= set(registered_keys())
    assert all(len(names) <= 7 and "help" in names for names in FOOTER_KEYS.values())


async def test_next_and_previous_match_go_round(trained: Session):
    async with workbench(trained) as (app, pilot):
        await pilot.press("3")
        table = app.screen.query_one("#cluster-list", LineTable)
        await until(pilot, lambda: table.count > 2 and table.has_focus)
        await pilot.press("N")
        assert table.cursor == table.count - 1
        await pilot.press("n", "n")
        assert table.cursor == 1


def test_every_key_of_a_view_says_what_it_does():
    """Dialogs, and pickers by themselves, say it in their own place: they are not listed while they are open."""
    views = {
        name: entry
        for name, entry in registered_keys().items()
        if not entry.scope.endswith(("Dialog", "Tick", "PickApp"))
    }
    silent = [name for name, entry in views.items() if not does(Binding("x", entry.action, entry.does, id=name))]
    assert silent == []
