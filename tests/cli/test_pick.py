"""``pick-user`` and ``pick-item`` in a pseudo-terminal: painted to standard error, the id on standard output."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager

import jsonschema
import pytest

from recsys_tui.cli.entry import main
from recsys_tui.output.schema_files import load_schema
from recsys_tui.recommend.session import Session

PATIENCE = 60.0


class Picking:
    """A picker that runs: what it painted so far, and keys for it."""

    def __init__(self, *arguments: str) -> None:
        self.screen, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "recsys_tui", *arguments],
            stdin=slave,
            stdout=subprocess.PIPE,
            stderr=slave,
            text=True,
            env=os.environ | {"TERM": "xterm-256color"},
        )
        os.close(slave)
        self.painted = ""

    def until(self, pattern: str) -> None:
        """Wait until a pattern was painted since the last key."""
        deadline = time.monotonic() + PATIENCE
        while not re.search(pattern, self.painted):
            left = deadline - time.monotonic()
            assert left > 0, f"{pattern!r} never came: {self.painted[-2_000:]!r}"
            if select.select([self.screen], [], [], min(left, 0.2))[0]:
                try:
                    self.painted += os.read(self.screen, 1 << 16).decode("utf-8", "replace")
                except OSError:
                    pytest.fail(f"it ended: {self.painted[-2_000:]!r}")

    def press(self, keys: bytes) -> None:
        self.painted = ""
        os.write(self.screen, keys)

    def end(self) -> tuple[int, str]:
        """The exit code and what was printed."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None and time.monotonic() < deadline:
            if select.select([self.screen], [], [], 0.05)[0]:
                try:
                    os.read(self.screen, 1 << 16)
                except OSError:
                    break
        printed, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, printed


def check(document: dict, name: str) -> None:
    jsonschema.validate(document, load_schema(name), jsonschema.Draft202012Validator)


@contextmanager
def picking(*arguments: str) -> Iterator[Picking]:
    """A picker that is gone afterwards."""
    running = Picking(*arguments)
    try:
        yield running
    finally:
        if running.process.poll() is None:
            running.process.kill()
        running.process.communicate()
        os.close(running.screen)


def test_a_user_is_picked_and_nothing_but_the_id_is_printed(trained: Session):
    with picking("pick-user", "films", "--home", str(trained.home.root)) as running:
        running.until("1,500 match")
        running.press(b"742")
        running.until(r" 1 match")
        running.press(b"\r")
        assert running.end() == (0, "742\n")


def test_an_item_is_picked_by_its_title(trained: Session):
    with picking("pick-item", "films", "--json", "--home", str(trained.home.root)) as running:
        running.until("1,200 match")
        running.press(b"tango tilda 1969")
        running.until(r" 1 match")
        running.press(b"\r")
        code, printed = running.end()
    document = json.loads(printed)
    check(document, "pick")
    assert (code, document) == (0, {"kind": "item", "id": "17"})


@pytest.mark.parametrize("key", [b"\x1b", b"\x03"], ids=["escape", "ctrl+c"])
def test_giving_up_prints_nothing(trained: Session, key: bytes):
    with picking("pick-user", "films", "--home", str(trained.home.root)) as running:
        running.until("1,500 match")
        running.press(key)
        assert running.end() == (130, "")


def test_without_a_terminal_it_is_refused(trained: Session, capsys: pytest.CaptureFixture[str]):
    for command in ("pick-user", "pick-item"):
        assert main([command, "films", "--home", str(trained.home.root)]) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert "no terminal" in captured.err


def test_data_that_is_not_there_is_refused_before_the_screen_is_taken():
    with picking("pick-item", "no-such-data") as running:
        running.until("no-such-data")
        assert "\x1b[?1049h" not in running.painted
        assert running.end() == (2, "")
