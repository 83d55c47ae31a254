"""Sparse rows of numbers over the items, one a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class SparseRows:
    """``indptr`` (people + 1) bounds each person's stretch of ``items`` (codes) and ``values``."""

    indptr: NDArray[np.int64]
    items: NDArray[np.int32]
    values: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.indptr) - 1

    def take(self, people: NDArray[Any]) -> SparseRows:
        """The rows of some people, who may occur several times, in the order given."""
        lengths = np.diff(self.indptr)[people]
        indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        source = np.repeat(self.indptr[people], lengths) + np.arange(indptr[-1]) - np.repeat(indptr[:-1], lengths)
        return SparseRows(indptr, self.items[source], self.values[source])

    def slice(self, start: int, stop: int) -> SparseRows:
        """The rows ``start`` to ``stop`` - 1, without copying."""
        first, last = self.indptr[start], self.indptr[stop]
        return SparseRows(self.indptr[start : stop + 1] - first, self.items[first:last], self.values[first:last])

    def dense(self, item_count: int) -> NDArray[np.float32]:
        """All rows in full, shape (people, items)."""
        result = np.zeros((len(self), item_count), np.float32)
        owners = np.repeat(np.arange(len(self)), np.diff(self.indptr))
        result[owners, self.items] = self.values
        return result

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        return {"indptr": self.indptr, "items": self.items, "values": self.values}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray[Any]]) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls(arrays["indptr"], arrays["items"], arrays["values"])

    @classmethod
    def of_matrix(cls, matrix: Any, width: int) -> Self:
        """The ``width`` largest entries of each row of a SciPy CSR matrix."""
        indptr, items, values = [0], [], []
        for row in range(matrix.shape[0]):
            first, last = matrix.indptr[row], matrix.indptr[row + 1]
            columns, numbers = matrix.indices[first:last], matrix.data[first:last]
            if len(columns) > width:
                kept = np.sort(np.argpartition(-numbers, width - 1)[:width])
                columns, numbers = columns[kept], numbers[kept]
            items.append(columns)
            values.append(numbers)
            indptr.append(indptr[-1] + len(columns))
        whole = np.concatenate(items) if items else np.zeros(0)
        numbers = np.concatenate(values) if values else np.zeros(0)
        return cls(np.array(indptr, np.int64), whole.astype(np.int32), numbers.astype(np.float32))
