"""Items: one item, what is like it, who likes it, and when."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from recsys_tui.tui.state import WorkbenchState
from recsys_tui.tui.widgets.panel import Panel


class ItemsView(Vertical, can_focus=True):
    """The item on screen."""

    def compose(self) -> ComposeResult:
        yield Panel("", id="item")

    def focus_first(self) -> None:
        """Focus what a person comes here for."""
        self.focus()

    def show(self, state: WorkbenchState) -> None:
        """Draw a state."""
