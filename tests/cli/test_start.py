"""What the program does where no command is given, by its name and by whether a person sits there."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from recsys_tui.cli import application, opening
from recsys_tui.cli.entry import main
from recsys_tui.data.dataset import Mapping


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """The workbench, replaced by a list of what it was opened with."""
    calls: list[tuple[Any, ...]] = []

    def run(*arguments: Any) -> int:
        calls.append(arguments)
        return 0

    monkeypatch.setattr("recsys_tui.tui.app.run", run)
    return calls


@pytest.mark.parametrize(
    ("name", "terminal", "code", "starts"),
    [("recsys-tui", True, 0, 1), ("recsys-tui", False, 2, 0), ("recsys", True, 2, 0), ("recsys", False, 2, 0)],
)
def test_only_the_workbenchs_name_on_a_terminal_opens_the_start_screen(
    monkeypatch: pytest.MonkeyPatch, capsys, opened: list[Any], name: str, terminal: bool, code: int, starts: int
):
    monkeypatch.setattr(sys, "argv", [f"/usr/bin/{name}"])
    monkeypatch.setattr(application, "on_terminal", lambda: terminal)
    assert main([]) == code
    assert [call[0] for call in opened] == [None] * starts
    assert ("Commands:" in capsys.readouterr().out) is (code == 2)


def test_open_on_a_terminal_hands_the_workbench_its_options(monkeypatch: pytest.MonkeyPatch, opened: list[Any], home):
    monkeypatch.setattr(opening, "on_terminal", lambda: True)
    assert main(["open", "films", "--no-train", "--preset", "full", "--item-col", "movieId"]) == 0
    data, mapping, its_home, preset, no_train, config, pseudonyms, ahead = opened[0]
    assert (data, mapping, its_home.root, preset, no_train, config, pseudonyms, ahead) == (
        "films",
        Mapping(item="movieId"),
        home.root,
        "full",
        True,
        home.root / "config.toml",
        None,
        None,  # it is small
    )


def test_open_refuses_what_is_not_there_before_the_screen_is_taken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], opened: list[Any]
):
    monkeypatch.setattr(opening, "on_terminal", lambda: True)
    assert main(["open", "no-such-data"]) == 2
    assert opened == []
    assert "no-such-data" in capsys.readouterr().err


def test_open_that_is_asked_for_json_prints_it_even_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], opened: list[Any]
):
    monkeypatch.setattr(opening, "on_terminal", lambda: True)
    assert main(["open", "films", "--json"]) == 0
    assert opened == []
    assert capsys.readouterr().out.startswith("{")
