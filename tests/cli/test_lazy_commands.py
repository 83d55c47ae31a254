"""Only the command that is asked for is read, and only the views that are shown: nothing else is different by it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from recsys_tui.cli.application import COMMANDS, _with_commands, application

# What is imported by a program that begins with these arguments, as JSON.
IMPORTED = """
import json, sys
from recsys_tui.cli.application import application
application(sys.argv[1:])
print(json.dumps([name for name in sys.modules if name.startswith("recsys_tui.cli.") and name.endswith("_command")]))
"""
# The keys that the workbench knows before its other views are read, those it has in full, and which views are read.
KEYS = """
import json, sys
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.keymap.keys import FOOTER_KEYS
from recsys_tui.tui.keymap.registry import keys_so_far, registered_keys
early = sorted(keys_so_far())
views = [name for name in sys.modules if name.startswith("recsys_tui.tui.views.")]
dialogs = [name for name in sys.modules if name.startswith("recsys_tui.tui.dialogs.")]
print(json.dumps([FOOTER_KEYS["home"], early, sorted(registered_keys()), sorted(keys_so_far()), views, dialogs]))
"""


def answer(code: str, *arguments: str) -> list:
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    found: list = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_alone_has_the_help_that_it_has_among_all(name: str):
    alone, among = (
        CliRunner().invoke(made, [name, "--help"]) for made in (application([name]), _with_commands(tuple(COMMANDS)))
    )
    assert (alone.exit_code, alone.output) == (0, among.output)
    assert "Usage:" in alone.output


@pytest.mark.parametrize("arguments", [[], ["--help"], ["--version"], ["tarin"], ["-k", "open"]])
def test_all_commands_are_there_where_none_is_named_first(arguments: list[str]):
    assert application(arguments) is _with_commands(tuple(COMMANDS))


def test_a_command_reads_no_other():
    assert "recsys_tui.cli.train_command" in answer(IMPORTED, "train", "films")
    assert "recsys_tui.cli.evaluate_command" not in answer(IMPORTED, "train", "films")
    assert len(answer(IMPORTED, "--help")) > 10


def test_the_workbench_begins_with_one_view_and_knows_all_keys_when_asked():
    footer, early, whole, later, views, dialogs = answer(KEYS)
    assert set(footer) <= set(early) < set(whole)
    assert later == whole
    assert views == ["recsys_tui.tui.views.home"]
    assert "recsys_tui.tui.dialogs.mapping" not in dialogs
