"""The copy that is kept of what came through standard input: a file in a folder that is named by its contents."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from pathlib import Path

from recsys_tui.store.kept_copies import was_rewritten

NAME = "input"


def name_of(content: bytes) -> str:
    """How the folder of a copy is called."""
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def is_as_piped(path: Path, root: Path) -> bool:
    """Whether a copy, which may lie behind a link by now, holds what came, as the name of its folder tells, or what was
    left of that when people were taken out. ``root``: the home folder."""
    if not path.is_file():
        return False
    content = path.read_bytes()
    return name_of(content) == path.parent.name or was_rewritten(root, content)


def remove_piped(path: Path, root: Path) -> None:
    """Remove a copy with its folder. Where either was moved and a link left in its place, the copy goes where it lies,
    unless it is something else by now. Raises ``OSError``."""
    folder = path.parent
    if path.is_symlink() and is_as_piped(path, root):
        path.resolve().unlink()
    if not folder.is_symlink():
        shutil.rmtree(folder)
        return
    if path.is_symlink() or is_as_piped(path, root):
        path.unlink()
    with suppress(OSError):  # what else lies there is not the program's own
        folder.resolve().rmdir()
    folder.unlink()
