"""Asking what a cluster is to be called."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from recsys_tui.output.messages import say
from recsys_tui.recommend.answers import Cluster
from recsys_tui.store.cluster_names import LONGEST_NAME
from recsys_tui.tui.dialogs.dialog import Dialog


class ClusterNameDialog(Dialog[str | None]):
    """Returns what was typed, which may be nothing, or None for Escape."""

    CSS_PATH = "cluster_name.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", say("tui.key_close"), id="cluster_name.close"),
    ]

    def __init__(self, cluster: Cluster) -> None:
        super().__init__()
        self._cluster = cluster

    def compose(self) -> ComposeResult:
        cluster = self._cluster
        with Vertical(id="cluster-name") as box:
            box.border_title = say("clusters.rename_title", cluster=cluster.id)
            typed = Input(cluster.name, max_length=LONGEST_NAME, id="cluster-name-text")
            typed.cursor_blink = False
            yield typed
            own = cluster.automatic_name or cluster.name
            yield Static(say("clusters.rename_hint", name=own), markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    @on(Input.Submitted)
    def _typed(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)
