"""Small charts of block characters, as text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rich.cells import cell_len
from rich.text import Text

from recsys_tui.tui.widgets.line_table import fit

EIGHTHS = " ▏▎▍▌▋▊▉"
HEIGHTS = " ▁▂▃▄▅▆▇█"


def bar(share: float, width: int) -> str:
    """A horizontal bar of ``share`` (0 to 1) of a width, to an eighth of a cell."""
    cells = max(0.0, min(1.0, share)) * width
    whole = int(cells)
    part = EIGHTHS[int((cells - whole) * 8)] if whole < width else ""
    return "█" * whole + part.strip()


def bar_rows(rows: Sequence[tuple[str, int | str]], width: int) -> list[Text]:
    """Labelled horizontal bars; words in place of a count have none."""
    if not rows:
        return []
    label_width = min(12, max(len(label) for label, _ in rows))
    numbers = [count if isinstance(count, str) else f"{count:,}" for _, count in rows]
    lengths = [0 if isinstance(count, str) else count for _, count in rows]
    most = max(lengths) or 1
    number_width = max(map(cell_len, numbers))
    room = max(4, width - label_width - number_width - 2)
    lines = []
    for (label, _), number, length in zip(rows, numbers, lengths, strict=True):
        text = Text(fit(label, label_width, right=True) + " ", no_wrap=True)
        text.append(fit(bar(length / most, room), room), style="bold")
        text.append(" " + number.rjust(number_width), style="dim")
        lines.append(text)
    return lines


def columns(values: Sequence[float | None], width: int, height: int) -> list[Text]:
    """A column chart of ``height`` lines; values are averaged down to ``width`` columns. None is a gap (``·``)."""
    if not values:
        return []
    if len(values) > width:
        edges = [round(place * len(values) / width) for place in range(width + 1)]
        values = [_mean(values[start:stop]) for start, stop in pairwise(edges)]
    most = max((value or 0.0 for value in values), default=0.0) or 1.0
    stretch = max(1, width // len(values))
    lines = []
    for level in range(height - 1, -1, -1):
        line = ""
        for value in values:
            if value is None:
                line += ("·" if level == 0 else " ") * stretch
                continue
            filled = value / most * height - level
            line += HEIGHTS[max(0, min(8, round(filled * 8)))] * stretch
        lines.append(Text(line, no_wrap=True))
    return lines


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
