"""Is a difference between two models real: resampling of people, effect size, correction for several comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.floating[Any]]
Doubles = NDArray[np.float64]

RESAMPLES = 10_000
LEVEL = 0.95
MOST_UNITS = 20_000
WEIGHTS_AT_ONCE = 1 << 21
# A resample whose variance is below this share of the largest square holds one score only, but for rounding.
ROUNDING = 1e-12


@dataclass(frozen=True)
class OwnMean:
    """A model's ``mean`` over people, and the ends of its 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class PairedDifference:
    """Model a minus model b on the same people: the mean ``delta`` and the ends of its 95 % interval.

    ``p``: two-sided, for the question whether the true difference is 0; at most .05 exactly where the interval leaves
    0 out. ``effect_size``: Cohen's d_z, the mean difference in standard deviations of the people's differences; None
    where all of them are alike, so that there is no such unit.
    """

    delta: float
    low: float
    high: float
    p: float
    effect_size: float | None


def own_means(
    scores: Scores, resamples: int = RESAMPLES, seed: int = 0, bounds: tuple[float, float] | None = (0.0, 1.0)
) -> list[OwnMean]:
    """Each model's mean with its 95 % interval; ``scores`` (people, models).

    Bayesian bootstrap (Rubin, Annals of Statistics 1981), where one further person joins who has the worst (for the
    lower end) or the best (for the upper) score that is possible, as in Gaffke's bound (Learned-Miller & Thomas,
    arXiv:1905.06208): for hits and misses these are the Clopper-Pearson limits, and a model without one hit among 300
    people has [0, .012], not [0, 0]. ``bounds`` are those possible scores; None stands for the extremes among the
    people. Ends lie within them. The same seed gives the same resamples whatever the models.
    Raises ``ValueError`` without people or with a score that is not a finite number.
    """
    table = _checked(scores, fewest=1)
    means = table.mean(axis=0)
    centred = table - means
    worst, best = centred.min(axis=0), centred.max(axis=0)
    if bounds is not None:
        worst, best = np.minimum(worst, bounds[0] - means), np.maximum(best, bounds[1] - means)
    random = np.random.default_rng(seed)
    units = _units(centred, random)
    low, high = (np.empty((resamples, table.shape[1])) for _ in range(2))
    for block in _blocks(resamples, len(units)):
        weights = random.standard_exponential((block.stop - block.start, len(units) + 1))
        weights /= weights.sum(axis=1, keepdims=True)
        of_people, of_one_more = weights[:, :-1] @ units, weights[:, -1:]
        low[block] = of_people + of_one_more * worst
        high[block] = of_people + of_one_more * best
    tail = (1 - LEVEL) / 2
    lows, highs = np.quantile(low, tail, axis=0), np.quantile(high, 1 - tail, axis=0)
    return [
        OwnMean(float(mean), float(mean + min(0.0, below)), float(mean + max(0.0, above)))
        for mean, below, above in zip(means, lows, highs, strict=True)
    ]


