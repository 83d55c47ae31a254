"""Every pair of compared models in every metric, and how that looks among people who did little, some and much."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from recsys_tui.data.dataset import ITEM, USER
from recsys_tui.evaluate.comparison import Evaluation
from recsys_tui.evaluate.differences import METRICS, OF_SEGMENTS, SEGMENTS, Difference, Segment, SideBySide
from recsys_tui.evaluate.groups import ACTIVITY, Group
from recsys_tui.evaluate.list_making import asked_codes
from recsys_tui.evaluate.segments import segments_of
from recsys_tui.evaluate.significance import paired_differences
from recsys_tui.evaluate.taken_pairs import TakenPairs
from recsys_tui.evaluate.told_groups import told_groups
from recsys_tui.output.crowd_gate import CrowdGate


def side_by_side(evaluation: Evaluation, gate: CrowdGate | None = None) -> SideBySide:
    """Compare every pair of models of an evaluation, over all people and by how much they had done before."""
    gate = gate or CrowdGate()
    scores = {model.name: model.figures.scores for model in evaluation.models}
    everyone = _differences(scores, METRICS, evaluation.seed)
    activity = _activity(evaluation)
    segments = []
    thirds = _thirds(activity)
    everybody = np.arange(len(activity))
    pairs, others = evaluation.pairs, [group for group in evaluation.groups if group.by != ACTIVITY]
    if pairs is None:
        pairs, others = TakenPairs(len(activity), everybody, everybody), []
    parted = [Group(ACTIVITY, name, chosen[pairs.owners]) for name, chosen in zip(SEGMENTS, thirds, strict=True)]
    told = told_groups([*parted, *others], pairs, gate)
    for name, chosen, open_ in zip(SEGMENTS, thirds, told[: len(thirds)], strict=True):
        if not chosen.any():
            continue
        if not open_:
            segments.append(Segment(name, 0, 0, 0, {}, ()))
            continue
        own = {model: {OF_SEGMENTS: of[OF_SEGMENTS][chosen]} for model, of in scores.items()}
        means = {model: float(of[OF_SEGMENTS].mean()) for model, of in own.items()}
        differences = _differences(own, (OF_SEGMENTS,), evaluation.seed)
        ends = Group(ACTIVITY, name, chosen, activity).ends(everybody, gate.minimum)
        segments.append(Segment(name, int(chosen.sum()), *ends, means, differences))
    if evaluation.pairs is not None:
        against = list(combinations(scores, 2))
        of_models = {model.name: model.figures for model in evaluation.models}
        rest = told[len(thirds) :]
        segments += segments_of(others, evaluation.pairs, of_models, against, evaluation.seed, gate, rest)
    return SideBySide(everyone, tuple(segments))


def _differences(
    scores: dict[str, dict[str, NDArray[np.float64]]], metrics: tuple[str, ...], seed: int
) -> tuple[Difference, ...]:
    """All pairs of models in all metrics, on the same resamples."""
    names = list(scores)
    pairs = [(metric, a, b) for metric in metrics for a, b in combinations(range(len(names)), 2)]
    if not pairs:
        return ()
    table = np.column_stack([scores[name][metric] for metric in metrics for name in names])
    places = [
        (metrics.index(metric) * len(names) + a, metrics.index(metric) * len(names) + b) for metric, a, b in pairs
    ]
    found = paired_differences(table, places, seed=seed)
    return tuple(
        Difference(names[a], names[b], metric, one.delta, one.low, one.high)
        for (metric, a, b), one in zip(pairs, found, strict=True)
    )


def _activity(evaluation: Evaluation) -> NDArray[np.int64]:
    """How many different items each person who is asked about had taken, shape (people,), in the order of scores."""
    asked = evaluation.split.asked
    pairs = asked.interactions.select(USER, ITEM).unique()
    counts = np.bincount(pairs[USER].to_numpy(), minlength=asked.user_count)
    return counts[asked_codes(evaluation.split.test, asked)].astype(np.int64)


def _thirds(activity: NDArray[np.int64]) -> tuple[NDArray[np.bool_], ...]:
    """Who belongs to the lower, the middle and the upper third; people who did equally much stay together."""
    lower, upper = np.quantile(activity, (1 / 3, 2 / 3), method="lower")
    return activity <= lower, (activity > lower) & (activity <= upper), activity > upper
