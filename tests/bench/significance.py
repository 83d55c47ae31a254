"""How often the 95 % interval of a difference covers 0 where two models are equally good, and what comparing costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from recsys_tui.evaluate.significance import own_means, paired_differences
from tests.bench.commands import Figure, seconds_figure

PEOPLE, DRAWS, RESAMPLES = 300, 2_000, 2_000
Scores = NDArray[np.float64]


def first_hit_gains(random: np.random.Generator, shape: tuple[int, int], rate: float) -> Scores:
    """NDCG@10 with one wanted item: a hit at the given rate, at a rank from 1 to 10 that is more often high up."""
    ranks = np.minimum(10, np.floor(10 ** random.random(shape)))
    return (random.random(shape) < rate) / np.log2(ranks + 1)


def _graded(random: np.random.Generator) -> Scores:
    """Recall of several wanted items: skewed, without a mass at 0."""
    return random.beta(1, 8, (PEOPLE, 2))


MODELS: dict[str, Callable[[np.random.Generator], Scores]] = {
    "15 % with a hit": lambda random: first_hit_gains(random, (PEOPLE, 2), 0.15),
    "5 % with a hit": lambda random: first_hit_gains(random, (PEOPLE, 2), 0.05),
    "graded scores": _graded,
}


def significance_figures() -> Iterator[Figure]:
    """Coverage in 2,000 seeded draws of independent scores of 300 people; seconds for ten models of ml-1m's size."""
    for name, draw_scores in MODELS.items():
        covered = 0
        for draw in range(DRAWS):
            scores = draw_scores(np.random.default_rng((7, draw)))
            (result,) = paired_differences(scores, [(0, 1)], RESAMPLES, seed=draw)
            covered += result.low <= 0 <= result.high
        share = covered / DRAWS
        kept = abs(share - 0.95) <= 0.02
        yield Figure(f"equal models, {name}: interval covers 0", f"{share:.2%}", "95 ± 2 %", kept)
    scores = first_hit_gains(np.random.default_rng(1), (6_040, 10), 0.1)
    start = time.perf_counter()
    own_means(scores)
    paired_differences(scores, combinations(range(10), 2))
    yield seconds_figure("6,040 people, 10 models, 45 pairs", time.perf_counter() - start, 10)
