"""Interactions that the program keeps a copy of (added rows, piped input), without the rows of forgotten people."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl

from recsys_tui.data.added_rows import aligned_rows
from recsys_tui.data.dataset import Mapping
from recsys_tui.data.forgotten import Forgotten
from recsys_tui.data.load import people_columns, raw_interactions
from recsys_tui.data.readers import read_table
from recsys_tui.output.errors import UserError

# By what names the columns of a file without any are found again once it is a table with names.
ROLE_NAMES = {
    "user": "user_id",
    "item": "item_id",
    "rating": "rating",
    "time": "timestamp",
    "event": "event",
    "quantity": "quantity",
    "basket": "invoice",
}


def input_without(path: Path, mapping: Mapping, forgotten: Forgotten) -> bytes | None:
    """A whole file of interactions as Parquet, without the rows of forgotten people; None where it has none of them.

    Empty where no row is left. Raises ``UserError`` (exit 2) where it cannot be read.
    """
    table, columns = raw_interactions(path, mapping)
    kept = forgotten.rows_without(table.frame, people_columns(table.frame, columns))
    if kept.height == table.frame.height:
        return None
    if not table.has_names:
        unsaid = {column: ROLE_NAMES[role] for role, column in columns.items() if getattr(mapping, role) is None}
        kept = kept.rename(unsaid)
    return _parquet(kept)


def added_without(path: Path, source: Path, mapping: Mapping, forgotten: Forgotten) -> bytes | None:
    """A file of added rows as Parquet, without those of forgotten people; None where it has none of them.

    Empty where no row is left. Its columns are those of the data, where that can still be read; without it they are
    told by their names. Raises ``UserError`` (exit 2) where the file cannot be read.
    """
    try:
        table, columns = raw_interactions(source, mapping)
    except UserError:
        raw = read_table(path)
        frame = raw.frame
        kept = forgotten.table_without(raw).frame
        kept = forgotten.rows_without(kept, () if raw.has_names else kept.columns[:1])
    else:
        people = people_columns(table.frame, columns)
        frame = aligned_rows(path, table.frame, columns, mapping)
        kept = forgotten.rows_without(frame, [name for name in people if name in frame.columns])
    return None if kept.height == frame.height else _parquet(kept)


def _parquet(frame: pl.DataFrame) -> bytes:
    if not frame.height:
        return b""
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()
