"""One module a file format, behind one interface: a path becomes a raw table of named columns."""

from __future__ import annotations

from recsys_tui.data.readers.raw_table import RawTable
from recsys_tui.data.readers.registry import read_parts, read_table

__all__ = ["RawTable", "read_parts", "read_table"]
