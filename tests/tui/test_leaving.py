"""Leaving: Escape never does, ^C copies first, a signal ends the program and leaves all usable; the line on top."""

from __future__ import annotations

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual import events
from textual.widgets import Input

from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.tui.app import WorkbenchApp
from recsys_tui.tui.dialogs.choice import ChoiceDialog
from recsys_tui.tui.dialogs.help import HelpDialog
from recsys_tui.tui.dialogs.leave import DISCARDED, KEPT
from recsys_tui.tui.keymap.keys import MODES
from recsys_tui.tui.widgets.top_bar import TopBar
from tests.tui.test_workbench import FakeJobs, train_with_fake, until, workbench


async def test_escape_closes_what_is_open_and_never_quits(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        for key in ("question_mark", "colon", "T", "u", "o", "y"):
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) > 1)
            await pilot.press("escape")
            await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("escape", "escape")
        assert app.is_running
        assert app.return_value is None


async def test_a_key_that_comes_when_the_screens_are_gone_is_not_heard(trained: Session):
    async with workbench(trained, (80, 24)) as (app, _pilot):
        pass
    assert not app.screen_stack
    await app.on_event(events.Key("x", "x"))


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_leaving_asks_only_while_a_job_runs(trained: Session, key: str):
    async with workbench(trained, (80, 24)) as (app, pilot):
        await train_with_fake(app, pilot)
        await pilot.press(key)
        await until(pilot, lambda: isinstance(app.screen, ChoiceDialog))
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.is_running
    async with workbench(trained, (80, 24)) as (app, pilot):
        await pilot.press(key)
        await until(pilot, lambda: app.return_value is not None)
    assert app.return_value == 0


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
async def test_dialogs_do_not_keep_one_from_leaving(trained: Session, key: str):
    async with workbench(trained, (80, 24)) as (app, pilot):
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpDialog))
        await pilot.press(key)
        await until(pilot, lambda: app.return_value is not None)


async def test_control_c_copies_what_is_selected(trained: Session):
    async with workbench(trained, (80, 24)) as (app, pilot):
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpDialog))
        await pilot.press(*"model")
        app.screen.query_one(Input).select_all()
        await pilot.press("ctrl+c")
        await until(pilot, lambda: app.clipboard == "model")
        assert app.is_running
        assert isinstance(app.screen, HelpDialog)


@pytest.mark.parametrize("width", [120, 80, 60, 40])
async def test_the_line_on_top_of_every_mode(trained: Session, width: int):
    async with workbench(trained, (width, 24)) as (app, pilot):
        await train_with_fake(app, pilot)
        for number, mode in enumerate(MODES, 1):
            await pilot.press(str(number))
            await until(pilot, lambda mode=mode: app.mode == mode)
            line = app.screen.query_one(TopBar).render_line(0).text
            assert cell_len(line) <= width
            assert all(str(number) in line for number in range(1, 7))
            assert "▶ deep" in line
            if width >= 80:
                assert "films" in line
                assert "quick" in line
                assert app.state.model is not None
                assert app.state.model.device in line


async def test_the_line_on_top_follows_the_size_of_the_screen(trained: Session):
    async with workbench(trained, (120, 36)) as (app, pilot):
        await pilot.press("6")
        await pilot.resize_terminal(40, 12)
        await until(pilot, lambda: "6 Compare" in app.screen.query_one(TopBar).render_line(0).text)


@pytest.mark.parametrize("choice", [KEPT, DISCARDED])
async def test_leaving_begins_no_other_training(trained: Session, tmp_path: Path, choice: str):
    app = WorkbenchApp("films", None, Home(tmp_path / "fresh"))
    jobs = FakeJobs()
    app._jobs = jobs  # type: ignore[assignment]
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: jobs.calls == ["start quick"])
        app._work.session = trained  # type: ignore[union-attr]
        app._leaving(choice)
        app.on_training_ended()
        await pilot.pause(0.3)
    assert jobs.calls == ["start quick", {KEPT: "stop", DISCARDED: "discard"}[choice]]


async def test_only_a_terminal_that_was_there_can_be_lost(trained: Session, monkeypatch: pytest.MonkeyPatch):
    """Whoever drives the workbench without one is not ended with it, not even while it is taken down."""
    ended: list[int] = []
    monkeypatch.setattr(WorkbenchApp, "end_from_outside", lambda _self: ended.append(1))
    async with workbench(trained, (80, 24)) as (app, _pilot):
        app._tick()
    app._tick()
    assert ended == []


PROGRAM = [sys.executable, "-m", "recsys_tui", "open"]


def start(home: Path, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    """The program in a pseudo-terminal of its own: the process, and our end of the terminal."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "RECSYS_HOME": str(home), "TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(
        [*PROGRAM, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)
    return process, ours


def read_until(terminal: int, holds: Any, seconds: float = 60.0) -> bytes:
    """What was written until something holds of it."""
    written, deadline = b"", time.monotonic() + seconds
    while not holds(written):
        assert time.monotonic() < deadline, written[-2000:]
        if select.select([terminal], [], [], 0.1)[0]:
            written += os.read(terminal, 65_536)
    return written


def children(pid: int) -> list[int]:
    """Processes that train for a process."""
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(number) for number in found.stdout.split()]


def gone(pid: int) -> bool:
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False).stdout[:1] in (
        b"",
        b"Z",
    )


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, None])
def test_a_signal_or_a_lost_terminal_ends_it_and_leaves_all_usable(trained: Session, tmp_path: Path, how: int | None):
    """``None``: the terminal goes away without a word."""
    shutil.copytree(trained.home.root, tmp_path / "copy")
    process, terminal = start(tmp_path / "copy", "films", "--preset", "full")
    try:
        read_until(terminal, lambda written: b"films" in written)
        deadline = time.monotonic() + 60
        while not (training := children(process.pid)):
            assert time.monotonic() < deadline
            read_until(terminal, lambda _written: True)
            time.sleep(0.05)
        if how is None:
            os.close(terminal)
            process.wait(20)
        else:
            process.send_signal(how)
            while process.poll() is None:
                assert time.monotonic() < deadline
                if select.select([terminal], [], [], 0.1)[0]:
                    with suppress(OSError):  # it has closed its end
                        os.read(terminal, 65_536)
            assert process.returncode == 130
        deadline = time.monotonic() + 60
        while not all(gone(pid) for pid in training):
            assert time.monotonic() < deadline, "the training goes on"
            time.sleep(0.1)
    finally:
        process.kill()
        if how is not None:
            os.close(terminal)
    session = Session.open("films", home=Home(tmp_path / "copy"))
    recommender = session.recommender()
    assert recommender is not None
    assert recommender.recommend("42", 3).items
