"""One writer at a time in a workspace: a lock that says who holds it, and that a dead process cannot keep."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import FileIO
from pathlib import Path

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.store.atomic_files import FILE_MODE, make_private_folder, read_json, told_apart

PAUSE = 0.05


@contextmanager
def folder_lock(path: Path, purpose: str, wait: float = 0.0) -> Iterator[None]:
    """Hold the lock file ``path`` exclusively, waiting up to ``wait`` seconds for another process.

    The system frees the lock when its holder ends, however it ends. A link in its place is not followed. Raises
    ``UserError`` (exit 1) naming the holder.
    """
    deadline = time.monotonic() + wait
    while True:
        with _opened(path) as file:
            if not taken(file.fileno()):
                if time.monotonic() >= deadline:
                    raise _busy(path)
                time.sleep(PAUSE)
            elif is_named(path, file.fileno()):
                holder = {"pid": os.getpid(), "purpose": purpose, "since": datetime.now().isoformat(" ", "seconds")}
                with told_apart(path):
                    file.truncate(0)
                    file.write(json.dumps(holder).encode())
                yield
                return


def _opened(path: Path) -> FileIO:
    with told_apart(path):
        make_private_folder(path.parent)
        return FileIO(os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE), "r+")


def is_named(path: Path, descriptor: int) -> bool:
    """Whether a file, or folder, is still the one under its name: where it was removed meanwhile, its lock says
    nothing."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def taken(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    """Take the lock of an open file, or folder, and say whether that was possible at once."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy(path: Path) -> UserError:
    holder = read_json(path) or {}
    fields = {name: holder.get(name, "?") for name in ("pid", "purpose", "since")}
    return UserError("store.locked", ExitCode.FAILED, **fields)
