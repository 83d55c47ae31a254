"""The comparison over all people that runs behind the workbench: one at a time, and gone when it is told to."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from textual.message import Message

from recsys_tui.recommend.session import Session
from recsys_tui.tui.messages import Post

if TYPE_CHECKING:
    from recsys_tui.evaluate.comparison_job import ComparisonEvent, ComparisonJob, ComparisonRequest


class ComparisonStarted(Message):
    """A comparison runs."""

    def __init__(self, request: ComparisonRequest) -> None:
        super().__init__()
        self.request = request


class ComparisonTold(Message):
    """How far a comparison is, or how it ended. Newer progress replaces progress that waits."""

    def __init__(self, event: ComparisonEvent) -> None:
        super().__init__()
        self.event = event

    def can_replace(self, message: Message) -> bool:
        """Progress may be dropped for newer progress, never for an end."""
        return isinstance(message, ComparisonTold) and message.event.kind == self.event.kind == "step"


class ComparisonRunner:
    """Owns the one comparison process of the application."""

    def __init__(self, post: Post) -> None:
        self._post = post
        self._job: ComparisonJob | None = None
        self._lock = threading.Lock()

    @property
    def running(self) -> bool:
        """Whether the process is alive."""
        return self._job is not None and self._job.running

    @property
    def pid(self) -> int | None:
        """The process id of the comparison that was started last; None before."""
        return None if self._job is None else self._job.pid

    def start(self, session: Session, request: ComparisonRequest) -> None:
        """Start a comparison unless one runs. Call on the session's thread: it may have to store the dataset."""
        from recsys_tui.evaluate.comparison_job import ComparisonJob

        with self._lock:
            if self.running:
                return
            session.home.check_writable()
            session.load()
            job = ComparisonJob(session.home.root, session.workspace.folder, request)
            job.start()
            self._job = job
        self._post(ComparisonStarted(request))
        threading.Thread(target=self._follow, args=(job,), name="comparison", daemon=True).start()

    def _follow(self, job: ComparisonJob) -> None:
        for event in job.events():
            self._post(ComparisonTold(event))

    def stop(self) -> None:
        """End it, and keep nothing of it. Takes up to half a second."""
        if self._job is not None:
            self._job.stop()
