"""The panes that keys go to, by view; apart from the views, which are read when they are put in place."""

from __future__ import annotations

from collections.abc import Sequence

from textual.widget import Widget

from recsys_tui.tui.sizes import LOW_CLASS, NARROW_CLASS

# Users: what a person has, what they are recommended, and why.
HISTORY, RECOMMENDED, WHY = "history", "recommended", "why-scroll"
# Clusters: all of them, and one's pages.
CLUSTER_LIST, DETAIL, MEMBERS, MAP = "cluster-list", "cluster-detail-scroll", "cluster-members", "cluster-map-scroll"
# Items: what is like one, who has it, and when it was taken.
SIMILAR, LIKERS, TIMES = "similar", "likers", "item-times-scroll"


def mark_pane(view: Widget, panes: Sequence[str], pane: str) -> None:
    """Mark the pane of a view that is in use: on a small screen the rules of style show that one alone.

    On a large one no rule goes by it, and going through all of them would take longer than painting does.
    """
    before = view.classes
    for name in panes:
        view.set_class(name == pane, f"on-{name}", update=False)
    small = view.screen.has_class(NARROW_CLASS) or view.screen.has_class(LOW_CLASS)
    if small and view.classes != before:
        view.update_node_styles()
