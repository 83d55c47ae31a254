"""A line chart of braille dots, with numbers at its axes and dashed, labelled lines to compare with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from recsys_tui.tui.widgets.line_table import fit

# Bit of each dot of a braille cell, by (row from the top, column).
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
BRAILLE = 0x2800
DASH, EMPTY = "╌", " "
BLANK = "\N{NO-BREAK SPACE}"  # a blank inside a label: taken, where EMPTY is free
TICK, AXIS, CORNER, FOOT = "┤", "│", "└", "─"
SMALLEST = 1e-9

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """One line: its points (x, y) in the order of x, how it is drawn, and a label at its end."""

    points: tuple[Point, ...]
    label: str = ""
    style: str = "bold"


@dataclass(frozen=True)
class Reference:
    """A dashed line across the chart at ``value``, with a label."""

    value: float
    label: str


@dataclass(frozen=True)
class Scale:
    """How values become heights: from ``low`` to ``high``, by their logarithm or as they are."""

    low: float
    high: float
    log: bool = False

    @classmethod
    def over(cls, values: Sequence[float], log: bool = False) -> Scale:
        """The scale that just holds some values; a single value stands in the middle."""
        if log:
            values = [max(value, SMALLEST) for value in values]
        low, high = min(values), max(values)
        if high - low < SMALLEST * max(1.0, abs(high)):
            room = 0.05 * abs(high) or 1.0
            low, high = (low / 1.05, high * 1.05) if log and low > 0 else (low - room, high + room)
        return cls(low, high, log)

    def share(self, value: float) -> float:
        """Where a value stands, 0 at the bottom and 1 at the top; beyond the scale it is held at its end."""
        if self.log:
            value = max(value, SMALLEST)
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return min(1.0, max(0.0, share))

    def at(self, share: float) -> float:
        """The value that stands at a share of the height."""
        if self.log:
            return float(self.low * (self.high / self.low) ** share)
        return self.low + share * (self.high - self.low)


def line_chart(
    series: Sequence[Series],
    width: int,
    height: int,
    *,
    references: Sequence[Reference] = (),
    x_labels: tuple[str, str] = ("", ""),
    x_range: tuple[float, float] | None = None,
    log: bool = False,
    form: str = ".3f",
) -> list[Text]:
    """The chart as exactly ``height`` lines of ``width`` cells: the last is the x axis with its two labels.

    Points are averaged down to two for each column. Empty where there is nothing to draw or no room for it.
    """
    points = [point for one in series for point in one.points]
    values = [y for _, y in points] + [reference.value for reference in references]
    rows = height - 1
    if not values or rows < 2:
        return []
    scale = Scale.over(values, log)
    ticks = {row: format(scale.at(1 - row / (rows - 1)), form) for row in _tick_rows(rows)}
    margin = max(len(text) for text in ticks.values())
    room = width - margin - 1
    if room < 4:
        return []
    cells = [[EMPTY] * room for _ in range(rows)]
    styles = [["dim"] * room for _ in range(rows)]
    dashed = {round((1 - scale.share(reference.value)) * (rows - 1)) for reference in references}
    for row in dashed:
        cells[row][:] = [DASH if place % 2 == 0 else EMPTY for place in range(room)]
    left, right = x_range or (min((x for x, _ in points), default=0.0), max((x for x, _ in points), default=1.0))
    for one in series:
        _draw(cells, styles, one, (left, right), scale)
    for reference in sorted(references, key=lambda entry: -entry.value):
        _name_reference(cells, round((1 - scale.share(reference.value)) * (rows - 1)), reference.label)
    lines = []
    for row in range(rows):
        line = Text(f"{ticks.get(row, ''):>{margin}}{TICK if row in ticks else AXIS}", style="dim", no_wrap=True)
        for cell, style in zip(cells[row], styles[row], strict=True):
            line.append(EMPTY if cell == BLANK else cell, style="not dim " + style if style != "dim" else "")
        lines.append(line)
    first, last = x_labels
    gap = room - len(first) - len(last)
    foot = first + FOOT * gap + last if gap >= 1 else FOOT * room
    lines.append(Text(" " * margin + CORNER + foot, style="dim", no_wrap=True))
    return lines


def _tick_rows(rows: int) -> tuple[int, ...]:
    """Rows with a number: top and bottom, and the middle where there is room for it."""
    return (0, rows - 1) if rows < 5 or rows % 2 == 0 else (0, rows // 2, rows - 1)


def _name_reference(cells: list[list[str]], row: int, label: str) -> None:
    """The label of a dashed line, on it or next to it, where nothing else is drawn; else not at all."""
    text = f" {label} "
    for place in (row, row - 1, row + 1):
        if not 0 <= place < len(cells):
            continue
        line = cells[place]
        for start in range(1, len(line) - len(text), 2):
            if all(cell in (DASH, EMPTY) for cell in line[start : start + len(text)]):
                line[start : start + len(text)] = list(text.replace(" ", BLANK))
                return


def _draw(
    cells: list[list[str]], styles: list[list[str]], series: Series, x_range: tuple[float, float], scale: Scale
) -> None:
    """The line in dots: two a column, four a row; heights between points are filled in."""
    width, rows = len(cells[0]), len(cells)
    columns = thinned(series.points, 2 * width, x_range)
    bits = [[0] * width for _ in range(rows)]
    deepest = 4 * rows - 1
    before: tuple[int, int] | None = None
    for column, value in columns:
        height = round((1 - scale.share(value)) * deepest)
        for x, y in _between(before, (column, height)):
            bits[y // 4][x // 2] |= DOTS[y % 4][x % 2]
        before = (column, height)
    for row in range(rows):
        for place in range(width):
            if bits[row][place]:
                cells[row][place] = chr(BRAILLE | bits[row][place])
                styles[row][place] = series.style
    if series.label and before is not None:
        _label(cells, styles, bits, series, before)


def _label(
    cells: list[list[str]], styles: list[list[str]], bits: list[list[int]], series: Series, end: tuple[int, int]
) -> None:
    """The label, at the end of its line: in the row above or below, whichever is there and free of the line."""
    width, rows = len(cells[0]), len(cells)
    text = fit(series.label, min(len(series.label), width))
    start = max(0, min(end[0] // 2 - len(text) + 1, width - len(text)))
    row = end[1] // 4
    for place in (row - 1, row + 1, row - 2, row + 2):
        if 0 <= place < rows and not any(bits[place][start : start + len(text)]):
            cells[place][start : start + len(text)] = list(text)
            styles[place][start : start + len(text)] = [series.style] * len(text)
            return


def thinned(points: Sequence[Point], columns: int, x_range: tuple[float, float]) -> list[tuple[int, float]]:
    """One mean value for each of the columns that points fall into, in the order of the columns."""
    left, right = x_range
    span = right - left
    sums: dict[int, list[float]] = {}
    for x, y in points:
        column = round((x - left) / span * (columns - 1)) if span > 0 else columns - 1
        sums.setdefault(min(columns - 1, max(0, column)), []).append(y)
    return [(column, sum(found) / len(found)) for column, found in sorted(sums.items())]


def _between(start: tuple[int, int] | None, stop: tuple[int, int]) -> list[tuple[int, int]]:
    """The dots of a straight line, without its first."""
    if start is None:
        return [stop]
    across, down = stop[0] - start[0], stop[1] - start[1]
    steps = max(abs(across), abs(down), 1)
    return [
        (start[0] + round(across * step / steps), start[1] + round(down * step / steps)) for step in range(1, steps + 1)
    ]


def smoothed(points: Sequence[Point], weight: float = 0.25) -> tuple[Point, ...]:
    """The moving mean of values that jump about: each new one counts by ``weight``, those before it by the rest."""
    result: list[Point] = []
    mean = points[0][1] if points else 0.0
    for x, y in points:
        mean += weight * (y - mean)
        result.append((x, mean))
    return tuple(result)
