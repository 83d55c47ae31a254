"""A thing that is on or off, in words."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.events import Click
from textual.message import Message
from textual.widgets import Static

from recsys_tui.output.messages import say


class Tick(Static, can_focus=True):
    """One line that says yes or no; Space changes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "change", show=False, id="tick.change")]
    DEFAULT_CSS = """
    Tick { height: 1; width: 1fr; }
    Tick:focus { background: $block-cursor-background; color: $block-cursor-foreground; }
    """

    class Changed(Message):
        """It is the other now."""

    def __init__(self, value: bool, *, id: str | None = None) -> None:
        super().__init__(self._said(value), markup=False, id=id)
        self._value = value

    @staticmethod
    def _said(value: bool) -> str:
        return say("live.tick_yes" if value else "live.tick_no")

    @property
    def value(self) -> bool:
        """Whether it is on."""
        return self._value

    @value.setter
    def value(self, value: bool) -> None:
        if value != self._value:
            self._value = value
            self.update(self._said(value))
            self.post_message(self.Changed())

    def action_change(self) -> None:
        self.value = not self.value

    def on_click(self, _event: Click) -> None:
        self.action_change()
