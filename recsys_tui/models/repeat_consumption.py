"""What people take again: the chance of everything somebody has taken to be in what they take next.

A mixture of repeating and exploring, as in RepeatNet (Ren et al. 2019), with a classifier on counts, recency and
rhythm for the repeats (cf. Benson, Kumar and Tomkins 2016 on recency; Bhagat et al. 2018 on time between purchases).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.histories import Floats, Longs
from recsys_tui.models.contract import Arrays

if TYPE_CHECKING:
    import polars as pl

    from recsys_tui.data.dataset import Dataset

DAY_MS = 86_400_000.0
MOST_PAIRS = 400_000
PRIOR_PAIRS = 5.0
# Bounds of the number of earlier occasions within which people are expected to explore alike.
BUCKETS = (1, 2, 4, 8, 16)
FEWEST_PEOPLE = 20
# Before anything is learned: one chance in ten at the top, falling with the rank.
DEFAULT_CHANCE = (-2.2, 0.0, -0.7, 0.0)
FEATURES = ("times", "since", "days", "due", "due_squared", "item_rate", "occasions")


@dataclass(frozen=True)
class RepeatModel:
    """Per action of the merged histories: ``logits`` that the item is in what the person takes next, ``times`` it was
    taken (occasions) and ``last`` (time of the last one). ``fresh`` (people,): how many new items to expect next.
    ``chances`` (2, 4): bias and weights of log share, log rank and log fresh in the logit that the next occasion
    contains a new item; one row for the deep model, one for the others, which have ranks alone.
    """

    logits: Floats
    times: NDArray[np.uint16]
    last: Longs
    fresh: Floats
    chances: Floats = field(default_factory=lambda: np.array([DEFAULT_CHANCE, DEFAULT_CHANCE], np.float32))

    def chance_of_new(self, log_share: Floats | None, count: int, fresh: float) -> Floats:
        """Logarithm of the chance that the next occasion contains each of ``count`` new items, best first.

        ``log_share``: logarithm of the softmax of the deep model's scores over its candidates; None for other models,
        of which the ranks alone count. ``fresh``: how many new items to expect.
        """
        # Chances fall along the list, whatever the classifier makes of its two ways to say the same.
        result: Floats = np.minimum.accumulate(self.chance_at(log_share, np.arange(1, count + 1), fresh))
        return result

    def chance_at(self, log_share: Floats | None, ranks: Longs, fresh: float) -> Floats:
        """The same of single new items at the given ranks (from 1)."""
        row = self.chances[0 if log_share is not None else 1].astype(np.float64)
        share = np.zeros(len(ranks)) if log_share is None else log_share.astype(np.float64)
        logits = row[0] + row[1] * share + row[2] * np.log(ranks) + row[3] * np.log(max(fresh, 1e-3))
        result: Floats = (-np.logaddexp(0, -logits)).astype(np.float32)
        return result

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for the store."""
        arrays: dict[str, NDArray[Any]] = {"logits": self.logits, "times": self.times, "last": self.last}
        return arrays | {"fresh": self.fresh, "chances": self.chances}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Build from :meth:`to_arrays`."""
        return cls(arrays["logits"], arrays["times"], arrays["last"], arrays["fresh"], arrays["chances"])


def fit_repeat_model(dataset: Dataset, taken: pl.DataFrame, seed: int) -> RepeatModel | None:
    """Learn from everyone's last occasion which earlier items are in it, and how many others.

    ``taken``: the merged pairs in the order of the histories. An occasion is a basket, or a day. None where the data
    has no repeat consumption, no times, or too little to learn from.
    """
    if not dataset.repeats or "time" not in dataset.interactions.columns:
        return None
    import polars as pl
    from sklearn.linear_model import LogisticRegression

    from recsys_tui.data.dataset import TimeKind

    occasions = _occasions(dataset)
    last = pl.col("number") == pl.col("occasions")
    earlier, target = occasions.filter(~last), occasions.filter(last & (pl.col("occasions") > 1))
    pairs = _pair_features(earlier, target.select("user", now="time", order="number").unique("user"))
    if pairs.height > MOST_PAIRS:
        pairs = pairs.sample(MOST_PAIRS, seed=seed)
    wanted = target.select("user", "item", pl.lit(True).alias("again"))
    pairs = pairs.join(wanted, on=["user", "item"], how="left").with_columns(pl.col("again").fill_null(False))
    labels = pairs["again"].to_numpy()
    if pairs["user"].n_unique() < FEWEST_PEOPLE or labels.sum() < FEWEST_PEOPLE or labels.all():
        return None
    x = pairs.select(FEATURES).to_numpy().astype(np.float64)
    mean, spread = x.mean(axis=0), x.std(axis=0)
    spread = np.where(spread > 1e-6, spread, np.inf)  # a feature that never varied says nothing where it does
    classifier = LogisticRegression(C=1.0, max_iter=500).fit((x - mean) / spread, labels)
    current = _pair_features(
        occasions, _next_occasions(occasions), DAY_MS if dataset.time_kind is TimeKind.TIME else 1.0
    )
    scored = (current.select(FEATURES).to_numpy() - mean) / spread @ classifier.coef_[0] + classifier.intercept_[0]
    current = current.with_columns(pl.Series("logit", scored, pl.Float32)).select(
        "user", "item", "logit", "count", "when"
    )
    aligned = taken.select("user", "item").join(current, on=["user", "item"], how="left", maintain_order="left")
    floor = float(scored.min())
    return RepeatModel(
        aligned["logit"].fill_null(floor).to_numpy().astype(np.float32),
        aligned["count"].fill_null(1).clip(0, 65_535).to_numpy().astype(np.uint16),
        aligned["when"].fill_null(0).to_numpy().astype(np.int64),
        _expected_fresh(earlier, target, occasions, dataset.user_count),
    )


def _occasions(dataset: Dataset) -> pl.DataFrame:
    """One row a (user, occasion, item): ``time`` in days, ``number`` of the occasion from 1, how many ``occasions``."""
    import polars as pl

    from recsys_tui.data.dataset import BASKET, ITEM, STRENGTH, TIME, USER, TimeKind
    from recsys_tui.data.meanings import purchases_only

    table = purchases_only(dataset.interactions)
    if STRENGTH in table.columns:
        table = table.filter(pl.col(STRENGTH) > 0)
    days = pl.col(TIME) / (DAY_MS if dataset.time_kind is TimeKind.TIME else 1.0)
    occasion = pl.col(BASKET).cast(pl.Int64) if BASKET in table.columns else days.floor().cast(pl.Int64)
    rows = table.select(
        pl.col(USER).alias("user"), pl.col(ITEM).alias("item"), occasion.alias("occasion"), days.alias("time")
    )
    # A basket is one moment, whichever of its lines was written last.
    rows = rows.with_columns(pl.col("time").min().over("user", "occasion")).unique(["user", "occasion", "item"])
    rows = rows.sort("user", "time", "occasion", "item")
    number = pl.struct("time", "occasion").rank("dense").over("user").cast(pl.Int64)
    return rows.with_columns(number.alias("number")).with_columns(
        pl.col("number").max().over("user").alias("occasions")
    )


def _next_occasions(occasions: pl.DataFrame) -> pl.DataFrame:
    """When each person's next occasion is to be expected (``now``), and its number (``order``).

    A person's usual step after their last one, but never before the data ends: the classifier learned at occasions,
    which come a step after the one before.
    """
    import polars as pl

    people = occasions.group_by("user").agg(
        pl.col("time").min().alias("begin"), pl.col("time").max().alias("end"), pl.col("occasions").first()
    )
    step = (pl.col("end") - pl.col("begin")) / (pl.col("occasions") - 1)
    people = people.with_columns(pl.when(pl.col("occasions") > 1).then(step).alias("step"))
    usual = people["step"].median()
    following = pl.col("end") + pl.col("step").fill_null(usual if isinstance(usual, float | int) else 0.0)
    over = float(str(occasions["time"].max()))
    return people.select(
        "user", following.clip(lower_bound=over).alias("now"), (pl.col("occasions") + 1).alias("order")
    )


def _pair_features(history: pl.DataFrame, moments: pl.DataFrame, unit: float = DAY_MS) -> pl.DataFrame:
    """Features of every pair of ``history`` at its person's moment (``now`` in days, ``order`` of the occasion)."""
    import polars as pl

    pairs = history.group_by("user", "item").agg(
        pl.len().alias("count"), pl.col("time").min().alias("begin"), pl.col("time").max().alias("end"),
        pl.col("number").max().alias("newest"),
    )  # fmt: skip
    again = (pl.col("count") > 1).cast(pl.Float64)
    prior = float(pairs.select(again.mean()).item() or 0.0)
    rates = pairs.group_by("item").agg(
        ((again.sum() + PRIOR_PAIRS * prior) / (pl.len() + PRIOR_PAIRS)).alias("rate"),
        (((pl.col("end") - pl.col("begin")) / (pl.col("count") - 1)).filter(pl.col("count") > 1))
        .median()
        .alias("typical"),
    )
    middle = rates["typical"].median()
    usual = float(middle) if isinstance(middle, float | int) else 1.0
    own = pl.when(pl.col("count") > 1).then((pl.col("end") - pl.col("begin")) / (pl.col("count") - 1))
    gap = own.otherwise(pl.col("typical").fill_null(usual))
    elapsed = (pl.col("now") - pl.col("end")).clip(0.0)
    due = ((elapsed + 1) / (gap + 1)).log()
    rate = pl.col("rate").clip(1e-4, 1 - 1e-4)
    joined = pairs.join(moments, on="user", how="inner").join(rates, on="item", how="left")
    return joined.select(
        "user", "item", "count", (pl.col("end") * unit).round().cast(pl.Int64).alias("when"),
        pl.col("count").log1p().alias("times"),
        (pl.col("order") - pl.col("newest") - 1).clip(0).cast(pl.Float64).log1p().alias("since"),
        elapsed.log1p().alias("days"), due.alias("due"), (due * due).alias("due_squared"),
        (rate / (1 - rate)).log().alias("item_rate"),
        pl.col("order").cast(pl.Float64).log1p().alias("occasions"),
    ).sort("user", "item")  # fmt: skip


