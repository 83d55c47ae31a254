"""What every dialog is: a screen over the view, which answers once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.await_complete import AwaitComplete
from textual.reactive import reactive
from textual.screen import ModalScreen, ScreenResultType
from textual.widget import Widget

if TYPE_CHECKING:
    from recsys_tui.tui.state.workbench import WorkbenchState


class Dialog(ModalScreen[ScreenResultType]):
    """Returns a result when it is dismissed; keys typed after that, while it goes, answer nothing more."""

    # Where the focus goes, the widgets that lose it and have it are painted, not the dialog and what is behind it.
    focused: reactive[Widget | None] = reactive[Widget | None](None, repaint=False)

    def follow(self, state: WorkbenchState) -> None:
        """Draw what changed while the dialog is in front, where it shows any of it."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with a result, unless another screen is in front by now."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
