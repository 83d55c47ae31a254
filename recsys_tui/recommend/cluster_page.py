"""One cluster in full: what sets it apart from everyone, its habits, its activity, and who is in it.

Every figure about people passes the crowd gate, and so does what could be worked out from two of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import TimeKind
from recsys_tui.data.histories import Histories
from recsys_tui.data.tagged_texts import TaggedTexts
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_counts import open_parts
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.profiles.cluster_description import SMALLEST_SHARE, TOP_ITEMS, TOP_TERMS, WEIGHT_IN_NAMES, by_lift
from recsys_tui.profiles.item_terms import TermKind
from recsys_tui.profiles.taker_shares import ClusterTakers, TakerShares, how_many_of
from recsys_tui.recommend.cluster_habits import Activity, EveryonesHabits, RatingHabits

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.recommend.recommender import Recommender

SMALLEST_TERM_SHARE = 0.01
MEMBERS_TOLD = 20
FEW_CLUSTERS = 3


@dataclass(frozen=True)
class StandsOut:
    """An item or a term that a cluster takes more than everyone does.

    ``share``: of the cluster's people who have the item, or of its actions that are on items with the term. ``lift``:
    that share over the same share among all. ``at_least``: both are lower bounds, because fewer than ten people of the
    cluster lack it, or fewer than ten of whom nothing else is told have it.
    """

    id: str
    title: str | None
    share: float
    lift: float
    at_least: bool = False


@dataclass(frozen=True)
class ClusterPage:
    """What there is to know about one cluster. ``people`` is None, and all else empty, where fewer than ten are in it.

    ``members``: one row a person, the nearest to the centre first: user (id), closeness (cosine of profile and
    centre), actions, mean_rating, last (time; both null where the data has none).
    """

    id: int
    people: int | None
    items: tuple[StandsOut, ...]
    terms: tuple[StandsOut, ...]
    habits: RatingHabits | None
    activity: Activity | None
    members: pl.DataFrame

    def to_json(self) -> dict[str, Any]:
        """The ``details`` of ``recsys clusters --cluster``: everything, and the 20 members nearest to the centre."""
        return {
            "people": self.people,
            "items": [
                {"item": e.id, "title": e.title, "share": e.share, "lift": e.lift, "at_least": e.at_least}
                for e in self.items
            ],
            "terms": [{"term": e.id, "share": e.share, "lift": e.lift, "at_least": e.at_least} for e in self.terms],
            "ratings": None if self.habits is None else asdict(self.habits),
            "activity": None if self.activity is None else asdict(self.activity),
            "members": self.members.head(MEMBERS_TOLD).select("user", "closeness", "actions").to_dicts(),
        }


class ClusterFigures:
    """Counts over the people of a model from which the pages of its clusters are made; counted once each.

    ``has_dates``: times are dates. Arrays are those of the stored model; nothing here imports scikit-learn.
    """

    def __init__(self, model: TrainedModel, has_dates: bool, gate: CrowdGate | None = None) -> None:
        self.model, self.gate = model, gate or CrowdGate()
        clusters = len(model.experts.profiles.centres)
        self.takers = ClusterTakers(model.people.histories, model.people.clusters, clusters, self.gate)
        self.habits = EveryonesHabits(self.takers, has_dates)

    @classmethod
    def of(cls, recommender: Recommender) -> Self:
        """Of the model of a recommender."""
        return cls(recommender.model, recommender.manifest.get("time_kind") == TimeKind.TIME.value)

    def page(self, cluster: int) -> ClusterPage:
        """The page of a cluster."""
        if not self.takers.told[cluster]:
            return ClusterPage(cluster, None, (), (), None, None, _no_members())
        members, histories = self.takers.members(cluster), self.takers.of(cluster)
        return ClusterPage(
            cluster,
            len(members),
            self._items(cluster),
            self._terms(cluster, histories),
            self.habits.rating_habits(cluster),
            self.habits.activity(cluster),
            self._members(cluster, members, histories),
        )

    def item_shares(self, cluster: int) -> TakerShares:
        """Of every item in a cluster that is told of: share of its people who have it and the lift, each (items,)."""
        return self.takers.shares(cluster)

    def _items(self, cluster: int) -> tuple[StandsOut, ...]:
        told = self.item_shares(cluster)
        lift = np.where(told.share >= SMALLEST_SHARE, told.lift, 0)
        best = [int(item) for item in by_lift(lift, told.share)[:TOP_ITEMS] if lift[item] > 1]
        ids, titles = self.model.catalogue.ids, self.model.catalogue.titles
        return tuple(
            StandsOut(
                str(ids[item]), titles[item], float(told.share[item]), float(lift[item]), bool(told.at_least[item])
            )
            for item in best
        )

    def _terms(self, cluster: int, histories: Histories) -> tuple[StandsOut, ...]:
        """Those that tell most, as in the name of a cluster (share · log lift), then by lift. Numbers tell no taste."""
        content = self.model.experts.content
        if not len(content.vocabulary):
            return ()
        people, everyone = histories.item_counts(), self.takers.everyone
        owners = np.repeat(np.arange(len(content.indptr) - 1), np.diff(content.indptr))
        count = len(content.vocabulary)
        here = np.bincount(content.terms, people[owners], count) / max(1, int(people.sum()))
        overall = np.bincount(content.terms, everyone[owners], count) / max(1, int(everyone.sum()))
        lift = here / np.maximum(overall, 1e-12)
        weight = np.array([WEIGHT_IN_NAMES.get(TermKind(kind), 1.0) for kind in content.kinds.tolist()])
        told = np.where(here >= SMALLEST_TERM_SHARE, weight * here * np.log(np.maximum(lift, 1)), 0)
        chosen: list[StandsOut] = []
        for term in np.argsort(-told, kind="stable"):
            if told[term] <= 0 or len(chosen) == TOP_TERMS:
                break
            with_term = np.zeros(len(everyone), np.bool_)
            with_term[owners[content.terms == term]] = True
            if self._enough_met(cluster, histories, with_term):
                chosen.append(StandsOut(str(content.vocabulary[int(term)]), None, float(here[term]), float(lift[term])))
        return tuple(sorted(chosen, key=lambda entry: -entry.lift))

    def _enough_met(self, cluster: int, histories: Histories, items: NDArray[np.bool_]) -> bool:
        """Whether what is told of a cluster's actions on some items (a mask) and on the others tells of no few people,
        beside everyone's and what is told of these items one by one."""
        if not self.gate.open_for(people_with(histories, items)) or not self.takers.items_together_told(items):
            return False
        here = np.append(self.takers.told, False)[self.takers.clusters]
        everybody = self.model.people.histories
        on_them = how_many_of(everybody, items)
        for some, met in ((items, on_them > 0), (~items, on_them < everybody.lengths)):
            if any((some & untold).sum() == 1 for untold in self._untold_beside(cluster)):  # what the others leave
                return False
            counts = np.bincount(self.takers.clusters[met & here], minlength=self.takers.count)
            open_ = open_parts(counts, self.gate, untold=int((met & ~here).sum()))
            nobody = counts[cluster] == 0 and not 0 < int(met.sum()) < self.gate.minimum
            if not (open_[cluster] or nobody):
                return False
        return True

    def _untold_beside(self, cluster: int) -> Iterator[NDArray[np.bool_]]:
        """Which items are not told of a cluster, (items,); of others too where there are so few that what is told of
        two pages and of everyone leaves a single one."""
        told = np.flatnonzero(self.takers.told).tolist()
        for one in told if len(told) <= FEW_CLUSTERS else [cluster]:
            alone = self.takers.shares(one)
            yield (self.takers.everyone > 0) & ((alone.share == 0) | alone.at_least)

    def _members(self, cluster: int, members: NDArray[np.int64], histories: Histories) -> pl.DataFrame:
        import polars as pl

        profiles = self.model.experts.profiles
        closeness = profiles.long_term(histories) @ profiles.centres[cluster]
        ends = histories.indptr[1:] - 1
        last = None if histories.times is None else histories.times[ends]
        ids = self.model.people.ids
        table = pl.DataFrame(
            {
                "user": pl.Series([ids[int(person)] for person in members], dtype=pl.String),
                "closeness": pl.Series(closeness, dtype=pl.Float32),
                "actions": pl.Series(histories.lengths, dtype=pl.Int64),
                "mean_rating": pl.Series(_mean_ratings(histories), dtype=pl.Float32).fill_nan(None),
                "last": pl.Series(last if last is not None else [None] * len(members), dtype=pl.Int64),
            }
        )
        if isinstance(ids, TaggedTexts):  # the order of ids would tell whose tags they are
            table = table.sort("user")
        return table.sort("closeness", descending=True, maintain_order=True)


def people_with(histories: Histories, items: NDArray[np.bool_]) -> int:
    """How many people have at least one of the items (a mask)."""
    return int((how_many_of(histories, items) > 0).sum())


def _mean_ratings(histories: Histories) -> NDArray[np.float64]:
    """The mean rating of each person; not-a-number where there is none."""
    if histories.ratings is None:
        return np.full(len(histories), np.nan)
    given = ~np.isnan(histories.ratings)
    owners = histories.owners[given]
    sums = np.bincount(owners, histories.ratings[given].astype(np.float64), len(histories))
    counts = np.bincount(owners, minlength=len(histories))
    return np.where(counts > 0, sums / np.maximum(1, counts), np.nan)


def _no_members() -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        schema={
            "user": pl.String,
            "closeness": pl.Float32,
            "actions": pl.Int64,
            "mean_rating": pl.Float32,
            "last": pl.Int64,
        }
    )
