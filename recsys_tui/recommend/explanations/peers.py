"""What people like this one do: how much more often the people of their cluster take an item than everybody does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say


@dataclass(frozen=True)
class ClusterTaste:
    """A cluster and an item. ``size``: people in the cluster; ``share`` and ``share_of_all`` (0 to 1): how many of
    them, and of everybody, took the item; ``lift``: their quotient. The three are None unless enough people of the
    cluster, and enough outside it, took the item to stand behind a figure.
    """

    cluster: int
    name: str
    size: int | None
    share: float | None
    share_of_all: float | None
    lift: float | None

    @property
    def has_name(self) -> bool:
        """Whether it is called anything but by its number."""
        return self.name != say("models.cluster_number", number=self.cluster)


def cluster_taste(model: TrainedModel, cluster: int, name: str, item: int, gate: CrowdGate) -> ClusterTaste:
    """Count the people of a cluster who took an item. From the two shares nobody can tell what few people did: both
    the takers inside and those outside are at least as many as the gate asks for, or none.
    """
    histories = model.people.histories
    takers = np.searchsorted(histories.indptr, np.flatnonzero(histories.items == item), side="right") - 1
    clusters = np.asarray(model.people.clusters)
    size = int((clusters == cluster).sum())
    inside = int((clusters[takers] == cluster).sum())
    outside = len(takers) - inside
    shown = gate.open_for(inside) and (outside == 0 or gate.open_for(outside)) and gate.open_for(size)
    if not shown:
        return ClusterTaste(cluster, name, gate.pass_value(size, size), None, None, None)
    share, share_of_all = inside / size, len(takers) / len(histories)
    return ClusterTaste(cluster, name, size, share, share_of_all, share / share_of_all)
