"""Reading against bare Polars on the same file, and the memory that opening takes, for each kind of file."""

from __future__ import annotations

import gzip
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from tests.bench.commands import Figure

ROWS, PEOPLE, ITEMS = 3_000_000, 60_000, 8_000
RUNS = 3
_BARE = """
import sys, time
import polars as pl
read = {"csv": pl.read_csv, "gz": pl.read_csv, "parquet": pl.read_parquet, "jsonl": pl.read_ndjson}
start = time.perf_counter()
frame = read[sys.argv[1].rsplit(".", 1)[1]](sys.argv[1])
print(time.perf_counter() - start, frame.estimated_size())
"""
_OURS = """
import sys, time
from pathlib import Path
from recsys_tui.data.readers import read_table
start = time.perf_counter()
frame = read_table(Path(sys.argv[1])).frame
text = sum(16 * frame.height for kind in frame.dtypes if str(kind) == "String")
print(time.perf_counter() - start, max(frame.estimated_size(), text))
"""
# The peak that the system calls ru_maxrss is handed down from the parent; this one is the process's own.
_OPEN = """
import re, sys
from pathlib import Path
from recsys_tui.data.load import load_dataset
peak = lambda: 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
before = peak()
load_dataset(sys.argv[1])
print(peak() - before)
"""


def reading_figures(folder: Path) -> Iterator[Figure]:
    """Seconds over those of bare Polars (medians, each in a process of its own), and memory over the decoded table's.

    The decoded table is what the reader returns: strings take 16 bytes each, as Polars holds them.
    """
    for path in _files(folder):
        bare = [_figures(_BARE, path) for _ in range(RUNS)]
        ours = [_figures(_OURS, path) for _ in range(RUNS)]
        ratio = statistics.median(run[0] for run in ours) / statistics.median(run[0] for run in bare)
        yield Figure(f"reading {path.name} / bare Polars", f"{ratio:.2f}", "≤ 4", ratio <= 4)
        if not Path("/proc/self/status").exists():
            continue
        memory = _figures(_OPEN, path)[0] / ours[0][1]
        yield Figure(f"opening {path.name}, memory / decoded table", f"{memory:.2f}", "≤ 4", memory <= 4)


def _files(folder: Path) -> Iterator[Path]:
    random = np.random.default_rng(0)
    table = pl.DataFrame(
        {
            "user": random.integers(1, PEOPLE, ROWS),
            "item": (ITEMS * random.random(ROWS) ** 2).astype(np.int64),
            "rating": random.integers(1, 6, ROWS),
            "timestamp": 1_000_000_000 + random.integers(0, 10**8, ROWS),
        }
    )
    plain = folder / "table.csv"
    table.write_csv(plain)
    yield plain
    squeezed = folder / "table.csv.gz"
    squeezed.write_bytes(gzip.compress(plain.read_bytes(), 5))
    yield squeezed
    table.write_parquet(folder / "table.parquet")
    yield folder / "table.parquet"
    table.write_ndjson(folder / "table.jsonl")
    yield folder / "table.jsonl"


def _figures(program: str, path: Path) -> list[float]:
    done = subprocess.run([sys.executable, "-c", program, str(path)], check=True, capture_output=True, text=True)
    return [float(part) for part in done.stdout.split()]
