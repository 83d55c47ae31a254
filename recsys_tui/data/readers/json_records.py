"""JSON lines and JSON arrays of records, and a JSON object that holds one such array or a list for each column."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import polars as pl

from recsys_tui.data.dataset import Action
from recsys_tui.data.memory import FIELD, check_can_take
from recsys_tui.data.readers.columnar import plain_columns
from recsys_tui.data.readers.delimited import text_of
from recsys_tui.data.readers.encodings import decode_text
from recsys_tui.data.readers.file_content import FileContent
from recsys_tui.data.readers.json_fields import MOST_FIELDS, common_fields, has_rare_fields
from recsys_tui.data.readers.raw_table import RawTable, reading_finding
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say

MOST_BAD = 0.5
SAMPLE_LINES, SAMPLED_FROM = 4_000, 1 << 22
LONGEST_RECORD = 1 << 24  # bytes


class JsonReader:
    """By the first character of the text; a file of lines and one of a single document look alike at first."""

    def claims(self, content: FileContent) -> bool:
        """Whether the text begins as an object or as an array of objects, or is a short array of anything."""
        head = decode_text(content.head, whole=False).text.strip()
        if head.startswith(b"{") or (head.startswith(b"[") and head[1:].lstrip()[:1] in (b"{", b"]")):
            return True
        return head.startswith(b"[") and head.endswith(b"]") and isinstance(_parsed(head), list)

    def read(self, content: FileContent, sample_rows: int | None = None, named: Collection[str] = ()) -> RawTable:  # noqa: ARG002
        """Whole numbers and texts are told apart; a column with both is text. Nested values are left out."""
        text, encoding, findings = text_of(content, None if self._is_document(content) else sample_rows)
        compressed = say("data.compressed", kind=content.compression) if content.compression else ""
        if self._is_document(content):
            frame, rare = _of_document(text, content)
            code = "json_document"
        else:
            frame, rare, bad = _of_lines(text, content)
            code = "json_lines"
            if bad:
                findings.append(reading_finding("bad_lines", bad, Action.REMOVED))
        if rare:
            findings.append(reading_finding("rare_fields", rare, Action.IGNORED))
        if not frame.height or not frame.width:
            raise UserError("data.no_records", path=content.path)
        described = say(f"data.format_{code}", encoding=encoding, compressed=compressed)
        frame, unusable = plain_columns(frame)
        return RawTable(frame.slice(0, sample_rows), True, described, tuple(findings), unusable)

    def _is_document(self, content: FileContent) -> bool:
        """Whether the first line is no object by itself: then all of the text is one document."""
        head = decode_text(content.head, whole=False).text.lstrip()
        line, end, _ = head.partition(b"\n")
        if head.startswith(b"["):
            return True
        try:
            first = json.loads(line)
        except (ValueError, RecursionError):
            return not end or not line.rstrip().endswith(b"}")
        return not end and any(isinstance(value, list | dict) for value in first.values())


def _of_lines(text: bytes, content: FileContent) -> tuple[pl.DataFrame, int, int]:
    """The records, how many fields are no columns since hardly any has them, and how many lines held no record."""
    if has_rare_fields(text, content.path):
        return _line_by_line(text, content)
    for schema in (_sampled_schema, lambda _text: None):
        try:
            frame = pl.read_ndjson(text, schema=schema(text), infer_schema_length=None)
            return _as_in_the_first(frame, text), 0, 0
        except Exception:  # noqa: S112 - Polars raises several kinds for what it does not like about a single line
            continue
    return _line_by_line(text, content)


def _as_in_the_first(frame: pl.DataFrame, text: bytes) -> pl.DataFrame:
    """The columns in the order of the first record's fields, then the others: of thousands Polars has the order of
    none."""
    if frame.width <= MOST_FIELDS:
        return frame
    start = text.find(b"{")
    try:
        record, _ = json.JSONDecoder().raw_decode(text[start : start + LONGEST_RECORD].decode("utf-8", "ignore"))
    except (ValueError, RecursionError):
        return frame
    there = set(frame.columns)
    names = dict.fromkeys([name for name in record if name in there] + frame.columns)
    return pl.DataFrame([frame.get_column(name) for name in names])  # names may look like patterns


def _sampled_schema(text: bytes) -> dict[str, pl.DataType] | None:
    """Columns and types of lines all over the text: inferring them from every line takes longer than reading it."""
    if len(text) < SAMPLED_FROM:
        return None
    step = len(text) // SAMPLE_LINES
    starts = [text.find(b"\n", place) + 1 for place in range(0, len(text) - step, step)]
    lines = [text[start : end if (end := text.find(b"\n", start)) >= 0 else len(text)] for start in [0, *starts]]
    return dict(pl.read_ndjson(b"\n".join(lines), infer_schema_length=None).schema)


def _line_by_line(text: bytes, content: FileContent) -> tuple[pl.DataFrame, int, int]:
    """The same with Python's parser, which keeps the digits of numbers of any size; slow, for odd files only."""
    records, bad = [], 0
    for line in text.split(b"\n"):
        if not line.strip():
            continue
        record = _parsed(line)
        if isinstance(record, dict):
            records.append(record)
        else:
            bad += 1
    if bad > MOST_BAD * (bad + len(records)):
        raise UserError("data.damaged_file", path=content.path, kind="JSON", reason=say("data.bad_json"))
    return *_frame(records, content), bad


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line, parse_int=str, parse_float=str, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


