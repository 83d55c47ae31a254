"""Pairs of a user and an item, read from a file or from standard input."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from recsys_tui.cli.standard_input import read_list
from recsys_tui.data.column_words import ITEM, NAMES, USER
from recsys_tui.output.errors import UserError

DELIMITERS = "\t;,|"


def read_pairs(source: str) -> list[tuple[str, str]]:
    """The pairs of a table with columns for users and items, or of its first two columns where none is named so.

    Raises ``UserError`` (exit 2) where it cannot be read, has no two columns or no rows.
    """
    try:
        text = read_list(source).decode("utf-8-sig")
        first = text.partition("\n")[0]
        delimiter = max(DELIMITERS, key=first.count)
        rows = [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text), delimiter=delimiter)]
    except FileNotFoundError as error:
        raise UserError("cli.no_such_pairs", path=Path(source)) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UserError("cli.pairs_unreadable", path=Path(source)) from error
    rows = [row for row in rows if any(row)]
    if not rows:
        raise UserError("cli.no_pairs", path=source)
    user, item = _named(rows[0], USER), _named(rows[0], ITEM)
    body = rows
    if user is None or item is None:
        user, item = 0, 1
    else:
        body = rows[1:]
    for number, row in enumerate(body, start=1 + len(rows) - len(body)):
        if len(row) <= max(user, item) or not row[user] or not row[item]:
            raise UserError("cli.no_pair_in_row", path=source, row=number)
    if not body:
        raise UserError("cli.no_pairs", path=source)
    return [(row[user], row[item]) for row in body]


def _named(header: list[str], role: str) -> int | None:
    """The column whose name says that it plays a role."""
    folded = ["".join(letter for letter in cell.casefold() if letter.isalnum()) for cell in header]
    return next((place for place, name in enumerate(folded) if name in NAMES[role]), None)
