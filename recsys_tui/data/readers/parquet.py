"""Apache Parquet."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl

from recsys_tui.data.readers.raw_table import RawTable
from recsys_tui.output.errors import UserError
from recsys_tui.output.neutralise import neutral_text

MAGIC = b"PAR1"


class ParquetReader:
    """Files that begin with the Parquet mark, whatever their name."""

    def claims(self, path: Path, head: bytes) -> bool:
        """By the first four bytes, or by a name that promises Parquet (then a damaged file is told as one)."""
        return head.startswith(MAGIC) or path.suffix.lower() in (".parquet", ".pq")

    def read(self, path: Path, sample_rows: int | None = None, named: Collection[str] = ()) -> RawTable:  # noqa: ARG002
        """Flat columns only: nested ones other than lists are left out."""
        try:
            frame = pl.read_parquet(path, n_rows=sample_rows)
        except Exception as error:  # Polars raises several kinds, a panic among them
            reason = neutral_text(str(error).splitlines()[0]) if str(error) else type(error).__name__
            raise UserError("data.damaged_file", path=path, kind="Parquet", reason=reason) from error
        flat = [name for name, dtype in frame.schema.items() if not isinstance(dtype, pl.Struct | pl.Object)]
        return RawTable(frame.select(flat), True, "Parquet")
