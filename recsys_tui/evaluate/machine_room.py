"""How many models the machine can try at a time."""

from __future__ import annotations

import os
from pathlib import Path

# What a model takes while it is tried: at most 2.2 GB were measured with a million interactions, .8 GB with 100,000.
BYTES_BASE, BYTES_EACH = 1_200_000_000, 1_200
MOST_AT_ONCE = 2


def models_at_once(interactions: int) -> int:
    """Two where there are two processors and memory for both models on data of this size, else one."""
    if processors() < MOST_AT_ONCE:
        return 1
    free = free_memory()
    wanted = MOST_AT_ONCE * (BYTES_BASE + BYTES_EACH * interactions)
    return MOST_AT_ONCE if free is not None and free >= wanted else 1


def processors() -> int:
    """How many processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        return os.cpu_count() or 1


def free_memory(root: Path = Path("/")) -> int | None:
    """Bytes that may be taken without swapping: what the system calls available, and no more than a container's limit
    leaves; half of all memory where the system does not say. None where nothing is known.
    """
    known = [each for each in (_available(root), _left_in_container(root)) if each is not None]
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
    """What the limit of this process's control group (version 2) leaves, where it has one."""
    group = root / "sys/fs/cgroup"
    limit, used = _text(group / "memory.max").strip(), _text(group / "memory.current").strip()
    return max(0, int(limit) - int(used)) if limit.isdigit() and used.isdigit() else None


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii", "replace")
    except OSError:
        return ""
