"""Asking for the name of a file to write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from recsys_tui.output.messages import say
from recsys_tui.output.neutralise import neutral_text
from recsys_tui.tui.dialogs.dialog import Dialog


class FileNameDialog(Dialog[str | None]):
    """Returns what was typed, or None for Escape. A name without a folder is one of the folder that is shown.

    ``problem_of``: why nothing can be written where such a name leads, or None; such a name stays to be put
    right.
    """

    CSS_PATH = "file_name.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="file.close"),
    ]

    def __init__(self, title: str, name: str, problem_of: Callable[[str], str | None]) -> None:
        super().__init__()
        self._title, self._name, self._problem_of = title, name, problem_of

    def compose(self) -> ComposeResult:
        with Vertical(id="file-name") as box:
            box.border_title = self._title
            yield Static(say("take.folder", folder=neutral_text(str(Path.cwd()))), markup=False)
            typed = Input(self._name, id="file-name-text")
            typed.cursor_blink = False
            yield typed

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        typed = event.value.strip()
        problem = self._problem_of(typed) if typed else None
        if problem is not None:
            self.app.notify(problem, severity="error", markup=False)
        elif typed:
            self.dismiss(typed)
