"""Paths that no file can have, and a folder that is gone while one stands in it: one sentence each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from recsys_tui.cli.entry import main
from recsys_tui.processes.told_process import start_child

LONG = "x" * 300


def said(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(arguments)
    return code, capsys.readouterr().err.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        ["inspect", "DATA", "--items", LONG],
        ["recommend", "DATA", "--all", "-k", "2", "--output", f"{LONG}.csv"],
        ["similar", "DATA", "--all", "--output", f"{LONG}.csv"],
        ["evaluate", "DATA", "--models", "popular", "--output", f"{LONG}.html"],
        ["evaluate", "DATA", "--models", "popular", "--lists", LONG],
        ["datasets", "get", "ml-1m", "--archive", LONG],
    ],
    ids=lambda arguments: " ".join(arguments[:-1]),
)
def test_a_name_that_is_too_long_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    data = tmp_path / "data.csv"
    data.write_text("user,item\n" + "".join(f"u{n % 15},i{n * 7 % 11}\n" for n in range(150)))
    code, sentence = said([str(data) if word == "DATA" else word for word in arguments], capsys)
    assert code in (1, 2)
    assert "File name too long" in sentence
    assert LONG in sentence
    assert "unforeseen" not in sentence


@pytest.mark.parametrize(
    "arguments",
    [["inspect", "films", "--items"], ["inspect", "films", "--vectors"], ["datasets", "get", "ml-1m", "--archive"]],
)
def test_the_home_of_nobody_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    code, sentence = said([*arguments, "~nobody-of-this-name/x"], capsys)
    assert code == 2
    assert "~nobody-of-this-name/x" in sentence


@pytest.mark.parametrize("arguments", [["workspace", "list"], ["inspect", "films"], ["doctor"]])
def test_a_home_that_no_folder_can_have_is_told(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    code, sentence = said(["--home", LONG, *arguments], capsys)
    assert code == 2
    assert "cannot be used (File name too long)" in sentence


def test_a_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    data, here = tmp_path / "data.csv", tmp_path / "here"
    data.write_text("user,item\n" + "".join(f"u{n % 15},i{n * 7 % 11}\n" for n in range(150)))
    here.mkdir()
    program = (
        "import os, sys\nfrom recsys_tui.cli.entry import main\nos.rmdir(os.getcwd())\nsys.exit(main(sys.argv[1:]))\n"
    )
    arguments = ["evaluate", str(data), "--models", "popular", "-o", "report.html"]
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=here,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1] == (
        "The folder that you stand in is gone; go to another, or name files by their whole paths."
    )


def test_children_stand_where_there_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Libraries end a process that stands nowhere."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for expected in (str(here), "/"):
        told, _ = start_child([sys.executable, "-c", "import os; print(os.getcwd())"], subprocess.DEVNULL).communicate()
        assert told.strip() == expected
        if here.exists():
            here.rmdir()
    monkeypatch.chdir(tmp_path)


def test_what_a_path_holds_does_not_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "no\x1b[31m\x07\u202esuch.csv"]) == 2
    errors = capsys.readouterr().err
    assert "nosuch.csv" in errors
    assert not set("\x1b\x07\u202e") & set(errors)
