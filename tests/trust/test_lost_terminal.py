"""Commands whose terminal goes away, with a signal or without, and those that somebody ends: a clear end, nothing runs
on, the next start works. What the workbench does then stands in ``tests/tui/test_leaving.py``."""

from __future__ import annotations

import errno
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recsys_tui.cli.entry import main
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from tests.trust.killing import descendants, wait_for

PROGRAM = [sys.executable, "-m", "recsys_tui"]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text("user,item\n" + "".join(f"u{n % 7},i{n % 5}\n" for n in range(35)))
    return path


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_training_that_is_ended_from_outside(data: Path, home: Home, how: signal.Signals):
    """The signal ends the command at once; its child hears of it and ends by itself."""
    process = subprocess.Popen(
        [*PROGRAM, "train", str(data), "--preset", "standard", "-q", "--home", str(home.root)],
        preexec_fn=lambda: signal.signal(how, signal.SIG_DFL),  # type: ignore[misc]  # noqa: PLW1509
    )
    while not (below := descendants(process.pid)):
        assert process.poll() is None, "it ended before its child was seen"
        time.sleep(0.01)
    process.send_signal(how)
    assert process.wait(20) == -how
    wait_for(below)
    assert Session.open(data, home=home).dataset.user_count == 7


def test_writing_to_a_terminal_that_is_gone_is_told_as_that(home: Home, monkeypatch: pytest.MonkeyPatch):
    def lost(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(Session, "open", lost)
    assert main(["inspect", "films"]) == 1
    assert not home.log_path.exists()


def test_a_terminal_that_is_gone_without_a_word_is_no_unforeseen_error(data: Path, home: Home):
    """Where the signal is held back, as by ``nohup``."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, "inspect", str(data), "--home", str(home.root)],
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),  # noqa: PLW1509
    )  # fmt: skip
    os.close(theirs)
    os.close(ours)
    assert process.wait(60) == 1
    assert not home.log_path.exists()
    assert Session.open(data, home=home).dataset.user_count == 7


def test_a_picker_ends_and_gives_the_terminal_back(data: Path, home: Home):
    """By a signal, and where the terminal goes away without a word: with the code of an interrupt, and at once."""
    command = [*PROGRAM, "pick-user", str(data), "--home", str(home.root)]
    for lost in (False, True):
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            command, stdin=theirs, stdout=subprocess.DEVNULL, stderr=theirs, start_new_session=True,
            env=os.environ | {"TERM": "xterm-256color"},
        )  # fmt: skip
        os.close(theirs)
        painted = b""
        while b"u6" not in painted:  # everybody is listed
            painted += os.read(ours, 65_536)
        if lost:
            os.close(ours)
        else:
            process.send_signal(signal.SIGTERM)
            while b"\x1b[?1049l" not in painted:  # the screen is what it was
                painted += os.read(ours, 65_536)
            os.close(ours)
        assert process.wait(20) == 130


def test_a_loop_that_is_held_up_when_the_terminal_goes_does_not_keep_the_process(tmp_path: Path):
    """As painting does: what is written to a terminal that is gone waits for ever."""
    program = (
        "import asyncio, sys, time\nfrom recsys_tui.tui.outside import hear_outside\n"
        "async def held_up():\n    hear_outside(lambda: None)\n    sys.stdout.write('held')\n    sys.stdout.flush()\n"
        "    time.sleep(120)\n"
        "asyncio.run(held_up())\n"
    )
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    assert os.read(ours, 100) == b"held"
    os.close(ours)
    assert process.wait(20) == 130
