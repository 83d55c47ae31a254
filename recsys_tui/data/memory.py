"""How much memory there is, and whether reading some files fits in it."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from pathlib import Path

from recsys_tui.output.console import human_bytes
from recsys_tui.output.digits import whole_number
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.processes.addresses import address_limit

SETTING = "RECSYS_FREE_MEMORY"
# Peaks measured with ten million rows of two ids and a time: 1.2 GB of text of 233 MB, 1.1 GB of the same packed to
# 96 MB, and .95 GB of Parquet.
# Of Parquet with long texts or lists 1.3 times what it comes to unpacked.
# Addresses, not memory, that Polars maps for its threads and their allocators once it does something.
ARENAS = 700_000_000
# Bytes of a field of text in a table, however short it is.
FIELD = 16
READING, TIMES_TEXT, TIMES_PACKED, CELL, TIMES_UNPACKED = 200_000_000, 4.5, 12, 28, 1.5
PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
PARQUET = b"PAR1"
# Of a control group its limit, what it has taken, and how much of that the system gives back when it is asked for more.
VERSION_1 = "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
VERSION_2 = "memory.max", "memory.current", "inactive_file"


def check_can_read(paths: Sequence[Path]) -> None:
    """Raise ``UserError`` (exit 1) where reading these files would take more memory than is free.

    That is an estimate from sizes, or of Parquet from rows and columns; what cannot be looked at is left to the reader.
    """
    needed = READING + sum(map(_reading, paths))
    if addresses_are_limited():
        import polars as pl  # noqa: F401 - what it maps when it is imported counts already

        needed += ARENAS
    free = free_memory()
    if free is not None and needed > free:
        raise too_large(paths[0], needed, free)


def check_can_take(path: Path, needed: float) -> None:
    """Raise ``UserError`` (exit 1) where something of a file takes more memory than is free."""
    free = free_memory()
    if free is not None and needed > free:
        raise too_large(path, needed, free)


class Room:
    """How much text may be read from a file, by the memory that was free when that began."""

    def __init__(self, path: Path) -> None:
        self._path, self._free = path, free_memory()
        self._most = math.inf if self._free is None else (self._free - READING) / TIMES_TEXT

    def check(self, size: int, share: float) -> None:
        """Raise ``UserError`` (exit 1) where so many bytes of text, which are that share of all, take more memory."""
        if size > self._most and self._free is not None:
            raise too_large(self._path, READING + size / share * TIMES_TEXT, self._free)


def addresses_are_limited() -> bool:
    """Whether this process may map only so many addresses (``ulimit -v``)."""
    return _left_of_addresses(Path("/")) is not None


def too_large(path: Path, needed: float, free: int) -> UserError:
    """That a file takes so many bytes, and so many are free."""
    sizes = {"needed": human_bytes(int(needed)), "free": human_bytes(free)}
    return UserError("data.too_large_for_memory", ExitCode.FAILED, path=path, setting=SETTING, **sizes)


def _reading(path: Path) -> int:
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(8)
    except OSError:
        return 0
    if head.startswith(PARQUET):
        return max(_cells(path) * CELL, _unpacked(path))
    return int(size * (TIMES_PACKED if head.startswith(PACKED) else TIMES_TEXT))


def _unpacked(path: Path) -> int:
    from recsys_tui.data.readers.parquet_footer import unpacked_bytes

    try:
        with path.open("rb") as stream:
            return int(unpacked_bytes(stream) * TIMES_UNPACKED)
    except OSError:
        return 0


def _cells(path: Path) -> int:
    import polars as pl

    try:
        with path.open("rb") as stream:
            frame = pl.scan_parquet(stream)
            rows, columns = frame.select(pl.len()).collect().item(), len(frame.collect_schema())
    except (pl.exceptions.PolarsError, OSError):
        return 0
    return int(rows) * columns


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1


def free_memory(root: Path = Path("/")) -> int | None:
    """Bytes that may be taken without swapping: what the system calls available, and no more than a container's limit
    or one of this process (``ulimit -v``) leaves; half of all memory where the system does not say. None where nothing
    is known. ``RECSYS_FREE_MEMORY``, in bytes, says it instead of the system.
    """
    told = whole_number(os.environ.get(SETTING, ""))
    if told is not None:
        return told
    found = _available(root), _left_in_container(root), _left_of_addresses(root)
    known = [each for each in found if each is not None]
    if known:
        return min(known)
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2
    except (ValueError, OSError):
        return None


def _available(root: Path) -> int | None:
    """``MemAvailable`` of Linux."""
    for line in _text(root / "proc/meminfo").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _left_in_container(root: Path) -> int | None:
    """What the limits of this process's control group, and of all that it lies within, leave, where there are any."""
    mounted = root / "sys/fs/cgroup"
    found = [_left_in_group(mounted, *VERSION_2)]
    for line in _text(root / "proc/self/cgroup").splitlines():
        kinds, _, path = line.partition(":")[2].partition(":")
        if kinds and "memory" not in kinds.split(","):
            continue
        files, top = (VERSION_1, mounted / "memory") if kinds else (VERSION_2, mounted)
        # Without a name space of its own a container tells the path outside, which is not there.
        own = [part for part in path.split("/") if part]
        found += [_left_in_group(top.joinpath(*own[:depth]), *files) for depth in range(len(own) + 1)]
    return min((left for left in found if left is not None), default=None)


def _left_in_group(group: Path, most: str, current: str, kept: str) -> int | None:
    """What the limit of a group leaves, beside files that are only kept to be read again."""
    limit, used = _text(group / most).strip(), _text(group / current).strip()
    if not (limit.isdigit() and used.isdigit()):
        return None
    fields = dict(line.split(" ", 1) for line in _text(group / "memory.stat").splitlines() if " " in line)
    again = fields.get(kept, "")
    return max(0, int(limit) - max(0, int(used) - (int(again) if again.isdigit() else 0)))


def _left_of_addresses(root: Path) -> int | None:
    """What the limit of this process's addresses leaves, where it has one; Linux counts what is mapped to it."""
    limit = address_limit()
    pages = _text(root / "proc/self/statm").split(" ", 1)[0]
    if limit is None or not pages.isdigit():
        return None
    return max(0, limit - int(pages) * os.sysconf("SC_PAGE_SIZE"))


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""
