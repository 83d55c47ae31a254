"""Which reader reads a file: the first that claims it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

import polars as pl

from recsys_tui.data.memory import check_can_read
from recsys_tui.data.readers.columnar import ARROW, ARROW_STREAM, PARQUET
from recsys_tui.data.readers.delimited import DelimitedReader
from recsys_tui.data.readers.field_sizes import check_frame
from recsys_tui.data.readers.file_content import FileContent
from recsys_tui.data.readers.json_records import JsonReader
from recsys_tui.data.readers.raw_table import RawTable, Reader
from recsys_tui.data.readers.recbole import RecBoleReader
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say

READERS: tuple[Reader, ...] = (PARQUET, ARROW, ARROW_STREAM, JsonReader(), RecBoleReader(), DelimitedReader())
# Zip archives, which new spreadsheets are too, and the container of old spreadsheets.
ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def read_table(path: Path, sample_rows: int | None = None, named: Collection[str] = ()) -> RawTable:
    """Read a file of any known format; see :class:`Reader` for the arguments.

    Raises ``UserError`` (exit 2) in one sentence where that is impossible.
    """
    content = FileContent(path)
    try:
        if not path.is_file():
            raise UserError("data.not_a_file" if path.exists() else "data.no_such_path", path=path)
        if not content.head:
            raise UserError("data.empty_file", path=path)
        if content.head.startswith(ARCHIVES):
            raise UserError("data.archive_or_spreadsheet", path=path)
        for reader in READERS:
            if reader.claims(content):
                table = reader.read(content, sample_rows, named)
                check_frame(table.frame, path)
                return table
    except FileNotFoundError as error:
        raise UserError("data.no_such_path", path=path) from error
    except PermissionError as error:
        raise UserError("data.no_permission", path=path) from error
    except OSError as error:
        raise UserError("data.unreadable", path=path, reason=error.strerror or error) from error
    raise UserError("data.binary_file", path=path)


def read_parts(paths: Sequence[Path], named: Collection[str] = ()) -> RawTable:
    """Read the parts of one table in the order given.

    Raises ``UserError``: exit 2 where one cannot be read, exit 1 where there is too little memory for all.
    """
    check_can_read(paths)
    tables = [read_table(path, None, named) for path in paths]
    if len(tables) == 1:
        return tables[0]
    frame = pl.concat([table.frame for table in tables], how="diagonal_relaxed", rechunk=True)
    described = say("data.format_parts", count=len(tables), format=tables[0].format)
    findings = tuple(finding for table in tables for finding in table.findings)
    unusable = tuple(dict.fromkeys(name for table in tables for name in table.unusable if name not in frame.columns))
    return RawTable(frame, tables[0].has_names, described, findings, unusable)
