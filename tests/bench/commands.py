"""Whole commands, timed from outside: wall seconds (median of several runs) and peak memory."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

RECSYS = (sys.executable, "-m", "recsys_tui")
RUNS = 5


@dataclass(frozen=True)
class Figure:
    """One row of the table: what was measured, what it came to, and the bound it is held against."""

    name: str
    value: str
    bound: str
    kept: bool


def timed(command: Sequence[str], runs: int = RUNS) -> tuple[float, float]:
    """Median wall seconds, and the largest resident size in MB, of a command that must succeed."""
    seconds, peak = [], 0.0
    for _ in range(runs):
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds.append(time.perf_counter() - start)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
        peak = max(peak, usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3))
    return statistics.median(seconds), peak


def seconds_figure(name: str, seconds: float, bound: float) -> Figure:
    """A time that must not exceed a bound."""
    return Figure(name, f"{seconds:.2f} s", f"≤ {bound:g} s", seconds <= bound)


def command_figures(data: Path, home: Path) -> Iterator[Figure]:
    """Help, reading, answering; on the real data where it is there."""
    yield seconds_figure("recsys --version", timed([*RECSYS, "--version"])[0], 0.2)
    yield seconds_figure("recsys --help", timed([*RECSYS, "--help"])[0], 0.3)
    yield seconds_figure("recsys recommend --help", timed([*RECSYS, "recommend", "--help"])[0], 0.3)
    million, clicks = data / "ml-1m", data / "globo-news" / "clicks.parquet"
    if not million.exists():
        return
    fresh = []
    for run in range(3):
        command = [*RECSYS, "inspect", str(million), "-q", "--home", str(home / f"fresh{run}")]
        fresh.append(timed(command, 1))
    seconds, memory = statistics.median(run[0] for run in fresh), max(run[1] for run in fresh)
    yield seconds_figure("inspect ml-1m, new home", seconds, 2.5)
    yield Figure("inspect ml-1m, peak memory", f"{memory:.0f} MB", "≤ 600 MB", memory <= 600)
    yield reading_ratio(million / "ratings.dat")
    at_home = ["--home", str(home)]
    subprocess.run(
        [*RECSYS, "train", str(million), "--preset", "quick", "-q", *at_home], check=True, capture_output=True
    )
    answer = [*RECSYS, "recommend", str(million), "--user", "196", "--json", *at_home]
    cold, torch = timed(answer)[0], timed([sys.executable, "-c", "import torch"])[0]
    yield seconds_figure("recommend ml-1m, cold process", cold, 0.8)
    yield Figure("the same / import torch", f"{cold / torch:.2f}", "< 1", cold < torch)
    lists = [*RECSYS, "recommend", str(million), "--all", "-k", "20", "--output", str(home / "lists.parquet"), *at_home]
    yield seconds_figure("recommend ml-1m --all -k 20", timed(lists, 1)[0], 20)
    if clicks.exists():
        seconds, _ = timed([*RECSYS, "inspect", str(clicks), "-q", "--home", str(home / "clicks")], 1)
        yield seconds_figure("inspect globo-news, new home", seconds, 5)


def reading_ratio(path: Path) -> Figure:
    """Our reading of a ``::`` file over a bare scan of it, the best of five each in one run."""
    import polars as pl

    from recsys_tui.data.readers import read_table

    def bare() -> object:
        scan = pl.scan_csv(path, separator=":", has_header=False)
        return scan.select(scan.collect_schema().names()[::2]).collect()

    ours, theirs = [], []
    for _ in range(5):
        for times, work in ((theirs, bare), (ours, lambda: read_table(path))):
            start = time.perf_counter()
            work()
            times.append(time.perf_counter() - start)
    ratio = min(ours) / min(theirs)
    return Figure("reading ml-1m / bare scan_csv", f"{ratio:.2f}", "≤ 4", ratio <= 4)
