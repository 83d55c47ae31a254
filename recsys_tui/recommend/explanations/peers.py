"""What people like this one do: how much more often the people of their cluster take an item than everybody does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_counts import open_parts
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say


@dataclass(frozen=True)
class ClusterTaste:
    """A cluster and an item. ``size``: people in the cluster; ``share`` and ``share_of_all`` (0 to 1): how many of
    them, and of everybody, took the item; ``lift``: their quotient. The three are None where they would tell of few
    people.
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
    """Count the people of a cluster who took an item. Nobody can tell what few people did, neither from this nor from
    what is told of all clusters together: takers who are in no cluster that is told of are none, or enough; and so are
    those of this one who did not take it.
    """
    histories = model.people.histories
    takers = np.searchsorted(histories.indptr, np.flatnonzero(histories.items == item), side="right") - 1
    clusters = np.asarray(model.people.clusters)
    size = int((clusters == cluster).sum())
    inside = int((clusters[takers] == cluster).sum())
    lacking = size - inside
    told = open_parts(np.bincount(clusters[takers] + 1, minlength=cluster + 2), gate)  # first who is in no cluster
    if not told[cluster + 1] or not (lacking == 0 or gate.open_for(lacking)):
        return ClusterTaste(cluster, name, gate.pass_value(size, size), None, None, None)
    share, share_of_all = inside / size, len(takers) / len(histories)
    return ClusterTaste(cluster, name, size, share, share_of_all, share / share_of_all)
