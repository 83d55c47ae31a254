"""``recsys-tui open``: the workbench; without a terminal, the overview."""

from __future__ import annotations

from typing import Annotated

import typer

from recsys_tui.cli.choices import Preset
from recsys_tui.cli.data_options import Data, with_mapping
from recsys_tui.cli.opening import open_data
from recsys_tui.data.dataset import Mapping
from recsys_tui.output.messages import say


@with_mapping
def open_workbench(
    data: Data,
    preset: Annotated[Preset | None, typer.Option("--preset", help=say("cli.help_open_preset"))] = None,
    no_train: Annotated[bool, typer.Option("--no-train", help=say("cli.help_open_no_train"))] = False,
    *,
    mapping: Mapping,
) -> None:
    raise typer.Exit(open_data(data, mapping, preset, no_train))
