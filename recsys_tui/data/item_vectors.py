"""Ready-made vectors of items: a column of an item file, or a file of its own (.npz, .npy, Parquet, other tables)."""

from __future__ import annotations

import math
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recsys_tui.data.column_roles import plain
from recsys_tui.data.dataset import ID, VECTOR
from recsys_tui.data.id_codes import id_texts
from recsys_tui.data.readers import read_table
from recsys_tui.output.errors import UserError

SHORTEST, LONGEST = 4, 8_192
# Bytes of the numbers that are taken from a file, unpacked: a million items with a thousand numbers each.
MOST_BYTES = 4_000_000_000
GIGABYTE = 1e9
# What NumPy and the archives raise for broken, encrypted and pickled files, and for a header that claims too much.
_BROKEN = (
    *(ValueError, OSError, EOFError, MemoryError, SyntaxError, RuntimeError, OverflowError),
    *(zipfile.BadZipFile, zlib.error, tokenize.TokenError),
)
SAMPLE = 200
ENOUGH = 0.95
# Whole numbers may be ids; called so, lists of them are vectors all the same.
VECTOR_NAMES = ("vector", "vectors", "vec", "embedding", "embeddings", "emb", "features", "向量")
ID_NAMES = ("ids", "id", "items", "item", "item_ids", "item_id", "keys")
ENDING = ".npy"
# Kinds of NumPy arrays whose values can be ids: whole and other numbers, texts and bytes.
ID_KINDS = "iufUS"
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_WRITTEN = rf"^\s*[\[(]?\s*{_NUMBER}(?:(?:\s*[,;]\s*|\s+){_NUMBER}){{{SHORTEST - 1},}}\s*[\])]?\s*$"


def vectors_of(values: pl.Series) -> pl.Series | None:
    """A column as vectors of one length (Array of Float32), or None where it holds none.

    They may be arrays or lists of numbers, or text with numbers separated by blanks, commas or semicolons, in brackets
    or not. Those of another length than most, or with values that are not finite, are missing.
    """
    listed = _lists_of_numbers(values)
    if listed is None or not listed.drop_nulls().len():
        return None
    known = listed.list.len().drop_nulls()
    length = int(str(known.mode().min()))
    if not SHORTEST <= length <= LONGEST or int((known == length).sum()) < ENOUGH * known.len():
        return None
    fits = (listed.list.len() == length).fill_null(False).to_numpy()
    rows = np.full((values.len(), length), np.nan, np.float32)
    rows[fits] = listed.filter(pl.Series(fits)).explode().cast(pl.Float32).to_numpy().reshape(-1, length)
    return as_column(rows)


def as_column(rows: NDArray[np.float32]) -> pl.Series:
    """Rows (items, length) as a column of arrays; rows that are not finite are missing."""
    finite = pl.Series(np.isfinite(rows).all(axis=1))
    column = pl.Series(VECTOR, np.where(np.isfinite(rows), rows, 0), dtype=pl.Array(pl.Float32, rows.shape[1]))
    return pl.select(pl.when(finite).then(column)).to_series().alias(VECTOR)


def _lists_of_numbers(values: pl.Series) -> pl.Series | None:
    dtype = values.dtype
    if isinstance(dtype, pl.List | pl.Array):
        inner = dtype.inner
        named = isinstance(inner, pl.DataType) and inner.is_integer() and plain(values.name) in VECTOR_NAMES
        if named or (isinstance(inner, pl.DataType) and inner.is_float()):
            return values.cast(pl.List(pl.Float64))
        if inner != pl.String:
            return None
        texts = values.cast(pl.List(pl.String))
        sample = texts.drop_nulls().head(SAMPLE).explode().drop_nulls()
        written = sample.len() and sample.str.contains(rf"^{_NUMBER}$").all() and sample.str.contains(r"\.").any()
        return texts.cast(pl.List(pl.Float64), strict=False) if written else None
    if dtype != pl.String:
        return None
    sample = values.drop_nulls().head(SAMPLE)
    if not sample.len() or not sample.str.contains(_WRITTEN).all() or not sample.str.contains(r"\.").any():
        return None
    parts = values.str.extract_all(_NUMBER)
    return parts.cast(pl.List(pl.Float64), strict=False)


def given_vectors(path: Path, item_ids: pl.Series, rows_of: pl.Series | None) -> pl.DataFrame:
    """Vectors of a file that the person named: columns ``id`` and ``vector``, one row an item.

    ``.npz``: one array of ids and one of vectors. ``.npy``: one row for each row of the item file, ``rows_of`` its ids.
    Everything else is read as a table with a column of ids and one of vectors. Nothing in the file is executed. Raises
    ``UserError`` (exit 2) in one sentence for a file that does not fit.
    """
    if not path.exists():
        raise UserError("data.no_such_path", path=path)
    if not path.is_file():
        raise UserError("data.vectors_no_file", path=path)
    if path.suffix.lower() == ".npy":
        ids, rows = _of_npy(path, rows_of)
    elif path.suffix.lower() == ".npz":
        ids, rows = _of_npz(path)
    else:
        ids, column = _of_table(path, item_ids)
        return _matching(path, pl.DataFrame({ID: ids, VECTOR: column}), item_ids)
    return _matching(path, pl.DataFrame({ID: ids, VECTOR: as_column(rows)}), item_ids)


