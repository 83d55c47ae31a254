"""Apache Parquet and Arrow (Feather) files."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import polars as pl

from recsys_tui.data.memory import TIMES_UNPACKED, check_can_take
from recsys_tui.data.readers.dialect import column_name, distinct_names
from recsys_tui.data.readers.file_content import FileContent
from recsys_tui.data.readers.parquet_footer import unpacked_bytes
from recsys_tui.data.readers.raw_table import RawTable
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text

Read = Callable[[BinaryIO, int | None], pl.DataFrame]


class ColumnarReader:
    """A binary table format with typed, named columns."""

    def __init__(self, name: str, magic: tuple[bytes, ...], suffixes: tuple[str, ...], read: Read) -> None:
        self._name, self._magic, self._suffixes, self._read = name, magic, suffixes, read

    def claims(self, content: FileContent) -> bool:
        """By the first bytes, or by a name that promises the format (then a damaged file is told as one)."""
        return content.head.startswith(self._magic) or content.path.suffix.lower() in self._suffixes

    def read(self, content: FileContent, sample_rows: int | None = None, named: Collection[str] = ()) -> RawTable:  # noqa: ARG002
        """Plain columns only: what is nested deeper than a list, and bytes that are no text, is left out."""
        try:
            # A path would be a pattern of names where it has brackets, and could not be one that is not UTF-8.
            with io.BytesIO(content.read()) if content.compression else content.path.open("rb") as source:
                self._check(content.path, source, sample_rows)
                with _no_word_of_libraries():
                    frame = self._read(source, sample_rows)
        except (OSError, UserError):
            raise
        except BaseException as error:  # Polars raises several kinds, a panic (no Exception) among them
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            # What a library says of its inner state helps nobody.
            reason = say("data.not_decoded", kind=self._name)
            raise UserError("data.damaged_file", path=content.path, kind=self._name, reason=reason) from error
        if not frame.height or not frame.width:
            raise UserError("data.header_only", path=content.path)
        # A long text that stands in many rows is held once, until something is made of the column.
        check_can_take(content.path, frame.estimated_size())
        frame, unusable = plain_columns(frame)
        return RawTable(frame, True, self._name, unusable=unusable)

    def _check(self, path: Path, source: BinaryIO, sample_rows: int | None) -> None:
        """Raise ``UserError`` (exit 1) where so many rows of a file of parts that say their sizes take more than is
        free."""
        size = unpacked_bytes(source, sample_rows)
        source.seek(0)
        check_can_take(path, size * TIMES_UNPACKED)


@contextmanager
def _no_word_of_libraries() -> Iterator[None]:
    """Rust writes of a panic to standard error itself, before it becomes an exception; that is for nobody here.

    On the main thread only: the workbench, which reads on another, draws its screen on the same descriptor.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with ExitStack() as undone:
        with suppress(OSError):  # where standard error is closed, nobody hears it
            kept = os.dup(2)
            undone.callback(os.close, kept)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            undone.callback(os.close, nowhere)
            os.dup2(nowhere, 2)
            undone.callback(os.dup2, kept, 2)
        yield


def plain_columns(frame: pl.DataFrame) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """The columns that can play a role: of plain values or lists of them; and the names of the others.

    Bytes become text where all of them are UTF-8. Names are neutralised, and kept apart where that makes them equal.
    """
    plain = {name: _plain(frame[name]) for name in frame.columns}
    kept = pl.DataFrame({name: values for name, values in plain.items() if values is not None})
    kept.columns = distinct_names([column_name(name) or "?" for name in kept.columns])
    # Integers of 128 bits, which Polars makes of long numbers of JSON, are more than NumPy and most sums can take.
    kept = kept.with_columns(pl.col(pl.Int128).cast(pl.String))
    return kept, tuple(neutral_text(name) or "?" for name, values in plain.items() if values is None)


def _plain(values: pl.Series) -> pl.Series | None:
    dtype = values.dtype
    if dtype == pl.Binary:
        try:
            return values.cast(pl.String)
        except pl.exceptions.ComputeError:  # pictures, compressed texts, numbers of another program
            return None
    if isinstance(dtype, pl.List | pl.Array):
        inner = dtype.inner
        plain = isinstance(inner, pl.DataType) and not inner.is_nested()
        return values if plain and inner not in (pl.Null, pl.Binary, pl.Duration, pl.Object) else None
    return None if dtype.is_nested() or dtype == pl.Object else values


PARQUET = ColumnarReader(
    "Parquet", (b"PAR1",), (".parquet", ".pq"), lambda source, rows: pl.read_parquet(source, n_rows=rows)
)
ARROW = ColumnarReader(
    "Arrow",
    (b"ARROW1",),
    (".arrow", ".feather", ".ipc"),
    lambda source, rows: pl.read_ipc(source, n_rows=rows),
)
ARROW_STREAM = ColumnarReader(
    "Arrow stream", (b"\xff\xff\xff\xff",), (".arrows",), lambda source, rows: pl.read_ipc_stream(source, n_rows=rows)
)
