"""The line at the foot of a view in which one types to filter a table of it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input

from recsys_tui.output.messages import say


class FilterLine(Input):
    """Hidden until it is opened for a widget. Posts what is typed; Enter keeps it, Escape clears it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "clear_filter", show=False, id="filter.clear"),
        Binding("down", "keep", show=False, id="filter.down"),
    ]
    DEFAULT_CSS = """
    FilterLine { dock: bottom; height: 1; border: none; padding: 0 1; display: none; background: $boost; }
    FilterLine:focus { border: none; }
    FilterLine.open { display: block; }
    """

    class Typed(Message):
        """The text by which ``table`` is to be filtered now; empty: by nothing."""

        def __init__(self, table: Widget, text: str) -> None:
            super().__init__()
            self.table, self.text = table, text

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(placeholder=say("tui.filter_hint"), id=id)
        self.cursor_blink = False
        self._table: Widget | None = None

    def open_for(self, table: Widget, text: str = "") -> None:
        """Let a person type a filter of ``table``, beginning with ``text``."""
        self._table = table
        self.add_class("open")
        with self.prevent(Input.Changed):
            self.value = text
        self.cursor_position = len(text)
        self.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._table is not None:
            self.post_message(self.Typed(self._table, event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_keep()

    def action_keep(self) -> None:
        """Go back to the table, filtered as it is."""
        self.remove_class("open")
        if self._table is not None:
            self._table.focus()

    def action_clear_filter(self) -> None:
        """Show all rows again."""
        with self.prevent(Input.Changed):
            self.value = ""
        if self._table is not None:
            self.post_message(self.Typed(self._table, ""))
        self.action_keep()
