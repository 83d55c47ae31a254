"""``python -m tests.bench quality``: how good are the lists of ``recsys train`` and ``recsys recommend``, and at what
cost? Beside them the classic recommenders, tuned, on the same cut.

Every finished cell is written to the results file and not measured again while the code stays as it is; a run that was
stopped goes on where it was. Figures only, nothing about single people.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from recsys_tui.evaluate.protocols import LAST, TEMPORAL
from recsys_tui.output.errors import UserError
from recsys_tui.training.job import PRESETS
from tests.bench.quality_cells import Key, Results, classic_figures, commands_figures
from tests.bench.quality_cut import CUTS, named_dataset, write_cut
from tests.bench.quality_table import table_of

RESULTS = Path(__file__).parent / "results" / "quality.json"
CLASSICS = ("popular", "recent", "knn", "ease", "als")
# What is measured where nothing else is asked for: the presets by dataset and protocol.
PLAN = {
    ("ml-100k", LAST): ("standard", "quick"),
    ("ml-latest-small", LAST): ("standard",),
    ("online-retail-ii", LAST): ("standard", "quick"),
    ("ml-1m", LAST): ("standard", "quick"),
    ("ml-1m-sequences", LAST): ("standard",),
    ("ml-100k", TEMPORAL): ("standard",),
    ("online-retail-ii", TEMPORAL): ("standard",),
    ("ml-1m", TEMPORAL): ("standard",),
}


def main(arguments: list[str], data: Path) -> int:
    """Measure the cells that are missing, or print the table of those that are there; 1 where a cell failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench quality", description=__doc__)
    parser.add_argument("--datasets", help="names in the folder of real data, or bundled ones; default: the plan's")
    parser.add_argument("--protocols", help=f"some of {', '.join(CUTS)}; default: the plan's, else {LAST}")
    parser.add_argument("--presets", help=f"some of {', '.join(PRESETS)}; default: the plan's, else standard")
    parser.add_argument("--classics", default=",".join(CLASSICS), help="measured once each, seed 0; '' for none")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--any-code", action="store_true", help="take finished cells of other states of the code too")
    parser.add_argument("--table", action="store_true", help="only print the README's table from what is in --out")
    asked = parser.parse_args(arguments)
    presets, protocols = _listed(asked.presets), _listed(asked.protocols)
    for names, known in ((presets, PRESETS), (protocols, CUTS), (_listed(asked.classics), CLASSICS)):
        if unknown := sorted(set(names) - set(known)):
            parser.error(f"{', '.join(unknown)}: there are {', '.join(known)}")
    results = Results(asked.out, asked.any_code)
    if asked.table:
        sys.stdout.write(table_of(results.cells) + "\n")
        return 0
    failed = 0
    for (dataset, protocol), chosen in planned(_listed(asked.datasets), protocols, presets).items():
        keys = [Key(dataset, protocol, name, 0) for name in _listed(asked.classics)]
        keys += [Key(dataset, protocol, preset, int(seed)) for preset in chosen for seed in _listed(asked.seeds)]
        missing = [key for key in keys if not results.finished(key)]
        if not missing:
            continue
        try:
            for key, measure in _measurements(missing, data):
                try:
                    _tell(json.dumps(results.add(key, measure())))
                except (RuntimeError, UserError) as error:
                    _tell(f"✗ {' '.join(map(str, key))}: {error}")
                    failed += 1
        except UserError as error:  # data that is not there, or a protocol that it does not allow
            _tell(f"✗ {dataset} {protocol}: {error}")
            failed += 1
    return 1 if failed else 0


def planned(datasets: list[str], protocols: list[str], presets: list[str]) -> dict[tuple[str, str], list[str]]:
    """The presets to measure by dataset and protocol; what is not named is as the plan has it."""
    chosen = {}
    for dataset in datasets or dict.fromkeys(name for name, _ in PLAN):
        own = [protocol for name, protocol in PLAN if name == dataset] or [LAST]
        for protocol in protocols or own:
            chosen[dataset, protocol] = presets or list(PLAN.get((dataset, protocol), ("standard",)))
    return chosen


def _measurements(keys: list[Key], data: Path) -> Iterator[tuple[Key, Callable[[], dict[str, Any]]]]:
    """The cells of one dataset and protocol, and how to measure each; its files are there until the last is done."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_cut(named_dataset(keys[0].dataset, data), keys[0].protocol, folder)
        cut = files.as_split()
        for key in keys:
            if key.model in PRESETS:
                yield key, partial(commands_figures, files, cut, key.model, key.seed, folder / "lists.parquet")
            else:
                yield key, partial(classic_figures, cut, key.model, key.seed)


def _listed(names: str | None) -> list[str]:
    return [name for name in (names or "").split(",") if name]


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
