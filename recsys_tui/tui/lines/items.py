"""What is told of an item, as lines of text: its facts, its ratings, its activity over time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say
from recsys_tui.tui.widgets.charts import bar, columns
from recsys_tui.tui.widgets.line_table import fit

if TYPE_CHECKING:
    from recsys_tui.data.histogram_cells import Bar
    from recsys_tui.recommend.item_page import ClusterLiking, ItemPage
    from recsys_tui.recommend.similar import SimilarItem

LIFT_WIDTH = 8
LIFT_SHOWN = 4.0
LOWEST_CHART = 6


def few() -> str:
    """What stands for a figure that too few people stand behind."""
    return CrowdGate().pass_text("", 0)


def fact_lines(page: ItemPage, width: int) -> list[Text]:
    """Categories, actions and ratings; then what else is known."""
    if not page.taken:
        actions = say("items.nobody_yet")
    else:
        none = say("home.kept_back") if page.beside else few()
        actions = none if page.actions is None else say("tui.actions", count=f"{page.actions:,}")
    parts = [", ".join(page.categories), actions]
    if page.people is not None and page.people != page.actions:
        parts.append(say("items.by_people", count=f"{page.people:,}"))
    if page.mean_rating is not None:
        parts.append(say("tui.mean_rating", mean=f"{page.mean_rating:.2f}"))
    if any(entry.count for entry in page.ratings):
        parts.append(rating_spark(page.ratings))
    known = [f"{name} {text}" for name, text in page.attributes]
    lines = [_in_a_line([part for part in parts if part], width), _in_a_line(known, width)]
    return [Text(fit(line, width).rstrip(), style="dim" if place else "") for place, line in enumerate(lines) if line]


def alike_line(similar: SimilarItem, width: int) -> Text | None:
    """Why an item is like the one on screen: who took both, and what both are about. None where nothing is known."""
    people = "" if similar.people is None else say("items.took_both", people=f"{similar.people:,}")
    why = " · ".join(part for part in (people, ", ".join(similar.terms)) if part)
    if not why:
        return None
    title = fit(similar.title or similar.item, min(cell_len(similar.title or similar.item), width // 2)).rstrip()
    return Text(fit(say("items.alike", title=title, why=why), width).rstrip(), style="dim")


def _in_a_line(parts: Sequence[str], width: int) -> str:
    """Parts side by side, nearer to one another where they would not fit."""
    line = "  ·  ".join(parts)
    return line if cell_len(line) <= width else " · ".join(parts)


def rating_spark(ratings: Sequence[Bar]) -> str:
    """The ratings from the lowest to the highest, a cell each; a dot where too few people stand behind one."""
    lowest, highest = ratings[-1].label, ratings[0].label
    return f"{lowest} {columns([entry.count for entry in reversed(ratings)], len(ratings), 1)[0].plain} {highest}"


def liking_row(liking: ClusterLiking) -> tuple[str, str, str, str, str]:
    """One cluster: number, name, share of its people, lift, and the lift as a bar."""
    number = f"C{liking.cluster}"
    if liking.share is None or liking.lift is None:
        return number, liking.name, few(), "", ""
    shown = bar(liking.lift / LIFT_SHOWN, LIFT_WIDTH)
    sign = "≥" if liking.at_least else ""
    return number, liking.name, f"{sign}{liking.share:.1%}", f"{sign}×{liking.lift:.1f}", shown


def time_lines(page: ItemPage, width: int, height: int) -> list[Text]:
    """A column for each period, with the first, the highest and the last said below."""
    if not page.periods:
        return [Text(say("items.nobody_yet" if not page.taken else "tui.no_dates"), style="dim")]
    counts = [entry.count for entry in page.periods]
    lines = columns(counts, width, max(LOWEST_CHART, height - 2))
    first, last = page.periods[0].label, page.periods[-1].label
    gap = " " * max(1, min(width, _drawn(counts, width)) - len(first + last))
    axis = first if first == last else f"{first}{gap}{last}"
    known = [entry for entry in page.periods if entry.count is not None]
    best = max(known, key=lambda entry: entry.count or 0, default=None)
    most = "" if best is None or not best.count else say("items.most_in", count=f"{best.count:,}", period=best.label)
    hidden = say("items.hidden", few=few()) if any(count is None for count in counts) else ""
    told = "  ".join(part for part in (most, hidden) if part)
    return [*lines, Text(axis, style="dim"), Text(fit(told, width).rstrip(), style="dim")]


def _drawn(counts: Sequence[object], width: int) -> int:
    """Cells that the columns of a chart take."""
    shown = min(len(counts), width)
    return shown * max(1, width // max(1, shown))
