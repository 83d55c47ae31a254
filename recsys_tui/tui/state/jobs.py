"""A training as the workbench follows it: its stages, curves, measured parts and log, as plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from recsys_tui.output.messages import say
from recsys_tui.training.events import (
    CLUSTERS_FOUND,
    FINAL_KINDS,
    PARTS_MEASURED,
    PRIVATE_STAGES,
    SAVED,
    STAGE_FINISHED,
    STAGE_PROGRESS,
    STAGE_STARTED,
    STAGES,
    TrainingEvent,
)

if TYPE_CHECKING:
    from recsys_tui.recommend.answers import Cluster

WAITING, RUNNING, DONE = "waiting", "running", "done"
LOG_LINES = 200
MOST_POINTS = 600
MOST_TIMES = 10.0  # as many times slower or faster than expected is believed
# The deep stage's shares of time in which the sequence encoder and the fusion learn.
ENCODER_SHARE, FUSION_FROM, FUSION_SHARE = 0.4, 0.6, 0.2

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class StageState:
    """One stage of training: what it is doing, how far it is (0 to 1), its seconds and figures."""

    name: str
    status: str = WAITING
    fraction: float = 0.0
    seconds: float = 0.0
    metrics: dict[str, float] = field(default_factory=dict)


EMPTY_STAGES = tuple(StageState(name) for name in STAGES)
EMPTY_PRIVATE_STAGES = tuple(StageState(name) for name in PRIVATE_STAGES)


def called(preset: str, epsilon: float | None) -> str:
    """How a model is called by its preset; of a private one with what it promises."""
    return preset if epsilon is None else say("private.called", epsilon=f"{epsilon:g}")


@dataclass(frozen=True)
class JobState:
    """A training that runs, or the one that ran last.

    ``losses`` and ``ndcg``: after each epoch of the deep model. ``loss_points`` and ``encoder_points``: the loss as it
    comes, of the deep model and of its sequence encoder, each as (share of its epochs done, loss). ``parts``: NDCG@10
    of each part alone, as soon as that is measured. ``clusters``: the groups of people, as soon as they have names.
    ``estimates``: seconds that each stage was expected to take. ``lists_per_second``: while the deep model learns,
    ``epochs`` of it at most (0: not known). ``epsilon``: what a private model promises, None for any other.
    ``device``: where it was asked to learn. ``since``: seconds since it last told something.
    """

    preset: str
    running: bool = True
    stages: tuple[StageState, ...] = EMPTY_STAGES
    losses: tuple[float, ...] = ()
    ndcg: tuple[float, ...] = ()
    log: tuple[str, ...] = ()
    horizon: str = "next"
    seed: int = 0
    loss_points: Points = ()
    encoder_points: Points = ()
    parts: Mapping[str, float] = field(default_factory=dict)
    clusters: tuple[Cluster, ...] = ()
    estimates: Mapping[str, float] = field(default_factory=dict)
    lists_per_second: float | None = None
    epochs: int = 0
    epsilon: float | None = None
    device: str = "auto"
    since: float = 0.0

    @property
    def called(self) -> str:
        """By its preset."""
        return called(self.preset, self.epsilon)

    def stages_now(self) -> tuple[StageState, ...]:
        """The stages, the one that runs with the time that went by since it told something."""
        return tuple(
            replace(stage, seconds=stage.seconds + self.since) if stage.status == RUNNING else stage
            for stage in self.stages
        )

    @property
    def current(self) -> StageState | None:
        """The stage that runs now."""
        return next((stage for stage in self.stages if stage.status == RUNNING), None)

    def seconds_left(self) -> float | None:
        """How long the stages go on, by the estimates and by how fast they have been so far; None if unknown."""
        if not self.running or not self.estimates:
            return None
        ended = [stage for stage in self.stages if stage.status == DONE]
        foretold = sum(self.estimates.get(stage.name, 0.0) for stage in ended)
        pace = sum(stage.seconds for stage in ended) / foretold if foretold > 0 else 1.0
        pace = min(MOST_TIMES, max(1 / MOST_TIMES, pace))
        left = 0.0
        for stage in self.stages:
            expected = pace * self.estimates.get(stage.name, 0.0)
            if stage.status == WAITING:
                left += expected
            elif stage.status == RUNNING:
                # The further it is, the more its own pace counts.
                own = stage.seconds / stage.fraction if stage.fraction > 0 else expected
                left += (1 - stage.fraction) * ((1 - stage.fraction) * expected + stage.fraction * own)
        return max(0.0, left - self.since)

    def after(self, event: TrainingEvent) -> JobState:
        """The state after an event of the training process."""
        changed = replace(self, since=0.0)
        if event.stage is not None and event.kind in (STAGE_STARTED, STAGE_PROGRESS, STAGE_FINISHED):
            status = DONE if event.kind == STAGE_FINISHED else RUNNING
            changed = replace(changed, stages=tuple(_moved(stage, event, status) for stage in self.stages))
        if event.kind == STAGE_PROGRESS:
            changed = changed._with_curves(event)
        elif event.kind == PARTS_MEASURED:
            changed = replace(changed, parts=dict(event.metrics))
        elif event.kind == CLUSTERS_FOUND:
            changed = replace(changed, clusters=_clusters(event.clusters))
        told = _told(event)
        if told:
            changed = replace(changed, log=(*changed.log, told)[-LOG_LINES:])
        return replace(changed, running=False) if event.kind in FINAL_KINDS else changed

    def _with_curves(self, event: TrainingEvent) -> JobState:
        told, done = event.metrics, event.fraction or 0.0
        changed = self
        if "encoder_loss" in told:
            points = _joined(self.encoder_points, done / ENCODER_SHARE, told["encoder_loss"])
            changed = replace(changed, encoder_points=points)
        if "loss" in told:
            points = _joined(self.loss_points, (done - FUSION_FROM) / FUSION_SHARE, told["loss"])
            changed = replace(changed, loss_points=points, lists_per_second=told.get("lists/s", self.lists_per_second))
        if "ndcg@10" in told:
            losses = (*self.losses, told.get("loss", 0.0))
            changed = replace(changed, ndcg=(*self.ndcg, told["ndcg@10"]), losses=losses)
        return changed


def _joined(points: Points, share: float, value: float) -> Points:
    """One point more; where there are too many, every second of the older ones goes."""
    points = (*points, (min(1.0, max(0.0, share)), value))
    return points if len(points) <= MOST_POINTS else (*points[:-1:2], points[-1])


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


def _clusters(found: Sequence[Mapping[str, Any]]) -> tuple[Cluster, ...]:
    """The groups that a training found, as they may be shown."""
    from recsys_tui.recommend.answers import Cluster, as_told

    return as_told(
        Cluster(
            id=number,
            name=str(entry["name"]),
            size=int(entry["size"]),
            cohesion=float(entry["cohesion"]),
            top_items=tuple((str(item), title, float(lift)) for item, title, lift in entry["items"]),
            top_terms=tuple((str(term), float(lift)) for term, lift in entry["terms"]),
        )
        for number, entry in enumerate(found)
    )


def _told(event: TrainingEvent) -> str | None:
    """What the log says of an event; None for what is no line of it."""
    told = event.metrics
    if event.note:
        return event.note
    if event.kind == STAGE_FINISHED and event.stage is not None:
        name = say(f"models.stage_{event.stage}")
        return say("train.log_stage", name=name, seconds=f"{event.seconds or 0.0:.1f}")
    if event.kind == STAGE_PROGRESS and "ndcg@10" in told:
        return _epoch_told("train.log_epoch", told, "")
    if event.kind == STAGE_PROGRESS and "encoder_ndcg@10" in told:
        return _epoch_told("train.log_encoder_epoch", told, "encoder_")
    if event.kind == PARTS_MEASURED:
        best = max(told, key=lambda name: told[name], default=None)
        return None if best is None else say("train.log_parts", part=best, ndcg=f"{told[best]:.4f}")
    if event.kind == CLUSTERS_FOUND:
        return say("train.log_clusters", count=len(event.clusters))
    return say("train.log_saved", seconds=f"{event.seconds or 0.0:.1f}") if event.kind == SAVED else None


def _epoch_told(message: str, told: Mapping[str, float], prefix: str) -> str:
    loss, ndcg = told.get(f"{prefix}loss", 0.0), told[f"{prefix}ndcg@10"]
    return say(message, epoch=f"{told.get(f'{prefix}epoch', 0):.0f}", loss=f"{loss:.3f}", ndcg=f"{ndcg:.4f}")
