"""Which models to try on held-out data: several of a list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import SelectionList, Static
from textual.widgets.selection_list import Selection

from recsys_tui.output.messages import say

FEWEST = 2


class ModelChoice(ModalScreen[tuple[str, ...] | None]):
    """Returns the names that are ticked, in the order of the list, or None for Escape."""

    CSS_PATH = "model_choice.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="models.close"),
        Binding("enter", "start", say("compare.key_run"), priority=True, id="models.start"),
        Binding("j", "move(1)", show=False, id="models.down"),
        Binding("k", "move(-1)", show=False, id="models.up"),
    ]

    def __init__(self, names: Sequence[str], ticked: Collection[str]) -> None:
        super().__init__()
        self._names, self._ticked = tuple(names), frozenset(ticked)

    def compose(self) -> ComposeResult:
        with Vertical(id="model-choice") as box:
            box.border_title = say("compare.choose_models")
            yield Static(say("compare.choose_hint"), markup=False)
            rows = []
            for name in self._names:
                text = Text(name)
                text.append("  " + say(f"compare.about_{name}"), style="dim")
                rows.append(Selection(text, name, name in self._ticked))
            yield SelectionList(*rows)

    def on_mount(self) -> None:
        self.query_one(SelectionList).focus()

    def action_move(self, steps: int) -> None:
        models = self.query_one(SelectionList)
        if steps > 0:
            models.action_cursor_down()
        else:
            models.action_cursor_up()

    def action_start(self) -> None:
        chosen = set(self.query_one(SelectionList).selected)
        if len(chosen) < FEWEST:
            self.app.notify(say("compare.two_at_least"), markup=False)
            return
        self.dismiss(tuple(name for name in self._names if name in chosen))
