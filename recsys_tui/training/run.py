"""What the stages of one training run share, and how each tells its progress and is stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from recsys_tui.data.dataset import Dataset, TimeKind
from recsys_tui.models.ease import RIDGE
from recsys_tui.models.pair_counts import PairCounts
from recsys_tui.training.events import STAGE_FINISHED, STAGE_PROGRESS, STAGE_STARTED, TrainingEvent
from recsys_tui.training.job import TrainingRequest
from recsys_tui.training.presets import Preset

SECONDS_BETWEEN_REPORTS = 0.1

Emit = Callable[[TrainingEvent], None]


class TrainingStoppedError(Exception):
    """Training was stopped before there was anything to keep."""


@dataclass
class Run:
    """What the stages of one run share."""

    dataset: Dataset
    request: TrainingRequest
    preset: Preset
    emit: Emit
    stopped: Callable[[], bool]
    ease_ridge: float = RIDGE
    pair_counts: PairCounts = field(default_factory=PairCounts)
    stages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def has_dates(self) -> bool:
        return self.dataset.time_kind is TimeKind.TIME

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Announce a stage, hand out its reporter, and note how long it took."""
        self.check()
        # The deep model asks for itself, because it has something to keep.
        stage = Stage(name, self.emit, _go_on if name == "deep" else self.check)
        self.emit(TrainingEvent(STAGE_STARTED, stage=name, fraction=0.0))
        yield stage
        self.stages.append({"name": name, "seconds": round(stage.seconds, 3), "metrics": dict(stage.metrics)})
        self.emit(
            TrainingEvent(STAGE_FINISHED, stage=name, fraction=1.0, seconds=stage.seconds, metrics=dict(stage.metrics))
        )

    def check(self) -> None:
        """Raise where the run was stopped and there is nothing to keep yet."""
        if self.stopped():
            raise TrainingStoppedError


def _go_on() -> None:
    """Nothing ends the stage."""


class Stage:
    """Reports the progress of one stage; ``check`` is called at every report, and may end the stage by raising."""

    def __init__(self, name: str, emit: Emit, check: Callable[[], None]) -> None:
        self.name = name
        self.metrics: dict[str, float] = {}
        self._emit = emit
        self._check = check
        self._start = time.perf_counter()
        self._told = 0.0

    @property
    def seconds(self) -> float:
        """Since the stage started."""
        return time.perf_counter() - self._start

    def report(self, fraction: float, metrics: dict[str, float] | None = None) -> None:
        """Tell how far the stage is (0 to 1) and what it measured."""
        self._check()
        self.metrics |= metrics or {}
        now = time.perf_counter()
        # Ten reports a second are enough for eyes; a validation figure is always told.
        judged = any(name.endswith("ndcg@10") for name in metrics or {})
        if now - self._told < SECONDS_BETWEEN_REPORTS and not judged:
            return
        self._told = now
        self._emit(
            TrainingEvent(
                STAGE_PROGRESS, stage=self.name, fraction=fraction, seconds=self.seconds, metrics=dict(metrics or {})
            )
        )

    def part(self, start: float, stop: float) -> Callable[[float], None]:
        """A reporter for a part of the stage: its 0 to 1 is this stage's ``start`` to ``stop``."""
        return lambda share: self.report(start + (stop - start) * share)
