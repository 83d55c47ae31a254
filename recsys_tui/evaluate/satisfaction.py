"""How well liked were the recommendations that people took: ratings, or strengths of events, of what lists found."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.evaluate.significance import own_means
from recsys_tui.evaluate.taken_pairs import Ranks, TakenPairs
from recsys_tui.output.crowd_counts import without_small_rest
from recsys_tui.output.crowd_gate import CrowdGate

PLACES = 10


@dataclass(frozen=True)
class Satisfaction:
    """``kind``: ``rating`` or ``strength``. ``people``: those who took something from the first 10 places that has one;
    where 1 to 9 of those asked about did not, they count as ten.

    ``mean``, ``ci95``: of their own means, each person counting once; None where fewer than ten people stand behind it.
    ``of_all_taken``: the mean of everything held out that has one, whoever listed it, over ``all_people``.
    """

    kind: str
    people: int
    mean: float | None
    ci95: tuple[float, float] | None
    all_people: int
    of_all_taken: float | None

    def to_json(self) -> dict[str, Any]:
        """As plain values; a number of people below the gate's is not told."""
        gate = CrowdGate()
        counts = {"people": self.people, "all_people": self.all_people}
        return asdict(self) | {name: gate.pass_value(count, count) for name, count in counts.items()}


def satisfaction(ranks: Ranks, pairs: TakenPairs, seed: int = 0, gate: CrowdGate | None = None) -> Satisfaction | None:
    """Expected worth of what was recommended and taken; None where the data has neither ratings nor strengths.

    ``ranks`` (runs, pairs). The interval is the one of :func:`~.significance.own_means`, bounded by the lowest and the
    highest worth in the held-out part.
    """
    if pairs.worth is None or pairs.kind is None:
        return None
    gate = gate or CrowdGate()
    there = np.isfinite(pairs.worth)
    if not there.any():
        return None
    found = ((ranks > 0) & (ranks <= PLACES)).mean(axis=0) * there
    own, everything = _own_means(pairs, found), _own_means(pairs, there.astype(np.float64))
    mean, ends = None, None
    if gate.open_for(len(own)):
        bounds = (float(pairs.worth[there].min()), float(pairs.worth[there].max()))
        (said,) = own_means(own[:, None], seed=seed, bounds=bounds)
        mean, ends = said.mean, (said.low, said.high)
    of_all = float(everything.mean()) if gate.open_for(len(everything)) else None
    people, all_people = (without_small_rest(len(some), pairs.people, gate) for some in (own, everything))
    return Satisfaction(pairs.kind, people, mean, ends, all_people, of_all)


def _own_means(pairs: TakenPairs, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weighted mean worth of each person who has any weight."""
    worth = np.nan_to_num(np.asarray(pairs.worth))
    total = np.bincount(pairs.owners, weights, minlength=pairs.people)
    sums = np.bincount(pairs.owners, weights * worth, minlength=pairs.people)
    some = total > 0
    result: NDArray[np.float64] = sums[some] / total[some]
    return result
