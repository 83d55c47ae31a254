"""Parquet at the very path that is named: Polars itself takes brackets and asterisks in one for a pattern of names, and
takes none that is not UTF-8."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from recsys_tui.store.atomic_files import opened_regular

if TYPE_CHECKING:
    import polars as pl


def read_parquet(path: Path) -> pl.DataFrame:
    """The table in a file. Raises ``OSError``, ``ValueError`` for what is no file, and Polars's errors."""
    import polars as pl

    with opened_regular(path) as stream:
        return pl.read_parquet(stream)


def write_parquet(table: pl.DataFrame, path: Path, **options: Any) -> None:
    """Write a table into a file. Raises ``OSError``, and Polars's errors."""
    with path.open("wb") as stream:
        table.write_parquet(stream, **options)
