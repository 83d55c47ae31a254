"""What copies of data that the program keeps hold since people were taken out of them.

The name of a copy tells what came, so that one which lies behind a link is known from what is something else by now;
a mark in the home folder tells the same of what was left of it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from recsys_tui.store.atomic_files import write_bytes

_MARKS = Path("state", "rewritten")


def note_rewritten(root: Path, content: bytes) -> None:
    """Note, before it is written, what is left of a copy. ``root``: the home folder. Raises ``UserError`` (exit 1)."""
    write_bytes(_mark(root, content), b"")


def was_rewritten(root: Path, content: bytes) -> bool:
    """Whether somebody was taken out of a copy so that this was left of it."""
    return _mark(root, content).is_file()


def name_of_added(content: bytes) -> str:
    """What of the name of an added file tells what was added."""
    return hashlib.blake2b(content, digest_size=6).hexdigest()


def is_as_added(path: Path, root: Path) -> bool:
    """Whether an added file, which may lie behind a link by now, holds what was added, as its name tells, or what was
    left of that when people were taken out. ``root``: the home folder."""
    content = path.read_bytes()
    return name_of_added(content) in path.name or was_rewritten(root, content)


def _mark(root: Path, content: bytes) -> Path:
    return root / _MARKS / hashlib.blake2b(content, digest_size=16).hexdigest()
