"""What every dialog is: a screen over the view, which answers once."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, ScreenResultType


class Dialog(ModalScreen[ScreenResultType]):
    """Returns a result when it is dismissed; keys typed after that, while it goes, answer nothing more."""

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with a result, unless another screen is in front by now."""
        return super().dismiss(result) if self.is_active else AwaitComplete()
