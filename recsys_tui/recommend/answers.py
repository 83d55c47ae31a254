"""Answers as plain, frozen data: what the command line prints and the workbench shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from recsys_tui.output.crowd_gate import CrowdGate


@dataclass(frozen=True)
class Reason:
    """One named part of a score. The contributions of all parts of an item sum to its score."""

    kind: str
    text: str
    contribution: float


@dataclass(frozen=True)
class RecommendedItem:
    """One place of a list. ``score`` compares within this list only; ``probability`` is the interaction model's.

    ``pinned``: the item stands here because somebody wanted it there. ``chance``: where people take things again, the
    chance that the next occasion (a basket, a day) contains the item; None elsewhere.
    """

    rank: int
    item: str
    title: str | None
    categories: tuple[str, ...]
    score: float
    probability: float
    reasons: tuple[Reason, ...] = ()
    pinned: bool = False
    chance: float | None = None

    @property
    def foretold(self) -> float:
        """What lists show: the chance where there is one, else the probability."""
        return self.probability if self.chance is None else self.chance


@dataclass(frozen=True)
class Recommendations:
    """One person's list, and what it was made with. ``user`` is None for someone who is not in the data.

    ``model`` is the one that really ranked; where another was asked for, ``note`` says why. ``stored_likes`` and
    ``stored_dislikes``: how much of what the person said before counted. ``history``: how many items of theirs, with
    what they like, the list was made from.
    """

    user: str | None
    model: str
    preset: str
    horizon: str
    cluster: int | None
    cluster_name: str | None
    items: tuple[RecommendedItem, ...]
    milliseconds: float
    note: str | None = None
    stored_likes: int = 0
    stored_dislikes: int = 0
    history: int = 0

    @property
    def has_chances(self) -> bool:
        """Whether the list tells how likely the next occasion contains its items."""
        return any(entry.chance is not None for entry in self.items)

    def table(self) -> tuple[tuple[str, ...], tuple[tuple[object, ...], ...]]:
        """The names of the columns and the rows of the list as CSV has it; ``chance`` where there are any."""
        columns = ("rank", "item", "title", "score", "probability", *(["chance"] if self.has_chances else []))
        return columns, tuple(tuple(getattr(entry, name) for name in columns) for entry in self.items)

    def to_json(self) -> dict[str, Any]:
        """The document of ``recsys recommend --json``. Timings are left out, so that equal answers are equal bytes."""
        return {
            "user": self.user,
            "model": self.model,
            "preset": self.preset,
            "horizon": self.horizon,
            "cluster": self.cluster,
            "cluster_name": self.cluster_name,
            "note": self.note,
            "feedback": {"likes": self.stored_likes, "dislikes": self.stored_dislikes},
            "items": [
                {
                    "rank": entry.rank,
                    "item": entry.item,
                    "title": entry.title,
                    "categories": list(entry.categories),
                    "score": entry.score,
                    "probability": entry.probability,
                    "chance": entry.chance,
                    "pinned": entry.pinned,
                    "reasons": [
                        {"kind": reason.kind, "text": reason.text, "contribution": reason.contribution}
                        for reason in entry.reasons
                    ],
                }
                for entry in self.items
            ],
        }


@dataclass(frozen=True)
class HistoryItem:
    """One past action: ``time`` in epoch milliseconds, or a position where the data has an order only."""

    item: str
    title: str | None
    categories: tuple[str, ...]
    rating: float | None
    time: int | None


@dataclass(frozen=True)
class Cluster:
    """A group of people with a common taste.

    ``cohesion``: mean cosine of its members with its centre. ``top_items``: (id, title, lift) with lift = the item's
    share in the group over its share among all. ``top_terms``: (word or category, lift). Items and terms that fewer
    than ten of its people stand behind are left out. ``automatic_name``: what it is called by itself, where it was
    given another ``name``. ``silhouette`` (-1 to 1): how much nearer its members are to one
    another than to the next cluster. ``stability`` (0 to 1): how much of it comes back in random halves of the people.
    Both None for a model that was trained before they were measured. All figures are None where too few people are in
    it, or would be in what is left beside it: see :func:`as_told`.
    """

    id: int
    name: str
    size: int | None
    cohesion: float | None
    top_items: tuple[tuple[str, str | None, float], ...]
    top_terms: tuple[tuple[str, float], ...]
    silhouette: float | None = None
    stability: float | None = None
    automatic_name: str = ""

    @property
    def renamed(self) -> bool:
        """Whether somebody gave it its name."""
        return self.name != (self.automatic_name or self.name)


def as_told(clusters: Iterable[Cluster], gate: CrowdGate | None = None, untold: int = 0) -> tuple[Cluster, ...]:
    """The clusters as they may be shown: without any figure of those that are too small to be told of, or would be in
    what is left. ``untold``: how many people are in none, having taken back all they had."""
    found = tuple(clusters)
    import numpy as np  # which the first paint does without

    from recsys_tui.output.crowd_counts import open_parts

    told = open_parts(np.array([cluster.size or 0 for cluster in found], np.int64), gate or CrowdGate(), untold)
    nothing: dict[str, Any] = {"size": None, "cohesion": None, "silhouette": None, "stability": None}
    return tuple(
        cluster if open_ else replace(cluster, **nothing, top_items=(), top_terms=())
        for cluster, open_ in zip(found, told.tolist(), strict=True)
    )
