"""A list of commands: type to filter, Enter runs one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from recsys_tui.output.messages import say
from recsys_tui.tui.dialogs.dialog import Dialog
from recsys_tui.tui.filters.fuzzy import fitting
from recsys_tui.tui.keymap.commands import Command
from recsys_tui.tui.widgets.line_table import Column, LineTable

KEY_WIDTH = 9
# Cells for what commands do and why they cannot: at most, and those of the screen that are not for it.
WIDEST_ROOM, AROUND = 74, 20


class CommandList(Dialog[Command | None]):
    """Returns the chosen command, or None. One that can do nothing now says why, and the list stays."""

    CSS_PATH = "command_list.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), show=False, id="commands.close"),
        Binding("down,ctrl+n", "move(1)", show=False, priority=True, id="commands.down"),
        Binding("up,ctrl+p", "move(-1)", show=False, priority=True, id="commands.up"),
        Binding("pagedown", "page(1)", show=False, priority=True, id="commands.page_down"),
        Binding("pageup", "page(-1)", show=False, priority=True, id="commands.page_up"),
    ]

    def __init__(self, title: str, hint: str, commands: Sequence[Command]) -> None:
        super().__init__()
        self._title, self._hint = title, hint
        self._all = [(command.text, command) for command in commands]
        self._shown: list[Command] = []

    def compose(self) -> ComposeResult:
        with Vertical(id="commands") as box:
            box.border_title = self._title
            typed = Input(placeholder=self._hint, id="commands-text")
            typed.cursor_blink = False
            yield typed
            table = LineTable((), say("shell.no_such_command"), id="commands-list")
            table.can_focus = False
            yield table

    def on_mount(self) -> None:
        self._show("")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._show(event.value)

    def _show(self, text: str) -> None:
        self._shown = fitting(text, self._all)
        rows = [(command.keys, command.does, command.reason or "") for command in self._shown]
        columns = [Column(say("tui.key"), KEY_WIDTH), Column(say("tui.does"))]
        if any(command.reason for command in self._shown):
            widest = max(cell_len(command.does) for command in self._shown)
            half = min(WIDEST_ROOM, self.app.size.width - AROUND) // 2
            columns[1] = Column(say("tui.does"), max(0, min(half, widest)))  # what it leaves is for the reasons
            columns.append(Column(say("shell.not_now"), muted=True))
        table = self.query_one(LineTable)
        table.columns = tuple(columns)
        table.show(len(rows), lambda start, stop: [row[: len(columns)] for row in rows[start:stop]], 0)

    def action_move(self, steps: int) -> None:
        self.query_one(LineTable).action_move(steps)

    def action_page(self, pages: int) -> None:
        self.query_one(LineTable).action_page(pages)

    @on(Input.Submitted)
    @on(LineTable.Chosen)
    def _choose(self) -> None:
        table = self.query_one(LineTable)
        if not self._shown:
            return
        command = self._shown[table.cursor]
        if command.reason is None:
            self.dismiss(command)
        else:
            self.notify(command.reason, markup=False)