def _of_document(text: bytes, content: FileContent) -> tuple[pl.DataFrame, int]:
    """The records, and how many fields are no columns since hardly any has them."""
    if text.startswith(b"[") and not has_rare_fields(text, content.path):
        try:
            return _as_in_the_first(pl.read_json(text, infer_schema_length=None), text), 0
        except BaseException as error:  # a panic is no Exception
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
    document = _parsed(text)
    if document is None:
        raise UserError("data.damaged_file", path=content.path, kind="JSON", reason=say("data.bad_json"))
    return _frame(_records(document), content)


def _records(document: Any) -> list[dict[str, Any]]:
    """The records of an array, of the one array of an object, or of an object of equally long columns."""
    if isinstance(document, list):
        return [record for record in document if isinstance(record, dict)]
    if not isinstance(document, dict):
        return []
    lists: dict[str, list[Any]] = {name: value for name, value in document.items() if isinstance(value, list)}
    tables = [value for value in lists.values() if value and all(isinstance(record, dict) for record in value)]
    if len(tables) == 1:
        return tables[0]
    lengths = {len(value) for value in lists.values()}
    if lists and len(lengths) == 1:
        return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    return [document] if not lists else []


def _frame(records: list[dict[str, Any]], content: FileContent) -> tuple[pl.DataFrame, int]:
    """Texts as they are; lists of plain values stay lists; what is nested deeper is left out, and so are fields that
    hardly any record has where there are many, which are counted."""
    names, rare = common_fields(records)
    check_can_take(content.path, len(records) * len(names) * FIELD)
    columns = {}
    for key in names:
        values, name = [record.get(key) for record in records], _letters(key)
        if any(isinstance(value, list) for value in values):
            listed = [value if isinstance(value, list) else None for value in values]
            if any(isinstance(entry, dict | list) for value in listed if value for entry in value):
                continue
            columns[name] = pl.Series(
                name, [None if v is None else [_text(e) for e in v] for v in listed], pl.List(pl.String)
            )
        elif not any(isinstance(value, dict) for value in values):
            columns[name] = pl.Series(name, [_text(value) for value in values], pl.String)
    return pl.DataFrame(columns), rare


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else _letters(str(value))


def _letters(text: str) -> str:
    """A text with ``?`` for each half of a pair of surrogates, which is no letter and cannot be written as UTF-8."""
    return text.encode("utf-8", "replace").decode()
