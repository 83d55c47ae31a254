"""Clusters: the groups of people, what sets each apart, who is in it, and where they stand among all."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message

from recsys_tui.data.dataset import TimeKind
from recsys_tui.output.messages import say
from recsys_tui.recommend.answers import Cluster
from recsys_tui.tui.lines.cluster_rows import (
    BAR_WIDTH,
    CLUSTER_ORDERS,
    MEMBER_ORDERS,
    arranged_clusters,
    arranged_members,
    cluster_rows,
    member_rows,
)
from recsys_tui.tui.lines.clusters import comparison_lines, contrast_rows, page_lines
from recsys_tui.tui.lines.people_map import map_lines
from recsys_tui.tui.panes import CLUSTER_LIST, DETAIL, MAP, MEMBERS, mark_pane
from recsys_tui.tui.state.workbench import WorkbenchState
from recsys_tui.tui.widgets.filter_line import FilterLine
from recsys_tui.tui.widgets.line_table import Column, LineTable
from recsys_tui.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from recsys_tui.tui.taking.table import TakenTable

COMPARISON = "cluster-compare-scroll"
PANES = (CLUSTER_LIST, DETAIL, MEMBERS, MAP)
UP, DOWN = "↑", "↓"
PEOPLE_WIDTH = 7
LOWEST_MAP = 4


class ClusterPane(VerticalScroll, can_focus=True):
    """Scrolls what is told of a cluster."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", show=False, id="cluster.down"),
        Binding("k", "scroll_up", show=False, id="cluster.up"),
        Binding("g", "scroll_home", show=False, id="cluster.start"),
        Binding("G", "scroll_end", show=False, id="cluster.end"),
    ]


