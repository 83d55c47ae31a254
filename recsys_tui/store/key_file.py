"""Secret keys in the home folder: random, for their owner's eyes only, made once however many processes ask."""

from __future__ import annotations

import os
from pathlib import Path

from recsys_tui.store.atomic_files import read_regular, write_bytes

KEY_BYTES = 32


def read_key(path: Path) -> bytes | None:
    """The key in a file; None where there is none, or what is there is none."""
    try:
        key = read_regular(path)
    except (OSError, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def make_key(path: Path) -> None:
    """Write a new key, whole, 0600. For the holder of a lock. Raises ``UserError`` (exit 1) where nothing can be
    written."""
    write_bytes(path, os.urandom(KEY_BYTES))
