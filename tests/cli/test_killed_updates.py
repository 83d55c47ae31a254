"""An update that dies at its worst moments: what it was to add is not lost, and can be added again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from recsys_tui.cli.entry import main

DIES = """
import os, sys
import recsys_tui.data.load as load, recsys_tui.recommend.session as session
{place} = lambda *arguments, **options: os._exit(9)
from recsys_tui.cli.entry import main
main(sys.argv[1:])
"""
READING, STORING = "load.load_dataset", "session.Session.adopt"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text("user,item\n" + "".join(f"u{n % 7},i{n % 5}\n" for n in range(35)))
    assert main(["inspect", str(path), "--quiet", "--home", str(tmp_path / "home")]) == 0
    return path


def dying(place: str, *arguments: str) -> int:
    done = subprocess.run([sys.executable, "-c", DIES.format(place=place), *arguments], check=False, timeout=60)
    return done.returncode


def users(data: Path, capsys: pytest.CaptureFixture[str]) -> int:
    capsys.readouterr()
    assert main(["inspect", str(data), "--json", "--home", str(data.parent / "home")]) == 0
    return int(json.loads(capsys.readouterr().out)["users"])


@pytest.mark.parametrize(("place", "meanwhile"), [(READING, 7), (STORING, 8)])
def test_rows_of_an_update_that_died_are_added_by_the_next(
    data: Path, capsys: pytest.CaptureFixture[str], place: str, meanwhile: int
) -> None:
    more = data.with_name("more.csv")
    more.write_text("user,item\nnewcomer,i1\n")
    command = ("update", str(data), "--add", str(more), "--home", str(data.parent / "home"))
    assert dying(place, *command) == 9
    assert users(data, capsys) == meanwhile
    assert main([*command, "--quiet"]) == 0
    assert users(data, capsys) == 8
    names = [path.name for path in (data.parent / "home").glob("workspaces/*/added/*")]
    assert [name[:6] for name in names] == ["00001-"]


def test_a_file_that_cannot_be_read_is_forgotten_with_the_update_that_died(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = data.with_name("bad.csv")
    bad.write_text("colour,weight\nred,1.25\nblue,2.5\n")
    assert dying(READING, "update", str(data), "--add", str(bad), "--home", str(data.parent / "home")) == 9
    with data.open("a") as stream:
        stream.write("u0,i77\n")
    assert users(data, capsys) == 7


def test_a_name_with_odd_endings_is_no_hindrance(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, name in enumerate(("m." + "x" * 240 + ".csv", "m.c\nsv", "m.")):
        more = data.with_name(name)
        more.write_text(f"user,item\nnewcomer{number},i1\n")
        assert main(["update", str(data), "--add", str(more), "--quiet", "--home", str(data.parent / "home")]) == 0
        assert users(data, capsys) == 8 + number
    assert all(path.name.isprintable() for path in (data.parent / "home").glob("workspaces/*/added/*"))
