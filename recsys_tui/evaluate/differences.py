"""Differences between two compared models as plain data: over all people, and among those who did little or much."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from recsys_tui.output.crowd_gate import CrowdGate

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
    """Some of the people who are asked about, or of what they took, parted ``by`` something: see ``groups``.

    ``least`` and ``most``: the ends of that, such as how many items these people took before, as far as ten people (the
    gate's number) reach. ``means`` and ``ci95``
    (by model) and ``differences`` are in NDCG@10; all are empty where too few people stand behind them. ``label``: the
    name of a cluster.
    """

    name: str
    people: int
    least: int
    most: int
    means: dict[str, float]
    differences: tuple[Difference, ...]
    by: str = "activity"
    label: str = ""
    ci95: dict[str, tuple[float, float]] = field(default_factory=dict)

    def told(self, gate: CrowdGate | None = None) -> dict[str, Any]:
        """As plain values for a document; how few people a group has is not told."""
        people = (gate or CrowdGate()).pass_value(self.people, self.people)
        ends = None if self.least == self.most == 0 else [self.least, self.most]
        return {
            "by": self.by,
            "name": self.name,
            "label": self.label or None,
            "people": people,
            "range": ends,
            "ndcg@10": self.means,
            "ci95": {name: list(pair) for name, pair in self.ci95.items()},
            "differences": [
                {"a": one.a, "b": one.b, "delta": one.delta, "ci95": [one.low, one.high]} for one in self.differences
            ],
        }


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