class ClustersView(Vertical):
    """The list beside the cluster under its cursor; on a narrow screen one pane at a time.

    What was typed to filter, how the tables are sorted and which pane is in use stay here.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "app.compare_clusters", say("clusters.key_compare"), id="cluster.compare"),
        Binding("r", "app.rename_cluster", say("clusters.key_rename"), id="cluster.rename"),
        Binding("M", "members", say("clusters.key_members"), id="cluster.members"),
        Binding("tab", "pane(1)", show=False, id="cluster.next_pane"),
        Binding("shift+tab", "pane(-1)", show=False, id="cluster.previous_pane"),
    ]

    class Looked(Message):
        """Another cluster is under the cursor, or its page was entered or left."""

        def __init__(self, cluster: int | None, inside: bool) -> None:
            super().__init__()
            self.cluster, self.inside = cluster, inside

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.state = WorkbenchState()
        self.pane = CLUSTER_LIST
        self._order = {CLUSTER_LIST: "size", MEMBERS: "closeness"}
        self._turned = {CLUSTER_LIST: False, MEMBERS: False}
        self._typed = {CLUSTER_LIST: "", MEMBERS: ""}
        self._shown: list[Cluster] = []
        self._members: Any = None
        self._arranged: dict[str, tuple[object, ...]] = {}
        self._mapped: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        with Horizontal(id="cluster-panes"):
            with Vertical(id="cluster-left"):
                yield LineTable(
                    (
                        Column("#", 3, right=True),
                        Column(say("tui.name")),
                        Column(say("tui.people"), PEOPLE_WIDTH, right=True),
                        Column("", BAR_WIDTH, muted=True),
                        Column(say("tui.cohesion"), 4, right=True, muted=True),
                    ),
                    say("tui.train_first"),
                    id=CLUSTER_LIST,
                )
                with ClusterPane(id=MAP):
                    yield Panel(say("clusters.map"), id="cluster-map")
            with Vertical(id="cluster-right"):
                with ClusterPane(id=DETAIL):
                    yield Panel("", id="cluster-detail")
                yield LineTable(
                    (
                        Column(say("tui.user")),
                        Column(say("clusters.closeness_short"), 5, right=True),
                        Column(say("tui.items_short"), 8, right=True),
                        Column(say("tui.mean"), 5, right=True, muted=True),
                        Column(say("tui.last"), 10, right=True, muted=True),
                    ),
                    say("clusters.no_members"),
                    id=MEMBERS,
                )
        with ClusterPane(id=COMPARISON):
            yield Panel("", id="cluster-comparison")
        yield FilterLine(id="cluster-filter")

    def on_mount(self) -> None:
        self._turn_to(CLUSTER_LIST)

    # --- panes -------------------------------------------------------------------------------------------------------

    def focus_first(self) -> None:
        """Focus the comparison, or the pane that was in use."""
        self.query_one(f"#{COMPARISON if self._comparing else self.pane}").focus()

    @property
    def _comparing(self) -> bool:
        return self.state.looked_at.other is not None

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        # A pane that is hidden behind a comparison hands its focus on: that is nobody's wish.
        if event.widget.id in PANES and event.widget.id != self.pane and not self._comparing:
            self._turn_to(event.widget.id)

    def _turn_to(self, pane: str) -> None:
        self.pane = pane
        mark_pane(self, PANES, pane)
        self._look()

    def action_pane(self, step: int) -> None:
        """Go to the next pane, or the one before."""
        if not self._comparing:
            self._go_to(PANES[(PANES.index(self.pane) + step) % len(PANES)])

    def action_members(self) -> None:
        """Go to the members of the cluster."""
        if not self._comparing:
            self._go_to(MEMBERS)

    def _focus_after_turn(self, pane: str) -> None:
        """Focus the comparison when it came; when it went, the pane that was in use before."""
        if self._comparing:
            self.focus_first()
        else:
            self._go_to(pane)

    def _go_to(self, pane: str) -> None:
        self.screen.minimize()
        self._turn_to(pane)
        self.query_one(f"#{pane}").focus()

    def step_back(self) -> bool:
        """What Escape undoes here first: the filter of the table in use, then any pane but the list."""
        if self._typed.get(self.pane):
            self._filter_by(self.pane, "")
            return True
        if self.pane != CLUSTER_LIST:
            self._go_to(CLUSTER_LIST)
            return True
        return False

    def open_cluster(self, number: int) -> None:
        """Put the cursor on a cluster and go to its page; what hides it from the list goes."""
        self._typed[CLUSTER_LIST] = ""
        self.show(self.state)
        place = next((at for at, cluster in enumerate(self._shown) if cluster.id == number), None)
        if place is not None:
            table = self._table(CLUSTER_LIST)
            table.move_to(place)
            self._go_to(DETAIL)

    @on(LineTable.Chosen, f"#{CLUSTER_LIST}")
    def _drill_in(self, event: LineTable.Chosen) -> None:
        event.stop()
        self._go_to(DETAIL)

    # --- what is under the cursor ------------------------------------------------------------------------------------

    def cluster_under_cursor(self) -> Cluster | None:
        """The cluster that the cursor of the list is on."""
        place = self._table(CLUSTER_LIST).cursor
        return self._shown[place] if place < len(self._shown) else None

    def user_under_cursor(self) -> str | None:
        """The id of the member that the cursor is on, while the members are in use."""
        place = self._table(MEMBERS).cursor
        if self.pane != MEMBERS or self._comparing or self._members is None or place >= self._members.height:
            return None
        return str(self._members["user"][place])

    def table_on_screen(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Headers and all rows of the table in use: what two clusters differ in, the members, or the clusters."""
        looked = self.state.looked_at
        if self._comparing and looked.compared is not None:
            headers = (say("tui.title"), f"C{looked.at}", f"C{looked.other}")
            return headers, contrast_rows(looked.compared)
        if self.pane == MEMBERS and self._members is not None:
            members = member_rows(self._members, self._has_dates)
            return tuple(column.title for column in self._table(MEMBERS).columns), members
        titles = [column.title for column in self._table(CLUSTER_LIST).columns]
        clusters = cluster_rows(self._shown, self._most)
        return (*titles[:3], titles[4]), [(*row[:3], row[4]) for row in clusters]  # without the bars

    def table_of_text(self) -> TakenTable | None:
        """What sets the cluster apart, while its page is in use."""
        from recsys_tui.tui.taking.pane_tables import table_of_standing_out

        page = self.state.looked_at.pages.get(-1 if (one := self.cluster_under_cursor()) is None else one.id)
        return table_of_standing_out(page) if self.pane == DETAIL and not self._comparing and page is not None else None

    def name_of_table(self) -> str:
        """What the table to take away is called."""
        looked, one = self.state.looked_at, self.cluster_under_cursor()
        if self._comparing and looked.compared is not None:
            return say("take.name_clusters_compared", a=looked.at, b=looked.other)
        named = {DETAIL: "cluster", MEMBERS: "members"}.get(self.pane) if one is not None else None
        return say(f"take.name_{named or 'clusters'}", cluster=None if one is None else one.id)

    def _table(self, name: str) -> LineTable:
        return self.query_one(f"#{name}", LineTable)

    @property
    def _most(self) -> int:
        return max((cluster.size or 0 for cluster in self.state.clusters()), default=1) or 1

    @property
    def _has_dates(self) -> bool:
        return self.state.dataset is not None and self.state.dataset.time_kind is TimeKind.TIME

    @on(LineTable.Highlighted, f"#{CLUSTER_LIST}")
    def _look(self) -> None:
        """Tell the application which cluster is looked at, where it does not know."""
        cluster, looked = self.cluster_under_cursor(), self.state.looked_at
        number, inside = None if cluster is None else cluster.id, self.pane != CLUSTER_LIST
        if (number, inside) != (looked.at, looked.inside):
            self.post_message(self.Looked(number, inside))

    # --- filtering and sorting ---------------------------------------------------------------------------------------

    def open_filter(self) -> None:
        """Let a person type what the table in use is to be filtered by."""
        pane = MEMBERS if self.pane == MEMBERS else CLUSTER_LIST
        if self._comparing:
            self.notify(say("shell.no_list"), markup=False)
            return
        self._go_to(pane)
        self.query_one(FilterLine).open_for(self._table(pane), self._typed[pane])

    @on(FilterLine.Typed)
    def _typed_filter(self, event: FilterLine.Typed) -> None:
        event.stop()
        self._filter_by(str(event.table.id), event.text)

    def _filter_by(self, pane: str, text: str) -> None:
        self._typed[pane] = text
        self.show(self.state)

    def sort(self, direction: int) -> None:
        """Sort the table in use by what comes next (1), or the other way round (-1)."""
        pane = MEMBERS if self.pane == MEMBERS else CLUSTER_LIST
        if direction < 0:
            self._turned[pane] = not self._turned[pane]
        else:
            orders = list(MEMBER_ORDERS if pane == MEMBERS else CLUSTER_ORDERS)
            self._order[pane] = orders[(orders.index(self._order[pane]) + 1) % len(orders)]
            self._turned[pane] = False
        self.show(self.state)

    def _descending(self, pane: str) -> bool:
        orders = MEMBER_ORDERS if pane == MEMBERS else CLUSTER_ORDERS
        return orders[self._order[pane]] != self._turned[pane]

    def _order_told(self, pane: str) -> dict[str, str]:
        return {
            "order": say(f"clusters.order_{self._order[pane]}"),
            "arrow": DOWN if self._descending(pane) else UP,
            "text": self._typed[pane],
        }

    # --- drawing -----------------------------------------------------------------------------------------------------

    def show(self, state: WorkbenchState) -> None:
        """Draw a state."""
        turned = self._comparing != (state.looked_at.other is not None)
        self.state = state
        self.set_class(self._comparing, "comparing")
        if turned:
            self.call_after_refresh(self._focus_after_turn, self.pane)
        self._show_list()
        self._look()
        self._show_detail()
        self._show_members()
        self._show_map()
        if self._comparing:
            self._show_comparison()

    def _show_list(self) -> None:
        clusters, pane = self.state.clusters(), CLUSTER_LIST
        wanted = (clusters, self._order[pane], self._turned[pane], self._typed[pane])
        if self._arranged.get(pane) == wanted:
            return
        self._arranged[pane] = wanted
        before = self.cluster_under_cursor()
        self._shown = arranged_clusters(clusters, self._order[pane], self._descending(pane), self._typed[pane])
        places = [place for place, entry in enumerate(self._shown) if before is not None and entry.id == before.id]
        rows, table = cluster_rows(self._shown, self._most), self._table(pane)
        # Wider only where a cluster has too few people to be counted.
        people = max([PEOPLE_WIDTH, *(len(row[2]) for row in rows)])
        table.columns = tuple(replace(c, width=people) if place == 2 else c for place, c in enumerate(table.columns))
        empty = say("clusters.none_match") if clusters else self.state.why_no_model
        table.show(len(rows), lambda start, stop: rows[start:stop], places[0] if places else 0, empty)
        told = {"count": len(rows), "whole": len(clusters)} | self._order_told(pane)
        # As text: a plain string would be read as markup.
        table.border_title = Text(say("clusters.matching" if self._typed[pane] else "clusters.count", **told))

    def _show_detail(self) -> None:
        panel, cluster = self.query_one("#cluster-detail", Panel), self.cluster_under_cursor()
        if cluster is None:
            panel.border_title = ""
            said = say("clusters.none_match") if self.state.clusters() else self.state.why_no_model
            panel.show([Text(said, style="dim")])
            return
        panel.border_title = Text(f"C{cluster.id} {cluster.name}")
        page = self.state.looked_at.pages.get(cluster.id)
        panel.show(page_lines(cluster, page, panel.inner_width, self.state.model is not None))

    def _show_members(self) -> None:
        cluster, pane = self.cluster_under_cursor(), MEMBERS
        page = None if cluster is None else self.state.looked_at.pages.get(cluster.id)
        wanted = (None if page is None else id(page), self._order[pane], self._turned[pane], self._typed[pane])
        if self._arranged.get(pane) == wanted:
            return
        self._arranged[pane] = wanted
        table, has_dates = self._table(pane), self._has_dates
        waiting = page is None and cluster is not None and self.state.model is not None
        empty = say("clusters.counting" if waiting else "clusters.no_members")
        if page is None:
            self._members = None
            table.show(0, lambda _start, _stop: [], 0, empty)
        else:
            found = arranged_members(page.members, self._order[pane], self._descending(pane), self._typed[pane])
            self._members = found
            table.show(found.height, lambda start, stop: member_rows(found[start:stop], has_dates), 0, empty)
        told = {"count": f"{table.count:,}"} | self._order_told(pane)
        table.border_title = Text(say("clusters.members_matching" if self._typed[pane] else "clusters.members", **told))

    def _show_map(self) -> None:
        panel, pane = self.query_one("#cluster-map", Panel), self.query_one(f"#{MAP}", ClusterPane)
        cluster, people = self.cluster_under_cursor(), self.state.looked_at.people
        if cluster is None or people is None:
            waiting = "clusters.counting" if self.state.model is not None else "clusters.after_training"
            self._mapped = ()
            panel.show([Text(say(waiting), style="dim")])
            return
        width, height = panel.inner_width, max(LOWEST_MAP, pane.size.height - 4)
        wanted = (cluster.id, id(people), width, height)
        if self._mapped == wanted:
            return
        self._mapped = wanted
        shown = (people.clusters == cluster.id) & (cluster.size is not None)
        lines = [Text(line, no_wrap=True) for line in map_lines(people.points, shown, width, height)]
        across, up = (f"{share:.0%}" for share in people.explained)
        legend = say("clusters.legend", cluster=cluster.id)
        axes = say("clusters.map_shows", across=across, up=up)
        if self.state.dataset is not None and len(people.people) < self.state.dataset.user_count:
            axes = say("clusters.map_sample", axes=axes, count=f"{len(people.people):,}")
        panel.show([*lines, Text(legend, style="dim", no_wrap=True), Text(axes, style="dim", no_wrap=True)])

    def _show_comparison(self) -> None:
        looked, panel = self.state.looked_at, self.query_one("#cluster-comparison", Panel)
        known = {cluster.id: cluster for cluster in self.state.clusters()}
        first, second = known.get(looked.at or 0), known.get(looked.other or 0)
        if first is None or second is None:
            return
        panel.border_title = say("clusters.compared", a=first.id, b=second.id)
        pages = looked.pages.get(first.id), looked.pages.get(second.id)
        panel.show(comparison_lines((first, second), pages, looked.compared, panel.inner_width))
