"""The models of a comparison, tried one by one or several at a time, each with its seeds."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from recsys_tui.evaluate.classics import classics
from recsys_tui.evaluate.comparison_job import DONE
from recsys_tui.evaluate.contender import TRAINED, ContenderRequest, ContenderResult
from recsys_tui.evaluate.contender_process import Cost, try_contender
from recsys_tui.evaluate.judge import Figures, Judge
from recsys_tui.evaluate.lanes import Children
from recsys_tui.output.errors import UserError
from recsys_tui.store.parquet_file import read_parquet
from recsys_tui.training.job import LARGEST_SEED

Tell = Callable[[str, str, float], None]


@dataclass(frozen=True)
class Tried:
    """A model's figures with every seed, and what it did and cost with the first."""

    name: str
    runs: tuple[Figures, ...]
    result: ContenderResult | None = None
    cost: Cost | None = None


class Trials:
    """Tries models; several may be tried at the same time, each on a thread of its own."""

    def __init__(self, judge: Judge, folder: Path, tell: Tell, seeds: int) -> None:
        self.children = Children()
        self._judge, self._folder, self._tell, self._seeds = judge, folder, tell, seeds
        self._lock = threading.Lock()  # the judge and the listener serve one thread at a time

    def of(self, request: ContenderRequest) -> Tried:
        """One model with each of its seeds, the first seed last, so that its lists are the ones that stay."""
        runs: list[Figures] = []
        seeds = self._seeds if depends_on_seed(request.name) else 1
        try:
            for place in reversed(range(seeds)):
                again = replace(request, seed=(request.seed + place) % (LARGEST_SEED + 1))
                telling = partial(self._told, request.name, seeds - 1 - place, seeds)
                result, cost = try_contender(self._folder, again, telling, self.children)
                with self._lock:
                    runs.insert(0, self._judge.figures(read_parquet(self._folder / f"{request.name}.parquet")))
        except UserError:
            self._told(request.name, 0, 1, DONE, 1.0)
            raise
        self._told(request.name, 0, 1, DONE, 1.0)
        return Tried(request.name, tuple(runs), result, cost)

    def _told(self, name: str, before: int, seeds: int, step: str, share: float) -> None:
        with self._lock:
            self._tell(name, step, (before + share) / seeds)


def depends_on_seed(name: str) -> bool:
    """Whether another seed gives another model of this name."""
    return name in TRAINED or classics()[name].seeded
