"""``python -m tests.bench ablation``: what does each part of the model add? Signals once, then the fusion without each.

Every finished cell is kept in a scratch folder and not measured again while the code stays as it is; a run that was
stopped goes on where it was. Results without anything about single people go to ``--out``.
"""

from __future__ import annotations

import argparse
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

from recsys_tui.data.bundled import bundled_names
from recsys_tui.data.load import load_dataset
from recsys_tui.evaluate.protocols import PROTOCOLS
from recsys_tui.output.errors import UserError
from recsys_tui.store.home import Home
from recsys_tui.training.job import PRESETS
from tests.bench.ablation_cells import Cells, Group, measure
from tests.bench.ablation_results import beaten, results_of, table_of
from tests.bench.ablation_variants import variants

RESULTS = Path(__file__).parent / "results" / "ablation.json"
PARTS = [variant.key for variant in variants() if variant.signals]
DATASETS = "ml-100k,online-retail-ii,ml-1m"


def main(arguments: list[str], data: Path) -> int:
    """Measure what is missing, write the results, print what is asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench ablation", description=__doc__)
    parser.add_argument("--datasets", default=DATASETS, help="names in the folder of real data, or bundled ones")
    parser.add_argument("--protocols", default="last,temporal", help=f"some of {', '.join(PROTOCOLS)}")
    parser.add_argument("--parts", help=f"what to take out, of {', '.join(PARTS)}; default: each")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--preset", default="standard", choices=PRESETS)
    parser.add_argument("--scratch", type=Path, help="folder for finished cells; default: under the home folder")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--any-code", action="store_true", help="take finished cells of other states of the code too")
    parser.add_argument("--table", action="store_true", help="only print the README's table from what is in --out")
    asked = parser.parse_args(arguments)
    parts = asked.parts.split(",") if asked.parts else PARTS
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}")
    if asked.table:
        sys.stdout.write(table_of(json.loads(asked.out.read_text(encoding="utf-8"))) + "\n")
        return 0
    cells = Cells(asked.scratch or Home.resolve().root / "ablation", asked.any_code)
    groups = [
        Group(dataset, protocol, int(seed), asked.preset)
        for dataset in asked.datasets.split(",")
        for protocol in asked.protocols.split(",")
        for seed in asked.seeds.split(",")
    ]
    results: dict[str, Any] = {}
    for group in groups:
        name = group.dataset if group.dataset in bundled_names() else str(data / group.dataset)
        try:
            for line in measure(partial(load_dataset, name), group, cells, parts):
                sys.stdout.write(line + "\n")
                sys.stdout.flush()
        except UserError as error:  # a protocol that a dataset does not allow
            sys.stdout.write(f"{group.name}: {error}\n")
        results = write_results(groups, cells, asked.out)
    for row in beaten(results):
        sys.stdout.write(
            f"✗ {row['variant']} beats the full model: {row['dataset']} {row['protocol']} {row['place']}\n"
        )
    return 1 if beaten(results) else 0


def write_results(groups: list[Group], cells: Cells, path: Path) -> dict[str, Any]:
    """Write what all finished cells say, and return it."""
    results = results_of(groups, cells)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".partial")
    unfinished.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return results
