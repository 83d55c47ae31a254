"""Which groups of a comparison may be told of beside each other and the whole, so that no figure is of a few people."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations

import numpy as np

from recsys_tui.data.histories import Flags
from recsys_tui.evaluate.groups import Group
from recsys_tui.evaluate.taken_pairs import TakenPairs
from recsys_tui.output.crowd_gate import CrowdGate


def told_groups(
    groups: Sequence[Group], pairs: TakenPairs, gate: CrowdGate, elsewhere: Collection[int] = ()
) -> list[bool]:
    """Which groups may be told of, in their order. ``elsewhere``: places of those that another output tells of in any
    case, which are kept back after all others of their kind.

    What is told of a group is a sum over its people, each by what they took of it, so that what is told of all, less
    those groups that part it by the same thing, is of the people of the others. Where these would be a few, the
    smallest group that could be told is kept back too (complementary suppression: Willenborg & de Waal, Elements of
    Statistical Disclosure Control, 2001); so it is where only a few took of several of the groups, as all others then
    cancel. Of two groups by different things the later is kept back where hardly anybody makes their difference, or
    where hardly anybody is in both or in neither.
    """
    people = [_count(group.among, pairs) for group in groups]
    told = [gate.open_for(count) for count in people]
    everybody = _count(np.ones(len(pairs), np.bool_), pairs)
    kinds = list(dict.fromkeys(group.by for group in groups))
    while True:
        before = sum(told)
        for by in kinds:
            own = [place for place, group in enumerate(groups) if group.by == by and told[place]]
            while own and any(0 < rest < gate.minimum for rest in _left_over([groups[n].among for n in own], pairs)):
                smallest = min(own, key=lambda place: (place in elsewhere, people[place]))
                own.remove(smallest)
                told[smallest] = False
        for a, b in combinations(range(len(groups)), 2):
            if told[a] and told[b] and groups[a].by != groups[b].by:
                sizes = people[a], people[b], everybody
                told[b] = not _few_apart(groups[a].among, groups[b].among, sizes, pairs, gate)
        if sum(told) == before:
            return told


def _count(among: Flags, pairs: TakenPairs) -> int:
    return int(_anyone(among, pairs).sum())


def _anyone(among: Flags, pairs: TakenPairs) -> Flags:
    """Who has any of some pairs, shape (people,)."""
    result = np.zeros(pairs.people, np.bool_)
    result[pairs.owners[among]] = True
    return result


def _left_over(parts: Sequence[Flags], pairs: TakenPairs) -> Iterator[int]:
    """How many people have a pair in none of the parts, and how many do or have pairs in several."""
    outside = _anyone(~np.any(parts, axis=0), pairs)
    yield int(outside.sum())
    several = np.sum([_anyone(part, pairs) for part in parts], axis=0) > 1
    yield int((outside | several).sum())


def _few_apart(a: Flags, b: Flags, sizes: tuple[int, int, int], pairs: TakenPairs, gate: CrowdGate) -> bool:
    """Whether a few people make the difference of two groups, or of all people and both groups together.

    ``sizes``: how many people are in the one, in the other, and in all; they alone tell it where they are far apart.
    """
    of_a, of_b, everybody = sizes
    if abs(of_a - of_b) < gate.minimum and 0 < _count(a ^ b, pairs) < gate.minimum:
        return True
    if abs(of_a + of_b - everybody) >= gate.minimum:
        return False
    both = _anyone(a, pairs) & _anyone(b, pairs)
    return 0 < int((both | _anyone(~(a | b), pairs)).sum()) < gate.minimum