def _expected_fresh(earlier: pl.DataFrame, target: pl.DataFrame, occasions: pl.DataFrame, people: int) -> Floats:
    """How many items new to them people take at an occasion, by how many occasions they had before."""
    import polars as pl

    fresh = target.join(earlier.select("user", "item").unique(), on=["user", "item"], how="anti")
    counted = target.select("user", "occasions").unique().join(fresh.group_by("user").len("new"), on="user", how="left")
    before = counted["occasions"].to_numpy() - 1
    new = counted["new"].fill_null(0).to_numpy().astype(np.float64)
    overall = float(new.mean()) if len(new) else 1.0
    bucket = np.searchsorted(BUCKETS, before, side="right")
    sums, sizes = (np.bincount(bucket, w, minlength=len(BUCKETS) + 1) for w in (new, np.ones(len(new))))
    expected = (sums + FEWEST_PEOPLE * overall) / (sizes + FEWEST_PEOPLE)
    had = np.zeros(people, np.int64)
    totals = occasions.group_by("user").agg(pl.col("occasions").first())
    had[totals["user"].to_numpy()] = totals["occasions"].to_numpy()
    return np.maximum(expected[np.searchsorted(BUCKETS, had, side="right")], 0.05).astype(np.float32)


def last_occasion_starts(dataset: Dataset) -> Longs:
    """When each person's last occasion began, in the unit of the dataset's times; the largest Int64 for those of one.

    Shape (people,). Sources as for :func:`fit_repeat_model`.
    """
    import polars as pl

    from recsys_tui.data.dataset import TimeKind

    unit = DAY_MS if dataset.time_kind is TimeKind.TIME else 1.0
    last = _occasions(dataset).filter((pl.col("number") == pl.col("occasions")) & (pl.col("occasions") > 1))
    starts = last.group_by("user").agg((pl.col("time").min() * unit).round().cast(pl.Int64).alias("start"))
    result = np.full(dataset.user_count, np.iinfo(np.int64).max, np.int64)
    result[starts["user"].to_numpy()] = starts["start"].to_numpy()
    return result
