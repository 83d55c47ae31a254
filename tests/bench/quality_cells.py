"""One cell of the accuracy benchmark: a dataset, a protocol, a model and a seed; and the file that keeps all cells."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recsys_tui.evaluate.contender import ContenderRequest
from recsys_tui.evaluate.contender_process import try_contender
from recsys_tui.evaluate.judge import Judge
from recsys_tui.evaluate.own_files import read_lists
from recsys_tui.evaluate.protocols import HORIZON_OF, Split
from recsys_tui.evaluate.split_folder import write_split
from tests.bench.ablation_cells import ROOMS, code_digest
from tests.bench.quality_cut import CutFiles

METRICS = ("ndcg@10", "hr@10", "recall@20")
DEPTH = 20
# What lists depend on: beside what training does, how they are made and asked for.
LISTING_ROOMS = (*ROOMS, "recommend")
# Runs a command and tells what it took. A process of its own: the peak of a child starts at what its parent holds.
WATCH = """
import json, os, subprocess, sys
process = subprocess.Popen(sys.argv[2:])
_, status, used = os.wait4(process.pid, 0)
process.returncode = os.waitstatus_to_exitcode(status)
with open(sys.argv[1], "w") as stream:
    json.dump([used.ru_utime + used.ru_stime, used.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)], stream)
sys.exit(process.returncode != 0)
"""


class Key(NamedTuple):
    """What tells cells apart. ``model``: a preset of the deep model, or the name of a classic recommender."""

    dataset: str
    protocol: str
    model: str
    seed: int


class Results:
    """The finished cells of a file, which is written anew after each."""

    def __init__(self, path: Path, any_code: bool = False) -> None:
        self._path, self._any_code = path, any_code
        found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        self._cells: dict[Key, dict[str, Any]] = {Key(*(cell[name] for name in Key._fields)): cell for cell in found}

    @property
    def cells(self) -> list[dict[str, Any]]:
        """All that is there, in the order in which it is written."""
        return [self._cells[key] for key in sorted(self._cells)]

    def finished(self, key: Key) -> bool:
        """Whether the present code, or any, has measured this."""
        cell = self._cells.get(key)
        return cell is not None and (self._any_code or cell["code"] == code_digest(LISTING_ROOMS))

    def add(self, key: Key, figures: Mapping[str, Any]) -> dict[str, Any]:
        """Keep a cell, in place of an older one with its key."""
        self._cells[key] = {**key._asdict(), "code": code_digest(LISTING_ROOMS), **figures}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_suffix(".partial")
        unfinished.write_text(json.dumps(self.cells, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(self._path)
        return self._cells[key]


def commands_figures(files: CutFiles, cut: Split, preset: str, seed: int, lists: Path) -> dict[str, Any]:
    """Train and answer with ``recsys`` itself; its lists are in ``lists`` (Parquet) afterwards.

    ``cpu_s`` (user and system) and ``peak_mb`` are those of the whole training command, its children included;
    ``served`` is the part of the model that gives the lists.
    """
    common = [str(files.train), "--horizon", HORIZON_OF[files.protocol], "--quiet"]
    if files.items is not None:
        common += ["--items", str(files.items)]
    with tempfile.TemporaryDirectory() as home:
        training = ["train", *common, "--preset", preset, "--seed", str(seed), "--json"]
        document, cpu, peak = run_recsys(training, Path(home))
        answering = ["recommend", *common, "--preset", preset, "--seed", str(seed), "--no-train", "--all"]
        run_recsys([*answering, "-k", str(DEPTH), "--repeat", "never", "--output", str(lists)], Path(home))
    scores = Judge(cut).figures(read_lists(lists, cut)).scores
    served = json.loads(document)["served"]
    return figures_of(scores) | {"cpu_s": round(cpu, 1), "peak_mb": round(peak), "served": served}


def classic_figures(cut: Split, name: str, seed: int) -> dict[str, Any]:
    """Tune, fit and ask a classic recommender; ``cpu_s`` covers all three, ``setting`` is what tuning chose."""
    with tempfile.TemporaryDirectory() as scratch:
        write_split(cut, Path(scratch))
        request = ContenderRequest(name, seed, "cpu", horizon=HORIZON_OF[cut.protocol], depth=DEPTH)
        result, cost = try_contender(Path(scratch), request, lambda _step, _share: None)
        scores = Judge(cut).figures(read_lists(Path(scratch) / f"{name}.parquet", cut)).scores
    return figures_of(scores) | {"cpu_s": round(cost.cpu_seconds, 1), "setting": result.setting}


def figures_of(scores: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
    """Means over people, and of NDCG@10 the standard error (``se``): s / √n, s with n - 1 degrees of freedom."""
    ndcg = scores[METRICS[0]]
    figures: dict[str, Any] = {name: round(float(scores[name].mean()), 8) for name in METRICS}
    return figures | {"se": round(float(ndcg.std(ddof=1) / np.sqrt(len(ndcg))), 8), "people": len(ndcg)}


def run_recsys(arguments: list[str], home: Path) -> tuple[str, float, float]:
    """Standard output, processor seconds and peak megabytes of a command. Raises ``RuntimeError`` where it fails."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as errors, tempfile.NamedTemporaryFile() as told:
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", WATCH, told.name, sys.executable, "-m", "recsys_tui", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=os.environ | {"RECSYS_HOME": str(home)},
            start_new_session=True,
            encoding="utf-8",
        )
        try:
            output, _ = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        if process.returncode:
            errors.seek(0)
            raise RuntimeError(f"recsys {arguments[0]}: {errors.read()[-500:]}")
        cpu, peak = json.loads(Path(told.name).read_text(encoding="utf-8"))
    return output, cpu, peak
