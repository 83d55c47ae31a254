"""How a text of fields is laid out: separator, quoting, header, and whether its lines are rows or lists."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from recsys_tui.data.column_roles import looks_like_header
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text

# In the order of preference where several fit equally well. A blank stands for any run of blanks.
SEPARATORS = ("::", "\t", ",", ";", "|", " ")
SAMPLE_BYTES = 1 << 18
# Of lines of thousands of columns, a few whole ones are looked at besides, as far as these are not without end.
SAMPLE_WHOLE, SAMPLE_MOST = 3, 1 << 25
SAMPLE_LINES = 200
STAND_IN = "\x1f"  # one byte for a separator of several; control characters do not occur in text
LIST_SEPARATORS = ("\t", ",", ";", " ")
LISTS_BELOW = 0.5  # share of lines of the commonest width under which lines are lists rather than rows
BLANKS_ABOVE = 0.8  # share of lines of the commonest width from which blanks are believed to separate fields
FEWEST_WIDTHS, FEWEST_LISTS = 3, 3
MOST_FIELD = 200
# Lines before the data that are none: comments, and the one by which spreadsheets name their separator.
COMMENT = re.compile(rb"\A(?:[ \t]*(?:#|%)[^\n]*\n|sep=.\r?\n)++")
MOST_COLUMNS = 100_000


@dataclass(frozen=True)
class Dialect:
    """How a text is laid out; ``lists``: every line is somebody's list of items, of any length; ``row_names``: the
    header has no name for the first column, as R writes it."""

    separator: str
    quoted: bool
    header: bool
    columns: int
    lists: bool = False
    row_names: bool = False


def detect_dialect(text: bytes, path: Path, named: Collection[str] = ()) -> Dialect:
    """Layout of a UTF-8 text, from its first lines.

    The separator is the one that splits most lines into the same number of fields, two at least; ties go to the
    more telling one. Where no separator makes even half the lines alike, and the first line names no columns, each
    line is a list. A first line that holds all ``named`` columns is a header. Raises ``UserError`` (exit 2) where
    nothing splits the lines.
    """
    lines = _sample_lines(text)
    if not any(line.strip() for line in lines):  # blanks of other kinds than those that lines are parted by
        raise UserError("data.empty_file", path=path)
    best: tuple[float, str, bool, int, bool] | None = None
    for separator in SEPARATORS:
        quoted = _is_quoted(lines, separator)
        counts = Counter(widths := [len(row) for row in split_lines(lines, separator, quoted)])
        columns, agreeing = max(counts.items(), key=lambda entry: (entry[0] > 1, entry[1], entry[0]))
        if columns < 2:
            continue
        share = agreeing / sum(counts.values())
        # A header has no decimal commas, which is how a comma that separates nothing gives itself away.
        header_too = columns - 1 <= widths[0] <= columns and widths[0] > 1
        if best is None or share > best[0] + 0.02 or (share >= best[0] and header_too and not best[4]):
            best = (share, separator, quoted, columns, header_too)
    if best is None:
        raise UserError("data.one_column", path=path)
    share, separator, quoted, columns, _ = best
    if columns > MOST_COLUMNS:
        raise UserError("data.too_many_columns", most=f"{MOST_COLUMNS:,}")
    rows = split_lines(lines, separator, quoted)
    header = (bool(named) and set(named) <= set(rows[0])) or looks_like_header(rows[0], rows[1:])
    by_blanks_alone = separator == " " and share < BLANKS_ABOVE
    if (share < LISTS_BELOW or by_blanks_alone) and not header:
        lists = _lists_separator(lines)
        if lists is not None:
            return Dialect(lists, False, False, 2, lists=True)
    if by_blanks_alone:  # running text
        raise UserError("data.one_column", path=path)
    short = header and len(rows[0]) == columns - 1 > 1
    row_names = short and any(row[-1].strip() for row in rows[1:] if len(row) == columns)
    return Dialect(separator, quoted, header, columns, row_names=row_names)


def sample_size(text: bytes, wanted: int = SAMPLE_BYTES) -> int:
    """How many bytes of a text are looked at: as many as are wanted, and more where these are not a few lines."""
    end = 0
    for _ in range(SAMPLE_WHOLE):
        end = text.find(b"\n", end, SAMPLE_MOST) + 1
        if not end:
            break
    return max(wanted, end or min(len(text), SAMPLE_MOST))


def _sample_lines(text: bytes) -> list[str]:
    size = sample_size(text)
    sample = text[:size].decode("utf-8", "replace")
    lines = [line.rstrip("\r") for line in sample.split("\n")]
    whole = lines[:-1] if len(text) > size and len(lines) > 1 else lines
    return [line for line in whole if line.strip()][:SAMPLE_LINES]


def _lists_separator(lines: Sequence[str]) -> str | None:
    """The separator of lists, or None where the lines are no lists: too few, too alike, or running text."""
    if len(lines) < FEWEST_LISTS:
        return None
    for separator in LIST_SEPARATORS:
        rows = split_lines(lines, separator, False)
        split = sum(len(row) > 1 for row in rows)
        if split < len(rows) / 2 or len({len(row) for row in rows}) < FEWEST_WIDTHS:
            continue
        fields = [field for row in rows for field in row]
        # Words of a sentence hardly repeat as items of lists do, and sentences end.
        if separator == " " and sum(field.endswith((".", ",", "!", "?", ":")) for field in fields) > len(fields) / 50:
            return None
        return separator if all(len(field) <= MOST_FIELD for field in fields) else None
    return None


def _is_quoted(lines: list[str], separator: str) -> bool:
    """Commas and semicolons: yes. Others: only where a field is enclosed in quotes on both sides."""
    if separator in ",;":
        return True
    fields = [field for line in lines for field in _cut(line, separator) if field.startswith('"')]
    return bool(fields) and all(len(field) > 1 and field.endswith('"') for field in fields)


def _cut(line: str, separator: str) -> list[str]:
    return line.split() if separator == " " else line.split(separator)


def split_lines(lines: Sequence[str], separator: str, quoted: bool) -> list[list[str]]:
    """The fields of each line."""
    if not quoted:
        return [_cut(line, separator) for line in lines]
    text = "\n".join(lines)
    if len(separator) > 1:
        separator, text = STAND_IN, text.replace(separator, STAND_IN)
    try:
        reader = csv.reader(io.StringIO(text), delimiter=separator, skipinitialspace=separator == " ")
        return [row for row in reader if row]
    except csv.Error:
        return [_cut(line, separator) for line in lines]


def column_names(text: bytes, dialect: Dialect) -> list[str]:
    """Column names: the header's, neutralised, or ``column 1`` and so on."""
    if not dialect.header:
        return [say("data.column_number", number=number + 1) for number in range(dialect.columns)]
    lines = text[: sample_size(text)].split(b"\n")
    line = next(part for part in lines if part.strip()).decode("utf-8", "replace")
    row = split_lines([line.rstrip("\r")], dialect.separator, dialect.quoted)[0]
    row = [""] * dialect.row_names + row
    row += [""] * (dialect.columns - len(row))
    return [column_name(name) or say("data.column_number", number=place + 1) for place, name in enumerate(row)]


def column_name(text: str) -> str:
    """A name of a column, neutralised. To Polars ``*`` is every column and ``^…$`` each that fits a pattern, so those
    stand in brackets."""
    name = neutral_text(text)
    return f"({name})" if name == "*" or (name.startswith("^") and name.endswith("$")) else name


def distinct_names(names: list[str]) -> list[str]:
    """Repeated names numbered: ``id``, ``id (2)``."""
    seen: Counter[str] = Counter()
    result: list[str] = []
    taken = set(names)
    for name in names:
        seen[name] += 1
        own = name
        while seen[name] > 1 and own in taken:
            own = f"{name} ({seen[name]})"
            seen[name] += own in taken
        taken.add(own)
        result.append(own)
    return result
