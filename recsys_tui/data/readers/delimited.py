"""Delimited text: any usual separator, with or without a header, in any usual encoding, plain or compressed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

import polars as pl

from recsys_tui.data.dataset import Action, Finding
from recsys_tui.data.memory import FIELD, check_can_take
from recsys_tui.data.readers.dialect import (
    COMMENT,
    SAMPLE_BYTES,
    SAMPLE_MOST,
    SAMPLE_WHOLE,
    SEPARATORS,
    STAND_IN,
    Dialect,
    column_names,
    detect_dialect,
    distinct_names,
)
from recsys_tui.data.readers.encodings import decode_text
from recsys_tui.data.readers.field_sizes import check_quote, check_text
from recsys_tui.data.readers.file_content import FileContent
from recsys_tui.data.readers.item_lists import read_lists
from recsys_tui.data.readers.raw_table import RawTable, reading_finding
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say

HEAD_BYTES = 4096
ROWS_AT_ONCE = 100_000
_EMPTY_LINES = re.compile(rb"\n(?:[ \t]*\r?\n)++")  # possessive: nothing is kept to go back to
_BLANKS = re.compile(rb"[ \t]+")
_BLANKS_AT_ENDS = re.compile(rb"(?m)^ | (?=\r?$)")
LARGE_FILE_POINTER = b"version https://git-lfs"
MARKUP = re.compile(rb"\s*<(?:[!?]|[A-Za-z][\w:-]*[\s/>])")
TEXT_BYTES = frozenset(range(32, 256)) | {9, 10, 12, 13, 0x1B}


class DelimitedReader:
    """Text files; the last reader asked."""

    def claims(self, content: FileContent) -> bool:
        """Anything with few control bytes once it is decoded."""
        return is_text(decode_text(content.head, whole=False).text)

    def read(self, content: FileContent, sample_rows: int | None = None, named: Collection[str] = ()) -> RawTable:
        """Read every row; all columns are strings exactly as in the file, surrounding spaces removed by nobody."""
        text, encoding, findings = text_of(content, sample_rows)
        if text.startswith(LARGE_FILE_POINTER):
            raise UserError("data.large_file_pointer", path=content.path)
        if MARKUP.match(text):
            raise UserError("data.markup", path=content.path)
        comments = COMMENT.match(text)
        if comments:
            findings.append(reading_finding("comment_lines", comments[0].count(b"\n"), Action.IGNORED))
            text = text[comments.end() :].lstrip(b"\r\n")
        if not text or text.isspace():
            raise UserError("data.empty_file", path=content.path)
        dialect = detect_dialect(text, content.path, named)
        compressed = say("data.compressed", kind=content.compression) if content.compression else ""
        if dialect.lists:
            frame, code, empty = read_lists(text, dialect.separator)
            if empty:
                findings.append(reading_finding("empty_lists", empty, Action.REMOVED))
            findings.append(reading_finding(code, text.count(b"\n") + (not text.endswith(b"\n")), Action.USED))
            described = say(f"data.format_{code}", encoding=encoding, compressed=compressed)
            return RawTable(frame, False, described, tuple(findings))
        if dialect.separator == " " and not dialect.quoted:
            text = _BLANKS_AT_ENDS.sub(b"", _BLANKS.sub(b" ", text))
        names = column_names(text, dialect)
        if len(set(names)) < len(names):
            findings.append(reading_finding("duplicate_headers", len(names) - len(set(names)), Action.CHANGED))
            names = distinct_names(names)
        frame, ragged = parse_rows(text, dialect, names, content.path)
        if ragged:
            findings.append(reading_finding("ragged_rows", ragged, Action.CHANGED))
        if not frame.height:
            raise UserError("data.header_only", path=content.path)
        described = say(
            "data.format_delimited",
            separator=say(f"data.separator_{SEPARATORS.index(dialect.separator)}"),
            encoding=encoding,
            header=say("data.with_header" if dialect.header else "data.without_header"),
            compressed=compressed,
        )
        return RawTable(frame.slice(0, sample_rows), dialect.header, described, tuple(findings))


def is_text(head: bytes) -> bool:
    """Whether at most one byte in a hundred is a control byte."""
    head = head[:HEAD_BYTES]
    return sum(byte not in TEXT_BYTES for byte in head) <= len(head) // 100


def text_of(content: FileContent, sample_rows: int | None) -> tuple[bytes, str, list[Finding]]:
    """The text of a file as UTF-8 with ``\\n`` between its lines and no empty line, its encoding, and findings.

    Of a sample only the first part, cut at a line end. Raises ``UserError`` (exit 2) for an empty file, no text,
    or a field without end.
    """
    limit = -1 if sample_rows is None else max(SAMPLE_BYTES, sample_rows * 400)
    raw = content.read(limit, text=True)
    if 0 <= limit == len(raw) and _lines_begun(raw) < SAMPLE_WHOLE:
        limit = SAMPLE_MOST
        raw = content.read(limit, text=True)
    check_text(raw, content.path)
    cut = 0 <= limit == len(raw)
    decoded = decode_text(raw, whole=not cut)
    text, findings = decoded.text, []
    if not text or text.isspace():
        raise UserError("data.empty_file", path=content.path)
    if not is_text(text):
        raise UserError("data.binary_file", path=content.path)
    if decoded.bad:
        findings.append(reading_finding("bad_bytes", decoded.bad, Action.CHANGED))
    if b"\0" in text:
        findings.append(reading_finding("nul_bytes", text.count(b"\0"), Action.REMOVED))
        text = text.replace(b"\0", b"")
    if b"\n" not in text and b"\r" in text:
        text = text.replace(b"\r", b"\n")
    if cut:
        text = text[: text.rfind(b"\n") + 1] or text
    # An empty line is no row. Lines of separators alone are rows, and cleaning says that they name nobody.
    if b"\n\n" in text or (b"\r" in text and b"\n\r\n" in text) or (b" " in text and b"\n " in text):
        text = _EMPTY_LINES.sub(b"\n", text)
    return text.lstrip(b"\r\n"), decoded.encoding, findings


def _lines_begun(raw: bytes) -> int:
    """How many lines have an end in a sample, beside empty ones and comments before them."""
    begun = COMMENT.sub(b"", _EMPTY_LINES.sub(b"\n", raw).lstrip(b"\r\n"))
    return max(begun.count(b"\n"), begun.count(b"\r"))


def parse_rows(text: bytes, dialect: Dialect, names: list[str], path: Path) -> tuple[pl.DataFrame, int]:
    """The frame, and how many lines had another number of fields than the rest.

    Raises ``UserError``: exit 1 where the frame takes more memory than is free, as short fields take more than the
    text; exit 2 for a field without end.
    """
    check_can_take(path, text.count(b"\n") * len(names) * FIELD)
    separator = dialect.separator
    if dialect.quoted:
        check_quote(text, separator, path)
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
    rows = csv.reader(_lines(text), delimiter=separator, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    width, frames, block = len(names), [], []
    schema = dict.fromkeys(names, pl.String)
    try:
        for row in rows:
            block.append([field or None for field in row[:width]] + [None] * (width - len(row)))
            if len(block) == ROWS_AT_ONCE:
                frames.append(pl.DataFrame(block, schema=schema, orient="row"))
                block = []
    except csv.Error as error:
        reason = say("data.endless_field", most=f"{csv.field_size_limit():,}")
        raise UserError("data.damaged_file", path=path, kind=say("data.text"), reason=reason) from error
    return pl.concat([*frames, pl.DataFrame(block, schema=schema, orient="row")])


def _lines_of_other_width(text: bytes, separator: str, quoted: bool, width: int) -> int:
    if quoted:
        with suppress(csv.Error):
            rows = csv.reader(_lines(text), delimiter=separator, skipinitialspace=separator == " ")
            return sum(len(row) != width for row in rows if row)
    if separator == " ":
        return sum(len(line.split()) != width for line in _lines(text))
    return sum(line.count(separator) != width - 1 for line in _lines(text))


def _lines(text: bytes) -> Iterator[str]:
    """The lines that are not empty, one after another: all at once are many times the text, where they are short."""
    for line in io.TextIOWrapper(io.BytesIO(text), "utf-8", "replace", newline="\n"):
        if line.strip():
            yield line if line.endswith("\n") else line + "\n"
