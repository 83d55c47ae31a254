"""Training from the command line: starts the job, shows how far it is, and obeys ^C."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from recsys_tui.output.console import Console
from recsys_tui.output.errors import ExitCode, UserError
from recsys_tui.output.messages import say
from recsys_tui.store.version_folder import holds_forgotten
from recsys_tui.training.events import (
    FAILED,
    NOTE,
    SAVED,
    STAGE_FINISHED,
    STAGE_PROGRESS,
    STAGES,
    STOPPED,
    TrainingEvent,
)
from recsys_tui.training.job import PRIVATE

if TYPE_CHECKING:
    from recsys_tui.recommend.list_options import ListOptions
    from recsys_tui.recommend.recommender import Recommender
    from recsys_tui.recommend.session import Session
    from recsys_tui.store.stored_versions import StoredModelInfo
    from recsys_tui.training.job import TrainingJob, TrainingRequest


def train_now(session: Session, request: TrainingRequest, console: Console) -> StoredModelInfo:
    """Train and return the stored model.

    The first ^C keeps the best so far, the second discards. Raises ``UserError`` if the training failed, and
    ``KeyboardInterrupt`` if it was stopped before there was anything to keep.
    """
    job = session.training_job(request)
    console.tell(say("cli.training", preset=request.preset, name=session.name))
    try:
        job.start()
        with _display(console) as show:
            last = _follow(job, show, console)
    finally:
        job.discard()  # does nothing where it ended by itself
    if last is None or last.kind == STOPPED:
        console.tell((last and last.note) or say("models.stopped_early"))
        raise KeyboardInterrupt
    if last.kind == FAILED:
        code = ExitCode(last.exit_code) if last.exit_code in tuple(ExitCode) else ExitCode.FAILED
        raise UserError("cli.said_by_training", code, sentence=last.note or "")
    info = session.model_info(request.horizon, request.preset)
    if info is None:
        raise UserError("cli.model_vanished", ExitCode.FAILED)
    if last.kind == SAVED:
        figures = info.manifest["validation"]
        if not figures:
            unmeasured = "cli.trained_untold" if info.manifest["lists"]["validation"] else "cli.trained_unmeasured"
            done = "private.trained" if "privacy" in info.manifest else unmeasured
            console.tell(say(done, seconds=f"{last.seconds or 0:.1f}"))
            return info
        console.tell(say("cli.trained", seconds=f"{last.seconds or 0:.1f}", ndcg=f"{figures['ndcg@10']:.4f}"))
    return info


def _follow(job: TrainingJob, show: Callable[[TrainingEvent], None], console: Console) -> TrainingEvent | None:
    """Show the events of a job until it ends; a ^C asks it to stop, another one ends it. Returns the last event."""
    events = job.events()
    last: TrainingEvent | None = None
    interrupts = 0
    while True:
        try:
            last = next(events)
            show(last)
        except StopIteration:
            return last
        except KeyboardInterrupt:
            interrupts += 1
            if interrupts == 1:
                console.tell(say("cli.stopping"))
                job.stop()
            else:
                job.discard()
            # A generator that was interrupted has ended; the job's output goes on where it was.
            events = job.events()


@contextmanager
def _display(console: Console) -> Iterator[Any]:
    """A function that shows events: bars on a terminal, a line a stage elsewhere, nothing when quiet."""
    if not console.lively:
        yield lambda event: _tell_line(event, console)
        return
    from rich.console import Console as RichConsole
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.text import Text

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(24),
        TextColumn("{task.fields[note]}", markup=False),
    )
    with Progress(*columns, TimeElapsedColumn(), console=RichConsole(stderr=True), transient=True) as progress:
        tasks = {
            name: progress.add_task(say(f"models.stage_{name}"), total=1.0, note="", start=False) for name in STAGES
        }

        def show(event: TrainingEvent) -> None:
            if event.stage in tasks:
                progress.start_task(tasks[event.stage])
                progress.update(tasks[event.stage], completed=event.fraction or 0.0, note=figures_of(event))
            elif event.kind == NOTE and event.note:
                progress.console.print(Text(event.note))

        yield show


def _tell_line(event: TrainingEvent, console: Console) -> None:
    if event.kind == STAGE_FINISHED and event.stage:
        name = say(f"models.stage_{event.stage}")
        console.tell(say("cli.stage_done", name=name, seconds=f"{event.seconds or 0:.1f}", figures=figures_of(event)))
    elif event.kind == NOTE and event.note:
        console.tell(event.note)


def figures_of(event: TrainingEvent) -> str:
    """What an event measured, in a few words: the figures people ask for first."""
    shown = []
    for key, text in (
        ("clusters", "{:.0f}"),
        ("terms", "{:.0f}"),
        ("auc", "{:.3f}"),
        ("ndcg@10", "{:.4f}"),
        ("loss", "{:.3f}"),
    ):
        if key in event.metrics and event.kind in (STAGE_PROGRESS, STAGE_FINISHED):
            shown.append(f"{key} {text.format(event.metrics[key])}")
    return "  ".join(shown)


def _check_known(session: Session, users: Sequence[str], items: Sequence[str], options: ListOptions | None) -> None:
    # With Polars, which an answer does without.
    from recsys_tui.recommend.dataset_history import check_known, check_options

    check_known(session.dataset, users, items)
    if options is not None:
        check_options(session.dataset, options)


def _asked_as(preset: str | None) -> str:
    """The option of ``recsys train`` that a model of this preset takes."""
    if preset == PRIVATE:
        return " --private 1"
    return f" --preset {preset}" if preset else ""


def _data_of(session: Session, options: str = "") -> str:
    """The words by which a command is given this data."""
    words = "".join(f" {shlex.quote(word)}" for word in session.identity.mapping.options())
    return shlex.quote(str(session.identity.path)) + options + words


def ready_recommender(
    session: Session,
    request: TrainingRequest,
    console: Console,
    *,
    no_train: bool,
    preset_given: bool,
    refresh: bool,
    users: Sequence[str] = (),
    items: Sequence[str] = (),
    options: ListOptions | None = None,
) -> Recommender:
    """The recommender that answers: the stored one, or after training one.

    ``users``, ``items`` and ``options``: whom and what the answer will be about, so that nobody waits for a training
    in vain. Raises ``UserError``: exit 4 where none is stored and training is not allowed, exit 3 where one of
    ``users`` or ``items`` is not in the data, exit 2 for conditions that the data cannot answer.
    """
    preset = request.preset if preset_given else None
    if refresh and not no_train:
        session.reread()
        _check_known(session, users, items, options)
        train_now(session, request, console)
    try:
        recommender = session.recommender(request.horizon, preset)
    except UserError as error:
        info = session.model_info(request.horizon, preset)
        if no_train or not holds_forgotten(error) or info is None or "privacy" in info.manifest:
            raise
        session.reread()  # what a forgetting that stopped had come to
        _check_known(session, users, items, options)
        train_now(session, replace(request, preset=info.preset, seed=info.key.seed), console)
        recommender = session.recommender(request.horizon, preset)
    if recommender is None and session.workspace.counts_too_few(request.horizon, preset):
        if no_train:
            raise UserError("cli.too_few_counted", ExitCode.NOT_TRAINED, name=session.name, data=_data_of(session))
        _check_known(session, users, items, options)
        from recsys_tui.recommend.updating import update as bring_up_to_date

        console.tell(say("models.counts_too_few"))
        bring_up_to_date(session, None, console.tell)
        recommender = session.recommender(request.horizon, preset)
    if recommender is None:
        if no_train:
            wanted = say("cli.such_model", preset=preset or say("cli.any_preset"), horizon=request.horizon)
            said = _asked_as(preset) + (f" --horizon {request.horizon}" if request.horizon != "next" else "")
            raise UserError(
                "cli.not_trained",
                ExitCode.NOT_TRAINED,
                name=session.name,
                data=_data_of(session, said),
                wanted=wanted,
            )
        _check_known(session, users, items, options)
        train_now(session, request, console)
        recommender = session.recommender(request.horizon, preset)
    if recommender is None:
        raise UserError("cli.model_vanished", ExitCode.FAILED)
    return recommender
