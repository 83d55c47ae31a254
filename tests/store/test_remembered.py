"""What the workbench looked like last: it comes back as it was, and damage is ignored."""

from __future__ import annotations

import json

import pytest

from recsys_tui.store.home import Home
from recsys_tui.store.remembered import MOST_PLACES, Memory, Place, Remembered

PLACE = Place("users", "42", "ease", 50, {"where": ["year>=1990"], "diversity": 0.5}, "history")


def test_it_comes_back(home: Home):
    memory = Memory(home)
    assert memory.read() == Remembered()
    memory.write(Remembered("nord", None).with_place("films", PLACE))
    assert memory.read() == Remembered("nord", None, {"films": PLACE})
    assert (home.root / "state" / "workbench.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", '{"places": 3}', '{"places": {"a": 3}, "theme": 7}', "\x00", "[" * 100_000],
)
def test_a_damaged_file_is_ignored(home: Home, content: str):
    path = home.root / "state" / "workbench.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    assert Memory(home).read() == Remembered()


def test_a_place_that_makes_no_sense_is_the_plain_one(home: Home):
    path = home.root / "state" / "workbench.json"
    path.parent.mkdir(parents=True)
    odd = {"mode": 3, "user": [], "model": None, "k": True, "options": {"where": [3], "pin": ["a"]}, "maximised": 1}
    path.write_text(json.dumps({"places": {"films": odd}}))
    assert Memory(home).read().places["films"] == Place(options={"pin": ["a"]})


def test_who_was_on_screen_goes_with_the_workspace(home: Home):
    memory = Memory(home)
    memory.write(Remembered("nord").with_place("films", PLACE).with_place("shop", PLACE))
    home.workspace_folder("films").mkdir(parents=True)
    home.remove("films")
    assert memory.read() == Remembered("nord", None, {"shop": PLACE})


def test_the_latest_places_are_kept():
    remembered = Remembered()
    for number in range(MOST_PLACES + 5):
        remembered = remembered.with_place(f"d{number}", PLACE)
    assert len(remembered.places) == MOST_PLACES
    assert next(iter(remembered.places)) == f"d{MOST_PLACES + 4}"
    assert next(iter(remembered.with_place("d50", PLACE).places)) == "d50"


@pytest.mark.parametrize(
    ("chosen", "then", "configured", "now"),
    [
        (None, None, None, None),
        (None, None, "nord", "nord"),
        ("dracula", None, None, "dracula"),
        ("dracula", "nord", "nord", "dracula"),
        ("dracula", "nord", "monokai", "monokai"),
        ("dracula", None, "nord", "nord"),
        ("dracula", "nord", None, None),
    ],
)
def test_a_theme_chosen_last_holds_until_the_configuration_changes(
    chosen: str | None, then: str | None, configured: str | None, now: str | None
):
    assert Remembered(chosen, then).theme_now(configured) == now


def test_a_home_that_cannot_be_written_remembers_nothing(home: Home):
    home.root.parent.mkdir(exist_ok=True)
    home.root.write_text("a file")
    Memory(home).write(Remembered("nord"))
    assert Memory(home).read() == Remembered()
