"""Which reader reads a file: the first that claims it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from recsys_tui.data.readers.delimited import DelimitedReader
from recsys_tui.data.readers.parquet import ParquetReader
from recsys_tui.data.readers.raw_table import RawTable, Reader
from recsys_tui.output.errors import UserError

READERS: tuple[Reader, ...] = (ParquetReader(), DelimitedReader())
HEAD_BYTES = 4096


def read_table(path: Path, sample_rows: int | None = None, named: Collection[str] = ()) -> RawTable:
    """Read a file of any known format; see :class:`Reader` for the arguments.

    Raises ``UserError`` (exit 2) in one sentence where that is impossible.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except FileNotFoundError as error:
        raise UserError("data.no_such_path", path=path) from error
    except PermissionError as error:
        raise UserError("data.no_permission", path=path) from error
    except OSError as error:
        raise UserError("data.unreadable", path=path, reason=error.strerror or error) from error
    if not head:
        raise UserError("data.empty_file", path=path)
    for reader in READERS:
        if reader.claims(path, head):
            try:
                return reader.read(path, sample_rows, named)
            except OSError as error:
                raise UserError("data.unreadable", path=path, reason=error.strerror or error) from error
    raise UserError("data.binary_file", path=path)
