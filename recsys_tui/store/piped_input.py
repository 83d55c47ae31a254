"""The copy that is kept of what came through standard input: a file in a folder that is named by its contents."""

from __future__ import annotations

import hashlib
import re
import shutil
from contextlib import suppress
from pathlib import Path

from recsys_tui.store.atomic_files import PARTIAL_SUFFIX
from recsys_tui.store.kept_copies import was_rewritten

NAME = "input"
_OWN_NAME = re.compile("[0-9a-f]{16}")


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


def is_own(folder: Path, root: Path) -> bool:
    """Whether a folder of copies is one that was made for a copy, and holds it alone, or the beginning of it that was
    left by who died. ``root``: the home folder. Raises ``OSError``."""
    if not _OWN_NAME.fullmatch(folder.name):
        return False
    copies = [path for path in folder.iterdir() if not _is_begun(path)]
    return all(path.name == NAME and is_as_piped(path, root) for path in copies)


def _is_begun(path: Path) -> bool:
    return path.name.startswith(f".{NAME}.") and path.suffix == PARTIAL_SUFFIX


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
