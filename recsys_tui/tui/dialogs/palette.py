"""The palette: everything that can be done, whether or not it has a key."""

from __future__ import annotations

from collections.abc import Sequence

from recsys_tui.output.messages import say
from recsys_tui.tui.dialogs.command_list import CommandList
from recsys_tui.tui.keymap.commands import Command


class PaletteDialog(CommandList):
    """All commands."""

    def __init__(self, commands: Sequence[Command]) -> None:
        super().__init__(say("shell.palette_title"), say("shell.palette_hint"), commands)
