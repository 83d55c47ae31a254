"""The page of a cluster, and two of them side by side, as lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say
from recsys_tui.tui.widgets.charts import HEIGHTS, bar
from recsys_tui.tui.widgets.line_table import fit

if TYPE_CHECKING:
    from recsys_tui.recommend.answers import Cluster
    from recsys_tui.recommend.cluster_comparison import ClusterComparison, Contrast
    from recsys_tui.recommend.cluster_habits import Activity, RatingHabits
    from recsys_tui.recommend.cluster_page import ClusterPage, StandsOut

# What stands beside a bold title.
BESIDE = Style(bold=False, dim=True)

LABEL = 9
BAR_WIDTH = 8
WIDEST_LEVEL = 5
GAP = " │ "
COMPARED_ITEMS, COMPARED_TERMS = 8, 6


def people_text(cluster: Cluster) -> str:
    """How many people are in a cluster, or that they are too few to be told of."""
    return CrowdGate().pass_text("", 0) if cluster.size is None else f"{cluster.size:,}"


def cohesion_text(cluster: Cluster) -> str:
    """The cohesion of a cluster; empty where it is too small to be told of."""
    return "" if cluster.cohesion is None else f"{cluster.cohesion:.2f}"


def page_lines(cluster: Cluster, page: ClusterPage | None, width: int, trained: bool) -> list[Text]:
    """Everything about one cluster; what its description holds until its page is there."""
    lines = [_head(cluster, width)]
    if cluster.size is None:
        return [*lines, Text(""), Text(say("clusters.too_few"))]
    if page is None:
        waiting = say("clusters.counting" if trained else "clusters.after_training")
        items = [_lift_line(title or item, lift, width) for item, title, lift in cluster.top_items]
        terms = [_lift_line(term, lift, width) for term, lift in cluster.top_terms]
    else:
        waiting = ""
        items = [_line(entry, width) for entry in page.items]
        terms = [_line(entry, width) for entry in page.terms]
    lines += [*_section("clusters.items", width), *(items or [_nothing()])]
    lines += [*_section("clusters.terms", width), *(terms or [_nothing()])]
    if page is None:
        return [*lines, Text(""), Text(waiting, style="dim")]
    lines += [*_title("clusters.ratings"), *(_rating_lines(page.habits, width) or [Text(say("clusters.no_ratings"))])]
    if page.activity is not None:
        lines += [*_title("clusters.activity"), *_activity_lines(page.activity, width)]
    return lines


def _head(cluster: Cluster, width: int) -> Text:
    parts = [say("clusters.people", count=people_text(cluster))]
    if cluster.cohesion is not None:
        parts.append(say("clusters.cohesion", value=cohesion_text(cluster)))
    if cluster.stability is not None:
        parts.append(say("clusters.stability", value=f"{cluster.stability:.2f}"))
    if cluster.renamed:
        parts.append(say("clusters.by_itself", name=cluster.automatic_name))
    while len(parts) > 1 and cell_len(" · ".join(parts)) > width:
        parts.pop()
    return Text(fit(" · ".join(parts), width).rstrip(), style="dim")


def _title(name: str) -> list[Text]:
    return [Text(""), Text(say(name), style="bold")]


def _section(name: str, width: int) -> list[Text]:
    heads = say("clusters.lift").rjust(7) + " " + say("clusters.share").rjust(5)
    return [Text(""), Text(fit(say(name), width - len(heads)), style="bold").append(heads, style=BESIDE)]


def _nothing() -> Text:
    return Text(say("clusters.nothing_apart"), style="dim")


def _lift_line(name: str, lift: float, width: int) -> Text:
    return Text(fit(name, width - 13), no_wrap=True).append(f"×{lift:.1f}".rjust(7), style="dim")


def _line(entry: StandsOut, width: int) -> Text:
    """Name, lift, share, and a bar of the share where there is room."""
    sign = "≥" if entry.at_least else ""
    figures = f"{sign}×{entry.lift:.1f}".rjust(7) + " " + f"{sign}{entry.share:.0%}".rjust(5)
    wide = width >= 50
    name = fit(entry.title or entry.id, width - len(figures) - (BAR_WIDTH + 1) * wide)
    line = Text(name, no_wrap=True).append(figures, style="dim")
    return line.append(" " + fit(bar(entry.share, BAR_WIDTH), BAR_WIDTH)) if wide else line


def _rating_lines(habits: RatingHabits | None, width: int) -> list[Text]:
    if habits is None:
        return []
    cell = max(1, min(WIDEST_LEVEL, (width - LABEL) // max(1, len(habits.levels))))
    levels = "".join(fit(f"{level:g}", cell) for level in habits.levels)
    return [_mean(habits), Text(" " * LABEL + levels, style="dim", no_wrap=True), *_both(habits, cell)]


def _mean(habits: RatingHabits) -> Text:
    if habits.mean_overall is None:
        return Text(say("clusters.mean", mean=f"{habits.mean:.2f}"))
    return Text(say("clusters.mean_beside", mean=f"{habits.mean:.2f}", overall=f"{habits.mean_overall:.2f}"))


def _both(shown: RatingHabits | Activity, cell: int) -> list[Text]:
    """Two rows of columns, this cluster's and everyone's, on one scale."""
    most = max((share or 0.0 for share in (*shown.shares, *shown.shares_overall)), default=0.0) or 1.0
    rows = (("clusters.here", shown.shares), ("clusters.everyone", shown.shares_overall))
    return [
        Text(fit(say(name), LABEL), style="dim", no_wrap=True).append(spark(shares, cell, most), style="not dim")
        for name, shares in rows
    ]


def spark(shares: Sequence[float | None], cell: int, most: float) -> str:
    """Columns one line high, ``cell`` characters each; · where nothing may be shown."""
    bars = ("·" if share is None else HEIGHTS[max(1, round(share / most * 8)) if share else 0] for share in shares)
    gap = 1 if cell > 2 else 0
    return "".join(one * (cell - gap) + " " * gap for one in bars)


def _activity_lines(activity: Activity, width: int) -> list[Text]:
    lines = [_median(activity)]
    if activity.recent is not None and activity.recent_overall is not None:
        shares = {"share": f"{activity.recent:.0%}", "overall": f"{activity.recent_overall:.0%}"}
        lines.append(Text(say("clusters.recent", **shares)))
    if activity.starts:
        cell = max(1, min(2, (width - LABEL) // len(activity.starts)))
        lines += _both(activity, cell)
        first, last = (datetime.fromtimestamp(activity.starts[end] / 1000, UTC).strftime("%Y-%m") for end in (0, -1))
        room = cell * len(activity.starts) - len(first) - len(last)
        if room > 0:
            lines.append(Text(" " * LABEL + first + " " * room + last, style="dim"))
    return lines


def _median(activity: Activity) -> Text:
    here = f"{activity.median_history:g}"
    if activity.median_overall is None:
        return Text(say("clusters.median", median=here))
    return Text(say("clusters.median_beside", median=here, overall=f"{activity.median_overall:g}"))


def comparison_lines(
    clusters: tuple[Cluster, Cluster],
    pages: tuple[ClusterPage | None, ClusterPage | None],
    comparison: ClusterComparison | None,
    width: int,
) -> list[Text]:
    """Two clusters side by side, then what both take and where they differ."""
    half = (width - len(GAP)) // 2
    lines = [_pair([Text(fit(f"C{c.id} {c.name}", half), style="bold") for c in clusters], half)]
    lines.append(_pair([_head(cluster, half) for cluster in clusters], half))
    if comparison is None or None in pages:
        return [*lines, Text(""), Text(say("clusters.counting"), style="dim")]
    first, second = (page for page in pages if page is not None)
    if comparison.closeness is not None:
        lines.append(Text(say("clusters.closeness", value=f"{comparison.closeness:.2f}"), style="dim"))

    def side(make: Callable[[ClusterPage], list[Text]], head: list[Text]) -> None:
        lines.extend(head)
        lines.extend(_columns(make(first), make(second), half))

    side(lambda page: [_line(entry, half) for entry in page.items[:COMPARED_ITEMS]], _title("clusters.items"))
    side(lambda page: [_line(entry, half) for entry in page.terms[:COMPARED_TERMS]], _title("clusters.terms"))
    if first.habits is not None or second.habits is not None:
        side(lambda page: _rating_lines(page.habits, half), _title("clusters.ratings"))
    side(
        lambda page: [] if page.activity is None else _activity_lines(page.activity, half),
        _title("clusters.activity"),
    )
    for name, entries in (
        (say("clusters.in_both"), comparison.both),
        (say("clusters.more_in", cluster=comparison.a), comparison.more_a),
        (say("clusters.more_in", cluster=comparison.b), comparison.more_b),
    ):
        heads = f"C{comparison.a}".rjust(11) + f"C{comparison.b}".rjust(12)
        lines += [Text(""), Text(fit(name, width - len(heads)), style="bold").append(heads, style=BESIDE)]
        lines += [_contrast_line(entry, width) for entry in entries] or [_nothing()]
    return lines


def contrast_rows(comparison: ClusterComparison) -> list[tuple[str, ...]]:
    """What both take and where they differ, as rows of a table: title, share of the first, share of the second."""
    entries: Iterable[Contrast] = (*comparison.both, *comparison.more_a, *comparison.more_b)
    return [(entry.title or entry.item, _share(entry.share_a), _share(entry.share_b)) for entry in entries]


def _contrast_line(entry: Contrast, width: int) -> Text:
    figures = _share(entry.share_a).rjust(11) + _share(entry.share_b).rjust(12)
    return Text(fit(entry.title or entry.item, width - len(figures)), no_wrap=True).append(figures, style="dim")


def _share(share: float | None) -> str:
    return CrowdGate().pass_text("", 0) if share is None else f"{share:.0%}"


def _columns(left: list[Text], right: list[Text], half: int) -> list[Text]:
    empty = Text("")
    count = max(len(left), len(right))
    return [
        _pair([side[place] if place < len(side) else empty for side in (left, right)], half) for place in range(count)
    ]


def _pair(sides: Sequence[Text], half: int) -> Text:
    left, right = (side.copy() for side in sides)
    for side in (left, right):
        side.truncate(half, overflow="ellipsis")
    left.pad_right(max(0, half - left.cell_len))
    return Text.assemble(left, (GAP, "dim"), right, no_wrap=True)
