"""Are the explanations true: what an audit of them found."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from recsys_tui.output.messages import say
from recsys_tui.tui.dialogs.dialog import Dialog
from recsys_tui.tui.lines.audit import audit_lines
from recsys_tui.tui.state.audit import AuditState

WIDEST, BESIDE = 100, 6


class AuditDialog(Dialog[bool | None]):
    """Scrolls; returns True where the person wants it measured anew."""

    CSS_PATH = "audit.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,A", "dismiss(None)", say("tui.key_close"), id="audit.close"),
        Binding("r", "dismiss(True)", say("audit.key_again"), id="audit.again"),
        Binding("j", "scroll(1)", show=False, id="audit.down"),
        Binding("k", "scroll(-1)", show=False, id="audit.up"),
    ]

    def __init__(self, state: AuditState) -> None:
        super().__init__()
        self.state = state

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="audit") as box:
            box.border_title = say("audit.title")
            box.border_subtitle = say("audit.keys")
            yield Static(markup=False, id="audit-lines")

    def on_mount(self) -> None:
        self.query_one("#audit").focus()
        self.show(self.state)

    def on_resize(self) -> None:
        self.show(self.state)

    def show(self, state: AuditState) -> None:
        """Draw what is known by now."""
        self.state = state
        width = min(WIDEST, self.app.size.width) - BESIDE
        for lines in self.query("#audit-lines").results(Static):
            lines.update(Text("\n").join(audit_lines(state, width)))

    def action_scroll(self, steps: int) -> None:
        for box in self.query("#audit"):
            box.scroll_relative(y=steps, animate=False)
