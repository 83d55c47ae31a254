"""Arrays on disk in the safetensors format, written by its library and read back memory-mapped.

The file is eight bytes with the length of a JSON header, the header (name → dtype, shape, offsets), and the bytes of
the arrays end to end. Everything the header says is checked before a byte is used; nothing in it can run code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.output.messages import say
from recsys_tui.store.atomic_files import opened_regular
from recsys_tui.store.damage import DamagedFileError
from recsys_tui.store.mapped_memory import map_file

DTYPES = {
    "BOOL": np.dtype(np.bool_),
    "U8": np.dtype(np.uint8),
    "I8": np.dtype(np.int8),
    "U16": np.dtype("<u2"),
    "I16": np.dtype("<i2"),
    "F16": np.dtype("<f2"),
    "U32": np.dtype("<u4"),
    "I32": np.dtype("<i4"),
    "F32": np.dtype("<f4"),
    "U64": np.dtype("<u8"),
    "I64": np.dtype("<i8"),
    "F64": np.dtype("<f8"),
}
LONGEST_HEADER = 100_000_000


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays to a new file."""
    from safetensors.numpy import save_file

    for name, array in arrays.items():
        if array.dtype not in DTYPES.values():
            raise TypeError(f"array {name!r} has a type that cannot be stored: {array.dtype}")
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Named arrays, read-only and memory-mapped. Raises :class:`DamagedFileError` for a file that does not hold up."""
    with ExitStack() as stack:
        try:
            stream = stack.enter_context(opened_regular(path))
        except ValueError as error:
            raise DamagedFileError(say("store.no_file")) from error
        size = os.fstat(stream.fileno()).st_size
        start = stream.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8 or length > min(size - 8, LONGEST_HEADER):
            raise DamagedFileError(say("store.no_header"))
        header = _header(stream.read(length))
        if size == 8 + length:
            mapped: Any = b""
        else:
            mapped = map_file(stream.fileno())
    body = 8 + length
    arrays = {}
    reached = 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, end = entry["data_offsets"]
        dtype, shape = DTYPES.get(entry["dtype"]), tuple(entry["shape"])
        if dtype is None or not all(_is_count(side) for side in shape):
            raise DamagedFileError(say("store.array_unknown", name=name))
        count = int(np.prod(shape, dtype=object))
        if begin != reached or end - begin != count * dtype.itemsize or body + end > size:
            raise DamagedFileError(say("store.array_misplaced", name=name))
        reached = end
        array = np.frombuffer(mapped, dtype, count, offset=body + begin) if count else np.empty(0, dtype)
        array.flags.writeable = False
        try:
            arrays[name] = array.reshape(shape)
        except (ValueError, OverflowError) as error:  # more sides, or longer ones, than an array can have
            raise DamagedFileError(say("store.array_unknown", name=name)) from error
    if body + reached != size:
        raise DamagedFileError(say("store.bytes_left_over"))
    return arrays


def _header(raw: bytes) -> dict[str, dict[str, Any]]:
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(say("store.header_not_json")) from error
    if not isinstance(document, dict):
        raise DamagedFileError(say("store.header_no_object"))
    document.pop("__metadata__", None)
    for name, entry in document.items():
        try:
            begin, end = entry["data_offsets"]
            valid = isinstance(entry["dtype"], str) and isinstance(entry["shape"], list)
            valid = valid and _is_count(begin) and _is_count(end) and begin <= end
        except (TypeError, KeyError, ValueError) as error:
            raise DamagedFileError(say("store.array_undescribed", name=name)) from error
        if not valid:
            raise DamagedFileError(say("store.array_undescribed", name=name))
    return document


def _is_count(value: object) -> bool:
    """JSON's ``true`` and ``1.0`` pass for whole numbers elsewhere in Python; here they are damage."""
    return type(value) is int and value >= 0
