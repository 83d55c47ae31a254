"""Options whose values are a fixed few: presets, horizons, devices; and others that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from recsys_tui.output.messages import say

Preset = Literal["quick", "standard", "full"]
StoredPreset = Literal["quick", "standard", "full", "private"]
Horizon = Literal["next", "later"]
Device = Literal["auto", "cpu", "cuda", "mps"]

# Of commands that answer: the preset is that of the stored model, if any.
AnsweringPreset = Annotated[StoredPreset | None, typer.Option("--preset", help=say("cli.help_stored_preset"))]
NoTrain = Annotated[bool, typer.Option("--no-train", help=say("cli.help_no_train"))]
TableOutput = Annotated[Path | None, typer.Option("--output", metavar="FILE", help=say("cli.help_table_output"))]
PresetOption = Annotated[Preset, typer.Option("--preset", help=say("cli.help_preset"))]
HorizonOption = Annotated[Horizon, typer.Option("--horizon", help=say("cli.help_horizon"))]
DeviceOption = Annotated[Device, typer.Option("--device", help=say("cli.help_device"))]
SeedOption = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help=say("cli.help_seed"))]
