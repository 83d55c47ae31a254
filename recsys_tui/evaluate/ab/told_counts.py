"""Counts of an A/B test as they may be told: none that a few people stand behind, nor what two others leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from recsys_tui.data.people_behind import PlacedRows, told_cells
from recsys_tui.evaluate.ab.outcomes import PersonCounts
from recsys_tui.output.crowd_counts import open_parts
from recsys_tui.output.crowd_gate import CrowdGate
from recsys_tui.store.ab_records import ARM_A, ARM_B


@dataclass(frozen=True)
class Wins:
    """Sessions, and people, in which more items of an arm were taken up than of the other; None where it is not told,
    as few people stand behind it or would behind what the others leave of the whole."""

    a: int | None
    b: int | None
    ties: int | None
    people_a: int | None
    people_b: int | None
    people_ties: int | None


def told_wins(people: Iterable[PersonCounts], gate: CrowdGate) -> Wins:
    """Who was ahead, of sessions and of people."""
    found = list(people)
    sessions = np.array([(one.wins[ARM_A], one.wins[ARM_B], one.ties) for one in found], np.int64).reshape(-1, 3)
    ahead = sessions[:, 0] - sessions[:, 1]
    of_people = np.array([(ahead > 0).sum(), (ahead < 0).sum(), (ahead == 0).sum()])
    return Wins(
        *parts_told(sessions.sum(axis=0), told_visits(sessions, gate)),
        *parts_told(of_people, open_parts(of_people, gate)),
    )


def told_decided(people: Iterable[PersonCounts], gate: CrowdGate) -> int:
    """In how many sessions one arm was ahead: where a few people made those in which none was, in whole tens."""
    found = list(people)
    decided, tied = sum(sum(one.wins.values()) for one in found), sum(one.ties > 0 for one in found)
    return decided if not tied or gate.open_for(tied) else decided - decided % gate.minimum


def told_visits(visits: np.ndarray, gate: CrowdGate) -> np.ndarray:
    """Which kinds of visits may be told beside all, by how many of each kind each person made (people, kinds)."""
    people, kinds = np.nonzero(visits)
    times = visits[people, kinds]
    return told_cells(PlacedRows(np.repeat(people, times), np.repeat(kinds, times), visits.shape[1]), gate)


def parts_told(counts: np.ndarray, told: np.ndarray) -> list[int | None]:
    """The counts that are told, and those of nothing."""
    return [count if open_ or not count else None for count, open_ in zip(counts.tolist(), told.tolist(), strict=True)]


def told_sum(counts: Sequence[int], gate: CrowdGate) -> int | None:
    """What people did altogether, by how much each did; None where a few did it."""
    did = sum(count > 0 for count in counts)
    return sum(counts) if not did or gate.open_for(did) else None