def _matching(path: Path, found: pl.DataFrame, item_ids: pl.Series) -> pl.DataFrame:
    found = found.drop_nulls().unique(ID, keep="first", maintain_order=True)
    if not found[ID].is_in(item_ids.implode()).any():
        raise UserError("data.vectors_do_not_match", path=path)
    return found


def _of_npy(path: Path, rows_of: pl.Series | None) -> tuple[pl.Series, NDArray[np.float32]]:
    if rows_of is None:
        raise UserError("data.vectors_need_items", path=path)
    try:
        with path.open("rb") as stream:
            about = _about(stream, path.stat().st_size)
        _check_about(path, about)
        if about.shape[0] != rows_of.len():
            raise UserError("data.vectors_rows", path=path, rows=about.shape[0], items=rows_of.len())
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except _BROKEN as error:
        raise UserError("data.vectors_unreadable", path=path) from error
    return rows_of, _single(array)


def _of_npz(path: Path) -> tuple[pl.Series, NDArray[np.float32]]:
    try:
        found: dict[str, _ArrayHeader] = {}
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.filename.endswith(ENDING):
                    with archive.open(entry) as stream:
                        found[entry.filename.removesuffix(ENDING)] = _about(stream, entry.file_size)
        tables = [name for name, about in found.items() if len(about.shape) == 2]
        lists = {name.lower(): name for name, about in found.items() if len(about.shape) == 1}
        named = next((lists[name] for name in ID_NAMES if name in lists), None)
        if len(tables) != 1 or named is None or found[named].dtype.kind not in ID_KINDS:
            raise UserError("data.vectors_no_ids", path=path)
        table, ids_of = found[tables[0]], found[named]
        _check_about(path, table, ids_of)
        if table.shape[0] != ids_of.shape[0]:
            raise UserError("data.vectors_rows", path=path, rows=table.shape[0], items=ids_of.shape[0])
        with np.load(path, allow_pickle=False) as arrays:
            ids, rows = arrays[named], _single(arrays[tables[0]])
    except _BROKEN as error:
        raise UserError("data.vectors_unreadable", path=path) from error
    if ids.dtype.kind == "S":
        ids = np.char.decode(ids, "utf-8", "replace")
    return id_texts(pl.Series(ids.astype(str) if ids.dtype.kind == "U" else ids)), rows


class _ArrayHeader(NamedTuple):
    """What the header of an array claims of it."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]

    @property
    def bytes(self) -> int:
        return math.prod(self.shape) * self.dtype.itemsize


def _about(stream: IO[bytes], size: int) -> _ArrayHeader:
    """The header of an array in ``size`` bytes; ``ValueError`` where it claims more than these hold, or objects."""
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)
    about = _ArrayHeader(shape, dtype)
    if about.bytes > size or dtype.hasobject:
        raise ValueError(about)
    return about


def _check_about(path: Path, table: _ArrayHeader, *others: _ArrayHeader) -> None:
    """Refuse, before anything is unpacked, vectors of another shape and more than are taken."""
    if len(table.shape) != 2 or table.dtype.kind not in "fiu" or not SHORTEST <= table.shape[1] <= LONGEST:
        raise UserError("data.vectors_shape", path=path, shortest=SHORTEST, longest=LONGEST)
    size = sum(about.bytes for about in (table, *others))
    if size > MOST_BYTES:
        most = f"{MOST_BYTES / GIGABYTE:g}"
        raise UserError("data.vectors_too_large", path=path, size=f"{size / GIGABYTE:.1f}", most=most)


def _single(array: NDArray[np.generic]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # what is too large is not finite, and its row missing
        return np.asarray(array, np.float32)


def _of_table(path: Path, item_ids: pl.Series) -> tuple[pl.Series, pl.Series]:
    frame = read_table(path).frame
    found = ((name, vectors_of(frame[name])) for name in frame.columns)
    name, column = next(((name, column) for name, column in found if column is not None), (None, None))
    known = item_ids.implode()
    for other in frame.columns:
        if other == name or isinstance(frame[other].dtype, pl.List | pl.Array):
            continue
        ids = id_texts(frame[other])
        if column is not None and ids.drop_nulls().is_in(known).any():
            return ids, column
    raise UserError("data.vectors_no_ids" if column is None else "data.vectors_do_not_match", path=path)
