"""The streams of a command: data on standard output, narration on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from recsys_tui.output.messages import say

JSON, CSV, TEXT = "json", "csv", "text"


@dataclass(frozen=True)
class OutputOptions:
    """The global options: ``form`` is what standard output gets (``json``, ``csv`` or ``text``)."""

    form: str = TEXT
    quiet: bool = False
    plain: bool = False
    home: Path | None = None


class Console:
    """Writes for one command."""

    def __init__(self, options: OutputOptions) -> None:
        self.options = options

    @property
    def pretty(self) -> bool:
        """Whether standard output is a terminal that should get colours and boxes."""
        return not self.options.plain and sys.stdout.isatty()

    @property
    def lively(self) -> bool:
        """Whether standard error is a terminal on which progress may move."""
        return not self.options.plain and not self.options.quiet and sys.stderr.isatty()

    def data(self, text: str) -> None:
        """Write data and a line end to standard output. A reader that went away ends the program quietly."""
        try:
            sys.stdout.write(text if text.endswith("\n") else text + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0) from None

    def tell(self, sentence: str) -> None:
        """Narrate on standard error, unless quiet."""
        if not self.options.quiet:
            complain(sentence)

    def table(self, headers: Sequence[str], rows: Iterable[Sequence[object]], numbers: Iterable[int] = ()) -> None:
        """A table: with boxes on a terminal, tab-separated elsewhere. ``numbers``: columns aligned to the right."""
        cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
        if not self.pretty:
            self.data("\n".join("\t".join(row) for row in [list(headers), *cells]))
            return
        from rich.box import SIMPLE_HEAD
        from rich.console import Console as RichConsole
        from rich.table import Table
        from rich.text import Text

        right = set(numbers)
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for place, header in enumerate(headers):
            table.add_column(Text(header), justify="right" if place in right else "left", overflow="ellipsis")
        for row in cells:
            table.add_row(*(Text(cell) for cell in row))
        RichConsole().print(table)


def complain(sentence: str) -> None:
    """Write a sentence to standard error, whatever the options. A closed stream is no reason to fail."""
    try:
        sys.stderr.write(sentence + "\n")
        sys.stderr.flush()
    except (BrokenPipeError, ValueError):
        return


def on_terminal() -> bool:
    """Whether a person sits there: standard input and standard error are terminals. Standard output is not asked."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def human_bytes(count: int) -> str:
    """A size for people: 1,536 → ``1.5 KB``."""
    size = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return say("cli.size", number=f"{size:.0f}" if unit == "bytes" else f"{size:.1f}", unit=unit)
        size /= 1000
    return ""
