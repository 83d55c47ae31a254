"""Reading what is piped in: whole, or not at all where it has no end."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from recsys_tui.data.memory import free_memory
from recsys_tui.output.console import human_bytes
from recsys_tui.output.errors import ExitCode, UserError

PIECE = 1 << 20
# What is piped in may take of the memory that is free.
SHARE_OF_MEMORY = 4
# What short ids take as texts of Python, in a list, as many times the bytes of their lines.
TIMES_LISTED = 24
STANDARD_STREAM = "-"


def read_standard_input(read: Callable[[BinaryIO], bytes] | None = None) -> bytes:
    """Everything that comes through standard input, as :func:`read_pipe` or ``read`` takes it.

    Raises ``UserError`` (exit 2) where nothing comes, where it is closed, and where it holds too much.
    """
    content = b"" if sys.stdin is None else (read or read_pipe)(sys.stdin.buffer)
    if not content:
        raise UserError("store.nothing_piped")
    return content


def read_list(source: str) -> bytes:
    """A list of ids or pairs, from a file or from standard input (``-``).

    Raises ``UserError`` (exit 2) where it holds too much, ``OSError`` for a file that cannot be read.
    """
    if source == STANDARD_STREAM:
        return read_standard_input(_read_listed)
    path = Path(source)
    with path.open("rb") as stream:
        size, free = path.stat().st_size, free_memory()
        if free is not None and size * TIMES_LISTED > free:
            sizes = {"size": human_bytes(size), "most": human_bytes(free // TIMES_LISTED)}
            raise UserError("cli.list_too_large", ExitCode.USAGE, path=path, **sizes)
        return _read_listed(stream)


def read_pipe(stream: BinaryIO) -> bytes:
    """Everything that comes through a pipe. Raises ``UserError`` (exit 2) beyond a quarter of the memory that is free:
    a pipe without an end would take all of it."""
    return _read_up_to(_free() // SHARE_OF_MEMORY, stream, "cli.too_much_piped")


def _read_listed(stream: BinaryIO) -> bytes:
    """A list that comes through a pipe, which says no size, or from a device; no longer than one in a file may be."""
    return _read_up_to(_free() // TIMES_LISTED, stream, "cli.list_too_long")


def _free() -> int:
    free = free_memory()
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if free is None else free


def _read_up_to(most: int, stream: BinaryIO, message: str) -> bytes:
    content = io.BytesIO()
    while piece := stream.read(PIECE):
        content.write(piece)
        if content.tell() > most:
            raise UserError(message, ExitCode.USAGE, most=human_bytes(most))
    return content.getvalue()
