"""How models do among the held-out pairs of some people, some items or some time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recsys_tui.evaluate.differences import OF_SEGMENTS, Difference, Segment
from recsys_tui.evaluate.groups import Group
from recsys_tui.evaluate.judge import Figures
from recsys_tui.evaluate.significance import own_means, paired_differences
from recsys_tui.evaluate.taken_pairs import TakenPairs, ndcg_among
from recsys_tui.evaluate.told_groups import told_groups
from recsys_tui.output.crowd_gate import CrowdGate

RESAMPLES = 2_000


def segments_of(
    groups: Sequence[Group],
    pairs: TakenPairs,
    figures: Mapping[str, Figures],
    against: Sequence[tuple[str, str]],
    seed: int,
    gate: CrowdGate | None = None,
    told: Sequence[bool] | None = None,
) -> tuple[Segment, ...]:
    """NDCG@10 of every model in every group, and the differences ``against`` (pairs of names) there.

    Only the pairs of the group are wanted, so a person whose held-out items fall into several groups counts in each
    with what belongs there. A group with fewer people than the gate lets through has neither figures nor ends, nor has
    one from which, with another or with those of its kind and the whole, figures of a few people could be worked out:
    see :func:`~.told_groups.told_groups`, whose answer is ``told`` where there are other groups besides.
    """
    gate, names, result = gate or CrowdGate(), list(figures), []
    told = told_groups(groups, pairs, gate) if told is None else told
    for group, open_ in zip(groups, told, strict=True):
        found = [ndcg_among(figures[name].ranks, pairs, group.among) for name in names]
        people = _people(group, pairs)
        if not found or not open_:
            result.append(Segment(group.name, 0, 0, 0, {}, (), group.by, group.label))
            continue
        table = np.column_stack([values for _, values in found])
        own = own_means(table, RESAMPLES, seed)
        places = [(names.index(a), names.index(b)) for a, b in against]
        compared = paired_differences(table, places, RESAMPLES, seed)
        result.append(
            Segment(
                group.name,
                people,
                *group.ends(pairs.owners, gate.minimum),
                {name: each.mean for name, each in zip(names, own, strict=True)},
                tuple(
                    Difference(a, b, OF_SEGMENTS, one.delta, one.low, one.high)
                    for (a, b), one in zip(against, compared, strict=True)
                ),
                group.by,
                group.label,
                {name: (each.low, each.high) for name, each in zip(names, own, strict=True)},
            )
        )
    return tuple(result)


def _people(group: Group, pairs: TakenPairs) -> int:
    return len(np.unique(pairs.owners[group.among]))
