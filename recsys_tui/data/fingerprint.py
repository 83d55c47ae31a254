"""Noticing that files changed: a cheap stamp of how they look, and a fingerprint of what they hold."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from recsys_tui.data.folder_listing import data_files, tables_in


def stamp(files: Iterable[Path]) -> dict[str, list[int]]:
    """Size in bytes and time of change in nanoseconds of each file; what is missing, or no file, is left out."""
    result = {}
    for path in files:
        try:
            status = path.stat()
        except OSError:
            continue
        if not stat.S_ISREG(status.st_mode):
            continue
        result[str(path)] = [status.st_size, status.st_mtime_ns]
    return result


def stamp_of(path: Path) -> dict[str, list[int]]:
    """The stamp of a file, or of the tables of a folder; empty where it may not be read."""
    try:
        return stamp(tables_in(path) if path.is_dir() else [path])
    except OSError:
        return {}


def stamp_around(path: Path) -> dict[str, list[int]]:
    """The stamp of what reading a path would find: a file and those beside it, or the tables of a folder."""
    try:
        return stamp(tables_in(path) if path.is_dir() else [path, *data_files(path.parent)])
    except OSError:
        return {}


def unlike(fingerprint: str) -> str:
    """What stands for files that changed while they were read: the fingerprint of no contents."""
    return hashlib.blake2b(f"{fingerprint} changed".encode(), digest_size=16).hexdigest()


def names_stamp(folder: Path) -> list[int]:
    """How many files of a folder could hold data, and a checksum of their names; empty where it may not be read."""
    try:
        names = [os.fsencode(path.relative_to(folder)) for path in tables_in(folder)]
    except OSError:
        return []
    digest = hashlib.blake2b(b"\0".join(names), digest_size=6).digest()
    return [len(names), int.from_bytes(digest, "big")]


def fingerprint(files: Iterable[Path]) -> str:
    """BLAKE2b over names and contents of the files, 32 hexadecimal digits.

    Raises ``OSError`` for what is missing or no file, such as a pipe, whose reader would wait for a writer.
    """
    total = hashlib.blake2b(digest_size=16)
    for path in files:
        with open(path, "rb", opener=_at_once) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), str(path))
            inner = hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16))
        total.update(path.name.encode("utf-8", "surrogateescape") + b"\0" + inner.digest())
    return total.hexdigest()


def _at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
