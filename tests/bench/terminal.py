"""``python -m tests.bench terminal``: how fast is the workbench, driven in a pseudo-terminal as a person would?

On ml-1m, and with ``--million`` on a million invented people with ten million events (``recsys datasets make crowd``),
which takes many minutes, most of them of training. Every dataset is opened once as it is, trained with the preset
``quick``, opened again, and opened a third time while ``standard`` is trained. Times depend on what else the machine
does: the load is noted.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import recsys_tui
from recsys_tui.data.synthetic.crowd import EVENTS_FILE, write_crowd
from tests.bench.commands import RECSYS, timed
from tests.bench.terminal_measures import Measure, measure_idle, measure_reading, measure_training
from tests.bench.terminal_table import kept, shown, with_table

RESULTS = Path(__file__).parent / "results" / "terminal.json"
CROWD = "crowd"
TIMES = 7
PARTS = {"reading": measure_reading, "idle": measure_idle, "training": measure_training}


def main(arguments: list[str], data: Path) -> int:
    """Measure, write the results and print the table; 1 where a bound is missed or something could not be measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench terminal", description=__doc__)
    parser.add_argument("--datasets", default="ml-1m", help="names in the folder of real data, or bundled ones")
    parser.add_argument("--million", action="store_true", help="a million people too")
    parser.add_argument("--crowd", type=Path, help="where the million people are, or are to be written and kept")
    parser.add_argument("--home", type=Path, help="a folder that keeps what is trained; default: a temporary one")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"some of {', '.join(PARTS)}; default: all")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--table", action="store_true", help="only print the README's table from what is in --out")
    parser.add_argument("--into", type=Path, help="with --table: write it into this file, between its marks")
    asked = parser.parse_args(arguments)
    parts = [part for part in asked.parts.split(",") if part]
    if unknown := sorted(set(parts) - set(PARTS)):
        parser.error(f"{', '.join(unknown)}: there are {', '.join(PARTS)}")
    results = read_results(asked.out)
    if not asked.table:
        compileall.compile_dir(str(Path(recsys_tui.__file__).parent), quiet=1)  # an installed package is compiled too
        with tempfile.TemporaryDirectory() as folder:
            home = asked.home or Path(folder) / "home"
            for name in [name for name in asked.datasets.split(",") if name] + [CROWD] * asked.million:
                source = crowd(asked.crowd or Path(folder) / CROWD) if name == CROWD else located(name, data)
                taken = [measure.to_json() for measure in measured(source, home, parts)]
                results = with_result(results, {"dataset": name, "machine": machine(), "measures": taken})
                asked.out.parent.mkdir(parents=True, exist_ok=True)
                asked.out.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if asked.into is not None:
        asked.into.write_text(with_table(asked.into.read_text(encoding="utf-8"), results), encoding="utf-8")
    sys.stdout.write(shown(results) + "\n")
    return 0 if asked.table or all(kept(cell) for result in results for cell in result["measures"]) else 1


def measured(source: str, home: Path, parts: list[str]) -> Iterator[Measure]:
    """All measures of one dataset, in the order of the table; what each came to is told as it is there."""
    name = Path(source).name
    once = Path(tempfile.mkdtemp(dir=home.parent))
    try:
        if "reading" in parts:
            for option, bound in (("--version", 0.2), ("--help", 0.3)):
                times = tuple(1000 * timed([*RECSYS, option], 1)[0] for _ in range(TIMES))
                yield _told(Measure(option, "ms", times, 1000 * bound))
            yield from map(_told, measure_reading(source, once))
    finally:
        shutil.rmtree(once)
    if set(parts) - {"reading"}:
        yield from map(_told, _trained(source, home))
    for part in ("idle", "training"):
        if part in parts:
            _tell(f"{name}: {part}")
            yield from map(_told, PARTS[part](source, home))


def _trained(source: str, home: Path) -> Iterator[Measure]:
    """Train ``quick``, unless it is there."""
    at_home = ["--home", str(home)]
    asked = subprocess.run([*RECSYS, "workspace", "path", source, "--json", *at_home], capture_output=True, check=True)
    if any(Path(json.loads(asked.stdout)["path"]).glob("models/*quick*")):
        return
    seconds, memory = timed([*RECSYS, "train", source, "--preset", "quick", "-q", *at_home], 1)
    yield Measure("reading and training quick", "s", (seconds,))
    yield Measure("training quick, peak memory", "MB", (memory,))


def _told(measure: Measure) -> Measure:
    _tell("  " + json.dumps(measure.to_json(), ensure_ascii=False))
    return measure


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def read_results(path: Path) -> list[dict[str, Any]]:
    """What was measured before: one document a dataset."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def with_result(results: list[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    """The results with those of one dataset renewed: measures that were not taken now stay as they were."""
    old = next((result for result in results if result["dataset"] == new["dataset"]), None)
    if old is None:
        return [*results, new]
    taken = {cell["name"]: cell for cell in new["measures"]}
    names = dict.fromkeys(chain((cell["name"] for cell in old["measures"]), taken))
    before = {cell["name"]: cell for cell in old["measures"]}
    merged = new | {"measures": [taken.get(name) or before[name] for name in names]}
    return [merged if result is old else result for result in results]


def located(name: str, data: Path) -> str:
    """The path of a real dataset, or the name of a bundled one."""
    return str(data / name) if (data / name).exists() else name


def crowd(folder: Path) -> str:
    """The million people, written into a folder unless they are there."""
    if not (folder / EVENTS_FILE).exists():
        write_crowd(folder)
    return str(folder)


def machine() -> str:
    """What it was measured on, and how busy that was."""
    about = Path("/proc/cpuinfo")
    model = re.search(r"model name\s*:\s*(.+)", about.read_text()) if about.exists() else None
    name = model.group(1).strip() if model else platform.processor() or platform.machine()
    busy = os.getloadavg()[0]
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}, load {busy:.1f}"
