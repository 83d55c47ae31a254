"""A table of any length that draws only the lines on screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

Row = Sequence[str]
WINDOW = 200
LEAST = 4  # cells of a column


@dataclass(frozen=True)
class Column:
    """A column: title, width in cells (0: what is left, shared), alignment, and whether it is secondary.

    ``least``: the cells that one without a width is to have; where it has fewer, the columns with the highest ``spare``
    are left out first, those with none never.
    """

    title: str
    width: int = 0
    right: bool = False
    muted: bool = False
    least: int = 0
    spare: int = 0


class LineTable(ScrollView, can_focus=True):
    """Rows come from ``fetch(start, stop)``, a window at a time, so that a million rows cost what a screenful does.

    Cells are plain text: nothing in them is markup, and they are cut by the cells they cover, not by characters.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "line-table--header",
        "line-table--cursor",
        "line-table--row",
        "line-table--muted",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False, id="list.up"),
        Binding("down,j", "move(1)", show=False, id="list.down"),
        Binding("pageup,ctrl+u", "page(-1)", show=False, id="list.page_up"),
        Binding("pagedown,ctrl+d", "page(1)", show=False, id="list.page_down"),
        Binding("home,g", "to_start", show=False, id="list.start"),
        Binding("end,G", "to_end", show=False, id="list.end"),
        Binding("enter", "choose", show=False, id="list.choose"),
    ]
    DEFAULT_CSS = """
    LineTable {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        & .line-table--header { color: $text-muted; text-style: bold; }
        & .line-table--row { color: $foreground; }
        & .line-table--muted { color: $text-muted; }
        & .line-table--cursor { background: $block-cursor-blurred-background; color: $foreground; }
        &:focus .line-table--cursor { background: $block-cursor-background; color: $block-cursor-foreground; }
    }
    """

    class Highlighted(Message):
        """The cursor is on another row."""

        def __init__(self, table: LineTable, row: int) -> None:
            super().__init__()
            self.table, self.row = table, row

        @property
        def control(self) -> LineTable:
            """The table."""
            return self.table

    class Chosen(Highlighted):
        """Enter was pressed on a row, or it was clicked twice."""

    def __init__(self, columns: Sequence[Column], empty: str = "", *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.columns = tuple(columns)
        self.empty = empty
        self.cursor = 0
        self.count = 0
        self._fetch: Callable[[int, int], Sequence[Row]] = lambda _start, _stop: []
        self._window: tuple[int, Sequence[Row]] = (0, [])
        self._shown: tuple[object, ...] = ()  # what is painted, as far as it was said by ``show``
        self._sized: tuple[object, ...] = ()  # what a layout gave

    def rows_in_sight(self) -> list[Row]:
        """The rows that are on screen now."""
        top = self.scroll_offset.y
        return list(self._fetch(top, min(self.count, top + self.size.height))) if self.region else []

    def show(
        self,
        count: int,
        fetch: Callable[[int, int], Sequence[Row]],
        cursor: int | None = None,
        empty: str | None = None,
    ) -> None:
        """Show other rows. The cursor stays where it is unless said otherwise. Rows that look the same are not painted
        again."""
        self.count, self._fetch, self._window = count, fetch, (0, [])
        if empty is not None:
            self.empty = empty
        self.cursor = max(0, min(self.cursor if cursor is None else cursor, count - 1))
        self.virtual_size = Size(self._line_width, count + 1)
        self._keep_cursor_visible()
        top = int(self.scroll_offset.y)
        rows = [tuple(self._row(place)) for place in range(top, min(self.count, top + self.size.height))]
        looks = (self.columns, self.count, self.cursor, self.empty, top, self.size, rows)
        if looks != self._shown:
            self._shown = looks
            self.refresh()

    def watch_has_focus(self, _has_focus: bool) -> None:
        # Not ``update_node_styles``: of its scroll bars nothing depends on it.
        self.app.stylesheet.apply(self)

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Take the size that a layout gave. Where it is the one it has, its scroll bar is not painted anew."""
        sized = size, container_size, self.virtual_size, self.styles.gutter
        if sized == self._sized:
            return False
        self._sized = sized
        return super()._size_updated(size, virtual_size, container_size, layout)

    def on_resize(self, _event: events.Resize) -> None:
        self.virtual_size = Size(self._line_width, self.count + 1)
        self._keep_cursor_visible()

    def _row(self, place: int) -> Row:
        start, rows = self._window
        if not start <= place < start + len(rows):
            start = max(0, place - WINDOW // 2)
            rows = self._fetch(start, min(self.count, start + WINDOW))
            self._window = (start, rows)
        return rows[place - start]

    @property
    def _line_width(self) -> int:
        """Cells a line may cover: inside padding and scroll bar."""
        return self.scrollable_content_region.width

    def _widths(self, line: int) -> list[int]:
        """The width of each column; 0 where it is left out."""
        shown = dict(enumerate(self.columns))
        while True:
            flexible = [column for column in shown.values() if not column.width]
            left = line - (len(shown) - 1) - sum(column.width for column in shown.values())
            share = left // max(1, len(flexible))
            room = left >= 0 and all(share >= max(column.least, LEAST) for column in flexible)
            spare = max(shown, key=lambda place: shown[place].spare)
            if room or not shown[spare].spare:
                share = max(LEAST, share)
                return [(column.width or share) * (place in shown) for place, column in enumerate(self.columns)]
            del shown[spare]

    def render_line(self, y: int) -> Strip:
        """Draw one line: the header, a row, or nothing."""
        width = self._line_width
        if y == 0:
            style = self.get_component_rich_style("line-table--header")
            return self._strip([column.title for column in self.columns], width, style, style)
        place = y - 1 + int(self.scroll_offset.y)
        if place >= self.count:
            text = self.empty if self.count == 0 and y == 1 else ""
            muted = self.get_component_rich_style("line-table--muted")
            return Strip([Segment(set_cell_size(text, width), muted)], width)
        if place == self.cursor:
            style = self.get_component_rich_style("line-table--cursor")
            return self._strip(self._row(place), width, style, style)
        row = self.get_component_rich_style("line-table--row")
        return self._strip(self._row(place), width, row, self.get_component_rich_style("line-table--muted"))

    def _strip(self, cells: Row, line: int, style: Style, muted: Style) -> Strip:
        segments: list[Segment] = []
        for place, (column, width) in enumerate(zip(self.columns, self._widths(line), strict=True)):
            if not width:
                continue
            if segments:
                segments.append(Segment(" ", style))
            segments.append(Segment(fit(cells[place], width, column.right), muted if column.muted else style))
        return Strip(segments).adjust_cell_length(line, style)

    def _keep_cursor_visible(self) -> None:
        visible = max(1, self.size.height - 1)
        top = int(self.scroll_offset.y)
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + visible:
            self.scroll_to(y=self.cursor - visible + 1, animate=False, force=True)

    def move_to(self, place: int) -> None:
        """Put the cursor on a row, the nearest there is."""
        place = max(0, min(place, self.count - 1))
        if place != self.cursor and self.count:
            left, self.cursor, self._shown = self.cursor, place, ()
            self._keep_cursor_visible()
            self.refresh_line(left + 1)
            self.refresh_line(place + 1)
            self.post_message(self.Highlighted(self, place))

    def action_move(self, steps: int) -> None:
        self.move_to(self.cursor + steps)

    def action_page(self, pages: int) -> None:
        self.move_to(self.cursor + pages * max(1, self.size.height - 2))

    def action_to_start(self) -> None:
        self.move_to(0)

    def action_to_end(self) -> None:
        self.move_to(self.count - 1)

    def action_choose(self) -> None:
        if self.count:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        place = event.y - 1 + int(self.scroll_offset.y)
        if event.y > 0 and place < self.count:
            self.move_to(place)
            if event.chain >= 2:
                self.action_choose()


def fit(text: str, width: int, right: bool = False) -> str:
    """Text cut or padded to a width in cells; a cut is shown by ``…``."""
    length = cell_len(text)
    if length > width:
        return set_cell_size(text, max(0, width - 1)) + "…" if width > 0 else ""
    return " " * (width - length) + text if right else text + " " * (width - length)
