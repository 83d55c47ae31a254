"""The log of errors: for its owner's eyes, in the home folder alone, and never waited for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from recsys_tui.store.error_log import log_error
from recsys_tui.store.field_scan import Sought
from recsys_tui.store.home import Home
from recsys_tui.store.scrubbing import scrub_errors


def test_it_is_appended_to_and_private(home: Home):
    assert log_error(home, ValueError("one")) == log_error(home, ValueError("two")) == str(home.log_path)
    assert [home.log_path.read_text().count(f"ValueError: {word}") for word in ("one", "two")] == [1, 1]
    assert stat.S_IMODE(home.log_path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["pipe", "link", "folder", "device"])
def test_what_is_no_file_is_left_alone(home: Home, tmp_path: Path, kind: str):
    mine = tmp_path / "mine.txt"
    mine.write_text("mine u1")
    home.log_path.parent.mkdir(parents=True)
    if kind == "pipe":
        os.mkfifo(home.log_path)  # opened in the plain way it waits for somebody who reads
    elif kind == "folder":
        home.log_path.mkdir()
    else:
        home.log_path.symlink_to(mine if kind == "link" else "/dev/zero")
    assert log_error(home, ValueError("one")) is None
    assert scrub_errors(home.log_path, Sought(("u1",))) == 0
    assert mine.read_text() == "mine u1"
