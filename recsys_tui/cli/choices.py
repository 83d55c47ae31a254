"""Options whose values are a fixed few: presets, horizons, devices; and the seed."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from recsys_tui.output.messages import say

Preset = Literal["quick", "standard", "full"]
Horizon = Literal["next", "later"]
Device = Literal["auto", "cpu", "cuda", "mps"]

PresetOption = Annotated[Preset, typer.Option("--preset", help=say("cli.help_preset"))]
HorizonOption = Annotated[Horizon, typer.Option("--horizon", help=say("cli.help_horizon"))]
DeviceOption = Annotated[Device, typer.Option("--device", help=say("cli.help_device"))]
SeedOption = Annotated[int, typer.Option("--seed", min=0, max=2**31 - 1, help=say("cli.help_seed"))]
