"""A comparison of models as its parent sees it: a child process that tells how far it is and keeps what it found."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from recsys_tui.output.messages import say
from recsys_tui.processes.told_process import CHILD, start_child
from recsys_tui.training.job import LARGEST_SEED

STEP, SAVED, FAILED, STOPPED = "step", "saved", "failed", "stopped"
FINAL = (SAVED, FAILED, STOPPED)
DONE = "done"  # the last step of each model
SECONDS_TO_END = 0.35


@dataclass(frozen=True)
class ComparisonRequest:
    """Which models to compare, by the most honest protocol that the data allows. ``preset``: of the deep model;
    ``epsilon``: what the model ``private`` is to promise, where that is among them."""

    models: tuple[str, ...]
    preset: str = "standard"
    seed: int = 0
    epsilon: float | None = None

    def __post_init__(self) -> None:
        if not self.models or not 0 <= self.seed <= LARGEST_SEED:
            raise ValueError(self)


@dataclass(frozen=True)
class ComparisonEvent:
    """Something a comparison tells: its ``step``, which models are tried just now, each with its own step, and how much
    of the whole is done (0 to 1); or how it ended."""

    kind: str
    step: str = ""
    running: tuple[tuple[str, str], ...] = ()
    share: float = 0.0
    note: str | None = None
    notes: tuple[str, ...] = field(default=())

    def to_line(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_line(cls, line: str) -> ComparisonEvent:
        """Read a line; raises ``ValueError`` or ``TypeError`` for one that is none."""
        said = json.loads(line)
        running = tuple((str(model), str(step)) for model, step in said.get("running", ()))
        return cls(**{**said, "running": running, "notes": tuple(said.get("notes", ()))})


class ComparisonJob:
    """The child gets the folder of the workspace, cuts the stored dataset, and keeps the comparison there.

    It runs in a session of its own, and ends by itself where its parent is gone.
    """

    def __init__(self, home: Path, workspace: Path, request: ComparisonRequest) -> None:
        self.request = request
        self._command = [
            *CHILD,
            "recsys_tui.evaluate.comparison_process",
            json.dumps({"home": str(home), "workspace": str(workspace), **asdict(request)}),
        ]
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[bytes] | None = None
        self._stopped = False

    @property
    def running(self) -> bool:
        """Whether the child process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """The child's process id; None before it was started."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        """Start the child. Raises ``RuntimeError`` if it was started before."""
        if self._process is not None:
            raise RuntimeError("a comparison starts once")
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        self._process = start_child(self._command, self._errors)

    def events(self) -> Iterator[ComparisonEvent]:
        """Yield what the child tells until it ends; the last is ``saved``, ``failed`` or ``stopped``."""
        process = self._process
        if process is None or process.stdout is None:
            raise RuntimeError("the comparison was not started")
        last = ""
        with process.stdout as lines:
            for line in lines:
                try:
                    event = ComparisonEvent.from_line(line)
                except (ValueError, TypeError):
                    continue  # a library that prints to standard output is no event
                last = event.kind
                yield event
        code = process.wait()
        if last not in FINAL:
            yield self._ended_without_a_word(code)
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def _ended_without_a_word(self, code: int) -> ComparisonEvent:
        if self._stopped:
            return ComparisonEvent(STOPPED)
        if self._errors is not None:
            self._errors.seek(0)
            lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
            if lines and code != -signal.SIGKILL:
                return ComparisonEvent(FAILED, note=say("compare.ended", detail=lines[-1]))
        return ComparisonEvent(FAILED, note=say("compare.ended", detail=say("evaluate.no_word", code=code)))

    def stop(self) -> None:
        """End the child and the model that it tries, within half a second; nothing of the comparison is kept."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        self._stopped = True
        # It ends the model's process first; while no such process is there, killing it leaves nothing behind.
        process.terminate()
        killer = threading.Timer(SECONDS_TO_END, process.kill)
        killer.daemon = True
        killer.start()
        try:
            process.wait(SECONDS_TO_END + 1)
        finally:
            killer.cancel()
