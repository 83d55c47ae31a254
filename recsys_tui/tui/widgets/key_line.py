"""The last line: the keys most wanted in a mode. Whole entries are left out where it is narrow, help never."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import Static

KEPT = "help"
GAP = 2


@dataclass(frozen=True)
class KeyHint:
    """A key of the line: the id of its action, the key as shown, a short word, and whether it can do anything now."""

    name: str
    key: str
    word: str
    usable: bool = True

    @property
    def width(self) -> int:
        """Cells it takes."""
        return cell_len(self.key) + 1 + cell_len(self.word)


def that_fit(hints: Sequence[KeyHint], width: int) -> list[KeyHint]:
    """As many whole hints as fit, the first first; the one of help whatever else has to go."""
    room = width - sum(hint.width + GAP for hint in hints if hint.name == KEPT)
    taken = []
    for hint in hints:
        if hint.name == KEPT:
            taken.append(hint)
        elif hint.width + GAP <= room:
            room -= hint.width + GAP
            taken.append(hint)
        else:
            room = 0
    return taken


class KeyLine(Static):
    """Shows hints; a click on one posts what was clicked."""

    DEFAULT_CSS = "KeyLine { dock: bottom; height: 1; background: $footer-background; color: $footer-foreground; }"

    class Clicked(Message):
        """A hint was clicked: the id of its action."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self._hints: tuple[KeyHint, ...] = ()
        self._places: list[tuple[int, int, str]] = []
        self.shown: tuple[KeyHint, ...] = ()

    def show(self, hints: Sequence[KeyHint]) -> None:
        """Show hints, the most wanted first."""
        if tuple(hints) != self._hints:
            self._hints = tuple(hints)
            self._draw()

    def on_resize(self, _event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        line, self._places = Text(no_wrap=True), []
        self.shown = tuple(that_fit(self._hints, self.size.width))
        for hint in self.shown:
            start = line.cell_len
            line.append(" ")
            line.append(hint.key, style="bold" if hint.usable else "dim")
            line.append(f" {hint.word} ", style="" if hint.usable else "dim")
            self._places.append((start, line.cell_len, hint.name))
        self.update(line, layout=False)

    def on_click(self, event: events.Click) -> None:
        for start, stop, name in self._places:
            if start <= event.x < stop:
                self.post_message(self.Clicked(name))
