"""What a child tells: every step it comes to, its share now and then, at the end its result or its failure."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from recsys_tui import __version__
from recsys_tui.output.errors import ExitCode
from recsys_tui.processes.told_process import CHILD, begin, last_words, listen
from tests.alive import alive

PROGRAM = """
import sys, time
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.processes.telling_child import tell_parent

def work(argument, tell, orphaned):
    print("a library speaks")
    for step in argument["steps"]:
        for share in range(1000):
            tell(step, share / 1000)
    if argument["fails"]:
        raise UserError("data.no_data_named", ExitCode.USAGE, names="x")
    return {"steps": len(argument["steps"])}

sys.exit(tell_parent(work))
"""


BUSY = """
import os, pathlib, sys, time
from recsys_tui.evaluate.shared_folder import shared_folder
from recsys_tui.processes import orphans
from recsys_tui.processes.telling_child import tell_parent

def work(argument, tell, orphaned):
    with shared_folder(pathlib.Path(argument["begun"]).parent):
        pathlib.Path(argument["begun"]).write_text(str(os.getpid()))
        time.sleep(60)
    return {}

if len(sys.argv) > 2:  # it looks when its parent is gone already
    while not os.path.exists(sys.argv[2]):
        time.sleep(0.02)
orphans.LOOK, orphans.GRACE = 0.05, 0.2
sys.exit(tell_parent(work))
"""
DIES = """
import os, signal, sys, tempfile, time
from recsys_tui.processes.told_process import begin

begin("busy_child", {"begun": sys.argv[1]}, tempfile.TemporaryFile())
while not (os.path.exists(sys.argv[1]) and os.path.getsize(sys.argv[1])):
    time.sleep(0.02)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "one_child.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    return "one_child"


@pytest.mark.parametrize("fails", [False, True])
def test_what_it_tells(module: str, fails: bool):
    told: list[tuple[str, float]] = []
    with tempfile.TemporaryFile() as errors:
        process = begin(module, {"steps": ["a", "b", "c"], "fails": fails}, errors)
        result, failure = listen(process, lambda step, share: told.append((step, share)))
        code = process.wait()
        assert last_words(code, errors) == "a library speaks"
    steps = [step for step, _share in told]
    assert list(dict.fromkeys(steps)) == ["a", "b", "c"]
    assert next(share for step, share in told if step == "b") == 0.0
    assert len(told) < 300  # 3,000 were reported
    if fails:
        assert (result, code) == (None, ExitCode.USAGE)
        assert failure is not None
        assert failure.exit_code == ExitCode.USAGE
    else:
        assert (result, failure, code) == ({"steps": 3}, None, 0)


def test_its_lines_are_json(module: str):
    done = subprocess.run(
        [*CHILD, module, json.dumps({"steps": ["a"], "fails": False})], capture_output=True, text=True, check=True
    )
    assert [json.loads(line) for line in done.stdout.splitlines()][-1] == {"result": {"steps": 1}}
    assert CHILD[0] == sys.executable


def test_a_child_imports_nothing_from_where_one_stands(tmp_path: Path):
    fake = tmp_path / "recsys_tui"
    fake.mkdir()
    (fake / "__init__.py").touch()
    (fake / "__main__.py").write_text("print('not the program')")
    told = subprocess.run([*CHILD, "recsys_tui", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "not the program" not in told.stdout
    assert __version__ in told.stdout


def test_a_child_that_has_nothing_to_report_ends_with_its_parent_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "busy_child.py").write_text(BUSY)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    done = subprocess.run([sys.executable, "-c", DIES, str(tmp_path / "begun")], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    child, deadline = int((tmp_path / "begun").read_text()), time.monotonic() + 20
    while time.monotonic() < deadline and alive(child):
        time.sleep(0.05)
    assert not alive(child)
    assert not list(tmp_path.glob(".evaluate-*")), "a comparison's folder is left behind"


def test_a_child_whose_parent_is_gone_before_it_looks_ends_too(tmp_path: Path):
    (tmp_path / "busy_child.py").write_text(BUSY)
    argument = json.dumps({"begun": str(tmp_path / "begun")})
    command = [sys.executable, str(tmp_path / "busy_child.py"), argument, str(tmp_path / "gone")]
    program = f"from subprocess import *; print(Popen({command!r}, stdout=PIPE, stderr=DEVNULL).pid)"
    child = int(subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, timeout=60).stdout)
    (tmp_path / "gone").touch()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and alive(child):
        time.sleep(0.05)
    assert not alive(child)
