"""A bordered panel of plain lines."""

from __future__ import annotations

from rich.text import Text
from textual import events
from textual.message import Message
from textual.widgets import Static


class Panel(Static):
    """Shows ready-made text under a title; nothing in it is parsed as markup."""

    DEFAULT_CSS = """
    Panel {
        border: round $panel;
        border-title-color: $text-muted;
        border-subtitle-color: $text-muted;
        padding: 0 1;
        height: auto;
    }
    """

    def __init__(self, title: str, *, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self.border_title = title
        self.lines: list[Text] = []
        self._shown_width = 0

    def show(self, lines: list[Text]) -> None:
        """Replace the lines, if they differ."""
        if [line.plain for line in lines] != [line.plain for line in self.lines]:
            # Lines of which none wraps, as many as before, take the same room: nothing has to be laid out anew.
            width = self.content_size.width
            same_room = len(lines) == len(self.lines) and all(line.cell_len <= width for line in (*self.lines, *lines))
            self.lines = lines
            self.update(Text("\n").join(lines), layout=not same_room)

    class Reshaped(Message):
        """The panel has another width than its lines were made for."""

    def on_resize(self, event: events.Resize) -> None:
        if event.size.width != self._shown_width:
            self._shown_width = event.size.width
            self.post_message(self.Reshaped())

    @property
    def inner_width(self) -> int:
        """Cells a line may take; while the panel is not on screen, as many as it took when it was."""
        return max(10, self.content_size.width or self._shown_width - self.gutter.width)
