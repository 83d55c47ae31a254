"""``recsys-tui open``: the workbench; without a terminal, the overview."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from recsys_tui.cli.choices import Preset
from recsys_tui.cli.context import STANDARD_INPUT, config_file, console, home, open_session
from recsys_tui.cli.data_options import Data, with_mapping
from recsys_tui.cli.inspect_command import show_overview
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.console import TEXT, on_terminal
from recsys_tui.output.errors import UserError
from recsys_tui.output.messages import say

if TYPE_CHECKING:
    from recsys_tui.recommend.reading_ahead import ReadingAhead


@with_mapping
def open_workbench(
    data: Data,
    preset: Annotated[Preset | None, typer.Option("--preset", help=say("cli.help_open_preset"))] = None,
    no_train: Annotated[bool, typer.Option("--no-train", help=say("cli.help_open_no_train"))] = False,
    *,
    mapping: Mapping,
) -> None:
    if data != STANDARD_INPUT and console().options.form == TEXT and on_terminal():
        ahead = _reading_ahead(data, mapping)
        raise typer.Exit(
            workbench()(data, mapping, home(), preset, no_train, config_file(), console().options.pseudonyms, ahead)
        )
    show_overview(open_session(data, mapping))


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
