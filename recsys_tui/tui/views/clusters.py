"""Clusters: the groups of people, and what sets each apart."""

from __future__ import annotations

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll

from recsys_tui.output.messages import say
from recsys_tui.recommend.answers import Cluster
from recsys_tui.tui.state import WorkbenchState
from recsys_tui.tui.widgets.charts import bar
from recsys_tui.tui.widgets.line_table import Column, LineTable, fit
from recsys_tui.tui.widgets.panel import Panel

BAR_WIDTH = 8


class ClustersView(Horizontal):
    """The list of clusters beside the one under the cursor."""

    clusters: tuple[Cluster, ...] = ()

    def compose(self) -> ComposeResult:
        columns = (
            Column("#", 3, right=True),
            Column(say("tui.name")),
            Column(say("tui.people"), 7, right=True),
            Column("", BAR_WIDTH, muted=True),
            Column(say("tui.cohesion"), 4, right=True, muted=True),
        )
        yield LineTable(columns, say("tui.train_first"), id="cluster-list")
        with VerticalScroll(id="cluster-detail-scroll", can_focus=True):
            yield Panel("", id="cluster-detail")

    def focus_first(self) -> None:
        """Focus what a person comes here for."""
        self.query_one("#cluster-list").focus()

    def show(self, state: WorkbenchState) -> None:
        """Draw a state."""
        clusters = state.model.clusters if state.model is not None else ()
        if clusters is not self.clusters:
            self.clusters = tuple(sorted(clusters, key=lambda cluster: -cluster.size))
            most = max((cluster.size for cluster in self.clusters), default=1)
            rows = [
                (str(c.id), c.name, f"{c.size:,}", bar(c.size / most, BAR_WIDTH), f"{c.cohesion:.2f}")
                for c in self.clusters
            ]
            self.query_one(LineTable).show(len(rows), lambda start, stop: rows[start:stop])
        self._detail()

    @on(LineTable.Highlighted)
    def _detail(self) -> None:
        panel = self.query_one("#cluster-detail", Panel)
        place = self.query_one(LineTable).cursor
        if place >= len(self.clusters):
            panel.border_title = ""
            panel.show([Text(say("tui.train_first"), style="dim")])
            return
        cluster = self.clusters[place]
        panel.border_title = f"C{cluster.id} {cluster.name}"
        width = panel.inner_width
        lines = [Text(say("tui.cluster_items"), style="bold")]
        for item, title, lift in cluster.top_items:
            lines.append(Text(fit(title or item, width - 8)).append(f" ×{lift:>5.1f}", style="dim"))
        lines += [Text(""), Text(say("tui.cluster_terms"), style="bold")]
        for term, lift in cluster.top_terms:
            lines.append(Text(fit(term, width - 8)).append(f" ×{lift:>5.1f}", style="dim"))
        panel.show(lines)
