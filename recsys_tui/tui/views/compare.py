"""Compare: two models side by side."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical

from recsys_tui.tui.state import WorkbenchState
from recsys_tui.tui.widgets.panel import Panel


class CompareView(Vertical, can_focus=True):
    """Two models for the same person, and their scores over all."""

    def compose(self) -> ComposeResult:
        yield Panel("", id="comparison")

    def focus_first(self) -> None:
        """Focus what a person comes here for."""
        self.focus()

    def show(self, state: WorkbenchState) -> None:
        """Draw a state."""
