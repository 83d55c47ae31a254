"""The training process: reads the stored dataset of a workspace, trains, saves the model, tells its parent.

Its one argument is a JSON document with ``workspace`` (a folder), ``niceness`` (added to that of the process) and the
fields of a training request. Standard output carries events, one JSON line each, and nothing else. SIGINT asks it to
keep the best so far; SIGTERM ends it at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.processes.orphans import end_with_parent
from recsys_tui.processes.out_of_memory import out_of_memory, ran_out
from recsys_tui.store.in_use import in_use
from recsys_tui.training.events import FAILED, NOTE, SAVED, STOPPED, TrainingEvent
from recsys_tui.training.job import PRIVATE, QUICK, TrainingRequest

if TYPE_CHECKING:
    from recsys_tui.store.workspace import Workspace


class _Channel:
    """Writes events to the parent; knows when to stop: asked to, or the parent is gone."""

    def __init__(self) -> None:
        self._parent = os.getppid()
        self._asked = False
        self._out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        # Libraries that print must not break the protocol: their standard output is our standard error.
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        end_with_parent(self._out)

    def ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._asked = True

    def stopped(self) -> bool:
        return self._asked or os.getppid() != self._parent

    def emit(self, event: TrainingEvent) -> None:
        try:
            self._out.write(event.to_line() + "\n")
            self._out.flush()
        except BrokenPipeError:
            # Nobody listens any more: end as if asked to, without another word.
            self._asked = True
            with contextlib.suppress(OSError):
                self._out.close()
            self._out = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - lives as long as the process


def main() -> int:
    """Run one training as the arguments say; returns the exit code."""
    channel = _Channel()
    signal.signal(signal.SIGINT, channel.ask_to_stop)
    if hasattr(signal, "pthread_sigmask"):  # the parent held interrupts back until now
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT,))
    document = json.loads(sys.argv[1])
    niceness = document.pop("niceness", 0)
    if niceness and hasattr(os, "nice"):
        os.nice(niceness)
    workspace, quick = Path(document.pop("workspace")), document.get("preset") == QUICK
    try:
        with in_use(workspace):
            return _train(workspace, TrainingRequest(**document), channel)
    except UserError as error:
        channel.emit(TrainingEvent(FAILED, note=str(error), exit_code=int(error.exit_code)))
        return int(error.exit_code)
    except (MemoryError, ImportError) as error:
        if not ran_out(error):
            raise
        channel.emit(TrainingEvent(FAILED, note=out_of_memory(quick), exit_code=int(ExitCode.FAILED)))
        return int(ExitCode.FAILED)


def _train(folder: Path, request: TrainingRequest, channel: _Channel) -> int:
    from recsys_tui.store.workspace import Workspace
    from recsys_tui.training.pipeline import train
    from recsys_tui.training.private_training import train_private
    from recsys_tui.training.run import TrainingStoppedError
    from recsys_tui.training.saving import keep_names, save_trained
    from recsys_tui.training.text_vectors import stamp_of, with_text_vectors

    start = time.perf_counter()
    workspace = Workspace(folder)
    stored = workspace.load_current()
    if stored is None:
        raise UserError("models.no_stored_data", ExitCode.FAILED)
    dataset, fingerprint = stored

    def tell(sentence: str) -> None:
        channel.emit(TrainingEvent(NOTE, note=sentence))

    stamp = stamp_of(dataset.mapping.text_model)
    dataset = with_text_vectors(dataset, workspace, request.device, tell, channel.stopped)
    learn = train_private if request.preset == PRIVATE else train
    try:
        model, manifest = learn(dataset, request, channel.emit, channel.stopped)
    except TrainingStoppedError:
        channel.emit(TrainingEvent(STOPPED, note=say("models.stopped_early")))
        return int(ExitCode.INTERRUPTED)
    seconds = time.perf_counter() - start
    if manifest["interrupted"] and _has_a_whole_one(workspace, request):
        channel.emit(TrainingEvent(STOPPED, note=say("models.kept_the_whole_one")))
        return int(ExitCode.INTERRUPTED)
    save_trained(workspace, request, model, manifest | {"seconds": seconds, "text_model": stamp}, fingerprint)
    if request.preset != PRIVATE:
        keep_names(workspace, model, tell)
    best = workspace.find_model(request.horizon)
    if manifest["interrupted"] and best is not None and best.preset != request.preset:
        tell(say("models.whole_one_answers", preset=best.preset, stopped=request.preset))
    channel.emit(TrainingEvent(SAVED, seconds=time.perf_counter() - start, metrics=dict(manifest["validation"])))
    return int(ExitCode.DONE)


def _has_a_whole_one(workspace: Workspace, request: TrainingRequest) -> bool:
    """Whether a model of the same preset and horizon that ran to its end is stored, made of the present data."""
    info, version = workspace.find_model(request.horizon, request.preset), workspace.dataset_version()
    current = info is not None and version is not None and info.fingerprint == version.fingerprint
    return current and info is not None and not info.manifest.get("interrupted")


if __name__ == "__main__":
    sys.exit(main())
