"""Writing so that a crash at any moment leaves the old content or the new, never half of it."""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from recsys_tui.output.errors import ExitCode, UserError

FILE_MODE = 0o600
FOLDER_MODE = 0o700
PARTIAL_SUFFIX = ".partial"
# Of the name of a file in that of the hidden one in which it comes to be, which systems limit too: to 255 bytes mostly.
NAME_BYTES = 120
# Of a small file: as JSON it may take thirty times as much memory. The largest holds a mark of 70 bytes for everybody
# who is forgotten, or 200 bytes for every export.
MOST_BYTES = 1 << 24
_SYSTEM_ERROR = re.compile(r"\(os error (\d+)\)|\bOs \{ code: (\d+)")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def make_private_folder(folder: Path) -> None:
    """Create a folder and its parents, each readable by its owner only (0700)."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(mode=FOLDER_MODE, exist_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file(path: Path) -> None:
    """Make a written file durable and private (0600)."""
    path.chmod(FILE_MODE)
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, content: bytes) -> None:
    """Replace a file's content atomically. Raises ``UserError`` (exit 1) for a full disk or a refused write."""
    write_file(path, lambda empty: empty.write_bytes(content))


def write_file(
    path: Path,
    fill: Callable[[Path], object],
    ready: Callable[[Path], object] | None = None,
    begun: Callable[[Path], object] | None = None,
) -> None:
    """Replace a file's content atomically by what ``fill`` writes into the empty file that it is called with.

    ``ready`` is called with the file that holds all of it, before that takes the other's place, ``begun`` with it
    before anything is in it. Raises as :func:`write_bytes`, and what they raise.
    """
    temporary = partial_beside(path)
    with told_apart(path):
        try:
            make_private_folder(path.parent)
            temporary.touch(FILE_MODE, exist_ok=False)
            if begun is not None:
                begun(temporary)
            fill(temporary)
            sync_file(temporary)
            if ready is not None:
                ready(temporary)
            temporary.replace(path)
            sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)


def partial_beside(path: Path) -> Path:
    """A hidden name of its own beside ``path``, under which what is to stand there comes to be, or goes.

    It begins with the other's, as far as that is not too long, so that there is room for it wherever there is for that.
    """
    name, encoded = path.name, os.fsencode(path.name)
    if len(encoded) > NAME_BYTES:
        name = encoded[:NAME_BYTES].decode("utf-8", "ignore")
    return path.with_name(f".{name}.{os.urandom(4).hex()}{PARTIAL_SUFFIX}")


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Replace a JSON file atomically."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    # The bytes of a file name that is not UTF-8 stand in it as lone surrogates, which JSON can only hold as escapes.
    write_bytes(path, text.encode("utf-8", "backslashreplace"))


def has_name(path: Path) -> bool:
    """Whether something is there, be it a link that leads nowhere. Raises ``OSError`` where nobody can tell."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def without_links(path: Path) -> Path:
    """Where a path leads to. As ``Path.resolve``, which refuses a link to itself; such a one leads to where it is."""
    return Path(os.path.realpath(path))


@contextmanager
def opened_regular(path: Path) -> Iterator[BinaryIO]:
    """A file, to be read. Raises ``ValueError`` for a folder, a pipe or what else would have its reader wait."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno in (errno.ENXIO, errno.ELOOP):  # a socket, a link to itself
            raise ValueError(path) from error
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(path)
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            yield stream
    finally:
        os.close(descriptor)


def check_access(folder: Path, path: Path) -> None:
    """Raise ``UserError`` (exit 1) where nothing may be written into a folder, or it may not be made; ``path``: what
    was to be written, as it was given. That is no matter of the home folder, of which writing itself would tell."""
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    if there.is_dir() and os.access(there, os.W_OK | os.X_OK):
        return
    reason = os.strerror(errno.EACCES if there.is_dir() else errno.ENOTDIR)
    raise UserError("cli.output_failed", ExitCode.FAILED, path=path, reason=reason)


def read_regular(path: Path) -> bytes:
    """The content of a small file. Raises ``ValueError`` for one that is far too large, which would take all memory,
    and for what is no file."""
    with opened_regular(path) as stream:
        if os.fstat(stream.fileno()).st_size > MOST_BYTES:
            raise ValueError(path)
        return stream.read()


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON object, or None where the file is missing, holds none or is far too large."""
    try:
        document = json.loads(read_regular(path))
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


@contextmanager
def read_apart(path: Path) -> Iterator[None]:
    """Turn the system's refusals while reading ``path`` into a sentence (``UserError``, exit 1)."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError("store.read_failed", ExitCode.FAILED, path=path, reason=reason) from error


@contextmanager
def told_apart(path: Path) -> Iterator[None]:
    """Turn the system's refusals while writing ``path`` into sentences (``UserError``, exit 1).

    Libraries that write in Rust raise errors of their own; the number of the system's error stands in their text.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        number = error.errno if isinstance(error, OSError) else None
        found = _SYSTEM_ERROR.search(str(error))
        if number is None and found:
            number = int(found[1] or found[2])
        if number is None and not isinstance(error, OSError):
            raise
        if number in _FULL:
            raise UserError("store.disk_full", ExitCode.FAILED, path=path) from error
        reason = os.strerror(number) if number is not None else str(error)
        if number in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise UserError("store.home_not_writable", ExitCode.FAILED, path=path.parent, reason=reason) from error
        raise UserError("store.write_failed", ExitCode.FAILED, path=path, reason=reason) from error
