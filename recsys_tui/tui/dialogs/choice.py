"""A short list to choose one of: presets, datasets, what to do with a running training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from recsys_tui.output.messages import say
from recsys_tui.tui.dialogs.dialog import Dialog


@dataclass(frozen=True)
class Offer:
    """One thing to choose: what is returned, what is shown, and a word about it."""

    value: str
    label: str
    about: str = ""


class ChoiceDialog(Dialog[str | None]):
    """Returns the value of the chosen offer, or None for Escape. ``at``: the place of the offer that Enter chooses."""

    CSS_PATH = "choice.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="choice.close"),
        Binding("j", "down", show=False, id="choice.down"),
        Binding("k", "up", show=False, id="choice.up"),
    ]

    def __init__(self, title: str, offers: Sequence[Offer], sentence: str = "", at: int = 0) -> None:
        super().__init__()
        self._title, self._offers, self._sentence, self._at = title, tuple(offers), sentence, at

    def compose(self) -> ComposeResult:
        with Vertical(id="choice") as box:
            box.border_title = Text(self._title)
            if self._sentence:
                yield Static(self._sentence, markup=False, id="choice-sentence")
            options = []
            for place, offer in enumerate(self._offers):
                text = Text(offer.label)
                if offer.about:
                    text.append(f"  {offer.about}", style="dim")
                options.append(Option(text, id=str(place)))
            yield OptionList(*options, markup=False)

    def on_mount(self) -> None:
        options = self.query_one(OptionList)
        options.highlighted = self._at
        options.focus()

    def action_down(self) -> None:
        self.query_one(OptionList).action_cursor_down()

    def action_up(self) -> None:
        self.query_one(OptionList).action_cursor_up()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._offers[event.option_index].value)
