"""A folder of data that grows by files: parts, partitions, and what describes the items."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from recsys_tui.cli.entry import main

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: str) -> dict[str, Any]:
        capsys.readouterr()
        assert main([*arguments, "--json", "--home", str(tmp_path / "home")]) == 0
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    return go


def write_part(path: Path, first: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = (f"u{n % 7},i{n % 5},{1_600_000_000 + n}\n" for n in range(first, first + 35))
    path.write_text("user,item,time\n" + "".join(rows))


@pytest.mark.parametrize("name", ["part-{}.csv", "day={}/part.csv"])
def test_a_part_that_came_is_folded_in(tmp_path: Path, run: Run, name: str) -> None:
    folder = tmp_path / "parts"
    for number in range(2):
        write_part(folder / name.format(number), 35 * number)
    run("train", str(folder), "--preset", "quick", "--quiet")
    assert "changed" not in str(run("recommend", str(folder), "--user", "u1")["note"])
    write_part(folder / name.format(2), 70)
    assert "changed" in str(run("recommend", str(folder), "--user", "u1")["note"])
    assert run("update", str(folder))["rows_new"] == 35
    assert run("update", str(folder))["rows_new"] == 0
    assert "changed" not in str(run("recommend", str(folder), "--user", "u1")["note"])


def test_what_describes_the_items_may_come_later(tmp_path: Path, run: Run) -> None:
    folder = tmp_path / "shop"
    write_part(folder / "ratings.csv", 0)
    assert run("inspect", str(folder))["catalogue_items"] == 5
    (folder / "notes.md").write_text("not data")
    (folder / "items.csv").write_text("item,title\n" + "".join(f"i{n},Thing {n}\n" for n in range(9)))
    assert run("inspect", str(folder))["catalogue_items"] == 9
