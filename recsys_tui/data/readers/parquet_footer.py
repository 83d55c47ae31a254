"""What the end of a Parquet file says of its size: bytes and values of each part, unpacked, without reading any.

It is a structure of Thrift's compact protocol. https://parquet.apache.org/docs/file-format/metadata/
"""

from __future__ import annotations

import math
from typing import Any, BinaryIO

MAGIC = b"PAR1"
LARGEST, DEEPEST = 1 << 21, 32  # of a larger end, looking at it would take too long
# Numbers of fields: of the file its groups of rows; of a group its columns and rows; of a column what is said of it, of
# which the values and the bytes, unpacked.
GROUPS, COLUMNS, ROWS, SAID, VALUES, BYTES = 4, 1, 3, 3, 5, 6
VALUE_BYTES = 8
TRUE, FALSE, BYTE, DOUBLE, TEXT, LIST, SET, STRUCT = 1, 2, 3, 7, 8, 9, 10, 12


def unpacked_bytes(file: BinaryIO, most_rows: int | None = None) -> int:
    """How many bytes a file, or about its first rows, comes to unpacked, at eight or more for each value; 0 where it
    does not say. Raises ``OSError`` where it cannot be read."""
    whole = file.seek(0, 2)
    file.seek(max(0, whole - 8))
    end = file.read()
    size = int.from_bytes(end[:4], "little")
    if not end.endswith(MAGIC) or size > min(LARGEST, whole - 8):
        return 0
    file.seek(whole - 8 - size)
    footer = file.read(size)
    try:
        return _sum(_Compact(footer).struct()[GROUPS], math.inf if most_rows is None else most_rows)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):  # no such structure
        return 0


def _sum(groups: list[dict[int, Any]], left: float) -> int:
    found = 0.0
    for group in groups:
        columns = [column[SAID] for column in group[COLUMNS]]
        size = sum(max(said[BYTES], VALUE_BYTES * said[VALUES], 0) for said in columns)
        found += size * min(1.0, left / max(1, group[ROWS]))
        left -= group[ROWS]
        if left <= 0:
            break
    return int(found)


class _Compact:
    """A structure as a dictionary of its fields by their numbers."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place, self._depth = data, 0, 0

    def struct(self) -> dict[int, Any]:
        """The next structure. Raises ``ValueError`` or ``IndexError`` where there is none."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise ValueError
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            number = number + (head >> 4) if head >> 4 else self._signed()
            kind = head & 15
            fields[number] = kind == TRUE if kind in (TRUE, FALSE) else self._value(kind)
        self._depth -= 1
        return fields

    def _value(self, kind: int) -> Any:
        if kind in (TRUE, FALSE, BYTE):
            return self._byte()
        if kind < DOUBLE:
            return self._signed()
        if kind in (DOUBLE, TEXT):
            size = 8 if kind == DOUBLE else self._unsigned()
            self._place += size
            return None
        if kind in (LIST, SET):
            head = self._byte()
            count = head >> 4 if head >> 4 < 15 else self._unsigned()
            return [self._value(head & 15) for _ in range(self._fitting(count))]
        if kind == STRUCT:
            return self.struct()
        raise ValueError(kind)  # no part of what is looked for is a map

    def _fitting(self, count: int) -> int:
        if count > len(self._data) - self._place:  # each takes a byte at least
            raise ValueError(count)
        return count

    def _byte(self) -> int:
        self._place += 1
        return self._data[self._place - 1]

    def _unsigned(self) -> int:
        found = shift = 0
        while (byte := self._byte()) & 128:
            found |= (byte & 127) << shift
            shift += 7
            if shift > 63:
                raise ValueError
        return found | byte << shift

    def _signed(self) -> int:
        found = self._unsigned()
        return (found >> 1) ^ -(found & 1)
