"""Differences between two compared models as plain data: over all people, and among those who did little or much."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

METRICS = ("ndcg@10", "hr@10", "recall@20", "mrr@10", "map@10", "precision@10")
# Segments of people are compared in this metric alone.
OF_SEGMENTS = "ndcg@10"
SEGMENTS = ("light", "middle", "heavy")


@dataclass(frozen=True)
class Difference:
    """Model ``a`` minus model ``b`` in one metric: the mean over people and its 95 % interval by paired bootstrap.

    The interval is this pair's own; it is not adjusted for there being several pairs.
    """

    a: str
    b: str
    metric: str
    delta: float
    low: float
    high: float

    @property
    def real(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0

    def turned(self) -> Difference:
        """The same, seen from the other model."""
        return Difference(self.b, self.a, self.metric, -self.delta, -self.high, -self.low)


@dataclass(frozen=True)
class Segment:
    """People who are asked about and took between ``least`` and ``most`` items before.

    ``means`` (by model) and ``differences`` are in NDCG@10; both are empty where too few people stand behind them.
    """

    name: str
    people: int
    least: int
    most: int
    means: dict[str, float]
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class SideBySide:
    """What a comparison says of each pair of its models."""

    differences: tuple[Difference, ...]
    segments: tuple[Segment, ...]

    def of(self, a: str, b: str, metric: str) -> Difference | None:
        """Model ``a`` minus model ``b``; None where they were not compared in this metric."""
        return pair_among(self.differences, a, b, metric)

    def to_json(self) -> dict[str, Any]:
        """Plain values; :meth:`from_json` reads them back."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """Build from :meth:`to_json`'s document. Raises ``TypeError`` or ``KeyError`` for anything else."""
        segments = tuple(
            Segment(**{**entry, "differences": tuple(Difference(**one) for one in entry["differences"])})
            for entry in document["segments"]
        )
        return cls(tuple(Difference(**entry) for entry in document["differences"]), segments)


def pair_among(differences: tuple[Difference, ...], a: str, b: str, metric: str) -> Difference | None:
    """The difference of two models among several, whichever of the two stands first there."""
    for one in differences:
        if one.metric == metric and {one.a, one.b} == {a, b}:
            return one if one.a == a else one.turned()
    return None
