"""The session's thread: whatever a task stumbles over is told in one sentence, and the next task runs."""

from __future__ import annotations

import errno
import threading

import pytest

from recsys_tui.store.home import Home
from recsys_tui.tui.background import WorkerThread
from recsys_tui.tui.messages import WorkFailed

PANIC = type("PanicException", (BaseException,), {})


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "/data/x"), "/data/x may not be read or written"),
        (PANIC("index out of range"), "PanicException"),
    ],
)
def test_a_task_that_fails_is_told_and_the_next_one_runs(home: Home, error: BaseException, said: str):
    told: list[object] = []
    ran = threading.Event()

    def fail() -> None:
        raise error

    worker = WorkerThread("worker", told.append, home)
    worker.submit(fail)
    worker.submit(ran.set)
    assert ran.wait(10)
    (failed,) = told
    assert isinstance(failed, WorkFailed)
    assert said in failed.sentence
