"""Lists of ids, one a line, from files and from standard input."""

from __future__ import annotations

from pathlib import Path

from recsys_tui.cli.standard_input import STANDARD_STREAM, read_list
from recsys_tui.output.errors import UserError


def listed_ids(source: str, what: str) -> list[str]:
    """The ids in a file, or from standard input (``-``): one a line, each once, blank lines left out.

    ``what`` names the kind of ids in the sentence of the ``UserError`` (exit 2) for a file that cannot be read.
    """
    try:
        text = read_list(source).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise UserError("cli.no_such_list", path=Path(source), what=what) from error
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("cli.ids_unreadable", path=Path(source), what=what) from error
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def check_one_standard_input(*sources: str | None) -> None:
    """Raise ``UserError`` (exit 2) where more than one of the sources is standard input."""
    if sum(source == STANDARD_STREAM for source in sources) > 1:
        raise UserError("cli.one_standard_input")
