"""The streams of a command: data on standard output, narration on standard error."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from recsys_tui.output.digits import whole_number
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_id

if TYPE_CHECKING:
    from rich.console import JustifyMethod

JSON, CSV, TEXT = "json", "csv", "text"
MOST_CELLS = 10_000  # of a side of a terminal


@dataclass(frozen=True)
class OutputOptions:
    """The global options: ``form`` is what standard output gets (``json``, ``csv`` or ``text``). ``spreadsheet_safe``:
    nothing in CSV may be taken for a formula, ids neither. ``pseudonyms``: people are shown by tags; None where the
    settings say."""

    form: str = TEXT
    quiet: bool = False
    plain: bool = False
    home: Path | None = None
    spreadsheet_safe: bool = False
    pseudonyms: bool | None = None


class Console:
    """Writes for one command."""

    def __init__(self, options: OutputOptions) -> None:
        self.options = options

    @property
    def pretty(self) -> bool:
        """Whether standard output is a terminal that should get colours and boxes."""
        return not self.options.plain and _is_terminal(sys.stdout)

    @property
    def lively(self) -> bool:
        """Whether standard error is a terminal on which progress may move."""
        return not self.options.plain and not self.options.quiet and _is_terminal(sys.stderr)

    def data(self, text: str) -> None:
        """Write data and a line end to standard output. A reader that went away ends the program quietly.

        Raises ``UserError`` (exit 1) where standard output is closed or takes no more, as on a full disk.
        """
        if sys.stdout is None:
            raise UserError("cli.no_standard_output", ExitCode.FAILED)
        try:
            sys.stdout.write(text if text.endswith("\n") else text + "\n")
            sys.stdout.flush()
        except OSError as error:
            # What is still in the buffer goes nowhere, or the interpreter would stumble over it again as it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if isinstance(error, BrokenPipeError):
                raise SystemExit(ExitCode.DONE) from None
            raise UserError("cli.output_stopped", ExitCode.FAILED, reason=error.strerror or error) from error

    def sentence(self, sentence: str) -> None:
        """A sentence that is data, on standard output; on a terminal its lines end between words."""
        self.data(_wrapped(sentence) if self.pretty else sentence)

    def tell(self, sentence: str) -> None:
        """Narrate on standard error, unless quiet."""
        if not self.options.quiet:
            complain(sentence)

    def table(
        self,
        headers: Sequence[str],
        rows: Iterable[Sequence[object]],
        numbers: Iterable[int] = (),
        whole: Iterable[int] = (),
    ) -> None:
        """A table: with boxes on a terminal, tab-separated elsewhere.

        ``numbers``: columns aligned to the right. ``whole``: those that a narrow terminal does not shorten either.
        A row is a line and a tab ends a cell, whatever is in the cells: a path may hold either.
        """
        cells = [["" if cell is None else neutral_id(str(cell)) for cell in row] for row in rows]
        if not self.pretty:
            self.data("\n".join("\t".join(row) for row in [list(headers), *cells]))
            return
        from rich.box import SIMPLE_HEAD
        from rich.console import Console as RichConsole
        from rich.table import Table
        from rich.text import Text

        right, kept = set(numbers), set(whole)
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for place, header in enumerate(headers):
            side: JustifyMethod = "right" if place in right else "left"
            table.add_column(Text(header), justify=side, overflow="ellipsis", no_wrap=place in kept)
        for row in cells:
            table.add_row(*(Text(cell) for cell in row))
        RichConsole().print(table)


def prepare_streams() -> None:
    """Keep standard output and error from failing over a character, or over a size that no terminal has.

    What is piped is UTF-8 whatever the locale says, as JSON asks; a terminal keeps its own encoding. What an encoding
    lacks (the bytes of a file name that is not UTF-8, for one) is written as an escape.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")
    for side in ("COLUMNS", "LINES"):  # libraries take them for numbers as they are
        if not 0 < (whole_number(os.environ.get(side, "")) or 0) <= MOST_CELLS:
            os.environ.pop(side, None)


def complain(sentence: str) -> None:
    """Write a sentence to standard error, whatever the options. A closed stream is no reason to fail.

    On a terminal its lines end between words. A path in it may hold what steers terminals; that is left out.
    """
    if sys.stderr is None:
        return
    sentence = "\n".join(neutral_id(line) for line in sentence.split("\n"))
    with suppress(OSError, ValueError):
        sys.stderr.write((_wrapped(sentence) if sys.stderr.isatty() else sentence) + "\n")
        sys.stderr.flush()


def _wrapped(sentence: str) -> str:
    """The sentence in lines of the terminal's width; what is longer than a line, such as a path, stays whole."""
    import shutil  # with what only terminals need to wait for
    import textwrap

    width = shutil.get_terminal_size().columns
    lines = sentence.splitlines()
    return "\n".join(textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False) for line in lines)


def on_terminal() -> bool:
    """Whether a person sits there: standard input and standard error are terminals. Standard output is not asked."""
    return _is_terminal(sys.stdin) and _is_terminal(sys.stderr)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def human_bytes(count: int) -> str:
    """A size for people: 1,536 → ``1.5 KB``."""
    size = float(count)
    for unit in ("bytes", "KB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            return say("cli.size", number=f"{size:.0f}" if unit == "bytes" else f"{size:.1f}", unit=unit)
        size /= 1000
    return ""
