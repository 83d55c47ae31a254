"""A device that is as full as a test wants it: a file system in memory of a few kilobytes, or one that is read-only."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


class SmallDevice:
    """A file system of its own, mounted on ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """Leave no byte free."""
        with self._filler.open("wb", buffering=0) as stream:
            for size in (1 << 16, 1 << 12, 1 << 8, 1):
                try:
                    while stream.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue

    def free(self) -> None:
        """Take away what :meth:`fill` wrote."""
        self._filler.unlink(missing_ok=True)

    def remount(self, options: str) -> None:
        """Change what may be done with it."""
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.folder)], check=True, capture_output=True)


@pytest.fixture
def device(tmp_path: Path) -> Iterator[SmallDevice]:
    """A device of one megabyte; skips where none may be mounted."""
    folder = tmp_path / "device"
    folder.mkdir()
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("only the administrator of a Linux system may mount a small device")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=755", "none", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        pytest.skip(f"no small device may be mounted here: {done.stderr.strip()}")
    try:
        yield SmallDevice(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)
