"""Counts of people that may be shown, and what is shown in their place where a small group could be worked out."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recsys_tui.output.crowd_gate import CrowdGate

Counts = NDArray[np.integer[Any]]
Longs = NDArray[np.int64]
Flags = NDArray[np.bool_]


def open_parts(counts: Counts, gate: CrowdGate, untold: int = 0) -> Flags:
    """Which parts of a whole may be told beside it, by how many people each holds, shape (parts,).

    What is not told is the whole without what is: where that would be 1 to 9 people, the smallest part that could be
    told is kept back too (complementary suppression: Willenborg & de Waal, Elements of Statistical Disclosure Control,
    2001). ``untold``: people of the whole who are in no part.
    """
    open_: Flags = np.asarray(counts) >= gate.minimum
    hidden = int(counts[~open_].sum()) + untold
    if 0 < hidden < gate.minimum and open_.any():
        told = np.flatnonzero(open_)
        open_[told[np.argmin(counts[told])]] = False
    return open_


def open_table(people: Counts, gate: CrowdGate, may: Flags, sums: int = 1) -> Flags:
    """Which cells of a table of groups (rows) by cells of a histogram (columns) may be told beside both their sums.

    ``people`` (groups + 1, cells): how many people of a group stand in a cell; the last row is of everybody who is in
    no group that may be told of. Groups part people, but one person may stand in several cells. ``may`` (groups,
    cells): what comes into question at all. What is not told of a column is of nobody or of enough people, and so is
    what is not told of a row: one of its cells alone has enough, as nothing is known of how others overlap. ``sums``:
    how many sums over a row are told, from which as many of its cells could be worked out.
    """
    groups = people[:-1]
    open_: Flags = (groups >= gate.minimum) & may
    while True:
        hidden = np.where(open_, 0, groups)
        of_column = hidden.sum(axis=0) + people[-1]
        columns = np.flatnonzero((of_column > 0) & (of_column < gate.minimum) & open_.any(axis=0))
        rows = np.flatnonzero(few_left(people, open_, gate, sums) & open_.any(axis=1))
        size = np.where(open_, groups, np.iinfo(np.int64).max)
        if len(columns):  # which may do for the rows too
            open_[size[:, columns].argmin(axis=0), columns] = False
        elif len(rows):
            open_[rows, size[rows].argmin(axis=1)] = False
        else:
            return open_


def few_left(people: Counts, open_: Flags, gate: CrowdGate, sums: int) -> Flags:
    """Of which groups of a table, as :func:`open_table` has it, ``sums`` sums over all cells, of the group and of
    everybody, tell of a few in what is not told: of its people or of all others."""
    groups = people[:-1]
    few = np.zeros(len(groups), np.bool_)
    for side, certain in ((groups, True), (people.sum(axis=0) - groups, False)):
        hidden = np.where(open_, 0, side)
        most, cells = hidden.max(axis=1, initial=0), (hidden > 0).sum(axis=1)
        small = ((hidden > 0) & (hidden < gate.minimum)).any(axis=1)
        few |= small & (cells <= sums)
        if certain:
            few |= (most > 0) & (most < gate.minimum)
    return few


def few_in_rest(people: Counts, open_: Flags, gate: CrowdGate, sums: int) -> bool:
    """Whether ``sums`` sums over all cells, of everybody and of each ``open_`` group (groups,), tell what few of all
    others did, who are nobody or enough: a table as :func:`open_table` has it."""
    rest = people[np.append(~open_, True)].sum(axis=0)
    return bool(((rest > 0) & (rest < gate.minimum)).any()) and int((rest > 0).sum()) <= sums


def without_small_rest(people: int, whole: int, gate: CrowdGate) -> int:
    """How many of ``whole`` people something is of, lowered where all but a few are among them: 1 to 9 others count as
    ten, so that nobody can tell how few they are."""
    return whole - gate.minimum if 0 < whole - people < gate.minimum else people


def told_count(people: int, whole: int, gate: CrowdGate) -> int:
    """How many people there are, or ten fewer than the ``whole`` where all but a few are among them. Where that would
    not be enough people, it is the whole: no number between would hide how few the others are."""
    if not gate.open_for(people):
        return people
    told = without_small_rest(people, whole, gate)
    return told if gate.open_for(told) else whole


def in_steps(mean: float, people: int, spread: float) -> float:
    """A mean over ``people`` to the nearest step, of which each is at least what one of them can change it by, whose
    own value lies anywhere in the ``spread``: a sum is then known to one person.

    Steps are powers of two: as parts of the spread, several means would tell how many people they are of, where a few
    of all are not among these, and the spread, which may be of the one who has the most. From the middle of two always
    up, as to even ones would tell which sums are no middles.
    """
    if spread <= 0:
        return mean
    step = step_of(people, spread)
    return math.floor(round(mean / step, 9) + 0.5) * step


def step_of(people: int, spread: float) -> float:
    """The step of :func:`in_steps`: the next power of two from the share of the spread that is one person's on."""
    share, power = math.frexp(spread / people)
    return math.ldexp(1.0, power - (share == 0.5))


def crowds_among(people: Counts, random: np.random.Generator, fewest: int) -> Longs:
    """Codes of ``people`` in crowds of ``fewest``, in an order that is drawn, shape (crowds, fewest).

    Which people make a crowd does not depend on the draw: what is told of two draws by other seeds would tell of a few
    by subtraction, who are in one and not in the other. Who is in no whole crowd is never drawn.
    """
    dealt = np.random.default_rng(0).permutation(np.asarray(people, np.int64))
    crowds: Longs = random.permutation(dealt[: len(dealt) - len(dealt) % fewest].reshape(-1, fewest))
    return crowds


def drawn_people(people: Counts, random: np.random.Generator, fewest: int, most: int) -> Longs:
    """Codes of about ``most`` people, in order, as many crowds of :func:`crowds_among` as that allows, one at least;
    nobody where there is no whole crowd."""
    drawn: Longs = np.sort(crowds_among(people, random, fewest)[: max(1, most // fewest)].ravel())
    return drawn


def whole_crowds(count: int, gate: CrowdGate) -> int:
    """A count in whole tens, not above it: of what it leaves of another count nobody can tell how few they are."""
    return count - count % gate.minimum


def next_crowds(count: int, gate: CrowdGate) -> int:
    """The next multiple of ten from a count on."""
    return -(-count // gate.minimum) * gate.minimum


def nearest_crowds(counts: Longs, gate: CrowdGate) -> Longs:
    """Counts as the nearest multiple of ten, from the middle of two up, and ten at least."""
    return np.maximum(1, (counts + gate.minimum // 2) // gate.minimum) * gate.minimum


def told_rows(rows: int, others: int, people: int, gate: CrowdGate) -> int:
    """How many of all rows something is of, lowered where the ``others`` are of few ``people``: these rows count as the
    next multiple of ten. One is left at least."""
    few = 0 < people < gate.minimum
    return max(1, rows + others - next_crowds(others, gate)) if few else rows


def shares_of_open(counts: Counts, open_: Flags) -> tuple[float | None, ...]:
    """Shares of the open cells, which sum to 1 so that the others cannot be worked out from the rest; else None."""
    total = int(counts[open_].sum())
    return tuple(
        float(count / total) if there and total else None
        for count, there in zip(counts.tolist(), open_.tolist(), strict=True)
    )
