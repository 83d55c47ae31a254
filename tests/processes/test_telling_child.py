"""What a child tells: every step it comes to, its share now and then, at the end its result or its failure."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from recsys_tui import __version__
from recsys_tui.output.errors import ExitCode
from recsys_tui.processes.told_process import CHILD, begin, last_words, listen

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


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "one_child.py").write_text(PROGRAM)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
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
