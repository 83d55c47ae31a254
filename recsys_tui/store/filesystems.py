"""On which file system a path lies, known again after it was unmounted too: whether a file is gone, or its medium."""

from __future__ import annotations

import os
import re
from pathlib import Path

MOUNTS, IN_MEMORY = Path("/proc/mounts"), ("tmpfs", "ramfs")
MEMORY = "memory"  # any file system that is in memory, and not there any more once that is
_OCTAL_PATTERN = re.compile(r"\\([0-7]{3})")  # how a blank of a path is written there


def filesystem_of(path: Path) -> str:
    """By what the file system of a path that is there is known again; ``MEMORY`` of one in memory, of which nothing is
    left once it is unmounted. Raises ``OSError``."""
    return MEMORY if _type_of(path.resolve()) in IN_MEMORY else f"{os.statvfs(path).f_fsid:x}"


def _type_of(path: Path) -> str:
    """What kind the file system of a path without links is, as Linux tells it; else nothing."""
    try:
        mounts = [line.split() for line in MOUNTS.read_text("utf-8", "surrogateescape").splitlines()]
    except OSError:
        return ""
    own, found = (path, *path.parents), [(0, "")]
    for _, where, kind, *_ in mounts:  # of those at one place the last is on top
        place = Path(_OCTAL_PATTERN.sub(_character, where))
        if place in own and len(place.parts) >= found[-1][0]:
            found.append((len(place.parts), kind))
    return found[-1][1]


def _character(octal: re.Match[str]) -> str:
    return chr(int(octal[1], 8))
