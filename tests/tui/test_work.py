"""The thread of the session: it reads while the views are put in place, and tells what it found when they are there."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.message import Message

from recsys_tui.output.errors import UserError
from recsys_tui.recommend.reading_ahead import ReadingAhead
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.tui.messages import ColumnsUnclear, DataReady, LoadStep
from recsys_tui.tui.work import SessionWork


class Views(threading.Event):
    """Set when all views are there; notes that somebody waits for them."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_for = False

    def wait(self, timeout: float | None = None) -> bool:
        self.waited_for = True
        return super().wait(timeout)


class Reading:
    """Data that is opened on a thread of its own, and what was posted of it."""

    def __init__(self, open_session: Callable[..., Session]) -> None:
        self.posted: list[Message] = []
        self.there, self.raised = Views(), list[UserError]()
        self.work = SessionWork(open_session, self.posted.append, there=self.there)
        self.thread = threading.Thread(target=self._load, daemon=True)
        self.thread.start()

    def _load(self) -> None:
        try:
            self.work.load()
        except UserError as error:
            self.raised.append(error)

    def told(self, kind: type[Message]) -> list[Message]:
        return [message for message in self.posted if isinstance(message, kind)]

    def end(self) -> None:
        self.thread.join(30)
        assert not self.thread.is_alive()


def opening(path: str | Path, home: Path) -> Callable[..., Session]:
    return lambda progress: Session.open(str(path), home=Home(home), progress=progress)


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_was_read_is_told_when_the_views_are_there(tmp_path: Path):
    reading = Reading(opening("films", tmp_path))
    until(lambda: reading.there.waited_for)
    assert reading.told(LoadStep)
    assert not reading.told(DataReady)
    reading.there.set()
    reading.end()
    assert len(reading.told(DataReady)) == 1


@pytest.mark.parametrize("abandoned", [False, True])
def test_a_failure_waits_too_and_is_none_once_other_data_is_open(tmp_path: Path, abandoned: bool):
    (tmp_path / "bad.csv").write_bytes(b"\x00\x01\x02" * 100)
    reading = Reading(opening(tmp_path / "bad.csv", tmp_path / "home"))
    until(lambda: reading.there.waited_for)
    assert not reading.raised
    reading.work.abandoned = abandoned
    reading.there.set()
    reading.end()
    assert len(reading.raised) == (0 if abandoned else 1)
    assert not reading.told(DataReady)


def test_columns_that_are_unclear_are_told_when_the_views_are_there(tmp_path: Path):
    (tmp_path / "riddle.csv").write_text("a,b,c\n" + "".join(f"{n},{n},{n}\n" for n in range(30)))
    reading = Reading(opening(tmp_path / "riddle.csv", tmp_path / "home"))
    until(lambda: reading.there.waited_for)
    assert not reading.told(ColumnsUnclear)
    reading.there.set()
    reading.end()
    assert len(reading.told(ColumnsUnclear)) == 1


def test_nobody_waits_for_views_of_data_that_was_left(tmp_path: Path):
    reading = Reading(opening("films", tmp_path))
    reading.work.abandoned = True
    reading.end()
    assert not reading.told(DataReady)


def test_what_is_abandoned_before_its_process_began_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    begun: list[ReadingAhead] = []

    def begin_late(session: Session) -> ReadingAhead:
        reading.work.abandon()  # other data is opened just now
        begun.append(ReadingAhead(session))
        return begun[0]

    monkeypatch.setattr(ReadingAhead, "where_worthwhile", begin_late)
    held = threading.Event()

    def opened(progress: Callable[..., None]) -> Session:
        held.wait(30)
        return Session.open("films", home=Home(tmp_path), progress=progress)

    reading = Reading(opened)
    held.set()
    reading.end()
    assert begun[0]._process.returncode is not None
    assert not reading.told(DataReady)
