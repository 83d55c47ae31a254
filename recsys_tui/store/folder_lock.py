"""One writer at a time in a workspace: a lock that says who holds it, and that a dead process cannot keep."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.atomic_files import FILE_MODE, make_private_folder, read_json, told_apart

PAUSE = 0.05


@contextmanager
def folder_lock(path: Path, purpose: str, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock file ``path`` exclusively, waiting up to ``wait`` seconds for another process.

    The system frees the lock when its holder ends, however it ends. Raises ``UserError`` (exit 1) naming the holder.
    """
    with told_apart(path):
        make_private_folder(path.parent)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
    try:
        deadline = time.monotonic() + wait
        while not _taken(descriptor):
            if time.monotonic() >= deadline:
                raise _busy(path)
            time.sleep(PAUSE)
        holder = {"pid": os.getpid(), "purpose": purpose, "since": datetime.now().isoformat(" ", "seconds")}
        content = json.dumps(holder).encode()
        with told_apart(path):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, content, 0)
        yield
    finally:
        os.close(descriptor)


def is_locked(path: Path) -> bool:
    """Whether another process holds the lock now."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        return not _taken(descriptor)
    finally:
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy(path: Path) -> UserError:
    holder = read_json(path) or {}
    fields = {name: holder.get(name, "?") for name in ("pid", "purpose", "since")}
    return UserError("store.locked", ExitCode.FAILED, **fields)
