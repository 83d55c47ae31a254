"""Counts of people that may be shown, and what is shown in their place where a small group could be worked out."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.output.crowd_gate import CrowdGate

Counts = NDArray[np.integer[Any]]


def open_cells(here: Counts, everyone: Counts, gate: CrowdGate) -> NDArray[np.bool_]:
    """Which figures about a group and about everyone may stand side by side: counts of people, cell by cell.

    Enough people of the group must stand behind a cell, and either enough of the others or none at all: the difference
    of two figures is a figure too.
    """
    others = np.asarray(everyone) - np.asarray(here)
    result: NDArray[np.bool_] = (here >= gate.minimum) & ((others == 0) | (others >= gate.minimum))
    return result


def without_small_rest(people: Counts, whole: int, gate: CrowdGate) -> tuple[Counts, NDArray[np.bool_]]:
    """How many of ``whole`` people have something, lowered where all but a few have it; and where it was.

    1 to 9 people who lack it count as ten, so that nobody can tell how few they are; 0 where fewer than ten would be
    left, of whom nothing can be told.
    """
    rest = whole - people
    small = (rest > 0) & (rest < gate.minimum)
    left = whole - gate.minimum
    lowered = np.where(small, left if left >= gate.minimum else 0, people)
    return lowered, small


def with_small_rest(everyone: Counts, people: Counts, gate: CrowdGate) -> tuple[Counts, NDArray[np.bool_]]:
    """How many among all have something, raised where hardly anybody else has it; and where it was.

    1 to 9 others count as ten.
    """
    rest = everyone - people
    small = (rest > 0) & (rest < gate.minimum)
    return np.where(small, people + gate.minimum, everyone), small


def shares_of_open(counts: Counts, open_: NDArray[np.bool_]) -> tuple[float | None, ...]:
    """Shares of the open cells, which sum to 1 so that the others cannot be worked out from the rest; else None."""
    total = int(counts[open_].sum())
    return tuple(
        float(count / total) if there and total else None
        for count, there in zip(counts.tolist(), open_.tolist(), strict=True)
    )


def open_parts(counts: Counts, gate: CrowdGate) -> NDArray[np.bool_]:
    """Which parts of a whole may be told beside it, by how many people each holds, shape (parts,).

    What is not told is the whole without what is: where that would be 1 to 9 people, the smallest part that could be
    told is kept back too (complementary suppression: Willenborg & de Waal, Elements of Statistical Disclosure Control,
    2001).
    """
    open_: NDArray[np.bool_] = np.asarray(counts) >= gate.minimum
    hidden = int(counts[~open_].sum())
    for part in np.argsort(counts, kind="stable"):
        if open_[part] and 0 < hidden < gate.minimum:
            open_[part] = False
            hidden += int(counts[part])
    return open_
