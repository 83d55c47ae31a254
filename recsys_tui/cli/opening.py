"""Opening data in the workbench; without a terminal, its overview. Typer is not needed for it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from recsys_tui.cli.context import STANDARD_INPUT, config_file, console, home, open_session
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import TEXT, on_terminal
from recsys_tui.output.errors import ExitCode, UserError

if TYPE_CHECKING:
    from recsys_tui.recommend.reading_ahead import ReadingAhead


def data_alone(arguments: Sequence[str]) -> str | None:
    """The data of ``open DATA`` where nothing else is said; None for any other arguments."""
    alone = len(arguments) == 2 and arguments[0] == "open" and not arguments[1].startswith("-")
    return arguments[1] if alone else None


def open_data(data: str, mapping: Mapping, preset: str | None = None, no_train: bool = False) -> int:
    """Run the workbench on some data, or print its overview where there is no terminal; returns the exit code.

    Raises ``UserError`` where there is no such data.
    """
    if data != STANDARD_INPUT and console().options.form == TEXT and on_terminal():
        ahead = _reading_ahead(data, mapping)
        return workbench()(data, mapping, home(), preset, no_train, config_file(), console().options.pseudonyms, ahead)
    from recsys_tui.cli.inspect_command import show_overview

    show_overview(open_session(data, mapping))
    return ExitCode.DONE


def _reading_ahead(data: str, mapping: Mapping) -> ReadingAhead | None:
    """Have much data read while the workbench itself is. Raises ``UserError`` where there is no such data."""
    from recsys_tui.recommend.reading_ahead import ReadingAhead
    from recsys_tui.recommend.session import Session

    session = Session.open(data, mapping, home())
    try:
        return ReadingAhead.where_worthwhile(session)
    except UserError:  # what is stored is damaged: that is told, or mended, where it is read
        return None


def workbench() -> Callable[..., int]:
    """What runs the workbench, read without a collection of garbage: nothing of what is read is any, now or later."""
    gc.disable()
    try:
        from recsys_tui.tui.app import run

        gc.freeze()
    finally:
        gc.enable()
    return run
