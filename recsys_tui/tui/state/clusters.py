"""What is looked at among the clusters, as plain frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recsys_tui.recommend.cluster_comparison import ClusterComparison
    from recsys_tui.recommend.cluster_page import ClusterPage
    from recsys_tui.recommend.user_map import UserMap
    from recsys_tui.tui.state.workbench import ModelState


@dataclass(frozen=True)
class ClusterState:
    """``at``: the cluster under the cursor; ``inside``: its page is in use, not the list. ``other``: with which it is
    compared. ``pages``, ``people`` (everyone on the map) and ``comparison``: what was worked out so far for ``model``.
    """

    at: int | None = None
    inside: bool = False
    other: int | None = None
    model: ModelState | None = None
    pages: Mapping[int, ClusterPage] = field(default_factory=lambda: MappingProxyType({}))
    people: UserMap | None = None
    comparison: ClusterComparison | None = None

    @property
    def page(self) -> ClusterPage | None:
        """The page of the cluster under the cursor, if it is there."""
        return None if self.at is None else self.pages.get(self.at)

    @property
    def compared(self) -> ClusterComparison | None:
        """The comparison of the two that are looked at, if it is there."""
        found = self.comparison
        return found if found is not None and (found.a, found.b) == (self.at, self.other) else None


NO_CLUSTER = ClusterState()
