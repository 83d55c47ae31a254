"""Reading what is piped in: whole, or not at all where it has no end."""

from __future__ import annotations

import io
import os
import sys
from typing import BinaryIO

from recsys_tui.output.errors import UserError

PIECE = 1 << 20
SHARE_OF_MEMORY = 4


def read_standard_input() -> bytes:
    """Everything that comes through standard input.

    Raises ``UserError`` (exit 2) where nothing comes, where it is closed, and where it holds too much.
    """
    content = b"" if sys.stdin is None else read_pipe(sys.stdin.buffer)
    if not content:
        raise UserError("store.nothing_piped")
    return content


def read_pipe(stream: BinaryIO) -> bytes:
    """Everything that comes through a pipe. Raises ``UserError`` (exit 2) beyond a quarter of the machine's memory:
    a pipe without an end would take all of it."""
    most = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // SHARE_OF_MEMORY
    content = io.BytesIO()
    while piece := stream.read(PIECE):
        content.write(piece)
        if content.tell() > most:
            raise UserError("cli.too_much_piped", size=f"{most / 1e9:.1f}")
    return content.getvalue()
