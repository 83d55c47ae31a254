"""Threads of the workbench: one for the session (it is not made for two), one to follow the training process."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.recommend.session import Session
from recsys_tui.store.home import Home
from recsys_tui.store.mapped_memory import keep_resident_small
from recsys_tui.store.unforeseen import is_told, sentence_of
from recsys_tui.training.job import TrainingJob, TrainingRequest
from recsys_tui.tui.messages import Post, TrainingEnded, TrainingStarted, TrainingTold, WorkFailed


class WorkerThread:
    """Runs tasks one after the other on a thread that does not keep the program from ending.

    A task given a ``kind`` replaces a waiting one of the same kind: only the latest wish matters.
    """

    def __init__(self, name: str, post: Post, home: Home) -> None:
        self._post, self._home = post, home
        self._tasks: queue.SimpleQueue[tuple[str | None, int, Callable[[], None], bool]] = queue.SimpleQueue()
        self._latest: dict[str, int] = {}
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def submit(self, task: Callable[[], None], kind: str | None = None, fatal: bool = False) -> None:
        """Run ``task`` later; ``fatal``: the application cannot go on if it fails."""
        number = 0
        if kind is not None:
            number = self._latest.get(kind, 0) + 1
            self._latest[kind] = number
        self._tasks.put((kind, number, task, fatal))

    @property
    def has_more(self) -> bool:
        """Whether a task waits for the one that runs: what is not urgent may then give way."""
        return not self._tasks.empty()

    def _run(self) -> None:
        while True:
            kind, number, task, fatal = self._tasks.get()
            if kind is not None and self._latest.get(kind) != number:
                continue
            try:
                task()
            except UserError as error:
                self._post(WorkFailed(str(error), int(error.exit_code), fatal))
            except BaseException as error:
                if not is_told(error):
                    raise
                self._post(WorkFailed(sentence_of(error, lambda: self._home), int(ExitCode.FAILED), fatal))
            keep_resident_small()


class JobRunner:
    """Owns the one training process of the application."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._job: TrainingJob | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether a training process runs."""
        return self._job is not None and self._job.running

    def start(self, session: Session, request: TrainingRequest) -> None:
        """Start a training unless one runs. Call on the session's thread: it may have to store the dataset."""
        from recsys_tui.training.presets import PRESETS

        with self._lock:
            if self.running:
                return
            job = session.training_job(request, in_background=True)
            job.start()
            self._job = job
        epochs = PRESETS[request.preset].epochs if request.preset in PRESETS else 0
        told = (request.preset, request.horizon, request.seed, epochs, request.epsilon, request.device)
        self._post(TrainingStarted(*told))
        threading.Thread(target=self._follow, args=(job,), name="training", daemon=True).start()

    def _follow(self, job: TrainingJob) -> None:
        for event in job.events():
            self._post(TrainingTold(event, job.request.preset))
        self._post(TrainingEnded())

    def stop(self) -> None:
        """Keep the best so far and end."""
        if self._job is not None:
            self._job.stop()

    def discard(self) -> None:
        """End at once, keep nothing of it."""
        if self._job is not None:
            self._job.discard()
