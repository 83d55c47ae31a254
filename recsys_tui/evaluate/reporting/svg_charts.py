"""The plots of a report as inline SVG: marks of several shapes, with a title and a description to be read out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import count

from recsys_tui.evaluate.reporting.charts import Chart, CurveChart, IntervalChart, Point
from recsys_tui.evaluate.reporting.html_tags import Markup, tag
from recsys_tui.evaluate.reporting.numbers import figure
from recsys_tui.output.messages import say

WIDTH, LABELS, RIGHT = 720, 250, 20
ROW, BETWEEN, TOP, FOOT = 22, 14, 34, 26
PANEL, PANEL_LEFT = 120, 70
TICKS = 5
MARKS = ("first", "second")


def drawn(charts: Sequence[Chart], numbers: count[int]) -> Iterator[Markup]:
    """Each chart as an ``svg`` element; ``numbers`` give them ids."""
    for chart in charts:
        number = next(numbers)
        inside, height = _curves(chart) if isinstance(chart, CurveChart) else _intervals(chart)
        yield tag(
            "svg",
            tag("title", chart.title, id=f"title-{number}"),
            tag("desc", chart.description, id=f"description-{number}"),
            inside,
            viewBox=f"0 0 {WIDTH} {height}",
            role="img",
            aria_labelledby=f"title-{number} description-{number}",
        )


def _intervals(chart: IntervalChart) -> tuple[list[Markup], int]:
    points = [point for _, row in chart.rows for point in row if point is not None]
    low, high = min(point.low for point in points), max(point.high for point in points)
    scale = _Scale.around(min(low, 0.0), max(high, 0.0), LABELS, WIDTH - RIGHT)
    series = max(1, len(chart.series))
    step = ROW + (series - 1) * BETWEEN
    bottom = TOP + step * len(chart.rows)
    parts = [*_grid(scale, TOP - 6, bottom)]
    if chart.zero:
        parts.append(tag("line", x1=scale(0), x2=scale(0), y1=TOP - 6, y2=bottom, class_="zero"))
    parts += _legend(chart.series)
    for place, (label, row) in enumerate(chart.rows):
        middle = TOP + step * place + step / 2
        parts.append(tag("text", shortened(label, 36), x=LABELS - 12, y=middle + 4, class_="label end"))
        for number, point in enumerate(row):
            if point is not None:
                y = middle + (number - (series - 1) / 2) * BETWEEN
                parts += _whisker(point, y, scale, MARKS[min(number, 1)])
    return parts, bottom + FOOT


def _whisker(point: Point, y: float, scale: _Scale, mark: str) -> Iterator[Markup]:
    yield tag("line", x1=scale(point.low), x2=scale(point.high), y1=y, y2=y, class_=f"whisker {mark}")
    for end in (point.low, point.high):
        yield tag("line", x1=scale(end), x2=scale(end), y1=y - 4, y2=y + 4, class_=f"whisker {mark}")
    yield _mark(scale(point.value), y, mark)


def _mark(x: float, y: float, mark: str) -> Markup:
    """A filled circle for the first series, a hollow square for the second."""
    if mark == MARKS[0]:
        return tag("circle", cx=x, cy=y, r=5, class_=f"mark {mark}")
    return tag("rect", x=x - 4.5, y=y - 4.5, width=9, height=9, class_=f"mark {mark}")


def _legend(series: Sequence[str]) -> Iterator[Markup]:
    for place, name in enumerate(series):
        x = LABELS + place * 200
        yield _mark(x + 6, 12, MARKS[min(place, 1)])
        yield tag("text", shortened(name, 24), x=x + 18, y=16, class_="label")


def _curves(chart: CurveChart) -> tuple[list[Markup], int]:
    """Loss above, NDCG below, over the same epochs; a dashed line where the kept epoch is."""
    parts: list[Markup] = []
    across = _Scale(1, max(2, len(chart.losses)), PANEL_LEFT, WIDTH - RIGHT)
    panels = (
        (say("report.loss_panel"), chart.losses, "first"),
        (say("report.validation_panel"), chart.scores, "second"),
    )
    for number, (name, values, mark) in enumerate(panels):
        top = 30 + number * (PANEL + 50)
        up = _Scale.around(min(values), max(values), top + PANEL, top)
        for value in up.ticks():
            parts.append(tag("line", x1=PANEL_LEFT, x2=WIDTH - RIGHT, y1=up(value), y2=up(value), class_="grid"))
            parts.append(tag("text", figure(value), x=PANEL_LEFT - 8, y=up(value) + 4, class_="tick end"))
        parts.append(tag("text", name, x=PANEL_LEFT, y=top - 12, class_="label"))
        path = " ".join(f"{across(epoch):.1f},{up(value):.1f}" for epoch, value in enumerate(values, start=1))
        parts.append(tag("polyline", points=path, class_=f"curve {mark}"))
        if len(values) <= 60:
            parts += [_mark(across(epoch), up(value), mark) for epoch, value in enumerate(values, start=1)]
    bottom = 30 + 2 * PANEL + 50
    if chart.kept:
        x = across(chart.kept)
        parts.append(tag("line", x1=x, x2=x, y1=22, y2=bottom, class_="kept"))
        side = "label end" if x > WIDTH / 2 else "label"
        kept = say("report.kept_here", kept=chart.kept)
        parts.append(tag("text", kept, x=x + (-6 if x > WIDTH / 2 else 6), y=30 + PANEL + 18, class_=side))
    epochs = len(chart.losses)
    for epoch in sorted({1, *(max(1, round(epochs * part / 4)) for part in range(1, 5))}):
        parts.append(tag("text", str(epoch), x=across(epoch), y=bottom + 18, class_="tick middle"))
    parts.append(tag("text", say("report.epoch"), x=(PANEL_LEFT + WIDTH) / 2, y=bottom + 36, class_="label middle"))
    return parts, bottom + 46


def _grid(scale: _Scale, top: float, bottom: float) -> Iterator[Markup]:
    for value in scale.ticks():
        yield tag("line", x1=scale(value), x2=scale(value), y1=top, y2=bottom, class_="grid")
        yield tag("text", figure(value), x=scale(value), y=bottom + 16, class_="tick middle")


def shortened(text: str, length: int) -> str:
    """At most so many characters; the table has the whole."""
    return text if len(text) <= length else text[: length - 1] + "…"


class _Scale:
    """Values to places on the page."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end

    @classmethod
    def around(cls, low: float, high: float, start: float, end: float) -> _Scale:
        """One that leaves a little room on both sides."""
        room = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
        return cls(low - room, high + room, start, end)

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Round values within the ends, a handful."""
        rough = (self.high - self.low) / TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
        first = math.ceil(self.low / step)
        return [place * step for place in range(first, math.floor(self.high / step) + 1)]
