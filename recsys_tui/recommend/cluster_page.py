"""One cluster in full: what sets it apart from everyone, its habits, its activity, and who is in it.

Every figure about people passes the crowd gate, and so does what could be worked out from two of them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import TimeKind
from recsys_tui.data.histories import Histories
from recsys_tui.data.tagged_texts import TaggedTexts
from recsys_tui.models.trained_model import TrainedModel
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.profiles.cluster_description import SMALLEST_SHARE, TOP_ITEMS, TOP_TERMS, WEIGHT_IN_NAMES, by_lift
from recsys_tui.profiles.item_terms import TermKind
from recsys_tui.profiles.taker_shares import ClusterTakers, TakerShares
from recsys_tui.profiles.told_terms import ToldTerms
from recsys_tui.recommend.cluster_habits import Activity, EveryonesHabits, RatingHabits

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.recommend.recommender import Recommender

SMALLEST_TERM_SHARE = 0.01
MEMBERS_TOLD = 20


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
        self.terms = ToldTerms(self.takers, model.experts.content)

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
            self._terms(cluster),
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

    def _terms(self, cluster: int) -> tuple[StandsOut, ...]:
        """Those that tell most, as in the name of a cluster (share · log lift), then by lift. Numbers tell no taste."""
        content = self.model.experts.content
        if not len(content.vocabulary):
            return ()
        here, lift = self.terms.shares(cluster)
        weight = np.array([WEIGHT_IN_NAMES.get(TermKind(kind), 1.0) for kind in content.kinds.tolist()])
        told = np.where(here >= SMALLEST_TERM_SHARE, weight * here * np.log(np.maximum(lift, 1)), 0)
        chosen: list[StandsOut] = []
        for term in np.argsort(-told, kind="stable").tolist():
            if told[term] <= 0 or len(chosen) == TOP_TERMS:
                break
            if self.terms.may_be_told(cluster, term):
                chosen.append(StandsOut(str(content.vocabulary[term]), None, float(here[term]), float(lift[term])))
        return tuple(sorted(chosen, key=lambda entry: -entry.lift))

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
