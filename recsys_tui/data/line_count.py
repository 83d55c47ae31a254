"""Counting the lines of text files, to show how much there is while it is still being read."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from recsys_tui.data.readers.delimited import is_text
from recsys_tui.data.readers.encodings import decode_text
from recsys_tui.data.readers.file_content import FileContent

BLOCK = 1 << 22
SECONDS_BETWEEN_REPORTS = 0.1


def count_lines(
    paths: Sequence[Path], tell: Callable[[int, float], object], stopped: Callable[[], bool] = lambda: False
) -> int | None:
    """Count the line ends of plain text files; None where one is compressed or no text.

    ``tell`` gets the lines so far and the share of the bytes they are, about ten times a second and at the end.
    ``stopped`` is asked at every block of 4 MB. Raises ``OSError`` for a file that cannot be read.
    """
    total = sum(path.stat().st_size for path in paths) or 1
    lines = seen = 0
    told = 0.0
    for path in paths:
        content = FileContent(path)
        if content.compression is not None or not is_text(decode_text(content.head, whole=False).text):
            return None
        with path.open("rb") as stream:
            while block := stream.read(BLOCK):
                if stopped():
                    return None
                lines += block.count(b"\n")
                seen += len(block)
                now = time.monotonic()
                if now - told >= SECONDS_BETWEEN_REPORTS:
                    told = now
                    tell(lines, seen / total)
    tell(lines, 1.0)
    return lines
