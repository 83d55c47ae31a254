"""Which models to try on held-out data: several of a list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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

FEWEST = 2
TICKED, LEFT_OUT = "✓", "·"


class ModelChoice(Dialog[tuple[str, ...] | None]):
    """Returns the names that are ticked, in the order of the list, or None for Escape."""

    CSS_PATH = "model_choice.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="models.close"),
        Binding("enter", "start", say("compare.key_run"), priority=True, id="models.start"),
        Binding("space", "tick", say("compare.key_tick"), id="models.tick"),
        Binding("j", "move(1)", show=False, id="models.down"),
        Binding("k", "move(-1)", show=False, id="models.up"),
    ]

    def __init__(self, names: Sequence[str], ticked: Collection[str]) -> None:
        super().__init__()
        self._names, self.ticked = tuple(names), set(ticked)

    def compose(self) -> ComposeResult:
        with Vertical(id="model-choice") as box:
            box.border_title = say("compare.choose_models")
            yield Static(say("compare.choose_hint"), markup=False)
            yield OptionList(*(Option(self._row(name), id=name) for name in self._names), markup=False)

    def _row(self, name: str) -> Text:
        text = Text(f"{TICKED if name in self.ticked else LEFT_OUT} {name:<8}")
        return text.append(say(f"compare.about_{name}"), style="dim")

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def action_move(self, steps: int) -> None:
        models = self.query_one(OptionList)
        if steps > 0:
            models.action_cursor_down()
        else:
            models.action_cursor_up()

    def action_tick(self) -> None:
        self._turn(self.query_one(OptionList).highlighted)

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        self._turn(event.option_index)

    def _turn(self, place: int | None) -> None:
        """Tick a model, or take its tick away."""
        if place is not None:
            name = self._names[place]
            self.ticked ^= {name}
            self.query_one(OptionList).replace_option_prompt(name, self._row(name))

    def action_start(self) -> None:
        if len(self.ticked) < FEWEST:
            self.app.notify(say("compare.two_at_least"), markup=False)
            return
        self.dismiss(tuple(name for name in self._names if name in self.ticked))
