"""What people like this one do: how much more often the people of their cluster take an item than everybody does."""

from __future__ import annotations

from dataclasses import dataclass

from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.output.messages import say
from recsys_tui.profiles.taker_shares import ClusterTakers


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
    what is told of all clusters together."""
    histories = model.people.histories
    takers = ClusterTakers(histories, model.people.clusters, len(model.experts.profiles.centres), gate)
    found = takers.shares_of_item(item)
    size = int(takers.sizes[cluster]) if takers.told[cluster] else None
    if not found.share[cluster] or found.at_least[cluster]:
        return ClusterTaste(cluster, name, size, None, None, None)
    share, lift = float(found.share[cluster]), float(found.lift[cluster])
    return ClusterTaste(cluster, name, size, share, len(histories.owners_of(item)) / len(histories), lift)
