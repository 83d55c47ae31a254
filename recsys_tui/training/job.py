"""A training run as its parent sees it: a child process of the same program, read line by line."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from numbers import Integral
from pathlib import Path
from typing import IO

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.processes.told_process import CHILD, start_child
from recsys_tui.training.events import FAILED, FINAL_KINDS, TrainingEvent

SECONDS_TO_END = 0.4
NICENESS = 10
PRESETS = ("quick", "standard", "full")
QUICK = PRESETS[0]
PRIVATE = "private"  # trained with differential privacy: no preset, for it has an ε
HORIZONS = ("next", "later")
DEVICES = ("auto", "cpu", "cuda", "mps")
LARGEST_SEED = 2**31 - 1


@dataclass(frozen=True)
class TrainingRequest:
    """What to train. ``horizon``: what a person takes ``next``, or over the coming weeks (``later``).

    ``epsilon`` and ``delta``: what the preset ``private`` promises, see :mod:`recsys_tui.models.private.accountant`;
    without a delta the usual one. Raises ``UserError`` (exit 2) for a preset, horizon, device, seed or promise that
    there is none of.
    """

    preset: str = "quick"
    horizon: str = "next"
    seed: int = 0
    device: str = "auto"
    epsilon: float | None = None
    delta: float | None = None

    def __post_init__(self) -> None:
        if self.preset not in (*PRESETS, PRIVATE):
            raise UserError("models.unknown_preset", value=self.preset, names=", ".join(PRESETS))
        if self.horizon not in HORIZONS:
            raise UserError("models.unknown_horizon", value=self.horizon, names=", ".join(HORIZONS))
        if self.device not in DEVICES:
            raise UserError("models.unknown_device", device=self.device)
        if isinstance(self.seed, bool) or not isinstance(self.seed, Integral) or not 0 <= self.seed <= LARGEST_SEED:
            raise UserError("models.bad_seed", value=self.seed, most=LARGEST_SEED)
        object.__setattr__(self, "seed", int(self.seed))  # NumPy's whole numbers too
        if self.epsilon is not None:
            from recsys_tui.models.private.accountant import check_promise

            check_promise(self.epsilon, self.delta)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """A child that is started meanwhile hears interrupts only once it says so, when it knows what to do about them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class TrainingJob:
    """Training in a process of its own, so that it can be stopped, left running, and gives its memory back.

    The child gets the folder of the workspace, reads the stored dataset and saves the model there.
    It runs in a session of its own: a ^C at the terminal reaches only the parent, which decides. If the parent dies,
    the child notices at its next progress report and ends. ``in_background``: it gives way to other processes, so that
    somebody can go on working beside it.
    """

    def __init__(self, workspace: Path, request: TrainingRequest, *, in_background: bool = False) -> None:
        if request.preset == PRIVATE and request.epsilon is None:
            raise UserError("private.needs_epsilon", ExitCode.NOT_TRAINED)
        self.request = request
        self._command = [
            *CHILD,
            "recsys_tui.training",
            json.dumps({"workspace": str(workspace), "niceness": NICENESS * in_background, **asdict(request)}),
        ]
        self._process: subprocess.Popen[str] | None = None
        self._errors: IO[bytes] | None = None
        self._discarded = False
        self._last_kind = ""

    @property
    def running(self) -> bool:
        """Whether the child process is alive."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start the child. Raises ``RuntimeError`` if it was started before."""
        if self._process is not None:
            raise RuntimeError("a training job starts once")
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        with _interrupts_held_back():
            self._process = start_child(self._command, self._errors)

    def events(self) -> Iterator[TrainingEvent]:
        """Yield the child's events as they come, until it ends. The last is ``saved``, ``stopped`` or ``failed``.

        May be called again after an interrupt: it goes on with the next event.
        """
        process = self._process
        if process is None or process.stdout is None:
            raise RuntimeError("the training job was not started")
        while True:
            line = "" if process.stdout.closed else process.stdout.readline()
            if not line:
                break
            try:
                event = TrainingEvent.from_line(line)
            except (ValueError, TypeError):
                continue  # a library that prints to standard output is no event
            self._last_kind = event.kind
            yield event
        code = process.wait()
        process.stdout.close()
        if self._last_kind not in FINAL_KINDS:
            ended = self._ended_without_a_word(code)
            self._last_kind = ended.kind
            yield ended
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def _ended_without_a_word(self, code: int) -> TrainingEvent:
        if self._discarded:
            return TrainingEvent("stopped", note=say("models.training_discarded"))
        if code == -signal.SIGKILL:
            note = say("models.training_killed")
        else:
            note = say("models.training_ended", code=code, detail=self._last_error_line())
        return TrainingEvent(FAILED, note=note, exit_code=ExitCode.FAILED)

    def _last_error_line(self) -> str:
        if self._errors is None:
            return ""
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1] if lines else ""

    def stop(self) -> None:
        """Ask the child to keep the best so far and end; it answers with ``saved`` or ``stopped``.

        It may be asked at once: what is asked while it is loading it hears when it has.
        """
        if self.running and self._process is not None:
            self._process.send_signal(signal.SIGINT)

    def discard(self) -> None:
        """End the child at once (within half a second); nothing of the run is kept."""
        process = self._process
        if process is None or process.poll() is not None:
            return
        self._discarded = True
        process.terminate()
        killer = threading.Timer(SECONDS_TO_END, process.kill)
        killer.daemon = True
        killer.start()
        try:
            process.wait(SECONDS_TO_END + 1)
        finally:
            killer.cancel()
