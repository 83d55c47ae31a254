"""One model in a comparison: tuned, fitted and asked, in a process of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from recsys_tui.evaluate.classics import FitContext, classics
from recsys_tui.evaluate.list_making import as_table, asked_codes, lists_of, people_asked
from recsys_tui.evaluate.protocols import Split
from recsys_tui.evaluate.rating_errors import rating_errors
from recsys_tui.evaluate.tuning import tune
from recsys_tui.models.devices import use_one_thread
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.store.parquet_file import write_parquet
from recsys_tui.training.job import PRIVATE
from recsys_tui.training.memory import check_can_try

DEEP = "deep"
TRAINED = (DEEP, PRIVATE)  # as ``recsys train`` trains them
TUNING, FITTING, ANSWERING = "tuning", "fitting", "answering"
TUNING_SHARE, FITTING_SHARE = 0.6, 0.3

Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class ContenderRequest:
    """Which model to try, how, and how many items a list has.

    ``preset`` and ``horizon`` are the deep model's, ``epsilon`` and ``delta`` what the model ``private`` promises.
    """

    name: str
    seed: int = 0
    device: str = "auto"
    preset: str = "standard"
    horizon: str = "next"
    depth: int = 20
    epsilon: float | None = None
    delta: float | None = None


@dataclass(frozen=True)
class ContenderResult:
    """What a model did: ``seconds`` on the clock and ``cpu`` seconds (user and system, children included) by step, the
    ``setting`` it was fitted with, the settings that were ``tried`` with their NDCG@10 (of ratings: RMSE) on
    validation, figures of its ``ratings`` and of its ``classifier``, who ``served`` where that is another part of the
    deep model, and its ``epochs``: training ``loss`` and validation ``ndcg@10`` after each, and the one ``kept``;
    ``privacy``: what the model ``private`` promises."""

    name: str
    seconds: dict[str, float]
    cpu: dict[str, float]
    setting: dict[str, Any] = field(default_factory=dict)
    tried: list[dict[str, Any]] = field(default_factory=list)
    ratings: dict[str, float] = field(default_factory=dict)
    classifier: dict[str, float] = field(default_factory=dict)
    served: str | None = None
    epochs: dict[str, Any] = field(default_factory=dict)
    privacy: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


class StepWatch:
    """Times the steps of a contender: ``seconds`` on the clock and ``cpu`` seconds, by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.cpu: dict[str, float] = {}
        self._last = self._now()

    def step(self, name: str) -> None:
        """What went by since the last step ended is that of this step."""
        now = self._now()
        self.seconds[name], self.cpu[name] = now[0] - self._last[0], now[1] - self._last[1]
        self._last = now

    @staticmethod
    def _now() -> tuple[float, float]:
        used = os.times()
        return time.perf_counter(), used.user + used.system + used.children_user + used.children_system


def run_contender(
    whole: Split, request: ContenderRequest, lists: Path, tell: Tell, stopped: Callable[[], bool]
) -> ContenderResult:
    """Tune, fit and ask one model; writes its lists to the file ``lists`` (Parquet, see :func:`as_table`).

    ``tell`` gets the step (``tuning``, ``fitting``, ``answering``) and the share of the whole that is done.
    """
    use_one_thread()
    if request.name in TRAINED:
        from recsys_tui.evaluate.deep_contender import run_deep

        table, result = run_deep(whole, request, tell, stopped)
    else:
        table, result = _run_classic(whole, request, tell)
    write_parquet(table, lists)
    return result


def _run_classic(whole: Split, request: ContenderRequest, tell: Tell) -> tuple[pl.DataFrame, ContenderResult]:
    train = whole.train
    check_can_try(request.name, train.user_count, train.items.height, train.interaction_count)
    classic = classics()[request.name]
    context = FitContext(whole.train, request.seed, request.device, lambda share: tell(TUNING, TUNING_SHARE * share))
    watch = StepWatch()
    tuned = tune(classic, whole, context)
    watch.step(TUNING)
    learned = people_asked(whole.train)
    context = replace(context, report=lambda share: tell(FITTING, TUNING_SHARE + FITTING_SHARE * share))
    model = classic.fit(learned.histories, tuned.setting, context)
    watch.step(FITTING)
    people = learned if whole.asked is whole.train else people_asked(whole.asked)
    chosen = asked_codes(whole.test, whole.asked)
    popularity = np.log1p(learned.histories.item_counts()).astype(np.float32)
    before = TUNING_SHARE + FITTING_SHARE
    items, scores = lists_of(
        model, people, chosen, popularity, request.depth, lambda share: tell(ANSWERING, before + (1 - before) * share)
    )
    watch.step(ANSWERING)
    result = ContenderResult(
        request.name,
        watch.seconds,
        watch.cpu,
        dict(tuned.setting),
        [{"setting": dict(setting), tuned.metric: score} for setting, score in tuned.tried],
        rating_errors(model, whole, people, CrowdGate().minimum),
    )
    return as_table(items, scores, chosen, whole.asked), result
