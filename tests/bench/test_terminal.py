"""The workbench's benchmark: what it reads off the screen, how it keeps results, and the README's table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from recsys_tui.output.messages import say
from tests.bench import terminal
from tests.bench.pty_program import Painted
from tests.bench.pty_screen import Screen
from tests.bench.terminal_measures import first, model_there, overview_there, settled
from tests.bench.terminal_table import kept, machines_of, shown, table_of, with_table


def test_a_screen_shows_what_a_program_wrote():
    screen = Screen(3, 12)
    screen.feed(b"\x1b[?1049h\x1b[2J\x1b[2;3Hab\x1b[1mcd\x1b[0m\r\nnext\x1b[1;1H\x1b]0;title\x07top")
    assert screen.text() == "top\n  abcd\nnext"
    screen.feed(b"\x1b[2;4H\xe7\x95")  # a character that comes in two pieces
    screen.feed(b"\x8c!")
    assert screen.line(1) == "  a界!"
    screen.feed(b"\x1b[2;4H\x1b[K\x1b[3;1")  # a sequence in two pieces
    screen.feed(b"2Hxyz")
    assert screen.text() == "top\n  a\nnext       x"


def test_a_screen_knows_how_a_character_is_written():
    screen = Screen(1, 4)
    screen.feed(b"\x1b[1mab")
    before = [list(row) for row in screen.cells]
    screen.feed(b"\x1b[1;1H\x1b[0;7mab")
    assert screen.text() == "ab"
    assert screen.cells != before


def test_a_box_is_found_by_its_title():
    screen = Screen(4, 24)
    screen.feed("╭─ List, by deep ─╮╭─ Why ╮\r\n│1 a              ││x     \r\n╰─────────────────╯╰".encode())
    box = screen.box("List")
    assert box is not None
    assert (box.top, box.left, box.bottom, box.right) == (0, 0, 2, 18)
    assert screen.inside(box) == ["1 a" + " " * 14]
    assert screen.box("Nothing") is None
    assert screen.box("ist") is None


def test_what_is_waited_for_is_recognised():
    assert overview_there(f"  {say('tui.density')}      0.050%")
    assert not overview_there(f"{say('tui.density')} …")
    assert model_there(" 1 Home 2 Train   films    model: quick · next │ ? help\nbody")
    assert not model_there(" 1 Home 2 Train   films    model: none yet\nquick · next")


def test_keys_that_change_nothing_are_counted_apart():
    painted = [Painted(10.0, 20.0), Painted(None, None), Painted(30.0, 90.0)]
    measure = first("moving", painted, 50)
    assert measure.to_json() == {
        "name": "moving", "unit": "ms", "count": 2, "nothing": 1, "bound": 50, "p50": 20.0, "p95": 30.0,
    }  # fmt: skip
    assert settled("moving", painted).values == (20.0, 90.0)
    assert "p50" not in first("moving", painted[1:2], 50).to_json()


def test_the_table_has_a_column_a_dataset_and_marks_what_misses_its_bound():
    results = [
        {
            "dataset": "small",
            "machine": "one",
            "measures": [
                {"name": "quit", "unit": "ms", "count": 1, "nothing": 0, "bound": 500, "p50": 501.0, "p95": 501.0},
                {"name": "move", "unit": "ms", "count": 4, "nothing": 0, "bound": 50, "p50": 9.96, "p95": 50.0},
            ],
        },
        {
            "dataset": "large",
            "machine": "one",
            "measures": [
                {"name": "move", "unit": "ms", "count": 0, "nothing": 4, "bound": 50},
                {"name": "train", "unit": "s", "count": 1, "nothing": 0, "p50": 80.2, "p95": 80.2},
            ],
        },
    ]
    assert table_of(results).splitlines() == [
        "| | small | large | bound |",
        "|---|---|---|---|",
        "| quit | 501 ms ✗ | – | ≤ 500 ms |",
        "| move | 10.0 / 50 ms | – | ≤ 50 ms |",
        "| train | – | 80 s |  |",
    ]
    assert machines_of(results) == "- small, large: one"
    assert [kept(cell) for result in results for cell in result["measures"]] == [False, True, False, True]


def test_what_was_not_measured_again_stays():
    old = {"dataset": "a", "machine": "m", "measures": [{"name": "x", "p50": 1}, {"name": "y", "p50": 2}]}
    new = {"dataset": "a", "machine": "n", "measures": [{"name": "y", "p50": 3}, {"name": "z", "p50": 4}]}
    other = {"dataset": "b", "machine": "m", "measures": []}
    (merged, kept_one) = terminal.with_result([old, other], new)
    assert [(cell["name"], cell["p50"]) for cell in merged["measures"]] == [("x", 1), ("y", 3), ("z", 4)]
    assert merged["machine"] == "n"
    assert kept_one is other
    assert terminal.with_result([], new) == [new]


def test_a_table_is_written_between_the_marks():
    results = [{"dataset": "small", "machine": "one", "measures": [{"name": "x", "unit": "s", "count": 1, "p50": 2.0}]}]
    text = "before\n<!-- terminal -->\nold\n<!-- /terminal -->\nafter\n"
    assert with_table(text, results) == (f"before\n<!-- terminal -->\n{shown(results)}\n<!-- /terminal -->\nafter\n")
    with pytest.raises(ValueError, match="terminal"):
        with_table("no marks", results)


def test_the_readme_shows_the_committed_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    results = json.loads(terminal.RESULTS.read_text(encoding="utf-8"))
    readme = (Path(__file__).resolve().parent.parent.parent / "README.md").read_text(encoding="utf-8")
    assert with_table(readme, results) == readme
    assert terminal.main(["--table"], tmp_path) == 0
    printed = capsys.readouterr().out
    assert printed.strip() in readme
    names = {cell["name"] for result in results for cell in result["measures"]}
    assert all(f"| {name} |" in printed for name in names)
