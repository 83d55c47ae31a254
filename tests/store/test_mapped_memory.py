"""Letting go of mapped files: less is resident, and everything is still there."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from recsys_tui.store.array_file import read_arrays, write_arrays
from recsys_tui.store.mapped_memory import keep_resident_small

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what a process holds")


def of_files() -> int:
    """Resident bytes that come of files."""
    found = re.search(r"RssFile:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) * 1024


def test_what_was_read_is_let_go_of_and_found_again(tmp_path: Path):
    numbers = np.random.default_rng(0).integers(0, 100, 5_000_000)
    write_arrays(tmp_path / "a.safetensors", {"numbers": numbers})
    arrays = read_arrays(tmp_path / "a.safetensors")
    total = int(arrays["numbers"].sum())
    before = of_files()
    assert keep_resident_small(limit=0)
    assert of_files() < before - 30_000_000
    assert int(arrays["numbers"].sum()) == total == int(numbers.sum())


def test_below_the_limit_nothing_happens(tmp_path: Path):
    write_arrays(tmp_path / "a.safetensors", {"numbers": np.arange(5_000_000)})
    arrays = read_arrays(tmp_path / "a.safetensors")
    assert arrays["numbers"].sum() > 0
    before = of_files()
    assert not keep_resident_small(limit=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    assert of_files() > before - 5_000_000
