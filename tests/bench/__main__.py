"""``python -m tests.bench [NAME …]``: commands, reading, kills, long, crowds, copies, significance, serving,
calibration, people, ab.

Prints a table; exits 1 where a bound is missed. ``python -m tests.bench ablation --help``: what each part of the model
adds, which takes long. ``python -m tests.bench cold_items --help``: items that nobody has taken yet.
``python -m tests.bench quality --help``: how good the lists are, with seeds and standard errors; it takes long too.
``python -m tests.bench terminal --help``: how fast the workbench is, in a pseudo-terminal. ``python -m tests.bench
explanations --help``: how true and how fast explanations are. ``python -m tests.bench private --help``: what privacy
costs, and what attacks find. ``python -m tests.bench fuzz --help`` and ``atheris --help``: spoilt inputs.
``python -m tests.bench bounds --help``: the tests with the oldest packages that are allowed.

Real data comes from ``RECSYS_TEST_DATA`` (default ``../shared/data``). Times depend on the machine and on what else it
does: run it alone, and read medians.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.ab import ab_figures
from tests.bench.ablation import main as ablation
from tests.bench.bounds import main as bounds
from tests.bench.calibration import calibration_figures
from tests.bench.cold_items import main as cold_items
from tests.bench.commands import Figure, command_figures
from tests.bench.explanations import main as explanations
from tests.bench.fuzz import main as fuzz
from tests.bench.kills import kill_figures
from tests.bench.people import people_figures
from tests.bench.private import main as private
from tests.bench.quality import main as quality
from tests.bench.reading import reading_figures
from tests.bench.serving import serving_figures
from tests.bench.significance import significance_figures
from tests.bench.terminal import main as terminal

ROOT = Path(__file__).resolve().parent.parent.parent
PARTS = (
    "commands", "reading", "kills", "long", "crowds", "copies",
    "significance", "serving", "calibration", "people", "ab",
)  # fmt: skip


def kills_of_all() -> Iterator[Figure]:
    """The kill tests with their full counts: of the store alone, and of the program."""
    yield _tested("200 kills while saving", ["tests/store", "-k", "killed"], RECSYS_TEST_KILLS="200")
    yield from kill_figures()


def long_figures() -> Iterator[Figure]:
    """Tests that the usual run leaves out or shortens, with their full counts."""
    yield _tested("a newcomer's session on real data", ["tests/tui/test_newcomer.py"], RECSYS_TEST_LONG="1")
    yield _tested("10,000 random keys", ["tests/tui/test_random_keys.py"], RECSYS_TEST_KEYS="10000")
    path = "tests/recommend/explanations/test_explain.py"
    yield _tested("500 counterfactuals", [path, "-k", "counterfactuals_hold"], RECSYS_TEST_COUNTERFACTUALS="500")


def crowd_figures() -> Iterator[Figure]:
    """Whether anything that is told gives away what few people did, in many made worlds."""
    chosen = ["tests/trust/test_crowds.py", "tests/trust/test_crowd_channels.py"]
    yield _tested("1,000 worlds, any two outputs", chosen, RECSYS_TEST_CROWDS="1000")


def copy_figures() -> Iterator[Figure]:
    """Whether who is forgotten of some data is forgotten of every copy, however it came about, and of no other data."""
    chosen = ["tests/trust/test_forgetting_of_copies.py"]
    yield _tested("2,000 histories of copies", chosen, RECSYS_TEST_COPIES="2000")


def _tested(name: str, chosen: list[str], **settings: str) -> Figure:
    command = [sys.executable, "-m", "pytest", "-q", *chosen]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | settings, check=False)
    return Figure(name, "passed" if done.returncode == 0 else "failed", "passed", done.returncode == 0)


def real_data() -> Path:
    """The folder of real datasets."""
    return Path(os.environ.get("RECSYS_TEST_DATA", ROOT / ".." / "shared" / "data")).resolve()


def main(wanted: list[str]) -> int:
    """Run the named parts, or all but those that have options of their own."""
    if wanted[:1] == ["ablation"]:
        return ablation(wanted[1:], real_data())
    if wanted[:1] == ["bounds"]:
        return bounds(wanted[1:])
    if wanted[:1] == ["cold_items"]:
        return cold_items(wanted[1:], real_data())
    if wanted[:1] == ["explanations"]:
        return explanations(wanted[1:], real_data())
    if wanted[:1] in (["fuzz"], ["atheris"]):
        return fuzz(wanted)
    if wanted[:1] == ["private"]:
        return private(wanted[1:], real_data())
    if wanted[:1] == ["quality"]:
        return quality(wanted[1:], real_data())
    if wanted[:1] == ["terminal"]:
        return terminal(wanted[1:], real_data())
    if {"-h", "--help"} & set(wanted):
        sys.stdout.write(f"{__doc__}\n")
        return 0
    unknown = set(wanted) - set(PARTS)
    if unknown:
        sys.stderr.write(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}\n")
        return 2
    data = real_data()
    missed = 0
    sys.stdout.write(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        parts = {
            "commands": lambda: command_figures(data, home),
            "reading": lambda: reading_figures(home),
            "kills": kills_of_all,
            "long": long_figures,
            "crowds": crowd_figures,
            "copies": copy_figures,
            "significance": significance_figures,
            "serving": lambda: serving_figures(data, home),
            "calibration": lambda: calibration_figures(data),
            "people": lambda: people_figures(data),
            "ab": lambda: ab_figures(home),
        }
        for part in wanted or PARTS:
            for figure in parts[part]():
                missed += not figure.kept
                mark = "✓" if figure.kept else "✗"
                sys.stdout.write(f"{mark} {figure.name:<48}{figure.value:>12}   {figure.bound}\n")
                sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
