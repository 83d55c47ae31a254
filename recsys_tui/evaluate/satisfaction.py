"""How well liked were the recommendations that people took: ratings, or strengths of events, of what lists found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.evaluate.significance import own_means
from recsys_tui.evaluate.taken_pairs import Ranks, TakenPairs
from recsys_tui.output.crowd_counts import in_steps, told_count
from recsys_tui.output.crowd_gate import CrowdGate

PLACES = 10
ALIKE = 1e-9  # weights that are as near to each other are the same
Weights = NDArray[np.float64]


@dataclass(frozen=True)
class Satisfaction:
    """``kind``: ``rating`` or ``strength``. ``people``: those who took something from the first 10 places that has one;
    where 1 to 9 of those asked about did not, they count as ten, which leaves ten at least.

    ``mean``, ``ci95``: of their own means, each person counting once; None where fewer than ten people stand behind it,
    or where beside other means it would tell of fewer (see :func:`satisfactions`).
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


def satisfactions(
    ranks: Sequence[Ranks], pairs: TakenPairs, seed: int = 0, gate: CrowdGate | None = None
) -> tuple[Satisfaction | None, ...]:
    """Expected worth of what was recommended and taken, by model; None where there are neither ratings nor strengths.

    ``ranks``: (runs, pairs) of each model. The interval is the one of :func:`~.significance.own_means`, bounded by the
    lowest and the highest worth in the held-out part.

    How many people a mean is of can be known (by the hit rate), so that means tell sums, and these their differences:
    less the finds of a model, everything taken is what those took for whom it found nothing. A model's mean is kept
    back where the people who make such a difference are fewer than ten: between it and everything taken, between it and
    a model before it, or between those two together and everything taken, once or twice. Since other comparisons, by
    other models, seeds or protocols, tell means of their own, each, that of everything too, is told in
    steps (:func:`~recsys_tui.output.crowd_counts.in_steps`) of at least what lies between the lowest and the highest
    worth by how many people are behind it: how two sums differ is then not known to the worth of one of them.
    """
    there = None if pairs.worth is None else np.isfinite(pairs.worth)
    if pairs.kind is None or there is None or not there.any():
        return (None,) * len(ranks)
    gate = gate or CrowdGate()
    everything = _weights(pairs, there.astype(np.float64))
    told: list[Weights] = []
    found = []
    for one in ranks:
        weights = _weights(pairs, ((one > 0) & (one <= PLACES)).mean(axis=0) * there)
        may = gate.open_for(len(np.unique(pairs.owners[weights > 0])))
        if may and all(gate.open_for(count) or not count for count in _apart(weights, everything, told, pairs)):
            told.append(weights)
        else:
            may = False
        found.append(_satisfaction(weights, everything, pairs, may, seed, gate))
    return tuple(found)


def _satisfaction(
    weights: Weights, everything: Weights, pairs: TakenPairs, told: bool, seed: int, gate: CrowdGate
) -> Satisfaction:
    """Of one model, by the weights of its finds; without its mean where that is not to be ``told``."""
    own, of_all = _own_means(pairs, weights), _own_means(pairs, everything)
    worth = np.asarray(pairs.worth)
    low, high = float(np.nanmin(worth)), float(np.nanmax(worth))
    mean: float | None = None
    ends: tuple[float, float] | None = None
    if told:
        (said,) = own_means(own[:, None], seed=seed, bounds=(low, high))
        mean, *both = (in_steps(value, len(own), high - low) for value in (said.mean, said.low, said.high))
        ends = both[0], both[1]
    people, all_people = (told_count(len(some), pairs.people, gate) for some in (own, of_all))
    of_all_taken = in_steps(float(of_all.mean()), len(of_all), high - low)
    return Satisfaction(str(pairs.kind), people, mean, ends, all_people, gate.pass_value(of_all_taken, len(of_all)))


def _apart(weights: Weights, everything: Weights, others: Sequence[Weights], pairs: TakenPairs) -> Iterator[int]:
    """How many people make the differences of a model's sum from everything taken and from the sums of ``others``, and
    of both of two models' from everything taken, counted once or for each of them."""
    sums = [weights - everything]
    for other in others:
        sums += [weights - other, weights + other - everything, weights + other - 2 * everything]
    for one in sums:
        yield len(np.unique(pairs.owners[np.abs(one) > ALIKE]))


def _weights(pairs: TakenPairs, found: Weights) -> Weights:
    """What each pair counts in its person's own mean, shape (pairs,): all of a person sum to 1, or to 0."""
    total = np.bincount(pairs.owners, found, minlength=pairs.people)[pairs.owners]
    return np.divide(found, total, out=np.zeros(len(found)), where=total > 0)


def _own_means(pairs: TakenPairs, weights: Weights) -> NDArray[np.float64]:
    """The mean worth of each person of whom any pair has a weight."""
    some = np.bincount(pairs.owners, weights, minlength=pairs.people) > 0
    worth = weights * np.nan_to_num(np.asarray(pairs.worth))
    result: NDArray[np.float64] = np.bincount(pairs.owners, worth, minlength=pairs.people).astype(np.float64)[some]
    return result
