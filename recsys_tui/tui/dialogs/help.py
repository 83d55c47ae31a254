"""Help: every key of the present screen, and why those that can do nothing now cannot."""

from __future__ import annotations

from collections.abc import Sequence

from recsys_tui.output.messages import say
from recsys_tui.tui.dialogs.command_list import CommandList
from recsys_tui.tui.keymap.commands import Command


class HelpDialog(CommandList):
    """The commands of a mode by their keys."""

    def __init__(self, mode: str, commands: Sequence[Command]) -> None:
        super().__init__(say("shell.help_title", mode=say(f"tui.mode_{mode}")), say("shell.help_hint"), commands)
