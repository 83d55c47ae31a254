"""Help: every key of the present screen; type to filter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from recsys_tui.output.messages import say
from recsys_tui.tui.widgets.line_table import Column, LineTable


class HelpDialog(ModalScreen[None]):
    """A list of (keys, what they do)."""

    CSS_PATH = "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="help.close"),
        Binding("down", "move(1)", show=False, priority=True, id="help.down"),
        Binding("up", "move(-1)", show=False, priority=True, id="help.up"),
    ]

    def __init__(self, keys: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self._keys = tuple(keys)

    def compose(self) -> ComposeResult:
        with Vertical(id="help") as box:
            box.border_title = say("tui.help_title")
            typed = Input(placeholder=say("tui.help_hint"), id="help-text")
            typed.cursor_blink = False
            yield typed
            table = LineTable((Column(say("tui.key"), 18), Column(say("tui.does"))), say("tui.no_such_key"))
            table.can_focus = False
            yield table

    def on_mount(self) -> None:
        self._show("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._show(event.value)

    def _show(self, text: str) -> None:
        wanted = text.lower()
        rows = [row for row in self._keys if wanted in f"{row[0]} {row[1]}".lower()]
        self.query_one(LineTable).show(len(rows), lambda start, stop: rows[start:stop], 0)

    def action_move(self, steps: int) -> None:
        self.query_one(LineTable).action_move(steps)
