"""What the workbench shows, as plain frozen data. Widgets hold no truth: they are shown a state and draw it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from recsys_tui.recommend.list_options import ListOptions
from recsys_tui.store.verdicts import Verdicts
from recsys_tui.training.events import (
    FINAL_KINDS,
    STAGE_FINISHED,
    STAGE_PROGRESS,
    STAGE_STARTED,
    STAGES,
    TrainingEvent,
)

if TYPE_CHECKING:
    from recsys_tui.data.dataset import Dataset
    from recsys_tui.data.overview import Overview
    from recsys_tui.recommend.answers import Cluster, HistoryItem, Recommendations

PLAIN_OPTIONS, NOTHING_SAID = ListOptions(), Verdicts()
WAITING, RUNNING, DONE = "waiting", "running", "done"
LOG_LINES = 200
# The deep model first, then its parts.
RANKERS = (
    "deep",
    "encoder",
    "sequence",
    "ease",
    "neighbours",
    "content",
    "profile",
    "friends",
    "interaction",
    "popular",
)


@dataclass(frozen=True)
class StageState:
    """One stage of training: what it is doing, how far it is (0 to 1), its seconds and figures."""

    name: str
    status: str = WAITING
    fraction: float = 0.0
    seconds: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)


EMPTY_STAGES = tuple(StageState(name) for name in STAGES)


@dataclass(frozen=True)
class JobState:
    """A training that runs, or the one that ran last."""

    preset: str
    running: bool = True
    stages: tuple[StageState, ...] = EMPTY_STAGES
    losses: tuple[float, ...] = ()
    ndcg: tuple[float, ...] = ()
    log: tuple[str, ...] = ()

    @property
    def current(self) -> StageState | None:
        """The stage that runs now."""
        return next((stage for stage in self.stages if stage.status == RUNNING), None)

    def after(self, event: TrainingEvent) -> JobState:
        """The state after an event of the training process."""
        changed = self
        if event.stage is not None and event.kind in (STAGE_STARTED, STAGE_PROGRESS, STAGE_FINISHED):
            status = DONE if event.kind == STAGE_FINISHED else RUNNING
            changed = replace(changed, stages=tuple(_moved(stage, event, status) for stage in self.stages))
        if "ndcg@10" in event.metrics and event.kind == STAGE_PROGRESS:
            changed = replace(
                changed,
                ndcg=(*self.ndcg, event.metrics["ndcg@10"]),
                losses=(*self.losses, event.metrics.get("loss", 0.0)),
            )
        if event.note:
            changed = replace(changed, log=(*changed.log, event.note)[-LOG_LINES:])
        return replace(changed, running=False) if event.kind in FINAL_KINDS else changed


def _moved(stage: StageState, event: TrainingEvent, status: str) -> StageState:
    if stage.name != event.stage:
        return stage
    return StageState(
        stage.name,
        status,
        stage.fraction if event.fraction is None else event.fraction,
        stage.seconds if event.seconds is None else event.seconds,
        {**stage.metrics, **event.metrics},
    )


@dataclass(frozen=True)
class ModelState:
    """The model that answers: how it was trained and what it measured."""

    preset: str
    horizon: str
    device: str
    stages: tuple[StageState, ...]
    validation: dict[str, float]
    parts: dict[str, float]
    losses: tuple[float, ...]
    ndcg: tuple[float, ...]
    clusters: tuple[Cluster, ...]

    def ranker_after(self, name: str, step: int) -> str:
        """What ranks next when a person goes through the models: the deep one and those of its parts that say anything.

        ``step``: 1 forwards, -1 backwards. A name that is not among them counts as the first.
        """
        there = [ranker for ranker in RANKERS if ranker == RANKERS[0] or self.parts.get(ranker, 0.0) > 0]
        place = there.index(name) if name in there else 0
        return there[(place + step) % len(there)]


@dataclass(frozen=True)
class Asked:
    """What is asked of every list on screen: how long, and by which options."""

    k: int = 20
    options: ListOptions = PLAIN_OPTIONS


PLAIN = Asked()


@dataclass(frozen=True)
class PersonState:
    """The person on screen: id, history newest first, and the list (None while it is being made).

    ``said``: what they like and dislike by now. ``what_if``: it is only tried, and is not kept; ``kept`` is then what
    is. ``before``: the items of the list before the last change, in order, to show how each moved.
    """

    user: str
    history: tuple[HistoryItem, ...] = ()
    answer: Recommendations | None = None
    said: Verdicts = NOTHING_SAID
    kept: Verdicts = NOTHING_SAID
    what_if: bool = False
    before: tuple[str, ...] | None = None


@dataclass(frozen=True)
class WorkbenchState:
    """Everything on screen."""

    name: str = ""
    step: str = ""
    dataset: Dataset | None = None
    overview: Overview | None = None
    note: str | None = None
    model: ModelState | None = None
    job: JobState | None = None
    person: PersonState | None = None
    ranked_by: str = "deep"
    asked: Asked = PLAIN

    @property
    def training(self) -> bool:
        """Whether a training runs now."""
        return self.job is not None and self.job.running

    def stages(self) -> tuple[StageState, ...]:
        """The stages to show: of the running training, else of the model, else all waiting."""
        if self.job is not None and (self.job.running or self.model is None):
            return self.job.stages
        return self.model.stages if self.model is not None else EMPTY_STAGES
