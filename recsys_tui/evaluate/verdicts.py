"""Plain verdicts on a comparison: does the model overfit, does it favour what is popular, where does it lose."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.evaluate.differences import OF_SEGMENTS, Segment
from recsys_tui.evaluate.significance import paired_differences
from recsys_tui.output.crowd_counts import in_steps, step_of, told_count
from recsys_tui.output.crowd_gate import CrowdGate

# A validation score that ends within this share of its best has not fallen.
STEADY = 0.01


def overfitting(epochs: dict[str, Any]) -> dict[str, Any] | None:
    """What training loss and validation NDCG@10 say together; None without two epochs to compare.

    ``verdict``: ``none`` where validation is best, or all but best, at the end; ``stopped_in_time`` where it fell
    after the kept epoch while the loss on what is learned from went on falling, so that more epochs would have overfit
    and the kept one is served; ``start_kept`` where no epoch ranked better than the start; else ``unsteady``.
    """
    losses, curve, kept = list(epochs.get("loss", ())), list(epochs.get("ndcg@10", ())), int(epochs.get("kept", 0))
    if len(curve) < 2 or len(losses) != len(curve):
        return None
    best = curve[kept - 1] if kept else max(curve)
    if not kept:
        verdict = "start_kept"
    elif curve[-1] >= best * (1 - STEADY):
        verdict = "none"
    else:
        verdict = "stopped_in_time" if losses[-1] < losses[kept - 1] else "unsteady"
    return {
        "verdict": verdict,
        "epochs": len(curve),
        "kept": kept,
        "training_loss": {"first": losses[0], "kept": losses[max(kept, 1) - 1], "last": losses[-1]},
        "validation_ndcg@10": {"first": curve[0], "best": best, "last": curve[-1]},
    }


def popularity_bias(
    shown: NDArray[np.float64], had: NDArray[np.float64], took: NDArray[np.float64], seed: int, most: float = 1.0
) -> dict[str, Any] | None:
    """Are the first 10 items of lists more popular than what the same people had before; None for fewer than ten.

    All (people,): mean share of the training's people who have an item, of the list, of the history, and of what was
    held out; not-a-number for none. ``verdict``: ``popular``, ``rare`` or ``alike``, by whether the 95 % interval of
    shown minus had leaves zero out. ``took`` is there for comparison: people may well turn to what is popular. The
    three means are told in steps (:func:`~recsys_tui.output.crowd_counts.in_steps`) of at least the share of the
    ``most`` popular item by how many people there are: what these had and took is the same by whatever model, and
    another protocol, which asks about one person less, would tell how popular theirs is. So are the difference, which
    is that of the told means, and how far its interval reaches, a step at least where that is not nothing.
    """
    both = np.isfinite(shown) & np.isfinite(had) & np.isfinite(took)
    people = int(both.sum())
    if not CrowdGate().open_for(people):
        return None
    (found,) = paired_differences(np.column_stack([shown[both], had[both]]), [(0, 1)], seed=seed)
    means = [in_steps(float(values[both].mean()), people, most) for values in (shown, had, took)]
    difference, step = means[0] - means[1], step_of(people, most) if most > 0 else 1.0
    half = math.ceil(round((found.high - found.delta) / step, 9)) * step
    low, high = difference - half, difference + half
    return {
        "verdict": "popular" if low > 0 else "rare" if high < 0 else "alike",
        "people": told_count(people, len(both), CrowdGate()),
        "shown": means[0],
        "had": means[1],
        "took": means[2],
        "difference": difference,
        "ci95": [low, high],
    }


def losses(
    first: str, overall: Iterable[tuple[str, str, str, float, tuple[float, float]]], segments: Sequence[Segment]
) -> list[dict[str, Any]]:
    """Where the model ``first`` is behind another for certain: paired 95 % intervals of NDCG@10 entirely below zero.

    ``overall``: (a, b, metric, delta, interval). Intervals in groups are each their own, not adjusted for how many
    groups there are.
    """
    found: list[dict[str, Any]] = [
        {"by": None, "name": None, "label": None, "model": b, "delta": delta, "ci95": list(ends)}
        for a, b, metric, delta, ends in overall
        if a == first and metric == OF_SEGMENTS and ends[1] < 0
    ]
    for segment in segments:
        found += [
            {
                "by": segment.by,
                "name": segment.name,
                "label": segment.label or None,
                "model": one.b,
                "delta": one.delta,
                "ci95": [one.low, one.high],
            }
            for one in segment.differences
            if one.a == first and one.high < 0
        ]
    return found
