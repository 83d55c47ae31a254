"""Delimited text: comma, tab, ``::``, ``|`` or ``;`` between the fields, with or without a header, gzip or plain."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from recsys_tui.data.column_roles import looks_like_header
from recsys_tui.data.dataset import Action, Finding
from recsys_tui.data.readers.raw_table import RawTable
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text

GZIP_MAGIC = b"\x1f\x8b"
# In the order of preference where several fit equally well.
SEPARATORS = ("::", "\t", ",", ";", "|")
SAMPLE_BYTES = 1 << 18
SAMPLE_LINES = 200
HEAD_BYTES = 4096
ROWS_AT_ONCE = 100_000
STAND_IN = "\x1f"  # one byte for a separator of several; control characters do not occur in text
_EMPTY_LINES = re.compile(rb"\n(?:\r?\n)+")
TEXT_BYTES = frozenset(range(32, 256)) | {9, 10, 12, 13, 0x1B}


@dataclass(frozen=True)
class Dialect:
    """How a text file is laid out."""

    separator: str
    quoted: bool
    header: bool
    encoding: str
    columns: int


class DelimitedReader:
    """Text files; the last reader asked."""

    def claims(self, path: Path, head: bytes) -> bool:  # noqa: ARG002 - a name promises nothing here
        """Anything gzip (what it holds is looked at when it is read), and anything with few control bytes."""
        return head.startswith(GZIP_MAGIC) or _is_text(head)

    def read(self, path: Path, sample_rows: int | None = None, named: Collection[str] = ()) -> RawTable:
        """Read every row; all columns are strings exactly as in the file, surrounding spaces removed by nobody."""
        content = _content(path, sample_rows)
        if not _is_text(content[:HEAD_BYTES]):
            raise UserError("data.binary_file", path=path)
        findings = []
        if b"\0" in content:
            findings.append(_finding("nul_bytes", content.count(b"\0"), Action.REMOVED))
            content = content.replace(b"\0", b"")
        dialect = detect_dialect(content, path, named)
        text = content.removeprefix(b"\xef\xbb\xbf")
        if dialect.encoding != "UTF-8":
            text = text.decode("latin-1").encode()
        names = _names(text, dialect)
        if len(set(names)) < len(names):
            findings.append(_finding("duplicate_headers", len(names) - len(set(names)), Action.CHANGED))
            names = _distinct(names)
        frame, ragged = _parse(text, dialect, names, path)
        if ragged:
            findings.append(_finding("ragged_rows", ragged, Action.CHANGED))
        if not frame.height:
            raise UserError("data.header_only", path=path)
        if sample_rows is not None:
            frame = frame.head(sample_rows)
        described = say(
            "data.format_delimited",
            separator=say(f"data.separator_{SEPARATORS.index(dialect.separator)}"),
            encoding=dialect.encoding,
            header=say("data.with_header" if dialect.header else "data.without_header"),
            compressed=say("data.gzip") if _is_gzip(path) else "",
        )
        return RawTable(frame, dialect.header, described, tuple(findings))


def _is_text(head: bytes) -> bool:
    return sum(byte not in TEXT_BYTES for byte in head) <= len(head) // 100


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == GZIP_MAGIC


def _content(path: Path, sample_rows: int | None) -> bytes:
    """The bytes of a file, decompressed; of a sample only the first part, cut at a line end."""
    limit = -1 if sample_rows is None else max(SAMPLE_BYTES, sample_rows * 400)
    try:
        with gzip.open(path) if _is_gzip(path) else path.open("rb") as stream:
            content = stream.read(limit)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UserError("data.damaged_file", path=path, kind="gzip", reason=say("data.cut_short")) from error
    if not content or content.isspace():
        raise UserError("data.empty_file", path=path)
    if b"\n" not in content and b"\r" in content:
        content = content.replace(b"\r", b"\n")
    if limit >= 0 and len(content) == limit:
        content = content[: content.rfind(b"\n") + 1] or content
    # An empty line is no row. Lines of separators alone are rows, and cleaning says that they name nobody.
    if b"\n\n" in content or b"\n\r\n" in content:
        content = _EMPTY_LINES.sub(b"\n", content)
    return content.lstrip(b"\r\n")


def detect_dialect(content: bytes, path: Path, named: Collection[str] = ()) -> Dialect:
    """Separator, quoting, header and encoding of a text, from its first lines (encoding: from all of it).

    The separator is the one that splits most lines into the same number of fields, two at least; ties go to the
    more telling one. A first line that holds all ``named`` columns is a header. Raises ``UserError`` (exit 2) where
    nothing splits the lines.
    """
    encoding = _encoding(content)
    sample = content[:SAMPLE_BYTES].decode("utf-8-sig" if encoding == "UTF-8" else "latin-1", "replace")
    lines = [line.rstrip("\r") for line in sample.split("\n")]
    whole = lines[:-1] if len(content) > SAMPLE_BYTES and len(lines) > 1 else lines
    lines = [line for line in whole if line.strip()][:SAMPLE_LINES]
    best: tuple[float, str, bool, int] | None = None
    for separator in SEPARATORS:
        quoted = _is_quoted(lines, separator)
        counts = Counter(len(row) for row in _split(lines, separator, quoted))
        columns, agreeing = max(counts.items(), key=lambda entry: (entry[0] > 1, entry[1], entry[0]))
        if columns < 2:
            continue
        share = agreeing / sum(counts.values())
        if best is None or share > best[0] + 0.02:
            best = (share, separator, quoted, columns)
    if best is None:
        raise UserError("data.one_column", path=path)
    _, separator, quoted, columns = best
    rows = list(_split(lines, separator, quoted))
    header = (bool(named) and set(named) <= set(rows[0])) or looks_like_header(rows[0], rows[1:])
    return Dialect(separator, quoted, header, encoding, columns)


def _encoding(content: bytes) -> str:
    if content.isascii():
        return "UTF-8"
    try:
        content.decode()
    except UnicodeDecodeError:
        return "Latin-1"
    return "UTF-8"


def _is_quoted(lines: list[str], separator: str) -> bool:
    """Commas and semicolons: yes. Others: only where a field is enclosed in quotes on both sides."""
    if separator in ",;":
        return True
    fields = [field for line in lines for field in line.split(separator) if field.startswith('"')]
    return bool(fields) and all(len(field) > 1 and field.endswith('"') for field in fields)


def _split(lines: list[str], separator: str, quoted: bool) -> list[list[str]]:
    if not quoted:
        return [line.split(separator) for line in lines]
    text = "\n".join(lines)
    if len(separator) > 1:
        separator, text = STAND_IN, text.replace(separator, STAND_IN)
    try:
        return [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row]
    except csv.Error:
        return [line.split(separator) for line in lines]


def _names(text: bytes, dialect: Dialect) -> list[str]:
    """Column names: the header's, neutralised, or ``column 1`` and so on."""
    if not dialect.header:
        return [say("data.column_number", number=number + 1) for number in range(dialect.columns)]
    line = next(part for part in text[:SAMPLE_BYTES].split(b"\n") if part.strip()).decode("utf-8", "replace")
    row = _split([line.rstrip("\r")], dialect.separator, dialect.quoted)[0]
    row += [""] * (dialect.columns - len(row))
    return [neutral_text(name) or say("data.column_number", number=place + 1) for place, name in enumerate(row)]


