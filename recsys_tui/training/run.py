"""What the stages of one training run share, and how each tells its progress and is stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
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
    """What the stages of one run share. ``few``: what is measured on held-out lists is of too few people to be told."""

    dataset: Dataset
    request: TrainingRequest
    preset: Preset
    emit: Emit
    stopped: Callable[[], bool]
    ease_ridge: float = RIDGE
    pair_counts: PairCounts = field(default_factory=PairCounts)
    stages: list[dict[str, Any]] = field(default_factory=list)
    few: bool = False

    @property
    def has_dates(self) -> bool:
        return self.dataset.time_kind is TimeKind.TIME

    @contextmanager
    def stage(self, name: str) -> Iterator[Stage]:
        """Announce a stage, hand out its reporter, and note how long it took."""
        self.check()
        # The deep model asks for itself, because it has something to keep.
        stage = Stage(name, self.tell, _go_on if name == "deep" else self.check)
        self.emit(TrainingEvent(STAGE_STARTED, stage=name, fraction=0.0))
        yield stage
        told = self.told(stage.metrics)
        self.stages.append({"name": name, "seconds": round(stage.seconds, 3), "metrics": told})
        self.emit(TrainingEvent(STAGE_FINISHED, stage=name, fraction=1.0, seconds=stage.seconds, metrics=told))

    def tell(self, event: TrainingEvent) -> None:
        """Emit an event without what was measured on too few people."""
        self.emit(replace(event, metrics=self.told(event.metrics)))

    def told(self, metrics: Mapping[str, float]) -> dict[str, float]:
        """Figures of a stage without those of held-out lists of too few people."""
        return {name: value for name, value in metrics.items() if not (self.few and "@" in name)}

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
