"""Errors a person can cause: one clear sentence and an exit code, never a traceback."""

from __future__ import annotations

from enum import IntEnum
from pathlib import Path

from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text


class ExitCode(IntEnum):
    """Exit codes of the command line. They are an interface: scripts depend on them."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_TRAINED = 4
    INTERRUPTED = 130


class UserError(Exception):
    """Something the person can put right. ``str(error)`` is the sentence to show; ``exit_code`` is what to return.

    ``message_id`` names the sentence in the catalogue, so that tests and programs need not parse words.
    """

    def __init__(self, message_id: str, exit_code: ExitCode = ExitCode.USAGE, **fields: object) -> None:
        # The name of a file may hold anything, line ends and escape sequences among it.
        fields = {
            name: neutral_text(str(value)) if isinstance(value, Path) else value for name, value in fields.items()
        }
        super().__init__(say(message_id, **fields))
        self.message_id = message_id
        self.exit_code = exit_code
        self.fields = fields
