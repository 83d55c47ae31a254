"""^C while training from the command line, at any moment: keep the best so far, then discard."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from recsys_tui.cli import training_progress
from recsys_tui.cli.training_progress import train_now
from recsys_tui.output.console import Console, OutputOptions
from recsys_tui.training.events import SAVED, STAGE_FINISHED, STOPPED, TrainingEvent
from recsys_tui.training.job import TrainingRequest


class Job:
    """A job that plays a script of events; like the real one it says ``stopped`` once it was discarded."""

    def __init__(self, *kinds: str) -> None:
        self.script = iter([TrainingEvent(kind, "deep") for kind in kinds])
        self.stops = self.discards = 0

    def start(self) -> None:
        """There is no child to start."""

    def events(self) -> Iterator[TrainingEvent]:
        yield from self.script

    def stop(self) -> None:
        self.stops += 1

    def discard(self) -> None:
        self.discards += 1
        self.script = iter([TrainingEvent(STOPPED)])


def train_with(job: Job, monkeypatch: pytest.MonkeyPatch, interrupts: set[int], stored: object) -> Any:
    """Train with a scripted job; a ^C arrives while the events of these places (from 1) are shown."""
    shown = []

    def tell(event: TrainingEvent, _console: Console) -> None:
        shown.append(event)
        if len(shown) in interrupts:
            raise KeyboardInterrupt

    monkeypatch.setattr(training_progress, "_tell_line", tell)
    session: Any = SimpleNamespace(training_job=lambda _request: job, name="films", model_info=lambda *_: stored)
    return train_now(session, TrainingRequest(), Console(OutputOptions(quiet=True)))


def test_an_interrupt_while_progress_is_shown_keeps_the_best_so_far(monkeypatch: pytest.MonkeyPatch):
    stored = SimpleNamespace(manifest={"validation": {"ndcg@10": 0.5}})
    job = Job(STAGE_FINISHED, STAGE_FINISHED, SAVED)
    assert train_with(job, monkeypatch, {1}, stored) is stored
    assert job.stops == 1


def test_a_second_interrupt_discards(monkeypatch: pytest.MonkeyPatch):
    job = Job(STAGE_FINISHED, STAGE_FINISHED, STAGE_FINISHED, STOPPED)
    older = SimpleNamespace(manifest={"validation": {"ndcg@10": 0.5}})
    with pytest.raises(KeyboardInterrupt):
        train_with(job, monkeypatch, {1, 2}, older)
    assert job.stops == 1
    assert job.discards >= 1


def test_stopped_before_there_was_anything_to_keep(monkeypatch: pytest.MonkeyPatch):
    job = Job(STAGE_FINISHED, STOPPED)
    with pytest.raises(KeyboardInterrupt):
        train_with(job, monkeypatch, {1}, None)
    assert job.stops == 1
