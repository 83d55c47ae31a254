"""The README's table of accuracy, from finished cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from recsys_tui.training.job import PRESETS
from tests.bench.quality_cells import METRICS

HEAD = (
    "| data | protocol | preset | seeds | NDCG@10 | HR@10 | Recall@20 | best classic, NDCG@10 | training, CPU s |"
    " peak MB |"
)
Cells = Sequence[dict[str, Any]]


def table_of(cells: Cells) -> str:
    """A row for each dataset, protocol and preset, in their order in ``cells``: means over seeds; ± is the standard
    error over people (the mean of those of the seeds, which judge the same people)."""
    ours = [cell for cell in cells if cell["model"] in PRESETS]
    groups = dict.fromkeys((cell["dataset"], cell["protocol"], cell["model"]) for cell in ours)
    lines = [HEAD, "|" + "---|" * (HEAD.count("|") - 1)]
    for dataset, protocol, preset in groups:
        there = [cell for cell in cells if (cell["dataset"], cell["protocol"]) == (dataset, protocol)]
        same = [cell for cell in there if cell["model"] == preset]
        mean = {name: _mean(same, name) for name in (*METRICS, "se", "cpu_s", "peak_mb")}
        ndcg, hr, recall = (mean[name] for name in METRICS)
        lines.append(
            f"| {dataset} | {protocol} | {preset} | {len(same)} | {ndcg:.4f} ± {mean['se']:.4f} | {hr:.4f} | "
            f"{recall:.4f} | {_best_classic(there)} | {mean['cpu_s']:.0f} | {mean['peak_mb']:.0f} |"
        )
    return "\n".join(lines)


def _mean(cells: Cells, name: str) -> float:
    return float(np.mean([cell[name] for cell in cells]))


def _best_classic(cells: Cells) -> str:
    classics = [cell for cell in cells if cell["model"] not in PRESETS]
    if not classics:
        return "–"
    best = max(classics, key=lambda cell: float(cell[METRICS[0]]))
    return f"{best['model']} {best[METRICS[0]]:.4f} ± {best['se']:.4f}"
