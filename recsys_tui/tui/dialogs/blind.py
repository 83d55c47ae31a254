"""Two lists for one person, left and right, without a word about which model made which."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Static

from recsys_tui.output.messages import say
from recsys_tui.tui.dialogs.dialog import Dialog
from recsys_tui.tui.state.compare import ALIKE, LEFT, RIGHT
from recsys_tui.tui.state.workbench import WorkbenchState
from recsys_tui.tui.widgets.line_table import fit
from recsys_tui.tui.widgets.panel import Panel

HISTORY_SHOWN = 8


class BlindDialog(Dialog[None]):
    """Shows a state, and tells which side was picked; names come after it is closed."""

    CSS_PATH = "blind.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", f"pick('{LEFT}')", say("compare.key_left"), id="blind.left"),
        Binding("right,l", f"pick('{RIGHT}')", say("compare.key_right"), id="blind.right"),
        Binding("equals_sign", f"pick('{ALIKE}')", say("compare.key_alike"), id="blind.alike"),
        Binding("n,right_square_bracket", "next", say("compare.key_pass"), id="blind.next"),
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="blind.close"),
    ]

    class Picked(Message):
        """The list that is better: ``left``, ``right``, or ``alike`` for neither."""

        def __init__(self, side: str) -> None:
            super().__init__()
            self.side = side

    class Next(Message):
        """Somebody else is to be looked at."""

    def compose(self) -> ComposeResult:
        with Vertical(id="blind") as box:
            box.border_title = say("compare.blind_title")
            yield Static("", markup=False, id="blind-person")
            with Horizontal(id="blind-lists"):
                yield Panel(say("compare.left"), id="blind-left")
                yield Panel(say("compare.right"), id="blind-right")
            yield Static("", markup=False, id="blind-hint")

    def follow(self, state: WorkbenchState) -> None:
        """Draw a state."""
        compared, person = state.compared, state.person
        if person is None or not self.is_mounted:
            return
        lately = ", ".join(entry.title or entry.item for entry in person.history[:HISTORY_SHOWN])
        width = max(20, self.size.width - 4)
        lines = [fit(say("compare.blind_whom", user=person.user, lately=lately), width)]
        judged = sum(compared.tally())
        self.query_one("#blind-hint", Static).update(Text(say("compare.blind_hint", judged=judged)))
        lists = compared.lists
        sides = [self.query_one(f"#blind-{side}", Panel) for side in (LEFT, RIGHT)]
        if lists is None or lists.asked[:3] != (person.user, compared.a, compared.b):
            for panel in sides:
                panel.show([Text(say("tui.ranking"), style="dim")])
        else:
            lines.append(say("compare.blind_same") if lists.alike else "")
            answers = {compared.a: lists.a, compared.b: lists.b}
            left = compared.on_the_left(person.user)
            for panel, name in zip(sides, sorted(answers, key=lambda one: one != left), strict=True):
                items = answers[name].items
                panel.show([Text(fit(f"{e.rank:>3} {e.title or e.item}", panel.inner_width)) for e in items])
        self.query_one("#blind-person", Static).update(Text("\n".join(line for line in lines if line)))

    def action_pick(self, side: str) -> None:
        self.post_message(self.Picked(side))

    def action_next(self) -> None:
        self.post_message(self.Next())
