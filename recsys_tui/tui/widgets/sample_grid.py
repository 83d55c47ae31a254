"""The first rows of a file, with what each column is taken for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.widgets import Static

from recsys_tui.tui.widgets.line_table import fit

WIDEST, NARROWEST = 24, 3
MARKS = 3  # cells of a line that are no column's: the two marks, and the blank after the last column
MORE_LEFT, MORE_RIGHT = "‹", "›"


class SampleGrid(Static):
    """As many columns as fit, moved along so that the active one is among them."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__("", markup=False, id=id)
        self._columns: tuple[str, ...] = ()
        self._rows: tuple[tuple[str, ...], ...] = ()
        self._roles: Mapping[str, str] = {}
        self._active: str | None = None
        self.first_row = 0

    def show(
        self,
        columns: tuple[str, ...],
        rows: tuple[tuple[str, ...], ...],
        roles: Mapping[str, str],
        active: str | None,
    ) -> None:
        """Show rows; ``roles``: what to write under the name of a column, ``active``: the column to point out."""
        self._columns, self._rows, self._roles, self._active = columns, rows, roles, active
        self._draw()

    def scroll_rows(self, steps: int) -> None:
        """Move down or up some rows, as far as there are any."""
        last = max(0, len(self._rows) - max(1, self.size.height - 2))
        self.first_row = max(0, min(self.first_row + steps, last))
        self._draw()

    def on_resize(self, _event: events.Resize) -> None:
        self._draw()

    def _draw(self) -> None:
        rows = self._rows[self.first_row :]
        lines = grid_lines(self._columns, rows, self._roles, self._active, self.size.width, self.size.height)
        self.update(Text("\n", no_wrap=True).join(lines))


def grid_lines(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    roles: Mapping[str, str],
    active: str | None,
    width: int,
    height: int,
) -> list[Text]:
    """Names, roles and rows as at most ``height`` lines of ``width`` cells; ``‹`` and ``›`` say that there are more."""
    if not columns or width < 2 * NARROWEST or height < 1:
        return []
    widths = [
        min(
            WIDEST,
            width - MARKS,
            max(NARROWEST, cell_len(name), cell_len(roles.get(name, "")), *(cell_len(row[place]) for row in rows)),
        )
        for place, name in enumerate(columns)
    ]
    start = _start(widths, columns.index(active) if active in columns else 0, width - MARKS)
    stop = _stop(widths, start, width - MARKS)
    left, right = MORE_LEFT if start else " ", MORE_RIGHT if stop < len(columns) else ""
    shown = range(start, stop)
    styles = {place: _style(columns[place], roles, active) for place in shown}

    def line(cells: Sequence[str], header: bool = False) -> Text:
        text = Text(left if header else " ", no_wrap=True)
        for place in shown:
            text.append(fit(cells[place], widths[place]), f"{styles[place]} bold" if header else styles[place])
            text.append(" ")
        text.append(right if header else "")
        return text

    played = [roles.get(name, "") for name in columns]
    return [line(columns, header=True), line(played), *(line(row) for row in rows)][:height]


def _style(name: str, roles: Mapping[str, str], active: str | None) -> str:
    if name == active:
        return "reverse"
    return "" if name in roles else "dim"


def _stop(widths: Sequence[int], start: int, room: int) -> int:
    """The column after the last that fits, at least the one after ``start``."""
    used, stop = widths[start], start + 1
    while stop < len(widths) and used + 1 + widths[stop] <= room:
        used += 1 + widths[stop]
        stop += 1
    return stop


def _start(widths: Sequence[int], active: int, room: int) -> int:
    """The first column to show: as far to the left as leaves the active one in sight."""
    start = active
    while start and sum(widths[start - 1 : active + 1]) + active - start + 1 <= room:
        start -= 1
    return start
