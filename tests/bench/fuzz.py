"""``python -m tests.bench fuzz`` and ``python -m tests.bench atheris``: spoilt inputs for everything that reads.

Nothing may raise, take more than five seconds or more than two gigabytes. An input that does is kept in
``tests/fuzz/corpus``, where every run of the tests tries it again. ``fuzz`` spoils the kept inputs at random;
``atheris`` is led by which lines of the program an input reaches, and needs the package of that name (``pip install
'.[fuzz]'``).
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.commands import Figure
from tests.fuzz.edits import CORPUS
from tests.fuzz.targets import TARGETS

MOST_SECONDS, MOST_BYTES = 5.0, 2_000_000_000
TEN_MINUTES = 600.0
LONGEST_KEPT = 500  # bytes
NO_ATHERIS = (
    "The package atheris is not installed here; pip install '.[fuzz]' installs it, where it is built for this Python.\n"
)


def main(arguments: list[str]) -> int:
    """Fuzz and print a table; 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("how", choices=("fuzz", "atheris"))
    parser.add_argument("--seconds", type=float, default=TEN_MINUTES, help="in all; default: 600")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--targets", default=",".join(TARGETS), help="for atheris: some of them")
    parser.add_argument("--keep", type=int, default=0, help="for atheris: keep so many small inputs that reach more")
    asked = parser.parse_args(arguments)
    if asked.how == "atheris" and importlib.util.find_spec("atheris") is None:
        sys.stderr.write(NO_ATHERIS)
        return 2
    sys.stdout.write(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    missed = 0
    names = [name for name in asked.targets.split(",") if name in TARGETS]
    guided = asked.how == "atheris"
    found = guided_figures(asked.seconds, names, asked.keep) if guided else fuzz_figures(asked.seconds, asked.seed)
    for figure in found:
        missed += not figure.kept
        mark = "✓" if figure.kept else "✗"
        sys.stdout.write(f"{mark} {figure.name:<48}{figure.value:>12}   {figure.bound}\n")
        sys.stdout.flush()
    return 1 if missed else 0


def fuzz_figures(seconds: float, seed: int) -> Iterator[Figure]:
    """Spoil the kept inputs; one figure a target, and the largest memory."""
    with tempfile.TemporaryDirectory() as folder:
        now, told = Path(folder) / "now", Path(folder) / "told"
        command = [sys.executable, "-m", "tests.fuzz.running", str(seed), str(seconds), str(now)]
        with told.open("w") as stream, subprocess.Popen(command, stdout=stream, stderr=subprocess.PIPE) as process:
            peak, broke = _watch(process, now)
            _, err = process.communicate()
        rounds = [json.loads(line) for line in told.read_text().splitlines()]
        broke = broke or next((entry["problem"] for entry in rounds if entry["problem"]), "")
        if not broke and process.returncode:
            broke = f"ended with {process.returncode}: {err.decode()[-300:]}"
        last = now.read_bytes().partition(b"\n")
    for target in TARGETS:
        mine = [entry for entry in rounds if entry["target"] == target]
        slowest = max((entry["slowest"] for entry in mine), default=0.0)
        count = sum(entry["inputs"] for entry in mine)
        failed = broke if target.encode() == last[0] else ""
        yield Figure(f"{target}: slowest of {count:,} inputs", f"{slowest:.2f} s", failed or "≤ 5 s", not failed)
    yield Figure("memory of the process", f"{peak / 1e6:.0f} MB", "≤ 2000 MB", peak <= MOST_BYTES)
    if broke:
        _keep(last[0].decode(), last[2])


def _watch(process: subprocess.Popen[bytes], now: Path) -> tuple[int, str]:
    """The most memory that it took, and why it was ended; an empty text where it ended by itself."""
    peak = 0
    while process.poll() is None:
        peak = max(peak, _peak(process.pid))
        if peak > MOST_BYTES:
            process.kill()
            return peak, "took more than 2 GB"
        if now.exists() and time.time() - now.stat().st_mtime > MOST_SECONDS:
            process.kill()
            return peak, "took more than 5 s"
        time.sleep(0.1)
    return peak, ""


def _peak(pid: int) -> int:
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:  # it ended meanwhile
        return 0
    return 1024 * int(found[1]) if found else 0


def _keep(target: str, content: bytes, why: str = "found") -> None:
    """Keep an input among those that are tried in every run of the tests."""
    (CORPUS / target / f"{why}-{hashlib.blake2b(content, digest_size=6).hexdigest()}").write_bytes(content)


def guided_figures(seconds: float, names: list[str], keep: int) -> Iterator[Figure]:
    """Fuzz each target for its share of the time, led by coverage; one figure a target. ``keep``: how many of the
    smallest inputs that reach more than those of the repository are added to them."""
    each = max(1, int(seconds / len(names)))
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            new, bad = Path(folder) / "new", Path(folder) / "bad"
            new.mkdir()
            bad.mkdir()
            limits = (f"-max_total_time={each}", "-timeout=5", "-rss_limit_mb=2000", "-max_len=4096")
            command = [sys.executable, "-m", "tests.fuzz.guided", name, *limits, f"-artifact_prefix={bad}/"]
            done = subprocess.run(
                [*command, "-print_final_stats=1", str(new), str(CORPUS / name)],
                capture_output=True, text=True, errors="replace", check=False, env=os.environ | {"TMPDIR": folder},
            )  # fmt: skip
            executed = re.search(r"number_of_executed_units:\s+(\d+)", done.stderr)
            peak = re.search(r"peak_rss_mb:\s+(\d+)", done.stderr)
            count = int(executed[1]) if executed else 0
            for path in bad.iterdir():
                _keep(name, path.read_bytes())
            reach = [path.read_bytes() for path in sorted(new.iterdir(), key=lambda path: path.stat().st_size)]
            for content in [content for content in reach if len(content) <= LONGEST_KEPT][:keep]:
                _keep(name, content, "reach")
            lines = [line for line in done.stderr.splitlines() if "Error" in line or "ERROR" in line]
            failed = "" if not done.returncode else (lines or [f"ended with {done.returncode}"])[-1][:200]
            told = f"{peak[1]} MB" if peak else "?"
            yield Figure(f"{name}: {count:,} inputs, {len(reach)} reach more", told, failed or "≤ 2000 MB", not failed)
