"""Who works with a workspace for long: trainings and comparisons, many at a time, or one who changes all of it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.atomic_files import make_private_folder, told_apart
from recsys_tui.store.folder_lock import is_named, taken

PAUSE = 0.05
WAIT = 10.0


@contextmanager
def in_use(folder: Path, wait: float = WAIT) -> Iterator[None]:
    """Work with what is stored in a workspace's folder, beside others who do.

    Raises ``UserError`` (exit 1) while somebody has it alone.
    """
    with _held(folder, fcntl.LOCK_SH, wait, "forget.under_way"):
        yield


@contextmanager
def alone(folder: Path, refusal: str = "forget.in_use", wait: float = 0.0) -> Iterator[None]:
    """Have a workspace's folder for oneself. Raises ``UserError`` (exit 1), with the sentence ``refusal``, while
    anybody works with it, for longer than some seconds to ``wait``."""
    with _held(folder, fcntl.LOCK_EX, wait, refusal):
        yield


@contextmanager
def _held(folder: Path, kind: int, wait: float, refusal: str) -> Iterator[None]:
    """The system frees the lock, which is that of the folder itself, when its holder ends, however it ends."""
    deadline = time.monotonic() + wait
    while True:
        with told_apart(folder):
            make_private_folder(folder)
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            if not taken(descriptor, kind):
                if time.monotonic() >= deadline:
                    raise UserError(refusal, ExitCode.FAILED)
                time.sleep(PAUSE)
            elif is_named(folder, descriptor):
                yield
                return
        finally:
            os.close(descriptor)
