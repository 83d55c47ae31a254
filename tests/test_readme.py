"""The README holds what it promises: its tour runs, its Python example runs, its test command is what CI runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from recsys_tui.cli.entry import main

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def tour() -> list[str]:
    """The ``recsys …`` lines of the README's console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("recsys ")]


def test_every_command_of_the_tour_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    commands = tour()
    assert len(commands) >= 6
    for command in commands:
        assert main(shlex.split(command)[1:]) == 0, command
        said = capsys.readouterr()
        # What only notes something down tells that it did; all else prints what was asked for.
        assert said.err if command.startswith("recsys feedback add") else said.out or "--output" in command, command
    assert (tmp_path / "lists.parquet").is_file()


def test_the_python_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setenv("RECSYS_HOME", str(tmp_path / "home"))
    example = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert example is not None
    exec(compile(example.group(1), "README", "exec"), {})  # noqa: S102 - it is our own text
    lines = capsys.readouterr().out.strip().splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3"]


def test_the_two_commands_stand_near_the_top():
    head = README[: README.index("## ")]
    assert "recsys-tui open films" in head
    assert "pytest" in head
    assert "<!-- test-command -->\n```console\n" in head


def test_no_host_is_named_but_pytorchs_index():
    hosts = set(re.findall(r"https?://([^/\s)\"'`]+)", README))
    assert hosts <= {"download.pytorch.org"}
