"""Errors that nobody foresaw: what a person can do something about is said, the details of others are in the log."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from recsys_tui.store.home import Home
from recsys_tui.store.unforeseen import is_told, sentence_of

PANIC = type("PanicException", (BaseException,), {})


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "/data/x"), "/data/x may not be read or written"),
        (OSError(errno.ENOSPC, "No space left on device", "/data/x"), "The disk is full: /data/x"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (OSError(errno.ELOOP, "Too many levels of symbolic links", "/data/x"), "Too many levels of symbolic links"),
        (FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"), "TMPDIR"),
        (MemoryError(), "Memory ran out"),
        (ImportError("libx.so: failed to map segment from shared object"), "Memory ran out"),
        (RuntimeError("can't start new thread"), "start no more threads"),
    ],
)
def test_what_a_person_can_do_something_about_is_said(tmp_path: Path, error: BaseException, said: str):
    home = Home(tmp_path / "home")
    assert said in sentence_of(error, lambda: home)
    assert not home.log_path.exists()


@pytest.mark.parametrize(
    "error", [ValueError("what is secret"), PANIC("what is secret"), PermissionError(errno.EACCES, "what is secret", 3)]
)
def test_the_details_of_others_are_in_the_log(tmp_path: Path, error: BaseException):
    home = Home(tmp_path / "home")
    sentence = sentence_of(error, lambda: home)
    assert type(error).__name__ in sentence
    assert str(home.log_path) in sentence
    assert "secret" not in sentence
    assert "what is secret" in home.log_path.read_text()


def test_what_ends_programs_is_no_error():
    assert is_told(ValueError())
    assert is_told(PANIC())
    assert not is_told(KeyboardInterrupt())
    assert not is_told(SystemExit())


def test_of_a_file_of_another_account_it_is_said_whose_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "recent.json"
    path.touch()
    error, home = PermissionError(errno.EACCES, "Permission denied", str(path)), Home(tmp_path / "home")
    assert "belongs to" not in sentence_of(error, lambda: home)
    owner = path.owner()
    monkeypatch.setattr("os.geteuid", lambda: path.stat().st_uid + 1)
    assert f"{path} belongs to the account {owner} and may not be read or written" in sentence_of(error, lambda: home)