def paired_differences(
    scores: Scores, pairs: Iterable[tuple[int, int]], resamples: int = RESAMPLES, seed: int = 0
) -> list[PairedDifference]:
    """Compare pairs of models (columns of ``scores``, shape (people, models)) by the people's own differences.

    Bootstrap over people with the symmetric studentised interval (Hall, The Bootstrap and Edgeworth Expansion, 1992,
    §3.6): delta ± q · s, where q is the 95 % quantile of |t*| = |resampled delta − delta| / (resampled s). Percentile,
    BCa and equal-tailed studentised intervals fall short where few people make the difference (300 people of whom 5 %
    have a hit: .943, .928, .928 of a nominal .95), this one does not. p is the share of resamples with |t*| ≥ |t|, the
    observed sample counted among them (Davison & Hinkley, Bootstrap Methods, 1997, §4.4), so never 0. Where all
    people have the same difference, nothing is resampled: the interval is that point and p that of a sign test.
    All pairs are measured on the same resamples. The work grows with people × resamples; more than 20,000 people are
    put together at random into 20,000 groups of which the means are resampled.
    Raises ``ValueError`` with fewer than two people or with a score that is not a finite number.
    """
    table = _checked(scores, fewest=2)
    wanted = list(pairs)
    if not wanted:
        return []
    differences = table[:, [a for a, _ in wanted]] - table[:, [b for _, b in wanted]]
    deltas = differences.mean(axis=0)
    centred = differences - deltas
    random = np.random.default_rng(seed)
    units = _units(centred, random)
    # Both sides of the comparison below are in units of the scores, so that interval and p cannot disagree by rounding.
    reached = _studentised(units, resamples, random) * np.sqrt((units**2).mean(axis=0))
    deviation = differences.std(axis=0, ddof=1)
    # The place of the quantile among the sorted |t*| that makes the interval and p agree for any number of resamples.
    place = min(resamples, int(np.ceil(LEVEL * (resamples + 1)))) - 1
    halves = np.partition(reached, place, axis=0)[place]
    results = []
    for pair, delta in enumerate(deltas.tolist()):
        if _alike(differences[:, pair]):
            p = 1.0 if delta == 0 else max(2.0 ** (1 - len(table)), 1 / (resamples + 1))
            results.append(PairedDifference(delta, delta, delta, p, None))
            continue
        p = (1 + int((reached[:, pair] >= abs(delta)).sum())) / (resamples + 1)
        half = float(halves[pair])
        results.append(PairedDifference(delta, delta - half, delta + half, p, delta / float(deviation[pair])))
    return results


def holm(p_values: Sequence[float] | Doubles) -> Doubles:
    """p values adjusted for being several (Holm, Scandinavian Journal of Statistics 1979), in the order given.

    The smallest of m is multiplied by m, the next by m − 1, …, none falls below a smaller one or rises above 1:
    calling those at most .05 real errs anywhere among them in at most 5 % of studies.
    """
    values = np.asarray(p_values, np.float64)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1.0, stepped)
    return adjusted


def _studentised(units: Doubles, resamples: int, random: np.random.Generator) -> Doubles:
    """|t*| of each resample, shape (resamples, columns); ``units`` have a mean of 0 in each column."""
    count = len(units)
    both = np.hstack([units, units**2])
    columns = units.shape[1]
    means, variances = (np.empty((resamples, columns)) for _ in range(2))
    for block in _blocks(resamples, count):
        rows = block.stop - block.start
        drawn = random.integers(0, count, (rows, count)) + np.arange(rows)[:, None] * count
        times = np.bincount(drawn.ravel(), minlength=rows * count).reshape(rows, count)
        sums = times.astype(np.float64) @ both / count
        means[block] = sums[:, :columns]
        variances[block] = sums[:, columns:] - sums[:, :columns] ** 2
    # Where everyone drawn has the same score the resample has no spread of its own: the least of the others' is taken.
    flat = variances <= ROUNDING * (units**2).max(axis=0)
    least = np.where(flat, np.inf, variances).min(axis=0)
    variances = np.where(flat, np.where(np.isfinite(least), least, 1.0), variances)
    return np.abs(means) / np.sqrt(variances)


def _units(centred: Doubles, random: np.random.Generator) -> Doubles:
    """What is resampled, shape (units, columns): people, or groups of them where they are very many.

    Sums of a group are scaled so that their mean is the people's, 0, though sizes of groups differ by one.
    """
    people = len(centred)
    if people <= MOST_UNITS:
        return centred
    order = random.permutation(people)
    starts = np.arange(MOST_UNITS) * people // MOST_UNITS
    groups: Doubles = np.add.reduceat(centred[order], starts, axis=0) * (MOST_UNITS / people)
    return groups


def _blocks(resamples: int, units: int) -> Iterable[slice]:
    """Stretches of resamples whose weights fit into a few megabytes."""
    step = max(1, WEIGHTS_AT_ONCE // units)
    return (slice(start, min(start + step, resamples)) for start in range(0, resamples, step))


def _alike(values: Doubles) -> bool:
    return float(np.ptp(values)) <= ROUNDING * float(np.abs(values).max())


def _checked(scores: Scores, fewest: int) -> Doubles:
    table = np.asarray(scores, np.float64)
    if table.ndim != 2 or len(table) < fewest:
        raise ValueError(f"scores must be a table of people and models with at least {fewest} people")
    if not np.isfinite(table).all():
        raise ValueError("every score must be a finite number")
    return table
