"""What a shell does to a program: closed and full streams, other locales, odd names; and interrupts while training."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from recsys_tui.cli import training_progress
from recsys_tui.cli.entry import main
from recsys_tui.cli.training_progress import train_now
from recsys_tui.output.console import Console, OutputOptions
from recsys_tui.training.events import SAVED, STAGE_FINISHED, STOPPED, TrainingEvent
from recsys_tui.training.job import TrainingRequest

RECSYS = f"{sys.executable} -m recsys_tui"
ROWS = "user,item,title\na,1,Amélie\nb,1,Amélie\na,2,Heat\n"


def shell(command: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of the shell, ``recsys`` standing for the program."""
    line = command.replace("recsys", RECSYS)
    return subprocess.run(
        ["bash", "-c", line], capture_output=True, stdin=subprocess.DEVNULL, check=False, env=os.environ | environment
    )


@pytest.mark.parametrize(
    "command",
    ["recsys datasets list --json", "recsys --help", "recsys recommend --help", "recsys --version"],
)
def test_a_pipe_that_closes_early_is_no_error(command: str):
    done = shell(f"{command} | true; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (0, b"")
    done = shell(f"{command} | head -1; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full to stand for a full disk")
@pytest.mark.parametrize("command", ["recsys datasets list --json", "recsys --help", "recsys inspect --help"])
def test_a_full_disk_behind_a_redirect_is_one_sentence(command: str):
    done = shell(f"{command} >/dev/full")
    assert done.returncode == 1
    assert done.stderr.decode().count("\n") == 1
    assert b"Standard output could not be written" in done.stderr


def test_without_standard_error_the_exit_code_still_speaks():
    assert shell("recsys inspect no-such-data 2>&-").returncode == 2
    assert shell("recsys datasets list 2>&-").returncode == 0


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
        (["workspace", "list"], ["key", "path", "bytes", "models", "used"]),
        (["datasets", "list"], ["name", "about", "path"]),
        (["inspect", "films"], ["role", "column", "confidence", "why"]),
    ],
)
def test_csv_is_a_table_with_a_header(arguments: list[str], columns: list[str], capsys: pytest.CaptureFixture[str]):
    assert main([*arguments, "--csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows[0] == columns
    assert {len(row) for row in rows} == {len(columns)}


class Job:
    """A job that plays a script of events; like the real one it says ``stopped`` once it was discarded."""

    def __init__(self, *kinds: str) -> None:
        self.script = iter([TrainingEvent(kind, "deep") for kind in kinds])
        self.stops = self.discards = 0

    def start(self) -> None:
        """There is no child to start."""

    def events(self) -> Iterator[TrainingEvent]:
        yield from self.script

    def stop(self) -> None:
        self.stops += 1

    def discard(self) -> None:
        self.discards += 1
        self.script = iter([TrainingEvent(STOPPED)])


def train_with(job: Job, monkeypatch: pytest.MonkeyPatch, interrupts: set[int], stored: object) -> Any:
    """Train with a scripted job; a ^C arrives while the events of these places (from 1) are shown."""
    shown = []

    def tell(event: TrainingEvent, _console: Console) -> None:
        shown.append(event)
        if len(shown) in interrupts:
            raise KeyboardInterrupt

    monkeypatch.setattr(training_progress, "_tell_line", tell)
    session: Any = SimpleNamespace(training_job=lambda _request: job, name="films", model_info=lambda *_: stored)
    return train_now(session, TrainingRequest(), Console(OutputOptions(quiet=True)))


def test_an_interrupt_while_progress_is_shown_keeps_the_best_so_far(monkeypatch: pytest.MonkeyPatch):
    stored = SimpleNamespace(manifest={"validation": {"ndcg@10": 0.5}})
    job = Job(STAGE_FINISHED, STAGE_FINISHED, SAVED)
    assert train_with(job, monkeypatch, {1}, stored) is stored
    assert job.stops == 1


def test_a_second_interrupt_discards(monkeypatch: pytest.MonkeyPatch):
    job = Job(STAGE_FINISHED, STAGE_FINISHED, STAGE_FINISHED, STOPPED)
    older = SimpleNamespace(manifest={"validation": {"ndcg@10": 0.5}})
    with pytest.raises(KeyboardInterrupt):
        train_with(job, monkeypatch, {1, 2}, older)
    assert job.stops == 1
    assert job.discards >= 1


def test_stopped_before_there_was_anything_to_keep(monkeypatch: pytest.MonkeyPatch):
    job = Job(STAGE_FINISHED, STOPPED)
    with pytest.raises(KeyboardInterrupt):
        train_with(job, monkeypatch, {1}, None)
    assert job.stops == 1
