"""The copy that is kept of what came through standard input: a file in a folder that is named by its contents."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from pathlib import Path

NAME = "input"


def name_of(content: bytes) -> str:
    """How the folder of a copy is called."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def is_as_piped(path: Path) -> bool:
    """Whether a copy, which may lie behind a link by now, holds what came: the name of its folder tells."""
    return path.is_file() and name_of(path.read_bytes()) == path.parent.name


def remove_piped(path: Path) -> None:
    """Remove a copy with its folder. Where either was moved and a link left in its place, the copy goes where it lies,
    unless it is something else by now. Raises ``OSError``."""
    folder = path.parent
    if path.is_symlink() and is_as_piped(path):
        path.resolve().unlink()
    if not folder.is_symlink():
        shutil.rmtree(folder)
        return
    if path.is_symlink() or is_as_piped(path):
        path.unlink()
    with suppress(OSError):  # what else lies there is not the program's own
        folder.resolve().rmdir()
    folder.unlink()