def _distinct(names: list[str]) -> list[str]:
    seen: Counter[str] = Counter()
    result = []
    for name in names:
        seen[name] += 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


def _parse(text: bytes, dialect: Dialect, names: list[str], path: Path) -> tuple[pl.DataFrame, int]:
    """The frame, and how many lines had another number of fields than the rest."""
    separator = dialect.separator
    if len(separator) > 1:
        frame = _between_colons(text, dialect, names) if separator == "::" else None
        if frame is not None:
            return (frame[1:] if dialect.header else frame), 0
        separator, text = STAND_IN, text.replace(separator.encode(), STAND_IN.encode())
    options = {
        "separator": separator,
        "has_header": False,
        "schema": dict.fromkeys(names, pl.String),
        "quote_char": '"' if dialect.quoted else None,
    }
    ragged = 0
    try:
        frame = pl.read_csv(text, **options)  # type: ignore[arg-type]
    except pl.exceptions.PolarsError:
        ragged = _lines_of_other_width(text, separator, dialect.quoted, len(names))
        try:
            frame = pl.read_csv(text, truncate_ragged_lines=True, **options)  # type: ignore[arg-type]
        except pl.exceptions.PolarsError:
            frame = _parse_patiently(text, separator, dialect.quoted, names, path)
    else:
        if frame.height and frame[names[-1]].null_count():
            ragged = _lines_of_other_width(text, separator, dialect.quoted, len(names))
    return (frame[1:] if dialect.header else frame), ragged


def _between_colons(text: bytes, dialect: Dialect, names: list[str]) -> pl.DataFrame | None:
    """Double-colon text as colon text whose every second column is empty; None where a field holds a colon itself.

    Half the work of replacing the separator by one byte. Reading the empty columns as truth values costs next to
    nothing, and fails where they are not empty.
    """
    width = 2 * len(names) - 1
    schema = {f"c{place}": pl.Boolean if place % 2 else pl.String for place in range(width)}
    try:
        frame = pl.read_csv(
            text, separator=":", has_header=False, schema=schema, quote_char='"' if dialect.quoted else None
        )
    except pl.exceptions.PolarsError:
        return None
    empty = all(frame[f"c{place}"].null_count() == frame.height for place in range(1, width, 2))
    if not empty or frame[f"c{width - 1}"].null_count():
        return None
    return frame.select(pl.col(f"c{2 * place}").alias(name) for place, name in enumerate(names))


def _parse_patiently(text: bytes, separator: str, quoted: bool, names: list[str], path: Path) -> pl.DataFrame:
    """The same with Python's reader, which takes stray quotes as they come; slow, for odd files only."""
    lines = text.decode("utf-8", "replace").split("\n")
    rows = csv.reader(
        (line + "\n" for line in lines if line.strip()),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
    )
    width, frames, block = len(names), [], []
    schema = dict.fromkeys(names, pl.String)
    try:
        for row in rows:
            block.append([field or None for field in row[:width]] + [None] * (width - len(row)))
            if len(block) == ROWS_AT_ONCE:
                frames.append(pl.DataFrame(block, schema=schema, orient="row"))
                block = []
    except csv.Error as error:
        reason = neutral_text(str(error))[:120]
        raise UserError("data.damaged_file", path=path, kind=say("data.text"), reason=reason) from error
    return pl.concat([*frames, pl.DataFrame(block, schema=schema, orient="row")])


def _lines_of_other_width(text: bytes, separator: str, quoted: bool, width: int) -> int:
    lines = [line for line in text.decode("utf-8", "replace").split("\n") if line.strip()]
    return sum(len(row) != width for row in _split(lines, separator, quoted))


def _finding(code: str, count: int, action: Action) -> Finding:
    return Finding(code, count, action, say(f"data.finding_{code}", count=f"{count:,}"))
