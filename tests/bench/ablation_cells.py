"""One cell of the ablation: a dataset, a protocol, a seed and a variant, measured once and kept on disk."""

from __future__ import annotations

import ast
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import Dataset
from recsys_tui.data.histories import histories_of
from recsys_tui.evaluate.protocols import HORIZON_OF, split
from recsys_tui.training.job import TrainingRequest
from tests.bench.ablation_places import trial_of
from tests.bench.ablation_refit import Shared, train_shared
from tests.bench.ablation_variants import FULL

PACKAGE = Path(__file__).resolve().parent.parent.parent / "recsys_tui"
# What a figure depends on; the faces of the program do not change it.
ROOMS = ("data", "profiles", "models", "training", "evaluate")
Scores = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Group:
    """The cells that share signals: the same dataset, protocol and seed."""

    dataset: str
    protocol: str
    seed: int
    preset: str

    @property
    def name(self) -> str:
        return f"{self.dataset}-{self.protocol}-{self.seed}-{self.preset}"


@cache
def code_digest(rooms: tuple[str, ...] = ROOMS) -> str:
    """What tells one state of the code from another: its syntax trees, without comments and docstrings."""
    digest = hashlib.sha256()
    for path in sorted(path for room in rooms for path in (PACKAGE / room).rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
                node.body[0] = ast.Pass()
        digest.update(f"{path.relative_to(PACKAGE)} {ast.dump(tree)}".encode())
    return digest.hexdigest()[:12]


class Cells:
    """Finished cells in a folder. Each is a table of scores and, written last, a JSON document about it."""

    def __init__(self, folder: Path, any_code: bool = False) -> None:
        self.folder = folder
        self._any_code = any_code

    def path(self, group: Group) -> Path:
        """The folder of a group's cells."""
        return self.folder / group.name

    def finished(self, group: Group, key: str) -> dict[str, Any] | None:
        """The document of a cell that the present code has finished; None where it has to be measured."""
        path = self.path(group) / f"{key}.json"
        if not path.exists():
            return None
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return document if self._any_code or document["code"] == code_digest() else None

    def scores(self, group: Group, key: str) -> dict[str, NDArray[np.float64]]:
        """NDCG@10 of each person at each place."""
        with np.load(self.path(group) / f"{key}.npz") as stored:
            return {name: stored[name] for name in stored.files}

    def save(self, group: Group, key: str, scores: Scores, about: Mapping[str, Any]) -> None:
        """Keep a finished cell."""
        folder = self.path(group)
        folder.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(folder / f"{key}.npz", **scores)
        text = json.dumps({"code": code_digest(), **about})
        partial = folder / f"{key}.partial"
        partial.write_text(text, encoding="utf-8")
        partial.replace(folder / f"{key}.json")

    def keys(self, group: Group) -> list[str]:
        """The cells of a group that are finished."""
        found = sorted(path.stem for path in self.path(group).glob("*.json"))
        return [key for key in found if self.finished(group, key) is not None]


def measure(
    load: Callable[[], Dataset], group: Group, cells: Cells, parts: Collection[str] | None = None
) -> Iterator[str]:
    """Measure what is not finished of a group; a line for each cell. Stopped at any moment, it goes on from there.

    ``load`` reads the dataset, if there is anything to do. ``parts``: the variants to measure beside the full model;
    None: all. Signals are kept until all are measured.
    """
    whole = cells.finished(group, FULL)
    if whole is not None:
        missing = [key for key in whole["variants"] if not cells.finished(group, key)]
        if not [key for key in missing if parts is None or key in parts]:
            return
    cut = split(load(), group.protocol, group.seed)
    test = trial_of(cut, histories_of(cut.train).item_counts())
    request = TrainingRequest(group.preset, HORIZON_OF[group.protocol], group.seed, "cpu")
    folder = cells.path(group) / "signals"
    shared = Shared.load(folder, request, code_digest())
    if shared is None:
        start = time.process_time()
        shared, alone = train_shared(cut.train, test, request, code_digest())
        for key, scores in alone.items():
            cells.save(group, key, scores, {})
        shared.save(folder)
        yield f"{group.name}: signals, {time.process_time() - start:.0f} s"
    for variant in shared.variants:
        asked = parts is None or variant.key in (FULL, *parts)
        if not asked or cells.finished(group, variant.key) is not None:
            continue
        start = time.process_time()
        scores, about = shared.refit(variant, test)
        seconds = round(time.process_time() - start, 1)
        if variant.key == FULL:
            about |= {"served": shared.about["served"], "variants": [other.key for other in shared.variants]}
        cells.save(group, variant.key, scores, about | {"seconds": seconds})
        yield f"{group.name} {variant.key}: NDCG@10 {scores['everyone'].mean():.4f}, {seconds} s"
    if all(cells.finished(group, variant.key) for variant in shared.variants):
        shutil.rmtree(folder)
