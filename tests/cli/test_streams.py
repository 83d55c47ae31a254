"""What a shell does to a program: pipes that close, other locales, odd names; and tables for other programs."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recsys_tui.cli.entry import main
from recsys_tui.recommend.session import Session

RECSYS = f"{sys.executable} -m recsys_tui"
ROWS = "user,item,title\na,1,Amélie\nb,1,Amélie\na,2,Heat\n"


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of the shell, ``recsys`` standing for the program."""
    line = command.replace("recsys", RECSYS)
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, stdin=subprocess.DEVNULL, check=False, env=os.environ | environment
    )


def test_a_pipe_that_closes_after_a_line_is_no_error(trained: Session):
    # Quiet, so that standard error is for errors alone, whether or not a model has to be trained first.
    command = f"recsys recommend films --all -k 50 --csv --quiet --home {trained.home.root}"
    done = shell(f"{command} | head -1; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"user,item,rank,score,history\n", b"")


def test_what_is_piped_is_utf_8_whatever_the_locale(tmp_path: Path):
    source = tmp_path / "data.csv"
    source.write_text(ROWS, encoding="utf-8")
    done = shell(f"recsys inspect {source} --json", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr.decode()
    assert "Reading" in done.stderr.decode("utf-8")
    assert "…" in done.stderr.decode("utf-8")
    assert json.loads(done.stdout.decode("utf-8"))["users"] == 2


def test_a_file_name_that_is_not_utf_8(tmp_path: Path):
    source = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.csv"))
    try:
        source.write_text(ROWS, encoding="utf-8")
    except OSError:
        pytest.skip("this file system takes only names in UTF-8")
    for _ in range(2):  # the second time from the workspace
        done = shell(f"cd {tmp_path}; recsys inspect $'\\xff.csv' --json")
        assert done.returncode == 0, done.stderr.decode()
        assert json.loads(done.stdout)["interactions"] == 3


@pytest.mark.parametrize(
    "arguments", [["inspect", "films", "--home", "~nobody-of-that-name/x"], ["inspect", "~no-b0dy/x"]]
)
def test_the_home_of_nobody_is_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "~no" in captured.err


@pytest.mark.parametrize(
    ("arguments", "columns"),
    [
        (["doctor"], ["what", "found"]),
        (["workspace", "path", "films"], ["workspace", "path", "exists"]),
        (["workspace", "list"], ["key", "path", "bytes", "models", "used", "mapping"]),
        (["datasets", "list"], ["name", "about", "kind", "path", "download_bytes"]),
        (["inspect", "films"], ["role", "column", "confidence", "why"]),
    ],
)
def test_csv_is_a_table_with_a_header(arguments: list[str], columns: list[str], capsys: pytest.CaptureFixture[str]):
    assert main([*arguments, "--csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == columns
    assert {len(row) for row in rows} == {len(columns)}
