"""RecBole's atomic files: tab-separated text whose header says ``name:type`` of each column."""

from __future__ import annotations

import re
from collections.abc import Collection

import polars as pl

from recsys_tui.data.dataset import Action
from recsys_tui.data.readers.delimited import parse_rows, text_of
from recsys_tui.data.readers.dialect import Dialect, column_name, distinct_names
from recsys_tui.data.readers.file_content import FileContent
from recsys_tui.data.readers.raw_table import RawTable, reading_finding
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say

_FIELD = re.compile(r"^([^\t:]+):(token|token_seq|float|float_seq)$")


class RecBoleReader:
    """By the header alone, whatever the file is called. https://recbole.io/docs/user_guide/data/atomic_files.html"""

    def claims(self, content: FileContent) -> bool:
        """Whether every field of the first line is a name with one of the four types."""
        return _fields(content.head) is not None

    def read(self, content: FileContent, sample_rows: int | None = None, named: Collection[str] = ()) -> RawTable:  # noqa: ARG002
        """Columns are named without their types; sequences are lists, split at blanks."""
        text, encoding, findings = text_of(content, sample_rows)
        fields = _fields(text)
        if fields is None:
            raise UserError("data.empty_file", path=content.path)
        names = distinct_names([column_name(name) for name, _ in fields])
        frame, ragged = parse_rows(text, Dialect("\t", False, True, len(names)), names, content.path)
        if ragged:
            findings.append(reading_finding("ragged_rows", ragged, Action.CHANGED))
        if not frame.height:
            raise UserError("data.header_only", path=content.path)
        lists = [name for name, (_, kind) in zip(names, fields, strict=True) if kind.endswith("_seq")]
        frame = frame.slice(0, sample_rows).with_columns(pl.col(lists).str.split(" "))
        return RawTable(frame, True, say("data.format_recbole", encoding=encoding), tuple(findings))


def _fields(text: bytes) -> list[tuple[str, str]] | None:
    line = text.partition(b"\n")[0].rstrip(b"\r").decode("utf-8", "replace").removeprefix("\ufeff")
    found = [_FIELD.match(part) for part in line.split("\t")]
    return [(match[1], match[2]) for match in found if match] if all(found) else None
