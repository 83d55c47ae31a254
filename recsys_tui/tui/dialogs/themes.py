"""The chooser of themes: the one under the cursor is tried at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual import on
from textual.widgets import OptionList

from recsys_tui.output.messages import say
from recsys_tui.tui.dialogs.choice import ChoiceDialog, Offer


class ThemeDialog(ChoiceDialog):
    """Returns the name of the chosen theme, or None; ``show`` is called with the one to be tried."""

    CSS_PATH = "choice.tcss"

    def __init__(self, offers: Sequence[Offer], present: str, show: Callable[[str], None]) -> None:
        super().__init__(say("shell.themes_title"), offers, say("shell.themes_hint"))
        self._present, self._show = present, show

    def on_mount(self) -> None:
        names = [offer.value for offer in self._offers]
        if self._present in names:
            self.query_one(OptionList).highlighted = names.index(self._present)

    @on(OptionList.OptionHighlighted)
    def _tried(self, event: OptionList.OptionHighlighted) -> None:
        self._show(self._offers[event.option_index].value)
