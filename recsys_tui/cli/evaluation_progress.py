"""How far a comparison of models is, on standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from recsys_tui.output.console import Console
from recsys_tui.output.messages import say

Tell = Callable[[str, str, float], None]


@contextmanager
def evaluation_progress(out: Console) -> Iterator[Tell]:
    """Tell what is done: a moving line on a terminal, one line a model elsewhere, nothing when quiet."""
    if not out.lively:
        told: set[str] = set()

        def line(name: str, _step: str, _share: float) -> None:
            if name not in told:
                told.add(name)
                out.tell(say("evaluate.trying", name=name))

        yield line
        return
    from rich.console import Console as RichConsole
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    from recsys_tui.evaluate.comparison_job import DONE

    columns = (TextColumn("{task.description}", markup=False), BarColumn(24), TextColumn("{task.fields[step]}"))
    with Progress(*columns, TimeElapsedColumn(), console=RichConsole(stderr=True), transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def show(name: str, step: str, share: float) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=1.0, step="")
            progress.update(tasks[name], completed=share, step=say(f"evaluate.step_{step}"))
            if step == DONE:
                progress.stop_task(tasks[name])

        yield show
