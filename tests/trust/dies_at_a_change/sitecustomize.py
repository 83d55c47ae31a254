"""On the path of a program this ends it, as by ``kill -9``, right before one of its changes of a folder.

``KILL_FOLDER``: which folder. ``KILL_AT``: before which change, from 1. ``KILL_COUNT``: a file that each process of the
program writes the number of its changes to, for whoever chooses.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys

FOLDER = os.environ["KILL_FOLDER"]
AT = int(os.environ.get("KILL_AT", "0"))
COUNT = os.environ.get("KILL_COUNT")
CHANGES = frozenset(f"os.{name}" for name in ("rename", "remove", "mkdir", "rmdir", "chmod", "truncate"))
CHANGES |= {"shutil.rmtree", "sqlite3.connect"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
seen = 0


def _within(path: object) -> bool:
    return isinstance(path, str | bytes | os.PathLike) and os.fsdecode(path).startswith(FOLDER)


def _watch(event: str, arguments: tuple[object, ...]) -> None:
    global seen  # noqa: PLW0603 - a hook cannot be given anything
    if event == "open":
        path, _, flags = arguments
        changes = isinstance(flags, int) and bool(flags & WRITING)
    else:
        path, changes = arguments[0] if arguments else None, event in CHANGES
    if changes and _within(path):
        seen += 1
        if seen == AT:
            os.kill(os.getpid(), signal.SIGKILL)


def _tell() -> None:
    with open(str(COUNT), "a") as stream:  # noqa: PTH123 - before anything is imported
        stream.write(f"{seen}\n")


if COUNT:
    atexit.register(_tell)
sys.addaudithook(_watch)
