"""The rows of the two tables of clusters: which clusters match and in which order, and the members of one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from recsys_tui.recommend.answers import Cluster
from recsys_tui.tui.lines.clusters import cohesion_text, people_text
from recsys_tui.tui.widgets.charts import bar

if TYPE_CHECKING:
    import polars as pl

BAR_WIDTH = 6
# What can be sorted by, and whether the greatest come first.
CLUSTER_ORDERS = {"size": True, "cohesion": True, "id": False, "name": False}
MEMBER_ORDERS = {"closeness": True, "actions": True, "mean_rating": True, "last": True, "user": False}
_KEYS: dict[str, Callable[[Cluster], Any]] = {
    "size": lambda cluster: cluster.size or 0,
    "cohesion": lambda cluster: -1.0 if cluster.cohesion is None else cluster.cohesion,
    "id": lambda cluster: cluster.id,
    "name": lambda cluster: cluster.name.casefold(),
}


def arranged_clusters(clusters: Sequence[Cluster], order: str, descending: bool, text: str) -> list[Cluster]:
    """The clusters that match ``text``, sorted; equal ones by number.

    Every word has to be part of the name, of an item or of a term that stands out; ``c3`` is a number.
    """
    words = text.casefold().split()
    found = [cluster for cluster in clusters if all(_matches(cluster, word) for word in words)]
    return sorted(sorted(found, key=lambda cluster: cluster.id), key=_KEYS[order], reverse=descending)


def _matches(cluster: Cluster, word: str) -> bool:
    if word == f"c{cluster.id}":
        return True
    texts = [cluster.name, cluster.automatic_name, *(title or item for item, title, _ in cluster.top_items)]
    texts += [term for term, _ in cluster.top_terms]
    return any(word in text.casefold() for text in texts)


def cluster_rows(clusters: Sequence[Cluster], most: int) -> list[tuple[str, ...]]:
    """Number, name, people, a bar of them against ``most``, cohesion."""
    return [
        (str(one.id), one.name, people_text(one), bar((one.size or 0) / most, BAR_WIDTH), cohesion_text(one))
        for one in clusters
    ]


def arranged_members(members: pl.DataFrame, order: str, descending: bool, text: str) -> pl.DataFrame:
    """The members whose id holds ``text``, sorted; what is not known comes last."""
    import polars as pl

    if text:
        members = members.filter(pl.col("user").str.to_lowercase().str.contains(text.lower(), literal=True))
    return members.sort(order, descending=descending, nulls_last=True, maintain_order=True)


def member_rows(members: pl.DataFrame, has_dates: bool) -> list[tuple[str, ...]]:
    """User, closeness, actions, mean rating, last."""
    import polars as pl

    if has_dates:
        members = members.with_columns(pl.from_epoch("last", "ms").dt.strftime("%Y-%m-%d"))
    columns = (members[name].to_list() for name in ("user", "closeness", "actions", "mean_rating", "last"))
    return [
        (
            user,
            f"{closeness:.2f}",
            f"{actions:,}",
            "" if mean is None else f"{mean:.1f}",
            "" if last is None else str(last) if has_dates else f"{last:,}",
        )
        for user, closeness, actions, mean, last in zip(*columns, strict=True)
    ]
