"""Files that are mapped into memory, and letting go of what was read of them.

What is read of a mapped file counts as memory of the process until the system wants it back. A pass over all actions
leaves hundreds of megabytes so; letting go of them costs nothing but finding them in the system's cache again.
"""

from __future__ import annotations

import mmap
import os
import weakref
from pathlib import Path

RESIDENT_LIMIT = 450_000_000
_STATISTICS = Path("/proc/self/statm")
_mapped: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()


def map_file(descriptor: int) -> mmap.mmap:
    """Map a whole file for reading."""
    mapped = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    _mapped.add(mapped)
    return mapped


def keep_resident_small(limit: int = RESIDENT_LIMIT) -> bool:
    """Let go of the mapped files where the process holds more bytes than ``limit``; returns whether it did.

    Does nothing where the system does not tell how much a process holds (only Linux does, at this price).
    """
    try:
        resident = int(_STATISTICS.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return False
    if resident <= limit:
        return False
    for mapped in list(_mapped):
        mapped.madvise(mmap.MADV_DONTNEED)
    return True
